"""Conflicts: both versions stay until a person chooses, and no choice loses one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from .conftest import Browser, Refused
from .test_projects import content, later

MINE, DRIVES = "mine, edited here\n", "edited in Colab, longer\n"


async def conflict(browser: Browser, project: Path, drive_folder: Path) -> str:
    number: str = (await browser.link("spam", drive_folder))["project"]["id"]
    await browser.ask("PATCH", "projects", number, body={"auto_sync": False})
    later(project / "train.py", MINE, 5)
    later(drive_folder / "train.py", DRIVES, 9)
    await browser.ask("POST", "projects", number, "sync")
    status = await browser.until(number, "conflict")
    assert [held["path"] for held in status["held"]] == ["train.py"]
    assert content(project / "train.py") == MINE
    assert content(drive_folder / "train.py") == DRIVES
    return number


def trashed(data: Path, text: str) -> bool:
    return any(
        path.is_file() and path.read_bytes() == text.encode()
        for path in (data / "drive-sync").rglob("trash/**/*")
    )


async def test_keeping_mine_puts_it_on_drive_and_the_other_into_the_trash(
    browser: Browser, project: Path, drive_folder: Path, jp_data_dir: Path
) -> None:
    number = await conflict(browser, project, drive_folder)
    body = {"path": "train.py", "keep": "mine"}
    await browser.ask("POST", "projects", number, "resolve", body=body)
    await browser.until(number, "in_sync")
    assert content(project / "train.py") == content(drive_folder / "train.py") == MINE
    assert trashed(jp_data_dir, DRIVES)


async def test_keeping_drives_brings_it_here_and_the_other_into_the_trash(
    browser: Browser, project: Path, drive_folder: Path, jp_data_dir: Path
) -> None:
    number = await conflict(browser, project, drive_folder)
    await browser.ask("POST", "projects", number, "resolve", body={"keep": "drive"})
    await browser.until(number, "in_sync")
    assert content(project / "train.py") == content(drive_folder / "train.py") == DRIVES
    assert trashed(jp_data_dir, MINE)


async def test_keeping_both_puts_drives_beside_mine_on_both_sides(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = await conflict(browser, project, drive_folder)
    body = {"path": "train.py", "keep": "both"}
    await browser.ask("POST", "projects", number, "resolve", body=body)
    await browser.until(number, "in_sync")
    for side in (project, drive_folder):
        assert content(side / "train.py") == MINE
        (copy,) = side.glob("train (Drive, *).py")
        assert copy.read_text() == DRIVES


async def test_an_edit_after_the_choice_was_offered_makes_it_void(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = await conflict(browser, project, drive_folder)
    later(drive_folder / "train.py", "edited in Colab once more\n", 14)
    await browser.ask("POST", "projects", number, "resolve", body={"keep": "mine"})
    status = await browser.until(number, "conflict")
    assert [held["path"] for held in status["held"]] == ["train.py"]
    assert content(drive_folder / "train.py") == "edited in Colab once more\n"


async def test_what_is_not_held_cannot_be_settled(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    for body in ({"keep": "mine"}, {"keep": "mine", "path": "train.py"}):
        with pytest.raises(Refused) as caught:
            await browser.ask("POST", "projects", number, "resolve", body=body)
        assert (caught.value.status, caught.value.body["code"]) == (409, "not_held")
    with pytest.raises(Refused) as caught:
        await browser.ask("POST", "projects", number, "resolve", body={"keep": "newest"})
    assert caught.value.status == 400


class TestUnattended:
    """A server that nobody looks at keeps both by itself."""

    @pytest.fixture
    def extension_config(self) -> dict[str, Any]:
        return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "conflicts": "both"}

    async def test_both_versions_are_kept_without_asking(
        self, browser: Browser, project: Path, drive_folder: Path
    ) -> None:
        (drive_folder / "train.py").write_text(DRIVES)
        os.utime(drive_folder / "train.py", (1, 1))
        await browser.link("spam", drive_folder)
        assert content(project / "train.py") == "print('hello')\n"
        for side in (project, drive_folder):
            (copy,) = side.glob("train (Drive, *).py")
            assert copy.read_text() == DRIVES


async def test_a_choice_and_consent_to_many_deletes_go_together(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    for number in range(20):
        (project / f"file{number}.txt").write_text(f"number {number}")
    number = await conflict(browser, project, drive_folder)
    for name in range(15):
        (drive_folder / f"file{name}.txt").unlink()
    await browser.ask("POST", "projects", number, "sync")
    await browser.until(number, "too_many_deletes")
    await browser.ask("POST", "projects", number, "resolve", body={"keep": "mine"})
    await browser.until(number, "too_many_deletes")
    plan = await browser.ask("GET", "projects", number, "plan")
    await browser.ask("POST", "projects", number, "sync", body={"consent": plan["hash"]})
    await browser.until(number, "in_sync")
    assert content(drive_folder / "train.py") == MINE
    assert len(list(project.glob("file*.txt"))) == 5
