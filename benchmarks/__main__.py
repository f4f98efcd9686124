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

from benchmarks.drive import LATENCY_MS
from benchmarks.measure import NO_CHANGE, ONE_SAVE, PULL_ALL, Size, first_syncs, measure
from benchmarks.table import PAGE, tables, write
from benchmarks.trees import FILES_A_FOLDER
from jupyter_drive_sync.rclone.binary import find_rclone

SIZES = (100, 1_000, 10_000)
QUICK = (100, 1_000)
HUGE = 100_000
FIRST = 1_000

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
        "--quick", action="store_true", help="100 and 1,000 files; only print the tables"
    )
    kinds.add_argument("--huge", action="store_true", help="100,000 files too, ours alone")
    parser.add_argument("--print", action="store_true", help="leave the page as it is")
    parser.add_argument("--stacks", action="store_true", help="show where the server was when late")
    chosen = parser.parse_args()

    started = time.monotonic()
    sizes = [
        measure(files, _say, pull=files == max(SIZES))
        for files in (QUICK if chosen.quick else SIZES)
    ]
    if chosen.huge:
        sizes.append(measure(HUGE, _say, plain=False))
    firsts = first_syncs(FIRST, _say)
    text = tables(sizes, firsts, _about(time.monotonic() - started))
    print(f"\n{text}\n")
    if chosen.stacks:
        _show_stacks(sizes)
    if not (chosen.quick or chosen.print):
        write(text)
        print(f"Written to {PAGE.name}.")
    missed = list(_missed(sizes))
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


def _about(seconds: float) -> str:
    rclone = find_rclone(None)
    return (
        f"rclone {rclone.version}, Python {platform.python_version()}, {platform.system()}, "
        f"{os.cpu_count()} processors; {LATENCY_MS} ms a call, {FILES_A_FOLDER} files a folder; "
        f"all of it in one run of {seconds / 60:.0f} minutes, {time.strftime('%Y-%m-%d')}. "
        f"Seconds are the middle one of three runs, all else is the worst of them; plain "
        f"`rclone bisync` ran once. “{PULL_ALL}” is measured without the {LATENCY_MS} ms."
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
