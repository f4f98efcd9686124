"""Conflicts: both versions stay until a person chooses, and no choice loses one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from .conftest import Browser, Refused
from .test_projects import content, later

MINE, DRIVES = "mine, edited here\n", "edited in Colab, longer\n"


async def choose(
    browser: Browser, number: str, keep: str, path: str | None = None, shown: Any = None
) -> None:
    """Choose as a person does who sees the status."""
    status = shown or await browser.status(number)
    versions = status["conflicts"]["versions"]
    if path is not None:
        (versions,) = [held["versions"] for held in status["held"] if held["path"] == path]
    body = {"keep": keep, "versions": versions, **({"path": path} if path else {})}
    await browser.ask("POST", "projects", number, "resolve", body=body)


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
    await choose(browser, number, "mine", "train.py")
    await browser.until(number, "in_sync")
    assert content(project / "train.py") == content(drive_folder / "train.py") == MINE
    assert trashed(jp_data_dir, DRIVES)


async def test_keeping_drives_brings_it_here_and_the_other_into_the_trash(
    browser: Browser, project: Path, drive_folder: Path, jp_data_dir: Path
) -> None:
    number = await conflict(browser, project, drive_folder)
    await choose(browser, number, "drive")
    await browser.until(number, "in_sync")
    assert content(project / "train.py") == content(drive_folder / "train.py") == DRIVES
    assert trashed(jp_data_dir, MINE)


async def test_keeping_both_puts_drives_beside_mine_on_both_sides(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = await conflict(browser, project, drive_folder)
    await choose(browser, number, "both", "train.py")
    await browser.until(number, "in_sync")
    for side in (project, drive_folder):
        assert content(side / "train.py") == MINE
        (copy,) = side.glob("train (other folder, *).py")
        assert copy.read_text() == DRIVES


NEWER = "edited in Colab once more\n"


@pytest.mark.parametrize("path", ["train.py", None], ids=["one", "all at once"])
@pytest.mark.parametrize("keep", ["mine", "drive", "both"])
async def test_a_choice_that_is_overtaken_is_not_carried_out_and_says_so(
    browser: Browser, project: Path, drive_folder: Path, keep: str, path: str | None
) -> None:
    number = await conflict(browser, project, drive_folder)
    later(drive_folder / "train.py", NEWER, 14)
    await choose(browser, number, keep, path)
    status = await browser.until_true(
        number, lambda now: now["held"] and "after you chose" in now["held"][0]["message"]
    )
    assert status["state"]["word"] == "conflict"
    (held,) = status["held"]
    assert held["remote"]["size"] == len(NEWER)
    assert content(project / "train.py") == MINE
    assert content(drive_folder / "train.py") == NEWER
    assert sorted(item.name for item in project.glob("train*")) == ["train.py"]

    await choose(browser, number, "drive", path, status)
    status = await browser.until(number, "in_sync")
    assert status["held"] == []
    assert content(project / "train.py") == NEWER


@pytest.mark.parametrize("path", ["train.py", None], ids=["one", "all at once"])
@pytest.mark.parametrize("side", ["here", "there"])
async def test_a_choice_about_other_versions_than_those_that_stand_there_is_refused(
    browser: Browser, project: Path, drive_folder: Path, side: str, path: str | None
) -> None:
    number = await conflict(browser, project, drive_folder)
    shown = await browser.status(number)
    later((project if side == "here" else drive_folder) / "train.py", NEWER, 14)
    await browser.ask("POST", "projects", number, "sync")
    await browser.until_true(
        number, lambda now: now["held"][0]["versions"] != shown["held"][0]["versions"]
    )
    with pytest.raises(Refused) as caught:
        await choose(browser, number, "mine" if side == "there" else "drive", path, shown)
    assert (caught.value.status, caught.value.body["code"]) == (409, "versions_changed")
    assert "nothing was done" in caught.value.body["message"]
    await browser.ask("POST", "projects", number, "sync")
    await browser.until(number, "conflict")
    assert {content(project / "train.py"), content(drive_folder / "train.py")} == {
        NEWER,
        MINE if side == "there" else DRIVES,
    }


async def test_a_choice_about_all_that_were_shown_settles_no_conflict_that_came_later(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    later(project / "other.py", "as it was", 0)
    number = await conflict(browser, project, drive_folder)
    shown = await browser.status(number)
    later(project / "other.py", "mine too", 30)
    later(drive_folder / "other.py", "theirs too", 40)
    await browser.ask("POST", "projects", number, "sync")
    await browser.until_true(number, lambda now: now["conflicts"]["total"] == 2)
    with pytest.raises(Refused) as caught:
        await choose(browser, number, "drive", None, shown)
    assert caught.value.body["code"] == "versions_changed"
    await choose(browser, number, "mine")
    await browser.until(number, "in_sync")
    assert content(drive_folder / "other.py") == "mine too"


async def test_what_is_not_held_cannot_be_settled(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    choice = {"keep": "mine", "versions": "x"}
    for body in (choice, {**choice, "path": "train.py"}):
        with pytest.raises(Refused) as caught:
            await browser.ask("POST", "projects", number, "resolve", body=body)
        assert (caught.value.status, caught.value.body["code"]) == (409, "not_held")
    with pytest.raises(Refused) as caught:
        await browser.ask("POST", "projects", number, "resolve", body={**choice, "keep": "newest"})
    assert caught.value.status == 400
    with pytest.raises(Refused) as caught:
        await browser.ask("POST", "projects", number, "resolve", body={"keep": "mine"})
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
            (copy,) = side.glob("train (other folder, *).py")
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
    await choose(browser, number, "mine")
    await browser.until(number, "too_many_deletes")
    plan = await browser.ask("GET", "projects", number, "plan")
    await browser.ask("POST", "projects", number, "sync", body={"consent": plan["hash"]})
    await browser.until(number, "in_sync")
    assert content(drive_folder / "train.py") == MINE
    assert len(list(project.glob("file*.txt"))) == 5
