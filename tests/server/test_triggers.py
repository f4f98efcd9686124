"""What starts a run by itself, with no browser open."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import Browser, Fetch, until
from .test_projects import later


async def test_a_save_in_jupyter_is_on_the_other_side_seconds_later(
    browser: Browser, jp_fetch: Fetch, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    await jp_fetch(
        "api/contents/spam/notes.txt",
        method="PUT",
        body=json.dumps({"type": "file", "format": "text", "content": "saved in Jupyter"}),
    )
    await until((drive_folder / "notes.txt").exists)
    assert (drive_folder / "notes.txt").read_text() == "saved in Jupyter"
    await browser.until(number, "in_sync")
    rows = (await browser.ask("GET", "projects", number, "history"))["rows"]
    assert rows[0]["path"] == "notes.txt"
    assert rows[0]["trigger"] in ("save", "watcher")


async def test_a_change_by_another_program_is_noticed(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    subprocess.run(
        [sys.executable, "-c", "open('result.csv', 'w').write('1,2,3')"], cwd=project, check=True
    )
    await until((drive_folder / "result.csv").exists)
    status = await browser.until(number, "in_sync")
    assert status["waiting"]["up_total"] == 0


async def test_a_file_that_is_written_all_the_time_is_synced_all_the_same(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    await browser.link("spam", drive_folder)
    log = project / "train.log"
    stop = asyncio.Event()

    async def train() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with log.open("a") as file:
                file.write(f"step {number}\n")
            await asyncio.sleep(0.05)

    task = asyncio.create_task(train())
    await until((drive_folder / "train.log").exists, seconds=20)
    stop.set()
    await task
    await until(lambda: (drive_folder / "train.log").read_text() == log.read_text())


class TestWithoutAutoSync:
    """Auto-sync switched off: changes are shown, and wait for the button."""

    async def test_changes_wait_for_a_person(
        self, browser: Browser, project: Path, drive_folder: Path
    ) -> None:
        number = (await browser.link("spam", drive_folder))["project"]["id"]
        await browser.ask("PATCH", "projects", number, body={"auto_sync": False})
        later(project / "train.py", "edited\n")
        status = await browser.until(number, "pending")
        assert [item["path"] for item in status["waiting"]["up"]] == ["train.py"]
        assert status["state"]["next"] is None
        assert (drive_folder / "train.py").read_text() == "print('hello')\n"
        await browser.ask("POST", "projects", number, "sync")
        await browser.until(number, "in_sync")
        assert (drive_folder / "train.py").read_text() == "edited\n"


class TestTheTimer:
    """Looks at Drive happen by themselves."""

    @pytest.fixture
    def extension_config(self) -> dict[str, Any]:
        return {"poll_seconds": 1.0}

    async def test_a_change_on_drive_is_here_after_the_next_look(
        self, browser: Browser, project: Path, drive_folder: Path
    ) -> None:
        number = (await browser.link("spam", drive_folder))["project"]["id"]
        (drive_folder / "from_colab.ipynb").write_text("{}")
        await until((project / "from_colab.ipynb").exists)
        deadline = asyncio.get_running_loop().time() + 20
        row = None
        while row is None and asyncio.get_running_loop().time() < deadline:
            rows = (await browser.ask("GET", "projects", number, "history"))["rows"]
            row = next((row for row in rows if row["path"] == "from_colab.ipynb"), None)
        assert row is not None
        assert (row["trigger"], row["direction"], row["action"]) == ("timer", "down", "created")
