"""Whatever people rename, copy, edit and delete: what a runtime has open is Colab's to write.

`DRIVE_SYNC_OPEN_SEED=n` lives one life again and tells it; `DRIVE_SYNC_SOAK=1` lives many.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import pytest

from jupyter_drive_sync.engine.models import HoldReason
from jupyter_drive_sync.engine.run import execute
from jupyter_drive_sync.engine.session import RunRequest
from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.ports.colab import OpenNotebook
from jupyter_drive_sync.ports.records import Trigger
from tests.engine.trouble import SOAK, again
from tests.engine.world import World

WORD = "DRIVE_SYNC_OPEN_SEED"
LIVES, RUNS = (40, 25) if SOAK else (2, 8)
ANCHOR = "anchor.txt"
"""Nobody touches it, so that no side is ever empty."""
NAMES = ["train.ipynb", "a.ipynb", "b.ipynb", "deep/train.ipynb"]


def seed_of(life: int) -> int:
    if WORD in os.environ:
        return int(os.environ[WORD]) + life
    return time.time_ns() % 1_000_000_000 if SOAK else 1 + life


class Life:
    """People on both sides, and a runtime that has one file of Drive's open."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.file = world.drive.find(f"{world.folder}/train.ipynb")
        self.saved = world.drive.read(self.file)
        self.told: list[str] = []
        world.save(ANCHOR, b"still\n")
        world.sync()
        self.versions = 0

    def act(self) -> None:
        """Do one thing, of those that can be done now."""
        acts: list[Callable[[], str]] = [self.edit, self.rename, self.copy, self.delete, self.swap]
        acts += [self.colab_saves, self.colab_renames, self.edit_there]
        try:
            self.told.append(self.chance.choice(acts)())
        except (FileNotFoundError, IndexError) as reason:
            self.told.append(f"nothing: {reason}")

    def fresh(self, kind: str) -> bytes:
        self.versions += 1
        return f"{kind} {self.versions}\n".encode()

    def one_here(self) -> str:
        return self.chance.choice(sorted(self.world.here().keys() - {ANCHOR}))

    def edit(self) -> str:
        path = self.one_here() if self.chance.random() < 0.8 else self.chance.choice(NAMES)
        self.world.save(path, self.fresh("here"))
        return f"edit {path}"

    def rename(self) -> str:
        old, new = self.one_here(), self.chance.choice(NAMES)
        target = self.world.local / new
        target.parent.mkdir(exist_ok=True)
        (self.world.local / old).replace(target)
        return f"rename {old} to {new}"

    def copy(self) -> str:
        old, new = self.one_here(), self.chance.choice(NAMES)
        self.world.save(new, self.world.here()[old])
        return f"copy {old} to {new}"

    def delete(self) -> str:
        path = self.one_here()
        (self.world.local / path).unlink()
        return f"delete {path}"

    def swap(self) -> str:
        one, other = self.one_here(), self.one_here()
        here = self.world.here()
        self.world.save(one, here[other])
        self.world.save(other, here[one])
        return f"swap {one} and {other}"

    def colab_saves(self) -> str:
        self.saved = self.fresh("Colab")
        self.world.clock += 5
        path = self.world.drive.path_of(self.file)
        self.world.drive.write(path, self.saved, mtime=self.world.clock)
        return f"Colab saves {path}"

    def colab_renames(self) -> str:
        taken = {path.rpartition("/")[2] for path in self.world.there()}
        free = [name for name in ("final.ipynb", "a.ipynb", "c.ipynb") if name not in taken]
        new = self.chance.choice(free)
        self.world.drive.rename(self.file, new)
        return f"rename the open one on Drive to {new}"

    def edit_there(self) -> str:
        own = self.world.drive.path_of(self.file).removeprefix(f"{self.world.folder}/")
        path = self.chance.choice(sorted(self.world.there().keys() - {own, ANCHOR}))
        self.world.colab(path, self.fresh("there"))
        return f"edit {path} on Drive"

    def run(self, *, still_open: bool = True) -> set[str]:
        """Make a run; return what is held because it is open."""
        told = OpenNotebook("train.ipynb", self.file.id)
        request = RunRequest(Trigger.PERSON, open_elsewhere=frozenset({told} if still_open else ()))
        report = execute(self.world.opened.session, request)
        self.told.append(f"run: {sorted(f'{s.kind.value} {s.path}' for s in report.plan.steps)}")
        return {one.path for one in report.holds if one.reason is HoldReason.OPEN_IN_RUNTIME}

    def check(self) -> None:
        """The open file is there, whole, and as Colab saved it last."""
        now = self.world.drive.state.get(self.file.id)
        assert not now.trashed_explicitly
        assert self.world.drive.read(now) == self.saved


@pytest.mark.timeout(1800 if SOAK else 300)
@pytest.mark.parametrize("number", range(1 if WORD in os.environ else LIVES))
def test_nobody_writes_to_what_is_open_but_colab(world: World, number: int) -> None:
    seed = seed_of(number)
    life = Life(world, seed)
    failed = 0
    try:
        for _ in range(RUNS):
            for _ in range(life.chance.randint(1, 3)):
                life.act()
            try:
                life.run()
            except DriveSyncError as error:
                life.told.append(f"run: {error!r}")
                failed += 1
            life.check()
        for _ in range(4):
            assert life.run(still_open=False) == set()
        held = {step.path for step in world.sync().holds}
        here, there = world.here(), world.there()
        assert {p: c for p, c in here.items() if p not in held} == {
            p: c for p, c in there.items() if p not in held
        }
        assert failed <= RUNS // 4
    except BaseException:
        print(again(__file__, WORD, seed), *life.told, sep="\n  ")
        raise
