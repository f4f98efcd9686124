"""`jupyter drive-sync doctor`: the real rclone, the emulated Google Drive, and trouble."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest

from jupyter_drive_sync.files.lock import ProjectLock
from jupyter_drive_sync.ports.projects import MARKER_PATH
from jupyter_drive_sync.service import doctor
from tests.drive_emulator.faults import Gate, Hold
from tests.drive_emulator.fixtures import GDrive
from tests.integration.cli_support import CommandLine, Ended, fits

Levels = dict[str, str]


@pytest.fixture
def on_drive(cli: CommandLine, gdrive: GDrive, monkeypatch: pytest.MonkeyPatch) -> GDrive:
    """A linked project on the emulator."""
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    (cli.local / "train.py").write_text("local")
    linked = cli("link", cli.local, "gdrive:ml/spam", "--yes", "--rclone-config", gdrive.config)
    assert linked.code == 0, linked.err
    return gdrive


def levels(ended: Ended) -> Levels:
    fits("Doctor", ended.json)
    return {check["check"]: check["level"] for check in ended.json["checks"]}


def check(ended: Ended, word: str) -> dict[str, str]:
    (found,) = [one for one in ended.json["checks"] if one["check"] == word]
    return found


def test_without_any_project_or_configuration_it_says_what_there_is(cli: CommandLine) -> None:
    ended = cli("doctor", "--json")
    assert ended.code == 3
    found = levels(ended)
    assert found["rclone"] == "ok"
    assert found["config"] == "warning"
    assert "failure" not in found.values()
    assert ended.json["versions"]["rclone"]
    assert ended.json["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))


def test_of_several_configurations_those_that_are_not_there_are_passed_over(
    cli: CommandLine, gdrive: GDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = cli.home / "home" / ".config" / "rclone" / "rclone.conf"
    usual.parent.mkdir(parents=True)
    gdrive.drive.write_config(usual, "mine")
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    ended = cli("doctor", "--json")
    assert check(ended, "config")["level"] == "ok"
    assert check(ended, "config")["text"].startswith("~/.config/rclone/rclone.conf, with 1 remote")
    assert check(ended, "sign_in")["title"] == "Sign-in of mine"
    assert ended.code == 0


def test_a_remote_that_does_not_tell_of_its_space_is_reached_all_the_same(
    cli: CommandLine,
) -> None:
    config = cli.home / "home" / ".config" / "rclone" / "rclone.conf"
    config.parent.mkdir(parents=True)
    config.write_text("[web]\ntype = http\nurl = http://127.0.0.1:9/\n\n[mem]\ntype = memory\n")
    ended = cli("doctor", "--json")
    found = {one["title"]: one["level"] for one in ended.json["checks"]}
    assert found["Sign-in of mem"] == found["Space on mem"] == "ok"
    assert found["Sign-in of web"] == "failure"
    assert ended.code == 1


def test_a_sound_project_is_found_sound(cli: CommandLine, on_drive: GDrive) -> None:
    ended = cli("doctor", cli.local, "--json")
    found = levels(ended)
    assert set(found.values()) == {"ok"}, ended.out
    assert ended.code == 0
    assert set(found) == {
        *("rclone", "config", "clock", "client", "sign_in", "api", "account", "scope"),
        *("remote_space", "folder", "marker", "duplicates", "ignore", "local_space", "lock"),
    }
    assert "@" in check(ended, "account")["text"]
    text = cli("doctor", cli.local)
    assert text.code == 0
    assert "All is well." in text.out


def test_a_project_in_plain_folders_needs_no_google(cli: CommandLine) -> None:
    cli.linked()
    found = levels(cli("doctor", cli.local, "--json"))
    assert "clock" not in found
    assert "client" not in found
    assert found["folder"] == found["marker"] == found["local_space"] == "ok"


def test_looking_changes_nothing_on_either_side(cli: CommandLine, on_drive: GDrive) -> None:
    def everything() -> tuple[object, ...]:
        return on_drive.drive.tree(), on_drive.config.read_text(), sorted(cli.home.rglob("*"))

    before = everything()
    on_drive.drive.reset_counts()
    cli("doctor", cli.local)
    assert everything() == before
    assert not any(call.method in ("POST", "PATCH", "DELETE") for call in on_drive.drive.log)


def test_each_trouble_is_on_its_own_line_and_the_rest_is_looked_at_all_the_same(
    cli: CommandLine, on_drive: GDrive
) -> None:
    drive = on_drive.drive
    drive.add("ml/spam/train.py", b"the twin")
    drive.write(f"ml/spam/{MARKER_PATH}", b"{}")
    drive.set_quota(drive.state.used + 5)
    (cli.local / ".driveignore").write_text("fine/\n")
    on_drive.config.chmod(0o644)

    ended = cli("doctor", cli.local, "--json")

    found = levels(ended)
    assert ended.code == 1
    assert found["duplicates"] == found["config"] == "warning"
    assert found["marker"] == found["remote_space"] == "failure"
    assert found["sign_in"] == found["folder"] == found["ignore"] == found["clock"] == "ok"
    assert "train.py" in check(ended, "duplicates")["text"]
    assert "chmod 600" in check(ended, "config")["hint"]


def test_rules_that_cannot_be_followed_are_named_with_their_line(
    cli: CommandLine, on_drive: GDrive
) -> None:
    (cli.local / ".driveignore").write_text("fine/\ndata[\n")
    ended = cli("doctor", cli.local, "--json")
    assert "line 2" in check(ended, "ignore")["text"]
    assert levels(ended)["sign_in"] == "ok"


def test_a_lost_sign_in_is_told_once(cli: CommandLine, on_drive: GDrive) -> None:
    on_drive.drive.write_config(on_drive.config, expires_in=-60)
    on_drive.drive.tokens.refuse_refresh = True
    ended = cli("doctor", cli.local, "--json")
    found = levels(ended)
    assert ended.code == 1
    assert [word for word, level in found.items() if level == "failure"] == ["sign_in"]
    assert check(ended, "folder")["text"] == "Not looked at, because gdrive did not answer."
    assert found["folder"] == found["api"] == found["remote_space"] == "skipped"
    assert found["client"] == found["scope"] == found["clock"] == "ok"


def test_a_disabled_api_is_told_as_that(cli: CommandLine, on_drive: GDrive) -> None:
    on_drive.drive.disable_api()
    found = levels(cli("doctor", cli.local, "--json"))
    assert [word for word, level in found.items() if level == "failure"] == ["api"]


@pytest.mark.parametrize(("ahead", "said"), [(600, "10 minutes behind"), (-7300, "2 hours ahead")])
def test_a_clock_that_is_off_is_told(
    cli: CommandLine, on_drive: GDrive, ahead: float, said: str
) -> None:
    on_drive.drive.settings.clock_ahead = ahead
    ended = cli("doctor", cli.local, "--json")
    assert ended.code == 3
    assert check(ended, "clock")["level"] == "warning"
    assert said in check(ended, "clock")["text"]


def test_the_shared_client_and_a_testing_app_are_warned_of(
    cli: CommandLine, on_drive: GDrive
) -> None:
    drive = on_drive.drive
    drive.write_config(on_drive.config, options={"client_id": "", "client_secret": ""})
    assert "2026" in check(cli("doctor", cli.local, "--json"), "client")["text"]
    token = {**json.loads(drive.token()), "refresh_token_expires_in": 604799}
    drive.write_config(on_drive.config, options={"token": json.dumps(token)})
    assert "7 days" in check(cli("doctor", cli.local, "--json"), "client")["text"]


def test_without_a_connection_it_ends_soon_and_says_so(
    cli: CommandLine, on_drive: GDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    ended = cli("doctor", "--json")
    found = levels(ended)
    assert ended.code == 1
    assert found["sign_in"] == "failure"
    assert "Nothing to do" not in check(ended, "sign_in")["hint"]
    assert found["clock"] == "warning"
    assert found["folder"] == found["marker"] == found["remote_space"] == "skipped"
    assert found["rclone"] == found["config"] == found["local_space"] == "ok"


def test_a_drive_that_never_answers_does_not_hold_it_up(
    cli: CommandLine, on_drive: GDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_drive_sync.instruments.RCLONE_SECONDS", 1.5)
    monkeypatch.setattr("jupyter_drive_sync.drive.health.SECONDS", 1.0)
    gate = Gate()
    on_drive.drive.faults.add(Hold(gate), times=None)
    begun = time.monotonic()
    ended = cli("doctor", cli.local, "--json")
    assert time.monotonic() - begun < 10
    gate.release()
    found = levels(ended)
    assert found["sign_in"] == "failure"
    assert "1.5 seconds" in check(ended, "sign_in")["text"]
    assert found["client"] == "ok"


def test_a_disk_that_hangs_does_not_hold_it_up(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.linked()
    hanging = Gate()
    with hanging:
        monkeypatch.setattr("shutil.disk_usage", lambda _: hanging.pass_through())
        monkeypatch.setitem(doctor.examine.__kwdefaults__, "seconds", 1.0)
        ended = cli("doctor", cli.local, "--json")
        assert "1 seconds" in json.dumps(ended.json)
        assert levels(ended)["marker"] == "ok"


def test_a_missing_rclone_leaves_what_needs_none(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.linked()
    (cli.config / "jupyter_server_config.json").write_text(
        json.dumps({"DriveSyncApp": {"rclone": str(cli.home / "no-rclone")}})
    )
    monkeypatch.delenv("JUPYTER_NO_CONFIG")
    ended = cli("doctor", "--json")
    found = levels(ended)
    assert ended.code == 1
    assert found["rclone"] == "failure"
    assert found["local_space"] == found["ignore"] == "ok"


def test_a_folder_that_is_no_project_is_told_as_ever(cli: CommandLine) -> None:
    ended = cli("doctor", cli.remote.parent, "--json")
    assert ended.code == 1
    assert ended.error["code"] == "project_unknown"


SECRETS = {
    "client_secret": "GOCSPX-planted-client-secret",
    "service_account_credentials": '{"private_key": "planted-private-key"}',
    "password": "planted-password",
}


@pytest.mark.parametrize("trouble", ["none", "sign_in", "api", "garbled"])
def test_no_secret_and_no_home_folder_is_in_what_it_says(
    cli: CommandLine, on_drive: GDrive, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setenv("HOME", str(cli.home))
    drive = on_drive.drive
    token = json.loads(drive.token(-60 if trouble == "sign_in" else 3600))
    drive.write_config(on_drive.config, options={"token": json.dumps(token), **SECRETS})
    if trouble == "garbled":
        whole = on_drive.config.read_text()
        on_drive.config.write_text(whole.replace("[gdrive]", "[gdrive]\nthis is no line"))
        on_drive.config.write_text(on_drive.config.read_text().replace("type = drive", ""))
    drive.tokens.refuse_refresh = True
    if trouble == "api":
        drive.disable_api()
    said = ""
    for words in (["doctor"], ["doctor", "--json"], ["doctor", cli.local, "--json"]):
        ended = cli(*words)
        said += ended.out + ended.err
    assert "gdrive" in said
    for secret in (*SECRETS.values(), token["access_token"], token["refresh_token"]):
        assert secret not in said
    for word in ("planted", "ya29.", "1//0", "GOCSPX"):
        assert word not in said
    assert str(cli.home) not in said


def test_it_does_not_hang_on_when_left_behind(cli: CommandLine, on_drive: GDrive) -> None:
    process = cli.start("doctor", cli.local, "--json")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(out)["checks"]


def test_who_works_on_a_project_is_named_and_is_no_trouble(cli: CommandLine) -> None:
    cli.linked()
    with ProjectLock(next(cli.data.glob("drive-sync/projects/*/lock"))):
        found = check(cli("doctor", cli.local, "--json"), "lock")
    assert found["level"] == "ok"
    assert f"process {os.getpid()}" in found["text"]
