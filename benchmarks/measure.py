"""What is measured, in order, at one size of tree."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.drive import LATENCY_MS, REMOTE, SWIFT, Drive
from benchmarks.plain import Cost, PlainBisync, Rclone
from benchmarks.server import Server, Sync
from benchmarks.trees import save, write_tree
from jupyter_drive_sync.rclone.bisync import DRIVE_FLAGS

REPEATS = 3
FAST = "--fast-list"

Say = Callable[[str], None]


@dataclass(slots=True)
class Size:
    """All figures at one size; None where it was not measured."""

    files: int
    plain: dict[str, Cost] = field(default_factory=dict)
    fast: dict[str, Cost] = field(default_factory=dict)
    copyto: Cost | None = None
    ours: dict[str, Sync] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many small files at once, ours beside a bare copy of the same files.

    Attributes
    ----------
    what : str
        In words.
    latency_ms : int
        How much later Drive answers each call.
    bare, ours : Cost
        The quickest of their rounds, each from beginning to end.
    most : float or None
        How many times as long as the bare copy ours may take; None: that is not judged.
    """

    what: str
    latency_ms: int
    files: int
    bare: Cost
    ours: Cost
    most: float | None = None

    @property
    def times(self) -> float:
        """How many times as long ours takes."""
        return self.ours.seconds / self.bare.seconds


NO_CHANGE = "no change"
ONE_SAVE = "one saved file"
PULL_ALL = "first sync, all from Drive"

PULL = "a folder of them comes on Drive"
FIRST_DOWN = "first sync, from Drive"
FIRST_UP = "first sync, to Drive"

BULK_BYTES = 2048
BULK_ROUNDS = 3
MOST_TIMES = 1.3

PULL_FLAGS = ("--fast-list", "--retries", "1", *DRIVE_FLAGS)
"""What our own downloads are made with; rclone's number of transfers at a time is its own."""


def measure(files: int, say: Say, *, plain: bool = True, pull: bool = False) -> Size:
    """Measure runs of a project of `files` files.

    Parameters
    ----------
    plain : bool
        Whether to measure rclone by itself too.
    pull : bool
        Whether to measure a first sync that brings all files from Drive.
    """
    size = Size(files)
    with _stage(files, ("plain", "ours")) as (place, drive):
        if plain:
            _measure_plain(size, place, drive, say)
        with Server(place / "ours", drive) as server:
            write_tree(server.root / "ours", files)
            project, _ = server.link("ours", f"{REMOTE}:ours")
            server.sync(project)  # the first one after linking may still settle things
            _ours(size, NO_CHANGE, say, lambda _: server.sync(project))

            def saved(number: int) -> Sync:
                save(server.root / "ours", files, number)
                return server.sync(project)

            _ours(size, ONE_SAVE, say, saved)
            if pull:
                server.unlink(project)
                # Ten thousand answers of 60 ms would only make it longer.
                drive.latency(0)
                (server.root / "pulled").mkdir()
                _ours(size, PULL_ALL, say, lambda _: server.link("pulled", f"{SWIFT}:plain")[1], 1)
    return size


def bulk(files: int, say: Say) -> list[Bulk]:
    """Measure many small files down and up, with rclone's own pace lifted on both sides."""
    rounds = range(BULK_ROUNDS)
    slow = [f"slow-{number}" for number in rounds]
    swift = [f"swift-{number}" for number in rounds]
    firsts = [f"first-{number}" for number in rounds]
    with (
        _stage(files, (*slow, *swift, *firsts), BULK_BYTES) as (place, drive),
        Server(place / "ours", drive) as server,
    ):
        rclone = Rclone(drive)
        bare = _Rounds(rclone, server, place)
        found = [Bulk(PULL, LATENCY_MS, files, *bare.pulls(slow), MOST_TIMES)]
        _say_bulk(found[-1], say)
        copied, synced = [], []
        for folder in firsts:
            copied.append(rclone.run("copy", *PULL_FLAGS, f"{SWIFT}:{folder}", place / folder))
            (server.root / folder).mkdir()
            synced.append(_cost(server.link(folder, f"{SWIFT}:{folder}")[1]))
        found.append(Bulk(FIRST_DOWN, LATENCY_MS, files, _quickest(copied), _quickest(synced)))
        _say_bulk(found[-1], say)
        up = rclone.run("copy", place / firsts[0], f"{SWIFT}:up-bare")
        shutil.copytree(place / firsts[0], server.root / "up")
        _, ours = server.link("up", f"{SWIFT}:up-ours")
        found.append(Bulk(FIRST_UP, LATENCY_MS, files, up, _cost(ours)))
        _say_bulk(found[-1], say)
        drive.latency(0)
        found.append(Bulk(PULL, 0, files, *bare.pulls(swift)))
        _say_bulk(found[-1], say)
    return found


