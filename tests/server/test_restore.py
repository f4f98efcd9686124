"""Bringing earlier versions back through the REST interface."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import Browser, Refused
from .contract import CheckedBrowser


def later(file: Path, text: str, seconds: int) -> None:
    """Save a file with a time of its own, so that each save is another version."""
    file.write_text(text)
    os.utime(file, (1_700_000_000 + seconds, 1_700_000_000 + seconds))


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and ".drive-sync" not in path.parts
    }


async def in_step(browser: Browser, number: str, *sides: Path) -> None:
    """Sync, and wait until both sides are alike."""
    await browser.ask("POST", "projects", number, "sync")
    await browser.until_true(
        number,
        lambda status: (
            status["state"]["word"] == "in_sync" and contents(sides[0]) == contents(sides[1])
        ),
    )


async def versions(browser: Browser, number: str, path: str) -> list[dict[str, Any]]:
    answer = await browser.ask("GET", "projects", number, "versions", params={"path": path})
    assert answer["problem"] is None
    return answer["versions"]


async def edited(browser: Browser, project: Path, drive_folder: Path) -> str:
    """Link a project whose ``train.py`` was saved twice, and whose ``old.py`` was deleted."""
    CheckedBrowser(browser)
    later(project / "train.py", "one\n", 10)
    later(project / "old.py", "precious\n", 10)
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    await in_step(browser, number, project, drive_folder)
    later(project / "train.py", "two, longer\n", 20)
    (project / "old.py").unlink()
    await in_step(browser, number, project, drive_folder)
    return number


async def test_a_version_that_was_overwritten_comes_back_on_both_sides(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = await edited(browser, project, drive_folder)
    (old,) = await versions(browser, number, "train.py")
    assert (old["size"], old["origin"]) == (4, "base")
    body = {"path": "train.py", "version": old["id"]}
    await browser.ask("POST", "projects", number, "restore", body=body)
    assert (project / "train.py").read_text() == "one\n"
    await in_step(browser, number, project, drive_folder)
    assert (drive_folder / "train.py").read_text() == "one\n"

    # What the restore replaced can be restored in turn.
    (newer,) = await versions(browser, number, "train.py")
    assert newer["size"] == 12


async def test_a_deleted_file_comes_back_on_both_sides(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = await edited(browser, project, drive_folder)
    (old,) = await versions(browser, number, "old.py")
    body = {"path": "old.py", "version": old["id"]}
    await browser.ask("POST", "projects", number, "restore", body=body)
    await in_step(browser, number, project, drive_folder)
    assert (drive_folder / "old.py").read_text() == "precious\n"


async def test_a_copy_leaves_the_file_alone(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = await edited(browser, project, drive_folder)
    (old,) = await versions(browser, number, "train.py")
    body = {"path": "train.py", "version": old["id"], "as_copy": True}
    await browser.ask("POST", "projects", number, "restore", body=body)
    await in_step(browser, number, project, drive_folder)
    found = contents(drive_folder)
    assert found.pop("train.py") == "two, longer\n"
    ((name, text),) = found.items()
    assert text == "one\n"
    assert re.fullmatch(r"train \(restored, \d{4}-\d\d-\d\d \d\d\.\d\d\)\.py", name)


async def test_what_is_no_version_of_the_file_is_refused_and_nothing_changes(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = await edited(browser, project, drive_folder)
    (project / "folder").mkdir()
    before = contents(project)
    (old,) = await versions(browser, number, "train.py")
    for path, version, code in [
        ("old.py", old["id"], "version_gone"),
        ("train.py", "base:" + "0" * 32, "version_gone"),
        ("train.py", "base:../../state.sqlite", "version_gone"),
        ("train.py", "trash:../state.sqlite", "version_gone"),
        ("train.py", "trash:2026-01-01/../train.py", "version_gone"),
        ("train.py", "somewhere", "version_gone"),
        ("../train.py", old["id"], "folder_outside_root"),
        (".drive-sync/drive-sync.json", old["id"], "not_restored"),
        ("folder", old["id"], "not_restored"),
    ]:
        with pytest.raises(Refused) as caught:
            await browser.ask(
                "POST", "projects", number, "restore", body={"path": path, "version": version}
            )
        assert caught.value.body["code"] == code, (path, version)
        assert caught.value.body["hint"]
    assert contents(project) == before


async def test_a_restore_in_a_paused_project_waits_there(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = await edited(browser, project, drive_folder)
    await browser.ask("PATCH", "projects", number, body={"paused": True})
    (old,) = await versions(browser, number, "train.py")
    body = {"path": "train.py", "version": old["id"]}
    await browser.ask("POST", "projects", number, "restore", body=body)
    assert (project / "train.py").read_text() == "one\n"
    assert (await browser.status(number))["state"]["word"] == "paused"
    assert (drive_folder / "train.py").read_text() == "two, longer\n"
