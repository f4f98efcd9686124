"""Choosing the other folder: finding one by its name, and making a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.ports.projects import Remote, RemoteKind
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.folders import search_folders
from jupyter_drive_sync.rclone.process import Runner
from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.faults import Answer
from tests.drive_emulator.fixtures import GDrive

from .conftest import Browser, Refused
from .contract import CheckedBrowser


@pytest.fixture
def drive(drive: DriveEmulator) -> DriveEmulator:
    for path in ("Work/2026/Spam Detection", "Work/spam", "Music/Spamalot", "Zoo", "Work/2026/x"):
        drive.write(f"{path}/file.txt", b"x")
    return drive


@pytest.fixture
def extension_config(gdrive: GDrive, drive: DriveEmulator) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "rclone_config": str(gdrive.config)}


async def find(browser: Browser, **params: str) -> dict[str, Any]:
    return await browser.ask("GET", "remotes", "gdrive", "folders", params=params)


async def test_folders_are_found_by_a_part_of_their_name_wherever_they_are(
    browser: Browser, drive: DriveEmulator
) -> None:
    CheckedBrowser(browser)
    found = await find(browser, search="spam")
    assert [folder["path"] for folder in found["folders"]] == [
        "Music/Spamalot",
        "Work/spam",
        "Work/2026/Spam Detection",
    ]
    assert [folder["name"] for folder in found["folders"]][2] == "Spam Detection"
    assert found["more"] is False
    below = await find(browser, path="Work/2026", search="SPAM")
    assert [folder["path"] for folder in below["folders"]] == ["Work/2026/Spam Detection"]
    assert (below["path"], below["parent"]) == ("Work/2026", "Work")
    assert (await find(browser, search="nothing of that name"))["folders"] == []
    plain = await find(browser, path="Work", search=" ")
    assert [folder["path"] for folder in plain["folders"]] == ["Work/2026", "Work/spam"]


async def test_a_new_folder_is_made_once_with_those_above_it(
    browser: Browser, drive: DriveEmulator
) -> None:
    CheckedBrowser(browser)
    for _ in range(2):
        made = await browser.ask(
            "POST", "remotes", "gdrive", "folders", body={"path": "Zoo/new/My Project"}
        )
        assert made == {"name": "My Project", "path": "Zoo/new/My Project"}
    assert len(drive.find_all("Zoo/new/My Project")) == 1
    assert len(drive.find_all("Zoo")) == 1


@pytest.mark.parametrize(
    ("remote", "path", "code"),
    [
        ("nobody", "x", "remote_unknown"),
        ("gdrive", "a/../b", "remote_invalid"),
        ("gdrive", "a\nb", "remote_invalid"),
        ("gdrive", "/", "folder_invalid"),
    ],
)
async def test_what_is_no_folder_is_refused_with_what_to_do(
    browser: Browser, drive: DriveEmulator, remote: str, path: str, code: str
) -> None:
    CheckedBrowser(browser)
    before = drive.tree()
    with pytest.raises(Refused) as caught:
        await browser.ask("POST", "remotes", remote, "folders", body={"path": path})
    assert caught.value.body["code"] == code
    assert caught.value.body["hint"]
    assert drive.tree() == before


async def test_a_folder_that_cannot_be_made_or_searched_says_why(
    browser: Browser, drive: DriveEmulator
) -> None:
    CheckedBrowser(browser)
    with pytest.raises(Refused) as caught:
        await find(browser, path="Work/none", search="x")
    assert caught.value.body["code"] == "remote_missing"
    drive.disable_api()
    for ask in (
        lambda: find(browser, search="spam"),
        lambda: browser.ask("POST", "remotes", "gdrive", "folders", body={"path": "new"}),
    ):
        with pytest.raises(Refused) as caught:
            await ask()
        assert "Drive API" in caught.value.body["message"]
    drive.calm()
    drive.tokens.revoke()
    drive.faults.add(Answer(401, "authError"), times=None)
    with pytest.raises(Refused) as caught:
        await find(browser, search="spam")
    assert caught.value.body["code"] == "sign_in"


def test_a_long_search_ends_with_what_was_found_by_then(
    drive: DriveEmulator, gdrive: GDrive
) -> None:
    runner = Runner(find_rclone(), gdrive.config)
    remote = Remote(RemoteKind.DRIVE, "gdrive", "", gdrive.config)
    few = search_folders(runner, remote, "", most=2)
    assert [folder.path for folder in few.folders] == ["Music", "Work"]
    assert few.more
    drive.settings.latency = 1.0
    cut = search_folders(runner, remote, "spam", seconds=1.5)
    assert cut.more
    assert len(cut.folders) < 3


async def test_folders_of_a_remote_that_is_a_disk_are_found_too(
    browser: Browser, gdrive: GDrive, tmp_path: Path
) -> None:
    (tmp_path / "disk" / "deep" / "Spam").mkdir(parents=True)
    with gdrive.config.open("a") as config:
        config.write(f"\n[disk]\ntype = alias\nremote = {tmp_path / 'disk'}\n")
    found = await browser.ask("GET", "remotes", "disk", "folders", params={"search": "spam"})
    assert [folder["path"] for folder in found["folders"]] == ["deep/Spam"]
