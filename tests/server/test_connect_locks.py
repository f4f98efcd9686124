"""What an administrator closes stays closed, and nobody in a browser runs programs by rclone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.ports.programs import programs_here
from tests.drive_emulator import DriveEmulator

from .conftest import Refused
from .connecting import Flow, Person


@pytest.fixture
def locks() -> dict[str, Any]:
    """The administrator's settings."""
    return {}


@pytest.fixture
def extension_config(google: DriveEmulator, locks: dict[str, Any]) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "longest_seconds": 1.0, **locks}


@pytest.fixture
def theirs(person: Person) -> Path:
    """rclone's own configuration, with a remote of Google Drive in it."""
    file = Path.home() / ".config" / "rclone" / "rclone.conf"
    file.parent.mkdir(parents=True)
    person.drive.write_config(file, "mine")
    return file


async def refused(awaitable: Any) -> str:
    with pytest.raises(Refused) as caught:
        await awaitable
    assert caught.value.body["hint"]
    return str(caught.value.body["code"])


async def asked_for(person: Person, flow: Flow, answers: dict[str, str]) -> set[str]:
    """Answer all questions, the advanced ones too; return their names."""
    names: set[str] = set()
    flow = await person.until(flow, "question", "done", "failed")
    while flow["step"] == "question" and len(names) < 60:
        question = flow["question"]
        if question["name"] in names:  # rclone asks some twice
            break
        names.add(question["name"])
        value = answers.get(question["name"], question["default"])
        flow = await person.until(await person.answer(flow, value), "question", "done", "failed")
    await person.cancel(flow)
    return names


@pytest.mark.parametrize(
    ("type", "needed", "programs"),
    [
        ("sftp", {"host": "127.0.0.1", "user": "me"}, {"ssh", "server_command", "md5sum_command"}),
        ("webdav", {"url": "http://127.0.0.1:9", "vendor": "other"}, {"bearer_token_command"}),
    ],
)
async def test_nobody_is_asked_which_program_to_run(
    person: Person, type: str, needed: dict[str, str], programs: set[str], tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    answers = {**needed, "config_advanced": "true"}
    answers |= dict.fromkeys(programs, f"/bin/sh -c 'touch {ran}'")
    names = await asked_for(person, await person.start(way="other", type=type), answers)
    assert "config_advanced" in names
    assert not names & programs
    assert not ran.exists()


@pytest.mark.parametrize(
    "section",
    [
        {"type": "sftp", "ssh": "/bin/sh"},
        {"type": "webdav", "bearer_token_command": "id"},
        {"type": "alias", "remote": ":sftp,ssh=/bin/sh:"},
        {"type": "crypt", "remote": "box,ssh=id:below"},
        {"type": "combine", "upstreams": 'here=gdrive: there=":sftp,ssh=id:"'},
        {"type": "union", "upstreams": "gdrive: :sftp,ssh=id:"},
        {"type": "drive", "override.metadata_mapper": "id"},
    ],
)
def test_settings_that_run_programs_here_are_known(section: dict[str, str]) -> None:
    assert programs_here(section)


@pytest.mark.parametrize(
    "section",
    [
        {"type": "sftp", "ssh": "", "md5sum_command": "md5sum", "shell_type": "unix"},
        {"type": "alias", "remote": "gdrive:a, b and c"},
        {"type": "combine", "upstreams": '"a b=gdrive:x" c=box:/srv'},
        {"type": "crypt", "remote": "/srv/secret"},
    ],
)
def test_settings_that_run_none_are_left_alone(section: dict[str, str]) -> None:
    assert not programs_here(section)


def test_settings_that_run_a_program_are_not_even_looked_at(
    person: Person, own_config: Path, jp_serverapp: Any, tmp_path: Path
) -> None:
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_drive_sync"]))
    connector = app.connecting._connector
    ran = tmp_path / "ran"
    talk = connector.converse("box", "sftp", lambda _: None)
    try:
        talk.begin({"host": "127.0.0.1"}, ask_all=False)
        talk.change(ssh=f"touch {ran}")
        for look in (talk.section, talk.space, talk.can_list, talk.shared_drives):
            with pytest.raises(Exception, match="run a program: ssh"):
                look()
    finally:
        talk.close()
    assert not ran.exists()
