"""Projects through the REST interface of a real server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import Browser, Refused, until


def later(path: Path, text: str, seconds: int = 5) -> None:
    """Write a file with a modification time that no coarse clock can confuse."""
    path.write_text(text)
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + seconds * 10**9))


def content(path: Path) -> str | None:
    """Return a file's text, or None while there is no such file."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return None


async def test_linking_copies_what_only_this_computer_has(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    status = await browser.link("spam", drive_folder)
    assert (drive_folder / "train.py").read_text() == "print('hello')\n"
    assert status["project"]["name"] == "spam"
    assert status["project"]["local"]["path"] == "spam"
    assert status["project"]["remote"]["kind"] == "folder"
    assert status["last_good_sync"] is not None
    assert status["waiting"] == {"up": [], "down": [], "up_total": 0, "down_total": 0}


async def test_linking_copies_what_only_drive_has(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    (drive_folder / "data").mkdir()
    (drive_folder / "data" / "labels.csv").write_text("a,b\n")
    await browser.link("spam", drive_folder)
    assert (project / "data" / "labels.csv").read_text() == "a,b\n"
    assert (drive_folder / "train.py").exists()


async def test_a_first_sync_leaves_files_that_differ_alone_and_says_so(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    (drive_folder / "train.py").write_text("something else entirely\n")
    status = await browser.link("spam", drive_folder)
    assert status["state"]["word"] == "conflict"
    (held,) = status["held"]
    assert (held["path"], held["reason"]) == ("train.py", "conflict")
    assert held["message"]
    assert held["hint"]
    assert (project / "train.py").read_text() == "print('hello')\n"
    assert (drive_folder / "train.py").read_text() == "something else entirely\n"


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("there", ["files", "empty", "absent"])
async def test_empty_and_absent_folders_can_be_linked(
    browser: Browser, jp_root_dir: Path, tmp_path: Path, here: bool, there: str
) -> None:
    local = jp_root_dir / "new"
    local.mkdir()
    if here:
        (local / "one.ipynb").write_text("{}")
    remote = tmp_path / "far" / "new"
    if there != "absent":
        remote.mkdir(parents=True)
    if there == "files":
        (remote / "two.ipynb").write_text("{}")
    status = await browser.link("new", remote)
    assert status["state"]["word"] == "in_sync"
    names = {path.name for path in local.iterdir()} - {".drive-sync"}
    assert names == {path.name for path in remote.iterdir()} - {".drive-sync"}
    assert ("one.ipynb" in names) is here
    assert ("two.ipynb" in names) is (there == "files")
    # The next runs work as well: bisync alone stops for good on two empty folders.
    (local / "later.txt").write_text("later")
    await browser.ask("POST", "projects", status["project"]["id"], "sync")
    await until((remote / "later.txt").exists)


async def test_a_project_of_one_notebook_is_synced_again_after_each_edit(
    browser: Browser, jp_root_dir: Path, drive_folder: Path
) -> None:
    (jp_root_dir / "one").mkdir()
    notebook = jp_root_dir / "one" / "only.ipynb"
    notebook.write_text("{}")
    status = await browser.link("one", drive_folder)
    for number in range(3):
        later(notebook, f'{{"cells": [{number}]}}', 5 * number + 5)
        await browser.ask("POST", "projects", status["project"]["id"], "sync")
        text = notebook.read_text()
        await until(lambda text=text: content(drive_folder / "only.ipynb") == text)


async def test_an_edit_on_drive_comes_down_and_a_delete_follows(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    (project / "old.txt").write_text("old")
    linked = await browser.link("spam", drive_folder)
    number = linked["project"]["id"]
    later(drive_folder / "train.py", "print('from Colab')\n")
    (drive_folder / "old.txt").unlink()
    await browser.ask("POST", "projects", number, "sync")
    await until(lambda: not (project / "old.txt").exists())
    assert (project / "train.py").read_text() == "print('from Colab')\n"
    await browser.until(number, "in_sync")
    rows = (await browser.ask("GET", "projects", number, "history"))["rows"]
    seen = {(row["path"], row["direction"], row["action"]) for row in rows}
    assert ("train.py", "down", "updated") in seen
    assert ("old.txt", "down", "deleted") in seen
    assert ("train.py", "up", "created") in seen


async def test_a_preview_of_linking_changes_nothing(
    browser: Browser, project: Path, tmp_path: Path, jp_data_dir: Path
) -> None:
    remote = tmp_path / "not there yet"
    before = sorted(project.rglob("*"))
    plan = await browser.ask(
        "POST", "projects", "preview", body={"local": "spam", "remote": str(remote)}
    )
    assert plan["first"] is True
    assert plan["totals"]["push"] == 1
    assert plan["totals"]["bytes_up"] == len("print('hello')\n")
    assert [step["path"] for step in plan["steps"]] == ["train.py"]
    assert plan["problem"] is None
    assert sorted(project.rglob("*")) == before
    assert not remote.exists()
    assert not list((jp_data_dir / "drive-sync").rglob("project.json"))
    assert (await browser.ask("GET", "projects"))["projects"] == []


async def test_unlinking_touches_no_file(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    linked = await browser.link("spam", drive_folder)
    await browser.ask("DELETE", "projects", linked["project"]["id"])
    assert (project / "train.py").exists()
    assert (drive_folder / "train.py").exists()
    with pytest.raises(Refused) as refused:
        await browser.status(linked["project"]["id"])
    assert refused.value.status == 404
    assert browser.events[-1]["state"] == "unlinked"
    again = await browser.link("spam", drive_folder)
    assert again["state"]["word"] == "in_sync"
    assert again["project"]["id"] == linked["project"]["id"]


async def test_a_paused_project_waits_until_it_is_resumed(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    status = await browser.ask("PATCH", "projects", number, body={"paused": True})
    assert status["state"]["word"] == "paused"
    assert status["state"]["actions"][0] == "resume"
    later(project / "train.py", "while paused\n")
    await browser.until_true(number, lambda status: status["waiting"]["up_total"] == 1)
    assert (drive_folder / "train.py").read_text() == "print('hello')\n"
    await browser.ask("PATCH", "projects", number, body={"paused": False})
    await browser.until(number, "in_sync")
    assert (drive_folder / "train.py").read_text() == "while paused\n"


async def test_many_deletes_wait_for_consent_to_exactly_them(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    for number in range(20):
        (project / f"file{number}.txt").write_text(f"number {number}")
    project_id = (await browser.link("spam", drive_folder))["project"]["id"]
    for number in range(15):
        (drive_folder / f"file{number}.txt").unlink()
    await browser.ask("POST", "projects", project_id, "sync")
    status = await browser.until(project_id, "too_many_deletes")
    assert status["state"]["actions"][0] == "consent"
    assert status["waiting"]["down_total"] == 15
    assert (project / "file0.txt").exists()
    plan = await browser.ask("GET", "projects", project_id, "plan")
    assert plan["needs_consent"] is True
    (drive_folder / "file15.txt").unlink()
    await browser.ask("POST", "projects", project_id, "sync", body={"consent": plan["hash"]})
    await browser.until_true(
        project_id, lambda status: (status["state"]["cause"] or {}).get("code") == "consent_needed"
    )
    assert (project / "file0.txt").exists()
    plan = await browser.ask("GET", "projects", project_id, "plan")
    await browser.ask("POST", "projects", project_id, "sync", body={"consent": plan["hash"]})
    await browser.until(project_id, "in_sync")
    assert len(list(project.glob("file*.txt"))) == 4


async def test_state_that_an_earlier_link_left_does_not_count_in_a_first_sync(
    browser: Browser, project: Path, drive_folder: Path, jp_data_dir: Path
) -> None:
    (project / "old.txt").write_text("old")
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    (jp_data_dir / "drive-sync" / "projects" / number / "project.json").unlink()
    await until(lambda: any(event["state"] == "unlinked" for event in browser.events))
    (drive_folder / "old.txt").unlink()
    later(project / "train.py", "edited here\n")
    status = await browser.link("spam", drive_folder)
    assert (drive_folder / "old.txt").read_text() == "old"
    assert content(drive_folder / "train.py") == "print('hello')\n"
    assert [held["path"] for held in status["held"]] == ["train.py"]
