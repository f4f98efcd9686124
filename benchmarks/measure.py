"""What is measured, in order, at one size of tree."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.drive import REMOTE, SWIFT, Drive
from benchmarks.plain import Cost, PlainBisync, Rclone
from benchmarks.server import Server, Sync
from benchmarks.trees import save, write_tree

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
class FirstSync:
    """A first sync of many small files, ours beside a bare copy."""

    what: str
    files: int
    bare: Cost
    ours: Sync


NO_CHANGE = "no change"
ONE_SAVE = "one saved file"
PULL_ALL = "first sync, all from Drive"


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


def first_syncs(files: int, say: Say) -> list[FirstSync]:
    """Measure first syncs of many small files, with rclone's own pace lifted on both sides."""
    found = []
    with _stage(files, ("full",)) as (place, drive):
        rclone = Rclone(drive)
        bare = rclone.run("copy", f"{SWIFT}:full", place / "bare")
        with Server(place / "ours", drive) as server:
            (server.root / "down").mkdir()
            _, ours = server.link("down", f"{SWIFT}:full")
            found.append(FirstSync("from Drive", files, bare, ours))
            say(f"{files} files from Drive: {ours.seconds:.1f} s, bare copy {bare.seconds:.1f} s")
            bare = rclone.run("copy", place / "bare", f"{SWIFT}:up-bare")
            write_tree(server.root / "up", files)
            _, ours = server.link("up", f"{SWIFT}:up-ours")
            found.append(FirstSync("to Drive", files, bare, ours))
            say(f"{files} files to Drive: {ours.seconds:.1f} s, bare copy {bare.seconds:.1f} s")
    return found


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
def _stage(files: int, folders: tuple[str, ...]) -> Iterator[tuple[Path, Drive]]:
    """Make a temporary folder, and an emulator that holds the tree in some folders."""
    with (
        tempfile.TemporaryDirectory(prefix="drive-sync-bench-") as place,
        Drive(files, folders) as drive,
    ):
        yield Path(place).resolve(), drive
