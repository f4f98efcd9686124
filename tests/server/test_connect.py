"""Connecting Google Drive in the browser, with rclone's real sign-in against the emulator."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from tests.drive_emulator import DriveEmulator

from .conftest import Browser, Refused
from .connecting import Person, port_is_free
from .contract import CheckedBrowser

pytestmark = pytest.mark.xdist_group("sign-in")  # rclone's port is one for the whole machine


@pytest.fixture
def drive(drive_emulator: DriveEmulator, monkeypatch: pytest.MonkeyPatch) -> DriveEmulator:
    for name, value in drive_emulator.environment().items():
        monkeypatch.setenv(name, value)
    return drive_emulator


@pytest.fixture
def extension_config(drive: DriveEmulator) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "longest_seconds": 1.0}


@pytest.fixture
def person(browser: Browser, drive: DriveEmulator) -> Person:
    CheckedBrowser(browser)
    return Person(browser, drive)


@pytest.fixture
def own_config(person: Person, jp_data_dir: Path) -> Path:
    return jp_data_dir / "drive-sync" / "rclone.conf"


async def test_an_own_client_leads_to_a_synced_project(
    person: Person, own_config: Path, project: Path, tmp_path: Path
) -> None:
    person.drive.set_quota(15_000_000_000)
    overview = await person.browser.ask("GET", "connect")
    assert overview["config"] == str(own_config)
    assert overview["remotes"] == []
    assert overview["local_browser"] is True
    text = person.client_text(tmp_path)
    read = await person.browser.ask("POST", "connect", "client", body={"text": text})
    assert read["project_id"] == "emulator"
    flow = await person.connect(text)
    assert flow["step"] == "done"
    assert flow["name"] == "gdrive"
    assert flow["account"]["client"] == "own"
    assert flow["account"]["scope"] == "drive"
    assert "@" in flow["account"]["email"]
    assert flow["account"]["free"] > 0
    assert stat.S_IMODE(own_config.stat().st_mode) == 0o600
    assert list((own_config.parent / "connecting").iterdir()) == []
    assert port_is_free()
    status = await person.browser.link("spam", "gdrive:ml/spam")
    assert status["state"]["word"] == "in_sync"
    assert person.drive.read("ml/spam/train.py") == (project / "train.py").read_bytes()
    overview = await person.browser.ask("GET", "connect")
    (remote,) = overview["remotes"]
    assert remote == {
        "name": "gdrive",
        "type": "drive",
        "kind": "drive",
        "ours": True,
        "projects": 1,
    }
    account = await person.browser.ask("GET", "connect", "remotes", "gdrive", "account")
    space = {"used", "free"}  # the project's files are there meanwhile
    assert {**account, **dict.fromkeys(space)} == {**flow["account"], **dict.fromkeys(space)}