@dataclass(frozen=True, slots=True)
class _Rounds:
    rclone: Rclone
    server: Server
    place: Path

    def pulls(self, folders: Sequence[str]) -> tuple[Cost, Cost]:
        """Pull folders that come into projects which are in step; return the bare copy and ours.

        Each folder is one round; the bare copy comes first in one and last in the next.
        """
        bare, ours = [], []
        for number, folder in enumerate(folders):
            root = self.server.root / f"project-{folder}"
            root.mkdir()
            (root / "notes.txt").write_text("in step before\n")
            project, _ = self.server.link(root.name, f"{SWIFT}:{root.name}")
            if number % 2 == 0:
                bare.append(self._copy(folder, folder))
            self.rclone.run("moveto", f"{SWIFT}:{folder}", f"{SWIFT}:{root.name}/{folder}")
            ours.append(_cost(self.server.sync(project)))
            if number % 2 == 1:
                bare.append(self._copy(f"{root.name}/{folder}", folder))
        return _quickest(bare), _quickest(ours)

    def _copy(self, source: str, name: str) -> Cost:
        return self.rclone.run("copy", *PULL_FLAGS, f"{SWIFT}:{source}", self.place / name)


def _cost(sync: Sync) -> Cost:
    return Cost(sync.calls, sync.seconds)


def _quickest(costs: Sequence[Cost]) -> Cost:
    """Return the one that the rest of the machine disturbed least."""
    return min(costs, key=lambda cost: cost.seconds)


def _say_bulk(done: Bulk, say: Say) -> None:
    say(
        f"{done.files} files, {done.what}, {done.latency_ms} ms a call: {done.ours.seconds:.2f} s, "
        f"bare copy {done.bare.seconds:.2f} s, {done.times:.2f} times as long"
    )


def _measure_plain(size: Size, place: Path, drive: Drive, say: Say) -> None:
    local = place / "plain"
    write_tree(local, size.files)
    bisync = PlainBisync(Rclone(drive), local, "plain", place / "workdir")
    bisync.prepare()
    for flags, into in (((FAST,), size.fast), ((), size.plain)):
        # Without fast-list each run of 10,000 files takes most of a minute.
        repeats = REPEATS if flags else 1
        into[NO_CHANGE] = _typical([bisync.run(*flags) for _ in range(repeats)])
        costs = []
        for number in range(repeats):
            save(local, size.files, 100 * len(flags) + number)
            costs.append(bisync.run(*flags))
        into[ONE_SAVE] = _typical(costs)
        name = " ".join(("bisync", *flags))
        for what, cost in into.items():
            say(f"{size.files} files, {name}, {what}: {cost.calls} calls, {cost.seconds:.2f} s")
    size.copyto = _typical(
        [bisync.copyto(save(local, size.files, 200 + number)) for number in range(REPEATS)]
    )


def _typical(costs: Sequence[Cost]) -> Cost:
    return Cost(
        max(cost.calls for cost in costs), statistics.median(cost.seconds for cost in costs)
    )


def _ours(
    size: Size, what: str, say: Say, run: Callable[[int], Sync], repeats: int = REPEATS
) -> None:
    """Keep the worst of each figure but the seconds, of which the middle one is kept."""
    syncs = [run(number) for number in range(repeats)]
    worst = max(syncs, key=lambda sync: sync.longest_ms)
    kept = Sync(
        calls=max(sync.calls for sync in syncs),
        seconds=statistics.median(sync.seconds for sync in syncs),
        longest_ms=worst.longest_ms,
        own_ms=max(sync.own_ms for sync in syncs),
        elsewhere_ms=max(sync.elsewhere_ms for sync in syncs),
        server_mib=max(sync.server_mib for sync in syncs),
        rclone_mib=max(sync.rclone_mib for sync in syncs),
        stacks=worst.stacks,
    )
    size.ours[what] = kept
    say(
        f"{size.files} files, ours, {what}: {kept.calls} calls, {kept.seconds:.2f} s, "
        f"longest beat {kept.longest_ms:.0f} ms"
    )


@contextmanager
def _stage(
    files: int, folders: tuple[str, ...], size: int | None = None
) -> Iterator[tuple[Path, Drive]]:
    """Make a temporary folder, and an emulator that holds the tree in some folders."""
    with (
        tempfile.TemporaryDirectory(prefix="drive-sync-bench-") as place,
        Drive(files, folders, size) as drive,
    ):
        yield Path(place).resolve(), drive
