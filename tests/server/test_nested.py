"""Projects on a storage lie beside each other, whatever the remotes are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive

from .conftest import Browser, Refused


@pytest.fixture
def extension_config(gdrive: GDrive, drive: DriveEmulator) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "rclone_config": str(gdrive.config)}


@pytest.fixture
def other(gdrive: GDrive, jp_root_dir: Path) -> Path:
    """Another project folder; a second remote, `twin`, reaches the same account."""
    section = gdrive.config.read_text()
    gdrive.config.write_text(section + "\n" + section.replace("[gdrive]", "[twin]"))
    folder = jp_root_dir / "other"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    return folder


def begin_at(gdrive: GDrive, name: str, folder: str) -> None:
    before, mark, after = gdrive.config.read_text().partition(f"[{name}]\n")
    gdrive.config.write_text(f"{before}{mark}root_folder_id = {folder}\n{after}")


async def refused(browser: Browser, remote: str) -> str:
    for address in (["projects"], ["projects", "preview"]):
        with pytest.raises(Refused) as caught:
            await browser.ask("POST", *address, body={"local": "other", "remote": remote})
        assert caught.value.body["hint"]
    return str(caught.value.body["code"])


async def test_another_remote_of_the_same_account_nests_nothing(
    browser: Browser, project: Path, other: Path, drive: DriveEmulator
) -> None:
    await browser.link("spam", "gdrive:ml/spam")
    before = drive.tree()
    assert await refused(browser, "twin:ml") == "folder_nested"
    assert await refused(browser, "twin:") == "folder_nested"
    assert await refused(browser, "twin:ml/spam/below/deep") == "folder_nested"
    with pytest.raises(Refused) as caught:
        await browser.ask("POST", "projects", body={"local": "other", "remote": "twin:ml/spam"})
    assert caught.value.body["code"] == "already_linked"
    assert drive.tree() == before
    await browser.link("other", "twin:ml/other")
    assert drive.exists("ml/other/a.txt")


async def test_a_remote_that_begins_inside_a_project_nests_nothing(
    browser: Browser, project: Path, other: Path, drive: DriveEmulator, gdrive: GDrive
) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "x.txt").write_text("x")
    await browser.link("spam", "gdrive:ml/spam")
    begin_at(gdrive, "twin", drive.find("ml/spam/deep").id)
    assert await refused(browser, "twin:") == "folder_nested"
    assert await refused(browser, "twin:new") == "folder_nested"
