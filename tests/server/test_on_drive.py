"""A project on Google Drive: the REST interface, rclone's own drive backend, the emulator."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.ports.projects import MARKER_PATH
from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.faults import Answer
from tests.drive_emulator.fixtures import GDrive

from .conftest import Browser, Refused
from .contract import CheckedBrowser
from .test_projects import later

FAR = "ml/spam"


@pytest.fixture
def extension_config(gdrive: GDrive, drive: DriveEmulator) -> dict[str, Any]:
    return {
        "poll_seconds": 3600.0,
        "quiet_seconds": 0.2,
        "longest_seconds": 1.0,
        "rclone_config": str(gdrive.config),
    }


@pytest.fixture
def linked(browser: Browser, project: Path, drive: DriveEmulator) -> str:
    """A linked project without auto-sync, so that every run is the test's own; its id."""
    CheckedBrowser(browser)
    (project / "notes.ipynb").write_text("{}")

    async def link() -> str:
        number = (await browser.link("spam", f"gdrive:{FAR}"))["project"]["id"]
        await browser.ask("PATCH", "projects", number, body={"auto_sync": False})
        return str(number)

    return asyncio.get_event_loop().run_until_complete(link())


async def sync(browser: Browser, number: str, *words: str) -> dict[str, Any]:
    """Make one run and return the status it led to."""
    before = (await browser.ask("POST", "projects", number, "sync"))["revision"]
    return await browser.until_true(
        number,
        lambda status: (
            status["revision"] > before
            and status["progress"] is None
            and status["state"]["word"] in words
        ),
        seconds=40,
    )


def mine(tree: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in tree.items() if not path.startswith(".drive-sync/")}


def here(project: Path) -> dict[str, bytes]:
    return mine(
        {
            path.relative_to(project).as_posix(): path.read_bytes()
            for path in project.rglob("*")
            if path.is_file()
        }
    )


def untouched(project: Path, drive: DriveEmulator) -> tuple[dict[str, bytes], dict[str, bytes]]:
    return here(project), drive.tree()


async def test_edits_travel_both_ways_in_place(
    browser: Browser, linked: str, project: Path, drive: DriveEmulator
) -> None:
    assert mine(drive.tree(FAR)) == here(project)
    status = await browser.status(linked)
    assert status["project"]["remote"]["kind"] == "drive"
    assert status["project"]["remote"]["url"].endswith(drive.find(FAR).id)
    before = {name: drive.find(f"{FAR}/{name}").id for name in ("train.py", "notes.ipynb")}
    later(project / "train.py", "edited here\n")
    drive.write(f"{FAR}/notes.ipynb", b'{"edited": "in Colab"}')
    drive.write(f"{FAR}/data/new.csv", b"a,b\n")
    await sync(browser, linked, "in_sync")
    assert (
        here(project)
        == mine(drive.tree(FAR))
        == {
            "train.py": b"edited here\n",
            "notes.ipynb": b'{"edited": "in Colab"}',
            "data/new.csv": b"a,b\n",
        }
    )
    for name, known in before.items():
        assert drive.find(f"{FAR}/{name}").id == known
    drive.trash(f"{FAR}/data/new.csv")
    (project / "notes.ipynb").rename(project / "renamed.ipynb")
    await sync(browser, linked, "in_sync")
    assert set(here(project)) == set(mine(drive.tree(FAR))) == {"train.py", "renamed.ipynb"}
    assert drive.find(f"{FAR}/renamed.ipynb").id == before["notes.ipynb"]
    drive.rename(f"{FAR}/renamed.ipynb", "final.ipynb")
    (project / "train.py").unlink()
    await sync(browser, linked, "in_sync")
    assert set(here(project)) == set(mine(drive.tree(FAR))) == {"final.ipynb"}
    assert {file.name for file in drive.trash_listing()} == {"new.csv", "train.py"}


