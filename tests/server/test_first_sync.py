"""The first sync on Google Drive: seen before it is made, cut short, carried on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.ports.projects import MARKER_FOLDER
from tests.drive_emulator import Delay, DriveEmulator
from tests.drive_emulator.fixtures import GDrive

from .conftest import Browser, Refused
from .contract import CheckedBrowser
from .real_server import RealServer

FAR = "ml/spam"


@pytest.fixture
def extension_config(gdrive: GDrive, drive: DriveEmulator) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "rclone_config": str(gdrive.config)}


def fill(folder: Path, files: dict[str, int]) -> None:
    for path, size in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(os.urandom(size))


def on_drive(drive: DriveEmulator) -> set[str]:
    return {path for path in drive.tree(FAR) if not path.startswith(f"{MARKER_FOLDER}/")}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def preview(browser: Browser, **more: Any) -> dict[str, Any]:
    body = {"local": "spam", "remote": f"gdrive:{FAR}", **more}
    return await browser.ask("POST", "projects", "preview", body=body)


async def test_a_person_sees_what_stays_behind_how_long_it_takes_and_what_to_leave_out(
    browser: Browser, project: Path, drive: DriveEmulator
) -> None:
    CheckedBrowser(browser)
    fill(
        project,
        {
            "myenv/pyvenv.cfg": 10,
            **{f"myenv/lib/{n}.py": 100 for n in range(150)},
            "wandb/run/log.txt": 3000,
            ".venv/bin/python": 500,
            "__pycache__/x.pyc": 20,
        },
    )
    before = snapshot(project)
    plan = await preview(browser)
    assert plan["creates_remote"] is True
    assert plan["ignored"] == {"files": 2, "folders": 2, "bytes": 520, "more": False}
    assert plan["totals"]["push"] == 153
    assert 77 <= plan["estimate_seconds"] <= 80
    assert plan["suggestions"] == [
        {"pattern": "/myenv/", "reason": "environment", "files": 151, "bytes": 15_010},
        {"pattern": "wandb/", "reason": "checkpoints", "files": 1, "bytes": 3000},
    ]
    patterns = [one["pattern"] for one in plan["suggestions"]]
    after = await preview(browser, ignore=patterns)
    assert after["totals"]["push"] == 1
    assert after["ignored"]["files"] == 2 + 152
    assert after["suggestions"] == []
    assert after["estimate_seconds"] == 1
    assert snapshot(project) == before
    assert drive.tree() == {}


async def test_what_is_left_out_from_the_beginning_never_goes_up(
    browser: Browser, project: Path, drive: DriveEmulator
) -> None:
    CheckedBrowser(browser)
    fill(project, {"data/raw.bin": 1000, "out/model.pt": 10})
    (project / ".driveignore").write_text("out/")
    await browser.link("spam", f"gdrive:{FAR}", ignore=["data/", "out/"])
    assert (project / ".driveignore").read_bytes() == b"out/\ndata/\n"
    assert on_drive(drive) == {"train.py", ".driveignore"}
    assert not any("raw.bin" in call.target for call in drive.log)


@pytest.mark.parametrize("lines", [["fine/", "data["], ["two\nlines"]])
async def test_a_line_that_cannot_be_followed_is_named_and_nothing_is_touched(
    browser: Browser, project: Path, drive: DriveEmulator, lines: list[str]
) -> None:
    CheckedBrowser(browser)
    (project / ".driveignore").write_text("out/\n")
    before = snapshot(project)
    for parts in (("projects", "preview"), ("projects",)):
        with pytest.raises(Refused) as caught:
            body = {"local": "spam", "remote": f"gdrive:{FAR}", "ignore": lines}
            await browser.ask("POST", *parts, body=body)
        assert caught.value.status == 400
        assert caught.value.body["code"] == "ignore_pattern_invalid"
        assert f"line {1 + len(lines)}" in caught.value.body["message"]
    assert snapshot(project) == before
    assert drive.tree() == {}
    assert (await browser.ask("GET", "projects"))["projects"] == []


async def test_a_second_computer_adds_lines_to_the_rules_of_the_first(
    browser: Browser, project: Path, drive: DriveEmulator
) -> None:
    drive.write(f"{FAR}/.driveignore", b"out/\n")
    fill(project, {"data/raw.bin": 1000, "out/model.pt": 10})
    known = drive.find(f"{FAR}/.driveignore").id
    status = await browser.link("spam", f"gdrive:{FAR}", ignore=["data/"])
    assert status["state"]["word"] == "in_sync"
    assert drive.read(f"{FAR}/.driveignore") == b"out/\ndata/\n"
    assert (project / ".driveignore").read_bytes() == b"out/\ndata/\n"
    assert drive.find(f"{FAR}/.driveignore").id == known
    assert on_drive(drive) == {"train.py", ".driveignore"}


async def test_rules_that_differ_on_both_sides_are_left_to_the_person(
    browser: Browser, project: Path, drive: DriveEmulator
) -> None:
    drive.write(f"{FAR}/.driveignore", b"out/\n")
    (project / ".driveignore").write_text("tmp/\n")
    status = await browser.link("spam", f"gdrive:{FAR}", ignore=["data/"])
    assert [held["path"] for held in status["held"]] == [".driveignore"]
    assert drive.read(f"{FAR}/.driveignore") == b"out/\n"
    assert (project / ".driveignore").read_bytes() == b"tmp/\ndata/\n"


async def test_a_first_sync_that_is_cancelled_goes_on_where_it_stopped(
    browser: Browser, project: Path, drive: DriveEmulator
) -> None:
    fill(project, {f"data/{n:03}.bin": 2000 for n in range(60)})
    # Slow from some files on: after a cancel rclone goes on with its queue for up to 30 seconds.
    drive.faults.add(Delay(4.0), "upload.*", skip=12, times=None)
    body = {"local": "spam", "remote": f"gdrive:{FAR}"}
    number = (await browser.ask("POST", "projects", body=body))["project"]["id"]
    status = await browser.until_true(
        number,
        lambda status: (
            len(on_drive(drive)) >= 10 and (status["progress"] or {}).get("files", 0) > 0
        ),
        seconds=60,
    )
    progress = status["progress"]
    assert progress["total_files"] >= progress["files"]
    await browser.ask("PATCH", "projects", number, body={"auto_sync": False})
    await browser.ask("POST", "projects", number, "cancel")
    await browser.until_true(number, lambda status: status["progress"] is None, seconds=60)
    up = on_drive(drive)
    assert 10 <= len(up) < 60
    ids = {path: drive.find(f"{FAR}/{path}").id for path in up}
    drive.calm()
    drive.reset_counts()
    await browser.ask("POST", "projects", number, "sync")
    await browser.until(number, "in_sync", seconds=60)
    assert len(on_drive(drive)) == 61
    assert sum(n for kind, n in drive.calls.items() if kind.startswith("upload")) == 61 - len(up)
    assert {path: drive.find(f"{FAR}/{path}").id for path in up} == ids


@pytest.fixture
def server(tmp_path: Path, gdrive: GDrive, drive: DriveEmulator) -> Iterator[RealServer]:
    server = RealServer(tmp_path / "home", poll_seconds=3600.0, rclone_config=gdrive.config)
    yield server
    server.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="kills as a power cut would")
def test_a_first_sync_goes_on_after_the_server_was_killed_in_the_middle(
    server: RealServer, drive: DriveEmulator
) -> None:
    here = server.root / "spam"
    fill(here, {f"data/{n:03}.bin": 2000 for n in range(60)})
    server.start()
    drive.settings.latency = 0.15
    body = {"local": "spam", "remote": f"gdrive:{FAR}"}
    number = server.ask("POST", "projects", body=body)["project"]["id"]
    server.wait_for(lambda: len(on_drive(drive)) >= 10, 60)
    children = server.rclones()
    server.kill()
    # Without anybody who listens to it rclone ends by itself.
    server.wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 30)
    up = on_drive(drive)
    assert 10 <= len(up) < 60
    drive.calm()
    drive.reset_counts()
    server.start()
    server.until_in_sync(number)
    assert len(on_drive(drive)) == 60
    assert sum(n for kind, n in drive.calls.items() if kind.startswith("upload")) == 60 - len(up)
