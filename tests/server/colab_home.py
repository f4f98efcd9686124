"""A project on Drive that a cell was made for, and the runtimes that it was brought to."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync import __version__
from jupyter_drive_sync.companion import environment
from jupyter_drive_sync.companion.bundle import make_bundle
from jupyter_drive_sync.companion.installed import Distribution, Installed
from jupyter_drive_sync.ports.colab import COMPANION_PATH
from jupyter_drive_sync.service.keeper import ProjectKeeper
from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive

from .conftest import Browser
from .contract import CheckedBrowser

FAR = "ml/spam"
GOLDEN = Path(__file__).parents[1] / "protocol"
RUNTIME = "5f2b9c1d7e3a"
RUN = "run-20261121-164000-ab12"
NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def extension_config(gdrive: GDrive, drive: DriveEmulator) -> dict[str, Any]:
    return config(gdrive)


def config(gdrive: GDrive) -> dict[str, Any]:
    """Return the extension's settings: nothing happens by itself."""
    return {
        "poll_seconds": 3600.0,
        "quiet_seconds": 0.2,
        "longest_seconds": 1.0,
        "rclone_config": str(gdrive.config),
        "watch": False,
    }


class Clock:
    """This server's clock, as a test sets it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 17, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Home:
    """A linked project that a cell was made for, and its runtimes."""

    def __init__(self, browser: Browser, drive: DriveEmulator, keeper: ProjectKeeper) -> None:
        self.browser = browser
        self.drive = drive
        self.keeper = keeper
        self.clock = Clock()
        keeper.colab.now = self.clock

    @property
    def number(self) -> str:
        return self.keeper.project.id

    async def sync(self) -> dict[str, Any]:
        """Make a run as a person does, which looks at Colab too; return the status."""
        before = self.keeper._rounds.count + (2 if self.keeper.busy else 1)
        await self.browser.ask("POST", "projects", self.number, "sync")
        await self.keeper._rounds.wait(before)
        return await self.browser.status(self.number)

    def pulse(self, name: str = "pulse-running.json", **changes: Any) -> None:
        """Let a runtime write its pulse."""
        data = json.loads((GOLDEN / name).read_text()) | changes
        content = json.dumps(data).encode()
        self.drive.write(f"{FAR}/.drive-sync/runtimes/{data['runtime']}.json", content)

    async def released(self) -> None:
        """Wait until a run has ended that held nothing."""
        await self.browser.until_true(
            self.number, lambda status: not status["held"] and status["progress"] is None
        )

    async def runtime(self) -> dict[str, Any]:
        """Look, and return the only runtime."""
        (runtime,) = (await self.sync())["runtimes"]
        return dict(runtime)


@pytest.fixture
def quick_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the tests a Python of its own: what it tells is in test_environment_home."""
    told = Installed("3.12.4", {"torch": Distribution("2.11.0")}, {})
    monkeypatch.setattr(environment, "ask", lambda kernel, imports: told)


@pytest.fixture
def home(
    quick_kernel: None,
    browser: Browser,
    project: Path,
    drive: DriveEmulator,
    jp_serverapp: Any,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Home:
    """A project without auto-sync, so that every run is the test's own."""
    CheckedBrowser(browser)
    (project / "train.ipynb").write_text(NOTEBOOK)
    # As if the cell had been made before, which would take two more syncs.
    (project / COMPANION_PATH).parent.mkdir()
    (project / COMPANION_PATH).write_bytes(make_bundle(__version__).content)

    async def begin() -> Home:
        number = (await browser.link("spam", f"gdrive:{FAR}"))["project"]["id"]
        await browser.ask("PATCH", "projects", number, body={"auto_sync": False})
        app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_drive_sync"]))
        return Home(browser, drive, app.service.keeper(number))

    return jp_asyncio_loop.run_until_complete(begin())


async def make(browser: Browser, number: str, path: str = "train.ipynb") -> dict[str, Any]:
    body = {"path": path}
    return dict(await browser.ask("POST", "projects", number, "colab", "cell", body=body))
