"""What a status says while things go on: cancelling, trying again, unlinking."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.errors import Offline
from jupyter_drive_sync.files.project_files import ProjectFiles
from jupyter_drive_sync.ports.projects import MARKER_FOLDER
from jupyter_drive_sync.rclone.remote_files import RcloneRemote
from jupyter_drive_sync.service.keeper import ProjectKeeper

from .conftest import Browser, Refused
from .test_projects import later


def states(browser: Browser, since: int = 0) -> list[str]:
    """Return the states that were published, without repetitions."""
    words = [event["state"] for event in browser.events[since:]]
    return [word for at, word in enumerate(words) if at == 0 or words[at - 1] != word]


class TestLookingOften:
    @pytest.fixture
    def extension_config(self) -> dict[str, Any]:
        return {"poll_seconds": 1.0, "quiet_seconds": 0.2, "watch": False}

    async def test_a_look_that_finds_nothing_does_not_flash(
        self, browser: Browser, project: Path, drive_folder: Path
    ) -> None:
        status = await browser.link("spam", drive_folder)
        number, since, seen = status["project"]["id"], status["state"]["since"], len(browser.events)
        last = status["last_good_sync"]
        status = await browser.until_true(number, lambda now: now["last_good_sync"] > last)
        assert states(browser, seen) == ["in_sync"]
        assert status["state"]["since"] == since

    async def test_a_look_that_finds_something_shows_how_it_goes(
        self, browser: Browser, project: Path, drive_folder: Path
    ) -> None:
        await browser.link("spam", drive_folder)
        seen = len(browser.events)
        later(drive_folder / "from-colab.py", "print()")
        await browser.until_true(
            (await browser.ask("GET", "projects"))["projects"][0]["project"]["id"],
            lambda now: (project / "from-colab.py").exists() and now["progress"] is None,
        )
        assert "syncing" in states(browser, seen)


async def test_trying_again_in_vain_neither_flashes_nor_counts_as_new(
    browser: Browser, project: Path, drive_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    monkeypatch.setattr("jupyter_drive_sync.service.keeper.retry_seconds", lambda *_: 0.2)
    aside = drive_folder.with_name("aside")
    shutil.move(drive_folder, aside)
    await browser.ask("POST", "projects", number, "sync")
    status = await browser.until(number, "remote_missing")
    seen, tries = len(browser.events), {status["state"]["next"]}

    def tried(now: dict[str, Any]) -> bool:
        tries.add(now["state"]["next"])
        return len(tries) > 3

    again = await browser.until_true(number, tried)
    assert again["state"]["since"] == status["state"]["since"]
    assert states(browser, seen) == ["remote_missing"]
    shutil.move(aside, drive_folder)
    await browser.until(number, "in_sync")


async def test_cancelling_is_shown_at_once_though_the_run_ends_later(
    browser: Browser, project: Path, drive_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    reached, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    push = RcloneRemote.push

    def slow(self: RcloneRemote, *args: Any, **more: Any) -> Any:
        loop.call_soon_threadsafe(reached.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
        return push(self, *args, **more)

    monkeypatch.setattr(RcloneRemote, "push", slow)
    later(project / "train.py", "edited\n")
    await browser.ask("POST", "projects", number, "sync")
    await asyncio.wait_for(reached.wait(), 20)
    status = await browser.ask("POST", "projects", number, "cancel")
    assert status["state"]["word"] == "syncing"
    assert status["progress"]["cancelling"] is True
    assert "cancel" not in status["state"]["actions"]
    assert browser.events[-1]["progress"]["cancelling"] is True
    go_on.set()
    status = await browser.until_true(number, lambda now: now["progress"] is None)
    await browser.ask("POST", "projects", number, "sync")
    status = await browser.until(number, "in_sync")


async def test_what_is_changed_while_a_project_is_unlinked_does_not_bring_it_back(
    browser: Browser, project: Path, drive_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    stopping, go_on = asyncio.Event(), asyncio.Event()
    stop = ProjectKeeper.stop

    async def slow(self: ProjectKeeper, **more: Any) -> None:
        stopping.set()
        await go_on.wait()
        await stop(self, **more)

    monkeypatch.setattr(ProjectKeeper, "stop", slow)
    unlinking = asyncio.ensure_future(browser.ask("DELETE", "projects", number))
    await asyncio.wait_for(stopping.wait(), 20)
    changing = asyncio.ensure_future(
        browser.ask("PATCH", "projects", number, body={"name": "Ghost"})
    )
    await asyncio.sleep(0)
    go_on.set()
    await unlinking
    with pytest.raises(Refused) as caught:
        await changing
    assert caught.value.body["code"] == "project_unknown"
    assert (await browser.ask("GET", "projects"))["projects"] == []


@pytest.mark.parametrize("failing", ["root_id", "local"])
async def test_linking_that_fails_half_way_leaves_no_marker(
    browser: Browser,
    project: Path,
    drive_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    failing: str,
) -> None:
    write = ProjectFiles.write

    def offline(*_: object) -> None:
        raise Offline("Drive cannot be reached.")

    def refused(self: ProjectFiles, path: str, data: bytes) -> None:
        if self.root == project.resolve():
            offline()
        write(self, path, data)

    if failing == "root_id":
        monkeypatch.setattr(RcloneRemote, "root_id", offline)
    else:
        monkeypatch.setattr(ProjectFiles, "write", refused)
    with pytest.raises(Refused) as caught:
        await browser.ask("POST", "projects", body={"local": "spam", "remote": str(drive_folder)})
    assert caught.value.body["code"] == "offline"
    for side in (project, drive_folder):
        assert not [path for path in (side / MARKER_FOLDER).rglob("*") if path.is_file()]
    assert (await browser.ask("GET", "projects"))["projects"] == []
    monkeypatch.undo()
    await browser.link("spam", drive_folder)


async def test_a_warning_about_rclone_is_shown_although_all_is_well(
    browser: Browser, project: Path, drive_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_drive_sync.rclone.binary.PREFERRED", (9, 0))
    monkeypatch.setattr("jupyter_drive_sync.rclone.binary._cache", {})
    status = await browser.link("spam", drive_folder)
    (warning,) = status["warnings"]
    assert "beta" in warning
