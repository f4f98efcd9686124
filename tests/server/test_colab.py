"""Colab from home: the cell, the runtimes, what they have open."""

from __future__ import annotations

import asyncio
import json
import zipfile
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.companion.bundle import bundle_version, make_bundle
from jupyter_drive_sync.ports.colab import COMPANION_PATH, ENVIRONMENT_PATH
from jupyter_drive_sync.service.keeper import ProjectKeeper
from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive

from .conftest import Browser, Refused
from .contract import CheckedBrowser
from .test_projects import later

FAR = "ml/spam"
GOLDEN = Path(__file__).parents[1] / "protocol"
RUNTIME = "5f2b9c1d7e3a"
RUN = "run-20261121-164000-ab12"
NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def drive(gdrive: GDrive, monkeypatch: pytest.MonkeyPatch) -> DriveEmulator:
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    return gdrive.drive


@pytest.fixture
def extension_config(gdrive: GDrive, drive: DriveEmulator) -> dict[str, Any]:
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

    def __init__(
        self, browser: Browser, drive: DriveEmulator, keeper: ProjectKeeper, cell: dict[str, Any]
    ) -> None:
        self.browser = browser
        self.drive = drive
        self.keeper = keeper
        self.cell = cell
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
def home(
    browser: Browser,
    project: Path,
    drive: DriveEmulator,
    jp_serverapp: Any,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Home:
    """A project without auto-sync, so that every run is the test's own."""
    CheckedBrowser(browser)
    (project / "train.ipynb").write_text(NOTEBOOK)

    async def begin() -> Home:
        number = (await browser.link("spam", f"gdrive:{FAR}"))["project"]["id"]
        await browser.ask("PATCH", "projects", number, body={"auto_sync": False})
        cell = await make(browser, number)
        app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_drive_sync"]))
        return Home(browser, drive, app.service.keeper(number), cell)

    return jp_asyncio_loop.run_until_complete(begin())


async def make(browser: Browser, number: str, path: str = "train.ipynb") -> dict[str, Any]:
    body = {"path": path}
    return dict(await browser.ask("POST", "projects", number, "colab", "cell", body=body))


def there(drive: DriveEmulator, path: str) -> Any:
    return drive.find(f"{FAR}/{path}")


async def test_the_cell_names_what_is_on_drive_and_stays_alike(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    cell = home.cell
    companion = there(drive, COMPANION_PATH)
    assert f'"{drive.find(FAR).id}"' in cell["source"]
    assert companion.id in cell["source"]
    assert 'notebook="train.ipynb"' in cell["source"]
    assert cell["tag"] == "drive-sync"
    content = drive.read(f"{FAR}/{COMPANION_PATH}")
    assert bundle_version(content) == cell["version"]
    assert "drive_sync_colab/__init__.py" in zipfile.ZipFile(BytesIO(content)).namelist()
    environment = json.loads(drive.read(f"{FAR}/{ENVIRONMENT_PATH}"))
    assert environment["source"] == "kernel"
    assert (project / ENVIRONMENT_PATH).read_bytes() == drive.read(f"{FAR}/{ENVIRONMENT_PATH}")
    assert await make(home.browser, home.number) == cell
    assert there(drive, COMPANION_PATH).id == companion.id


async def test_a_new_version_takes_the_place_of_an_older_one_under_the_same_id(
    home: Home, drive: DriveEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = there(drive, COMPANION_PATH).id
    monkeypatch.setattr(
        "jupyter_drive_sync.companion.maker.make_bundle", lambda _: make_bundle("99.1")
    )
    cell = await make(home.browser, home.number)
    assert cell["version"].startswith("99.1+")
    assert there(drive, COMPANION_PATH).id == known
    assert bundle_version(drive.read(f"{FAR}/{COMPANION_PATH}")) == cell["version"]
    monkeypatch.undo()
    for name, value in drive.environment().items():
        monkeypatch.setenv(name, value)
    again = await make(home.browser, home.number)
    assert again["version"] == cell["version"], "a later release is never replaced by an older one"


async def test_a_later_one_of_another_computer_is_taken_over_not_fought_with(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    later_one = make_bundle("98.0")
    drive.write(f"{FAR}/{COMPANION_PATH}", later_one.content)
    (project / ENVIRONMENT_PATH).write_text("{}")
    cell = await make(home.browser, home.number)
    assert cell["version"] == later_one.version
    assert (project / COMPANION_PATH).read_bytes() == later_one.content
    assert (await home.sync())["held"] == []


@pytest.mark.parametrize("path", ["none.ipynb", "train.py", "../train.ipynb", "venv/a.ipynb"])
async def test_what_is_no_notebook_of_the_project_gets_no_cell(
    home: Home, project: Path, path: str
) -> None:
    (project / "venv").mkdir()
    (project / "venv/a.ipynb").write_text(NOTEBOOK)
    with pytest.raises(Refused) as caught:
        await make(home.browser, home.number, path)
    assert caught.value.body["code"] in ("not_on_drive", "folder_outside_root")
    assert caught.value.body["hint"]


async def test_a_project_that_is_on_no_drive_gets_no_cell(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    assert (await browser.status(number))["runtimes"] == []
    with pytest.raises(Refused) as caught:
        await make(browser, number)
    assert (caught.value.status, caught.value.body["code"]) == (409, "not_on_drive")
    assert not (project / COMPANION_PATH).exists()


async def test_a_project_that_no_cell_was_made_for_costs_no_call(
    browser: Browser, project: Path, drive: DriveEmulator
) -> None:
    number = (await browser.link("spam", f"gdrive:{FAR}"))["project"]["id"]
    drive.write(f"{FAR}/.drive-sync/runtimes/{RUNTIME}.json", b"{}")
    await browser.ask("POST", "projects", number, "sync")
    assert (await browser.until(number, "in_sync"))["runtimes"] == []


async def test_the_golden_pulse_is_shown_as_it_is(home: Home) -> None:
    golden = json.loads((GOLDEN / "pulse-running.json").read_text())
    home.pulse()
    runtime = await home.runtime()
    assert (runtime["state"], runtime["heard"]) == ("running", "2026-11-21T17:00:00Z")
    assert runtime["outputs"] == {"files": 0, "bytes": 0, "here": 0, "detail": ""}
    assert runtime["problem"] is None
    own = ("state", "heard", "outputs", "problem")
    assert {name: value for name, value in runtime.items() if name not in own} == {
        name: value
        for name, value in golden.items()
        if name not in ("v", "seq", "at", "state", "logs")
    }
    home.pulse("pulse-ended.json")
    runtime = await home.runtime()
    assert (runtime["state"], runtime["end"]) == ("ended", "finished")


async def test_a_runtime_is_silent_when_its_pulse_stands_still_by_our_clock(home: Home) -> None:
    home.pulse()  # every=60, so silent after three minutes
    assert (await home.runtime())["state"] == "running"
    home.clock.pass_by(170)
    assert (await home.runtime())["state"] == "running"
    home.clock.pass_by(20)
    runtime = await home.runtime()
    assert (runtime["state"], runtime["heard"]) == ("silent", "2026-11-21T17:00:00Z")
    home.pulse(seq=8)
    runtime = await home.runtime()
    assert (runtime["state"], runtime["heard"]) == ("running", "2026-11-21T17:03:10Z")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'{"v": 2, "seq": 1}', "another version"),
        (b'{"v": 1, "se', "damaged"),
        (b"[]", "damaged"),
        (b"\xff\xfe", "damaged"),
    ],
)
async def test_a_pulse_that_cannot_be_read_is_shown_with_a_sentence(
    home: Home, content: bytes, word: str
) -> None:
    home.drive.write(f"{FAR}/.drive-sync/runtimes/{RUNTIME}.json", content)
    home.drive.write(f"{FAR}/.drive-sync/runtimes/notes.json", b"{}")
    runtime = await home.runtime()
    assert word in runtime["problem"]
    assert runtime["runtime"] == RUNTIME


async def test_odd_fields_of_a_pulse_do_no_harm(home: Home) -> None:
    home.pulse(
        run="../../etc",
        host={"cpus": "many", "gpu": 1, "ram_total": -5},
        curve={"metric": "loss", "points": [[1, None], [2, 0.5], "x"]},
        checkpoint={"path": "a.pt", "verified": False, "metrics": {"loss": "low"}},
        pending=None,
        every="often",
        started="yesterday",
        something_new={"a": 1},
        notebook={"path": "train.ipynb"},
    )
    runtime = await home.runtime()  # held against api/openapi.yaml by the browser
    assert runtime["run"] is None
    assert runtime["curve"] == {"metric": "loss", "points": [[2, 0.5]]}
    assert runtime["checkpoint"]["verified"] is None


async def test_an_open_notebook_is_held_until_its_runtime_is_silent(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    await home.browser.ask("PATCH", "projects", home.number, body={"auto_sync": True})
    home.pulse()
    await home.sync()
    later(project / "train.ipynb", '{"mine": 1}')
    (project / "model.py").write_text("w = 1\n")
    status = await home.sync()
    assert [(one["path"], one["reason"]) for one in status["held"]] == [
        ("train.ipynb", "open_in_runtime")
    ]
    assert drive.read(f"{FAR}/train.ipynb") == NOTEBOOK.encode()
    assert drive.read(f"{FAR}/model.py") == b"w = 1\n"
    home.clock.pass_by(600)
    await home.sync()
    await home.released()
    assert drive.read(f"{FAR}/train.ipynb") == b'{"mine": 1}'


async def test_it_is_pushed_anyway_as_the_person_saw_it(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    home.pulse()
    later(project / "train.ipynb", '{"mine": 1}')
    assert (await home.sync())["held_total"] == 1
    known = there(drive, "train.ipynb").id
    await push(home, "train.ipynb")
    await home.released()
    assert drive.read(f"{FAR}/train.ipynb") == b'{"mine": 1}'
    assert there(drive, "train.ipynb").id == known
    later(project / "train.ipynb", '{"mine": 2}', seconds=10)
    assert (await home.sync())["held_total"] == 1, "it counted for that version only"
    later(project / "train.ipynb", '{"mine": 3}', seconds=20)
    await push(home, "train.ipynb")
    await home.browser.until_true(
        home.number,
        lambda status: (
            status["held_total"] == 1 and "after you chose" in status["held"][0]["message"]
        ),
    )
    assert drive.read(f"{FAR}/train.ipynb") == b'{"mine": 1}'
    with pytest.raises(Refused) as caught:
        await push(home, "train.py")
    assert (caught.value.status, caught.value.body["code"]) == (409, "not_held")


async def push(home: Home, path: str) -> None:
    await home.browser.ask("POST", "projects", home.number, "push", body={"path": path})


async def test_a_runtime_that_is_over_is_taken_off_the_list(
    home: Home, drive: DriveEmulator
) -> None:
    async def forget(name: str) -> None:
        await home.browser.ask("DELETE", "projects", home.number, "runtimes", name)

    home.pulse()
    await home.sync()
    with pytest.raises(Refused) as caught:
        await forget(RUNTIME)
    assert caught.value.body["code"] == "runtime_running"
    home.pulse("pulse-ended.json")
    await home.sync()
    await forget(RUNTIME)
    assert (await home.browser.status(home.number))["runtimes"] == []
    assert f"{RUNTIME}.json" in {file.name for file in drive.trash_listing()}
    assert (await home.sync())["runtimes"] == []
    await forget(RUNTIME)
    with pytest.raises(Refused) as caught:
        await forget("..%2F..%2Fdrive-sync")
    assert caught.value.body["code"] == "runtime_unknown"


async def test_the_newest_ten_are_shown(home: Home) -> None:
    for number in range(12):
        home.pulse(runtime=f"{number:012x}", started=f"2026-11-21T16:{number:02}:00Z")
    home.pulse("pulse-ended.json", runtime=f"{13:012x}", started="2026-11-22T16:00:00Z")
    shown = (await home.sync())["runtimes"]
    assert [one["runtime"] for one in shown] == [f"{number:012x}" for number in range(11, 1, -1)]
