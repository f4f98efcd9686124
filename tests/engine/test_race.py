"""People save at every moment of a run, and both versions are there afterwards.

`DRIVE_SYNC_SOAK=1` tries 200 moments inside of runs, else a few; twenty of them share a world.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.drive_emulator.faults import Gate, Hold, Rule
from tests.drive_emulator.fixtures import GDrive
from tests.engine.figures import Record, note
from tests.engine.ledger import Ledger
from tests.engine.trouble import SOAK
from tests.engine.world import World, linked

MOMENTS = 200 if SOAK else 6
WORLDS = max(1, MOMENTS // 20)
SPARE = 10
"""More moments in each world, for those that come when the run is over already."""
BIG = 1_500_000
STORIES = ("pull", "pull-rename", "deleted-there", "new-on-both", "push", "deleted-here")
LONGEST = 60.0


def first(story: str, number: int) -> bytes:
    return f"{story} {number}: as agreed\n".encode()


@dataclass
class Race:
    """One world in which every moment has files of its own, one for each story."""

    world: World
    ledger: Ledger
    random: Random

    def before(self, number: int) -> None:
        """Let Drive hold newer versions, and a big file that is queued before them."""
        world = self.world
        self._colab("aaa-big.bin", self.random.randbytes(BIG), number)
        for story in ("pull", "pull-rename", "new-on-both"):
            self._colab(
                f"{story}-{number}.ipynb",
                b"%s %d: newer on Drive\n" % (story.encode(), number),
                number,
            )
        world.drive.trash(f"{world.folder}/deleted-there-{number}.ipynb")
        self._save(f"push-{number}.ipynb", b"push %d: to be pushed\n" % number, number)
        (world.local / f"deleted-here-{number}.ipynb").unlink()

    def save(self, number: int) -> None:
        """What people do in the middle of the run."""
        for story in ("pull", "deleted-there", "new-on-both"):
            self._save(
                f"{story}-{number}.ipynb", f"{story} {number}: saved meanwhile\n".encode(), number
            )
        self._save(
            f"pull-rename-{number}.ipynb",
            b"pull-rename %d: saved meanwhile\n" % number,
            number,
            rename=True,
        )
        self._colab(f"push-{number}.ipynb", b"push %d: saved by Colab\n" % number, number)
        self._colab(f"deleted-here-{number}.ipynb", b"deleted-here %d: by Colab\n" % number, number)

    def _save(self, path: str, content: bytes, number: int, *, rename: bool = False) -> None:
        self.ledger.add(content, f"moment {number}: {path} here")
        self.world.save(path, content, rename=rename)

    def _colab(self, path: str, content: bytes, number: int) -> None:
        self.ledger.add(content, f"moment {number}: {path} on Drive")
        self.world.colab(path, content)


def at_call(race: Race, number: int, call: int, *, done: bool) -> Callable[[], bool]:
    """Act while one of the run's calls to Drive is held, before or after its work is done."""
    gate = Gate()
    rule: Rule = race.world.drive.faults.add(Hold(gate, done=done), skip=call)
    over = threading.Event()

    def act() -> None:
        while not gate.reached.wait(0.01):
            if over.is_set():
                break
        try:
            race.save(number)
        finally:
            race.world.drive.faults.remove(rule)

    thread = threading.Thread(target=act)
    thread.start()

    def end() -> bool:
        over.set()
        thread.join(LONGEST)
        return gate.reached.is_set()

    return end


def at_time(race: Race, number: int, seconds: float) -> Callable[[], bool]:
    """Act so many seconds after the start of the run."""
    over = threading.Event()
    inside: list[bool] = []

    def act() -> None:
        over.wait(seconds)
        inside.append(not over.is_set())
        race.save(number)

    thread = threading.Thread(target=act)
    thread.start()

    def end() -> bool:
        over.set()
        thread.join(LONGEST)
        return inside[0]

    return end


@pytest.mark.parametrize("part", range(WORLDS))
def test_no_save_is_lost_at_any_moment_of_a_run(
    part: int,
    tmp_path: Path,
    gdrive: GDrive,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Record,
) -> None:
    """Drive holds a newer version, and a person saves in place or by rename; also for a file
    deleted on Drive, for a new file on both sides, and for Colab saving what is being pushed or
    was deleted here.
    """
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    numbers = range(part, MOMENTS + SPARE * WORLDS, WORLDS)
    wanted = len(numbers) - SPARE
    files = {
        f"{story}-{number}.ipynb": first(story, number)
        for number in numbers
        for story in STORIES
        if story != "new-on-both"
    }
    ledger = Ledger()
    for path, content in files.items():
        ledger.add(content, f"{path} as agreed")
    with linked(tmp_path, gdrive, {**files, "aaa-big.bin": b"small"}) as world:
        ledger.add(b"small", "the big file when it was small")
        race = Race(world, ledger, Random(7))
        calls, took = 25, 2.0
        met: Counter[str] = Counter()
        for index, number in enumerate(numbers):
            if met["in the run"] == wanted:
                break
            race.before(number)
            world.drive.reset_counts()
            started = time.perf_counter()
            share = (number + 0.5) / MOMENTS if number < MOMENTS else race.random.random() / 2
            if index % 2:
                end = at_time(race, number, took * share)
            else:
                end = at_call(race, number, round(calls * share), done=index % 4 == 2)
            try:
                report = world.sync()
            finally:
                inside = end()
            met["in the run" if inside else "after the run"] += 1
            met["kept beside"] += sum(row.action.value == "kept" for row in report.rows)
            met["put off"] += len(report.failures)
            if index % 2 == 0 and inside:
                calls = world.drive.api_calls
            elif index % 2:
                took = time.perf_counter() - started
        lost = ledger.missing(world, tmp_path / "data")
        assert lost == {}
        for _ in range(3):
            report = world.sync()
            if not report.plan.active and not report.failures:
                break
        assert report.failures == ()
        held = {step.path for step in report.holds}
        here, there = world.here(), world.there()
        assert {path: here.get(path) for path in {*here, *there} - held} == {
            path: there.get(path) for path in {*here, *there} - held
        }
        assert ledger.missing(world, tmp_path / "data") == {}
        assert met["in the run"] == wanted
        met += ledger.found(world, tmp_path / "data")
    counts = {f"moments {word}" if "the run" in word else word: met[word] for word in met}
    figures = {**counts, "versions written": len(ledger.written), "lost": 0}
    note(record_property, "The race: saves at moments of a run", figures)
