"""The desk goes on looking, whatever one turn comes to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timezone
from types import SimpleNamespace as Some
from typing import Any

import pytest

from jupyter_drive_sync.ports.colab import WhichOutputs
from jupyter_drive_sync.service import colab_desk
from jupyter_drive_sync.service.colab_desk import ColabDesk
from jupyter_drive_sync.service.homecoming import RunAtHome
from jupyter_drive_sync.service.runtimes import SHOWN, Judge

RUN = "run-20261121-164000-ab12"


def pulse(run: str = RUN, **changes: Any) -> bytes:
    told = {"v": 1, "run": run, "seq": 1, "at": "x", "state": "running", "every": 60}
    return json.dumps(told | changes).encode()


class Desk:
    """A desk at the look of which stands what a test says; nothing is brought but in name.

    Attributes
    ----------
    brought : list of str
        The runs whose manifests were read, in that order.
    fails : str
        Which call of the project's database fails, by the start of its key.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, pulses: dict[str, bytes]) -> None:
        self.looks = 0
        self.brought: list[str] = []
        self.fails = "never"
        self.standing = Some(
            state=Some(trouble=None), last_good_sync=1, runtimes=(), plan=None, failures=()
        )
        self.project = Some(id="p", name="p", paused=False, auto_sync=False)
        self.store = Some(get=self._get, paths_of=lambda ids: {})
        monkeypatch.setattr(colab_desk, "look", self._look)
        monkeypatch.setattr(colab_desk, "bring_home", self._bring)
        self.pulses = pulses
        self.desk = ColabDesk(self, Some(living=0.02, poll=0.02, stop=1), lambda: None)  # type: ignore[arg-type]

    def _get(self, key: str) -> None:
        if key.startswith(self.fails):
            raise OSError("the database is locked")

    def _look(self, session: Any, now: Any, before: Judge | None) -> Judge:
        judge = Judge({} if before is None else before.heard, before)
        judge.take(self.pulses, datetime.now(timezone.utc))
        self.looks += 1
        return judge

    def _bring(
        self, session: Any, colab: Any, run: str, home: RunAtHome, *, why: str, **_: Any
    ) -> None:
        self.brought.append(run)
        home.looked = why

    async def ask(self, work: Callable[[Any], Any]) -> Any:
        settings = Some(outputs=WhichOutputs.ALL, bytes=1)
        return work(Some(store=self.store, colab=Some(settings=settings)))

    alone = ask

    def request(self, trigger: Any) -> None:
        """No run is made here."""

    async def looks_again(self, times: int = 3) -> None:
        """Wait for some more looks."""
        enough = self.looks + times

        async def until() -> None:
            while self.looks < enough:
                await asyncio.sleep(0.01)

        await asyncio.wait_for(until(), 10)

    def details(self) -> list[str]:
        return [one["outputs"]["detail"] for one in self.standing.runtimes]


async def test_what_is_known_of_a_run_is_read_later_where_it_cannot_be_read_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(monkeypatch, {"0" * 12: pulse()})
    desk.fails = "outputs/"
    desk.desk.start()
    await desk.looks_again()
    assert desk.brought == [], "what a person deleted would come again"
    assert "OSError" in desk.details()[0]
    desk.fails = "never"
    await desk.looks_again()
    assert desk.brought == [RUN]
    assert desk.details() == [""]
    await desk.desk.stop()


async def test_a_turn_that_fails_is_said_and_the_next_one_comes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(monkeypatch, {"0" * 12: pulse()})
    whole = ColabDesk._bring_all

    async def broken(_: ColabDesk) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(ColabDesk, "_bring_all", broken)
    desk.desk.start()
    await desk.looks_again()
    assert "KeyError" in desk.details()[0]
    assert "a turn for Colab failed" in caplog.text
    monkeypatch.setattr(ColabDesk, "_bring_all", whole)
    await desk.looks_again()
    assert desk.details() == [""]
    assert desk.brought == [RUN]
    await desk.desk.stop()


async def test_a_run_that_two_runtimes_name_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(monkeypatch, {"0" * 12: pulse(), "1" * 12: pulse(seq=2)})
    desk.desk.start()
    await desk.looks_again(5)
    assert desk.brought == [RUN]
    desk.pulses["1" * 12] = pulse(seq=3)
    await desk.looks_again(5)
    assert desk.brought == [RUN, RUN]
    await desk.desk.stop()


async def test_the_outputs_of_all_runs_come_though_ten_runtimes_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = [f"run-20261121-164000-{number:04x}" for number in range(SHOWN + 20)]
    pulses = {f"{at:012x}": pulse(run, state="ended") for at, run in enumerate(runs)}
    desk = Desk(monkeypatch, pulses)
    desk.desk.start()
    await desk.looks_again()
    assert sorted(desk.brought) == runs
    assert len(desk.standing.runtimes) == SHOWN
    await desk.desk.stop()
