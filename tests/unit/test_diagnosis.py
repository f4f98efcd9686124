"""What the doctor's findings mean, line by line."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.cli.arguments import Exit
from jupyter_drive_sync.cli.checkup import doctor_exit, doctor_lines
from jupyter_drive_sync.engine.check import marker_content
from jupyter_drive_sync.errors import Offline, RcloneMissing, SignInNeeded
from jupyter_drive_sync.ports.health import Access, Client, ConfigFile, FarSide, Reached
from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind
from jupyter_drive_sync.service import diagnosis
from jupyter_drive_sync.service.diagnosis import Found, Level
from jupyter_drive_sync.service.workbench import RcloneInfo

CONFIG = Path("/somewhere/rclone.conf")
NUMBER = "11111111-1111-4111-8111-111111111111"
PROJECT = Project(
    NUMBER,
    "spam",
    Path("/projects/spam"),
    Remote(RemoteKind.DRIVE, "gdrive", "ml/spam", CONFIG),
    auto_sync=True,
    paused=False,
    created=datetime.now(timezone.utc),
)


def test_a_missing_rclone_is_a_failure_with_what_to_do() -> None:
    check = diagnosis.about_rclone(RcloneInfo(None, None, RcloneMissing("rclone is not there.")))
    assert (check.level, check.check) == (Level.FAILURE, "rclone")
    assert "pip install" in (check.hint or "")


@pytest.mark.parametrize(
    ("file", "level", "said", "hint"),
    [
        (ConfigFile(True, 0o600, True, True, ("gdrive",)), Level.OK, "1 remote", ""),
        (ConfigFile(True, None, None), Level.OK, "not looked at", ""),
        (ConfigFile(True, 0o644, True), Level.WARNING, "0644", "chmod 600"),
        (ConfigFile(True, 0o640, True), Level.WARNING, "0640", "chmod 600"),
        (ConfigFile(True, 0o600, False), Level.WARNING, "another user", "your own"),
        (ConfigFile(True, 0o400, True, False), Level.WARNING, "cannot be written", "chmod u+w"),
    ],
)
def test_a_configuration_is_for_its_owner_alone(
    file: ConfigFile, level: Level, said: str, hint: str
) -> None:
    check = diagnosis.about_config(CONFIG, Found(file), needed=True)
    assert check.level is level
    assert said in check.text
    assert hint in (check.hint or "")


def test_a_missing_configuration_matters_only_where_a_project_needs_it() -> None:
    gone = Found(ConfigFile(exists=False))
    assert diagnosis.about_config(CONFIG, gone, needed=True).level is Level.FAILURE
    assert diagnosis.about_config(CONFIG, gone, needed=False).level is Level.WARNING


@pytest.mark.parametrize(
    ("access", "level", "said"),
    [
        (Access(Client.RCLONE, renewable=True), Level.WARNING, "during 2026"),
        (Access(Client.OWN, "4711", renewable=True), Level.OK, "cannot be seen from here"),
        (Access(Client.OWN, renewable=True, lasts_seconds=604_799), Level.WARNING, "7 days only"),
        (Access(Client.OWN, renewable=False), Level.WARNING, "cannot be renewed"),
        (Access(Client.SERVICE_ACCOUNT), Level.OK, "service account"),
        (Access(Client.MACHINE), Level.OK, "this computer"),
    ],
)
def test_the_client_is_named_with_what_is_known_of_its_end(
    access: Access, level: Level, said: str
) -> None:
    check = diagnosis.about_client("gdrive", Found(access))
    assert check.level is level
    assert said in check.text
    assert (check.hint is None) == (level is Level.OK)


@pytest.mark.parametrize(
    ("scope", "level"),
    [
        ("drive", Level.OK),
        ("drive.file", Level.WARNING),
        ("drive.readonly", Level.FAILURE),
        ("drive.appfolder", Level.WARNING),
    ],
)
def test_the_scope_says_what_cannot_be_seen_or_done(scope: str, level: Level) -> None:
    assert diagnosis.about_scope("gdrive", Found(Access(Client.OWN, scope=scope))).level is level


def test_a_lost_sign_in_is_one_failure_and_what_hangs_on_it_is_not_looked_at() -> None:
    lost: Found[Reached] = Found(error=SignInNeeded("Google does not take it.", "Sign in again."))
    sign_in = diagnosis.about_sign_in("gdrive", lost, drive=True)
    assert (sign_in.level, sign_in.hint) == (Level.FAILURE, "Sign in again.")
    for check in (diagnosis.about_api("gdrive", lost), diagnosis.about_far_space("gdrive", lost)):
        assert check.level is Level.SKIPPED
        assert check.text.startswith("Not looked at, because")


def test_without_a_connection_the_failure_says_to_check_it() -> None:
    away: Found[Reached] = Found(error=Offline("The remote cannot be reached."))
    check = diagnosis.about_sign_in("gdrive", away, drive=True)
    assert check.level is Level.FAILURE
    assert check.hint is not None
    assert "Check this computer's connection" in check.hint
    assert "Nothing to do" not in check.hint


def test_an_answer_that_took_too_long_keeps_its_own_hint() -> None:
    late: Found[Reached] = Found(error=Offline("There was no answer.", "Try again."))
    assert diagnosis.about_sign_in("gdrive", late, drive=True).hint == "Try again."


def test_whose_account_it_is_and_the_clock_are_never_a_failure_but_can_be_skipped() -> None:
    access = Found(Access(Client.OWN))
    unknown: Found[str] = Found(because="there was no answer")
    assert diagnosis.about_account("gdrive", unknown, access).level is Level.SKIPPED
    away: Found[float] = Found(error=Offline("Google cannot be reached."))
    assert diagnosis.about_clock(away).level is Level.WARNING


def test_a_report_with_skipped_lines_is_not_all_well() -> None:
    failed = {"level": "failure", "title": "A", "text": "It failed.", "hint": "Mend it."}
    skipped = {"level": "skipped", "title": "B", "text": "Not looked at.", "hint": None}
    report = {"checks": [failed, skipped, skipped], "versions": {}}
    lines = doctor_lines(report)
    assert lines[0] == "FAILURE  A: It failed."
    assert lines[2] == "skipped  B: Not looked at."
    assert lines[-1] == "1 failure, 2 not looked at."
    assert doctor_exit(report) is Exit.FAILED
    assert doctor_exit({"checks": [skipped], "versions": {}}) is Exit.NEEDS_PERSON


def test_a_disabled_api_is_told_from_a_lost_sign_in() -> None:
    off = Found(Reached(api_enabled=False))
    assert diagnosis.about_sign_in("gdrive", off, drive=True).level is Level.OK
    check = diagnosis.about_api("gdrive", off)
    assert check.level is Level.FAILURE
    assert "Enable the Google Drive API" in (check.hint or "")


@pytest.mark.parametrize(
    ("ahead", "level", "said"),
    [
        (0.0, Level.OK, "Agrees with Google's."),
        (-12.0, Level.OK, "12 seconds behind"),
        (61.0, Level.WARNING, "1 minute ahead of"),
        (-7200.0, Level.WARNING, "2 hours behind"),
    ],
)
def test_a_clock_may_be_a_minute_off(ahead: float, level: Level, said: str) -> None:
    check = diagnosis.about_clock(Found(ahead))
    assert check.level is level
    assert said in check.text


@pytest.mark.parametrize(
    ("free", "level"), [(5 * 10**12, Level.OK), (10**8, Level.WARNING), (0, Level.FAILURE)]
)
def test_little_space_is_told_on_both_sides(free: int, level: Level) -> None:
    assert diagnosis.about_far_space("gdrive", Found(Reached(free=free))).level is level
    assert diagnosis.about_near_space(Found(free), "~/spam").level is level
    assert diagnosis.about_far_space("gdrive", Found(Reached())).level is Level.OK


@pytest.mark.parametrize(
    ("near", "far", "level", "said"),
    [
        (marker_content(NUMBER), marker_content(NUMBER), Level.OK, "The same"),
        (None, marker_content(NUMBER), Level.FAILURE, "missing on this computer"),
        (marker_content(NUMBER), None, Level.FAILURE, "missing in the other folder"),
        (marker_content(NUMBER), marker_content("other"), Level.FAILURE, "another project"),
        (b"{broken", marker_content(NUMBER), Level.FAILURE, "missing on this computer"),
    ],
)
def test_both_markers_must_be_ours(
    near: bytes | None, far: bytes | None, level: Level, said: str
) -> None:
    check = diagnosis.about_marker(PROJECT, Found(near), Found(FarSide(True, far)))
    assert check.level is level
    assert said in check.text


def test_a_folder_that_is_gone_is_one_failure() -> None:
    gone = Found(FarSide(exists=False))
    assert diagnosis.about_folder(PROJECT, gone).level is Level.FAILURE
    assert diagnosis.about_marker(PROJECT, Found(b""), gone).level is Level.SKIPPED
    assert diagnosis.about_duplicates(PROJECT, gone).level is Level.SKIPPED


def test_twins_are_named_the_first_of_them() -> None:
    side = FarSide(True, duplicates=("a.py", "b.py", "c.py", "d.py", "e.py"))
    check = diagnosis.about_duplicates(PROJECT, Found(side))
    assert check.level is Level.WARNING
    assert "a.py, b.py, c.py and 2 more" in check.text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ann.smith@example.org", "a…h@example.org"),
        ("ab@example.org", "a…@example.org"),
        ("Ann Smith", "Ann Smith"),
        ("", ""),
    ],
)
def test_an_address_is_shortened(address: str, shown: str) -> None:
    assert diagnosis.shortened(address) == shown


def test_whose_account_it_is_can_stay_unknown() -> None:
    access = Found(Access(Client.OWN))
    found: Found[str] = Found(error=Offline("Google does not answer."))
    assert diagnosis.about_account("gdrive", found, access).level is Level.WARNING
    service = Found(Access(Client.SERVICE_ACCOUNT))
    assert diagnosis.about_account("gdrive", found, service).level is Level.OK