async def test_a_notebook_is_opened_in_colab_as_it_is_here(
    browser: Browser, linked: str, project: Path, drive: DriveEmulator
) -> None:
    later(project / "notes.ipynb", '{"saved": "just now"}')
    answer = await browser.ask("POST", "projects", linked, "colab", body={"path": "notes.ipynb"})
    known = drive.find(f"{FAR}/notes.ipynb").id
    assert answer == {"id": known, "url": f"https://colab.research.google.com/drive/{known}"}
    assert drive.read(f"{FAR}/notes.ipynb") == b'{"saved": "just now"}'
    for path in ("none.ipynb", "../notes.ipynb", ".drive-sync/none.ipynb"):
        with pytest.raises(Refused) as caught:
            await browser.ask("POST", "projects", linked, "colab", body={"path": path})
        assert (caught.value.status, caught.value.body["code"]) == (409, "not_on_drive")
        assert caught.value.body["hint"]


async def test_a_notebook_that_could_not_be_synced_is_not_opened_in_its_old_version(
    browser: Browser, linked: str, project: Path, drive: DriveEmulator
) -> None:
    async def ask() -> Any:
        return await browser.ask("POST", "projects", linked, "colab", body={"path": "notes.ipynb"})

    later(project / "notes.ipynb", '{"not": "there yet"}')
    rule = drive.faults.add(Answer(403, "forbidden"), "upload.*", file=r"notes\.ipynb", times=None)
    with pytest.raises(Refused) as caught:
        await ask()
    assert caught.value.body["code"] == "not_on_drive"
    assert "could not be brought to Drive" in caught.value.body["message"]
    drive.faults.remove(rule)
    drive.settings.latency = 0.3
    waiting = asyncio.ensure_future(ask())
    await browser.until(linked, "syncing")
    await browser.ask("POST", "projects", linked, "cancel")
    with pytest.raises(Refused) as caught:
        await waiting
    assert caught.value.body["code"] == "cancelled"
    drive.calm()
    await ask()
    assert drive.read(f"{FAR}/notes.ipynb") == b'{"not": "there yet"}'


