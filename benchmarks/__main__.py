"""Measures, prints the tables and puts them into ``docs/performance.md``.

Exits with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks import table
from benchmarks.drive import LATENCY_MS
from benchmarks.measure import (
    BULK_ROUNDS,
    NO_CHANGE,
    ONE_SAVE,
    PULL_ALL,
    Bulk,
    Size,
    bulk,
    measure,
)
from benchmarks.trees import FILES_A_FOLDER
from jupyter_drive_sync.rclone.binary import find_rclone

SIZES = (100, 1_000, 10_000)
QUICK = (100, 1_000)
HUGE = 100_000
MANY = 1_000

MOST_CALLS = {NO_CHANGE: 30, ONE_SAVE: 60}
"""At 10,000 files."""

MOST_MS = 100
"""How long the server's event loop may be blocked, up to 10,000 files."""

BUSY_MS = 50
"""An idle process that is held up so long shows a machine too busy to judge by."""


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--quick", action="store_true", help="100 and 1,000 files; leave the page as it is"
    )
    kinds.add_argument("--bulk", action="store_true", help="only many small files at once")
    kinds.add_argument("--huge", action="store_true", help="100,000 files too, ours alone")
    parser.add_argument("--print", action="store_true", help="leave the page as it is")
    parser.add_argument("--stacks", action="store_true", help="show where the server was when late")
    chosen = parser.parse_args()

    started = time.monotonic()
    wanted = () if chosen.bulk else QUICK if chosen.quick else SIZES
    sizes = [measure(files, _say, pull=files == max(SIZES)) for files in wanted]
    if chosen.huge:
        sizes.append(measure(HUGE, _say, plain=False))
    sections = {}
    if sizes:
        sections[table.RUNS] = table.runs(sizes, _about_runs(time.monotonic() - started))
    started = time.monotonic()
    many = bulk(MANY, _say)
    sections[table.BULK] = table.bulk(many, _about_bulk(time.monotonic() - started))
    for section, text in sections.items():
        print(f"\n{text}\n")
        if not (chosen.quick or chosen.print):
            table.write(section, text)
            print(f"Written to {table.PAGE.name}.")
    if chosen.stacks:
        _show_stacks(sizes)
    missed = [*_missed(sizes), *_slow(many)]
    for line in missed:
        print(f"Missed: {line}")
    return 1 if missed else 0


def _missed(sizes: Sequence[Size]) -> Iterator[str]:
    for size in sizes:
        if size.files > max(SIZES):
            continue
        for what, sync in size.ours.items():
            most = MOST_CALLS.get(what)
            if most is not None and sync.calls > most:
                yield f"{size.files} files, {what}: {sync.calls} calls, {most} are the most"
            if sync.longest_ms > MOST_MS:
                line = f"{size.files} files, {what}: a beat took {sync.longest_ms:.0f} ms"
                if sync.elsewhere_ms < BUSY_MS:
                    yield line
                else:
                    print(f"Not judged, this machine is too busy: {line}")


def _slow(many: Sequence[Bulk]) -> Iterator[str]:
    for done in many:
        if done.most is not None and done.times > done.most:
            yield (
                f"{done.files} files, {done.what}: {done.times:.2f} times as long as a bare copy, "
                f"{done.most} are the most"
            )


def _about(seconds: float) -> str:
    rclone = find_rclone(None)
    return (
        f"rclone {rclone.version}, Python {platform.python_version()}, {platform.system()}, "
        f"{os.cpu_count()} processors; {FILES_A_FOLDER} files a folder; "
        f"all of it in one run of {seconds / 60:.0f} minutes, {time.strftime('%Y-%m-%d')}. "
    )


def _about_runs(seconds: float) -> str:
    return (
        f"{_about(seconds)}Each call takes {LATENCY_MS} ms, but “{PULL_ALL}” is measured without "
        f"that. Seconds are the middle one of three runs, all else is the worst of them; plain "
        f"`rclone bisync` ran once."
    )


def _about_bulk(seconds: float) -> str:
    return (
        f"{_about(seconds)}Down, each figure is the quickest of {BULK_ROUNDS} rounds, ours in "
        f"turn with the bare copy; up there was one round."
    )


def _show_stacks(sizes: Sequence[Size]) -> None:
    for size in sizes:
        for what, sync in size.ours.items():
            for stack in sync.stacks:
                print(f"{size.files} files, {what}: {stack}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