async def test_colab_says_why_it_cannot_open_what_is_on_no_drive(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    with pytest.raises(Refused) as caught:
        await browser.ask("POST", "projects", number, "colab", body={"path": "train.py"})
    assert (caught.value.status, caught.value.body["code"]) == (409, "not_on_drive")
    assert "Colab cannot open it" in caught.value.body["message"]


async def test_a_trashed_drive_folder_stops_everything_until_it_is_back(
    browser: Browser, linked: str, project: Path, drive: DriveEmulator
) -> None:
    folder = drive.trash(FAR)
    before = untouched(project, drive)
    status = await sync(browser, linked, "remote_missing")
    assert status["state"]["cause"]["hint"]
    assert status["waiting"]["up_total"] == status["waiting"]["down_total"] == 0
    plan = await browser.ask("GET", "projects", linked, "plan")
    assert (plan["problem"]["code"], plan["steps"]) == ("remote_missing", [])
    assert untouched(project, drive) == before
    drive.untrash(folder)
    await sync(browser, linked, "in_sync")


async def test_another_projects_folder_is_not_touched(
    browser: Browser, linked: str, project: Path, drive: DriveEmulator
) -> None:
    own = drive.read(f"{FAR}/{MARKER_PATH}")
    other = json.loads(own) | {"project": "00000000-0000-4000-8000-000000000000"}
    drive.write(f"{FAR}/{MARKER_PATH}", json.dumps(other).encode())
    drive.trash(f"{FAR}/train.py")
    before = untouched(project, drive)
    await sync(browser, linked, "wrong_remote")
    assert untouched(project, drive) == before
    drive.trash(f"{FAR}/{MARKER_PATH}")
    before = untouched(project, drive)
    await sync(browser, linked, "remote_missing")
    assert untouched(project, drive) == before


def revoke(drive: DriveEmulator) -> None:
    drive.tokens.refuse_refresh = True
    drive.faults.add(Answer(401, "authError"), times=None)


def fill(drive: DriveEmulator) -> None:
    drive.set_quota(10)


def ask_to_slow_down(drive: DriveEmulator) -> None:
    drive.faults.add(Answer(429), times=None)


def switch_the_api_off(drive: DriveEmulator) -> None:
    drive.disable_api()


@pytest.mark.parametrize(
    ("disturb", "word", "said"),
    [
        (revoke, "sign_in", "rclone config reconnect gdrive:"),
        (fill, "quota_full", "space"),
        (ask_to_slow_down, "rate_limited", "by itself"),
        (switch_the_api_off, "failed", "Enable the Google Drive API"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_what_drive_refuses_is_told_and_heals(
    browser: Browser,
    linked: str,
    project: Path,
    drive: DriveEmulator,
    disturb: Any,
    word: str,
    said: str,
) -> None:
    later(project / "train.py", "edited meanwhile\n")
    before = untouched(project, drive)
    disturb(drive)
    status = await sync(browser, linked, word)
    assert said in status["state"]["cause"]["hint"]
    assert untouched(project, drive) == before
    drive.calm()
    await sync(browser, linked, "in_sync")
    assert drive.read(f"{FAR}/train.py") == b"edited meanwhile\n"


async def test_without_a_connection_it_waits_and_goes_on_by_itself(
    browser: Browser,
    linked: str,
    project: Path,
    drive: DriveEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await browser.ask("PATCH", "projects", linked, body={"auto_sync": True})
    await browser.until_true(linked, lambda status: status["state"]["word"] == "in_sync")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    later(project / "train.py", "written on the train\n")
    status = await browser.until(linked, "offline", seconds=30)
    assert status["state"]["next"] is not None
    assert [item["path"] for item in status["waiting"]["up"]] == ["train.py"]
    assert status["last_good_sync"] is not None
    for name, value in drive.environment().items():
        monkeypatch.setenv(name, value)
    await browser.until(linked, "in_sync", seconds=40)
    assert drive.read(f"{FAR}/train.py") == b"written on the train\n"


async def test_twins_on_drive_are_held_and_the_rest_goes_on(
    browser: Browser, linked: str, project: Path, drive: DriveEmulator
) -> None:
    drive.add(f"{FAR}/train.py", b"the twin")
    drive.write(f"{FAR}/other.txt", b"other")
    later(project / "notes.ipynb", '{"edited": 1}')
    for flipped in (False, True):
        drive.settings.flip_order = flipped
        status = await sync(browser, linked, "conflict")
        (held,) = status["held"]
        assert (held["path"], held["reason"]) == ("train.py", "duplicate")
        assert (project / "train.py").read_text() == "print('hello')\n"
    assert (project / "other.txt").read_text() == "other"
    assert drive.read(f"{FAR}/notes.ipynb") == b'{"edited": 1}'
    assert len(drive.find_all(f"{FAR}/train.py")) == 2
    drive.trash(drive.find_all(f"{FAR}/train.py")[1])
    await sync(browser, linked, "in_sync")


async def test_an_incomplete_listing_deletes_nothing(
    browser: Browser, linked: str, project: Path, drive: DriveEmulator
) -> None:
    drive.hide(f"{FAR}/train.py")
    drive.settings.incomplete_search = True
    before = untouched(project, drive)
    status = await sync(browser, linked, "failed")
    assert status["state"]["cause"]["code"] == "listing_incomplete"
    assert untouched(project, drive) == before
    drive.calm()
    await sync(browser, linked, "in_sync")
    assert untouched(project, drive) == before


async def test_a_long_run_is_cancelled_and_the_next_one_finishes_it(
    browser: Browser, linked: str, project: Path, drive: DriveEmulator, jp_serverapp: Any
) -> None:
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_drive_sync"]))
    assert app.current_activity() is None
    big = os.urandom(6_000_000)
    (project / "model.bin").write_bytes(big)
    drive.settings.throttle = 1_000_000
    browser.events.clear()
    await browser.ask("POST", "projects", linked, "sync")
    status = await browser.until_true(
        linked, lambda status: bool(status["progress"] and status["progress"]["bytes"])
    )
    assert status["state"]["word"] == "syncing"
    assert status["state"]["actions"][0] == "cancel"
    assert status["progress"]["total_bytes"] >= len(big)
    assert "model.bin" in [item["path"] for item in status["waiting"]["up"]]
    assert app.current_activity() is not None
    await asyncio.sleep(2)
    told = [event["revision"] for event in browser.events]
    assert told == sorted(told)
    assert len(told) < 25
    await browser.ask("POST", "projects", linked, "cancel")
    status = await browser.until(linked, "pending", seconds=60)
    assert status["progress"] is None
    assert status["state"]["cause"] is None
    assert app.current_activity() is None
    drive.calm()
    await sync(browser, linked, "in_sync")
    assert drive.read(f"{FAR}/model.bin") == big
    assert mine(drive.tree(FAR)) == here(project)
