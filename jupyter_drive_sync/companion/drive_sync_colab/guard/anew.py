"""Names that are no longer free, and a run's folder that is gone from Drive."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import manifest
from .folders import is_id, new_id
from .manifest import FileLine, RemovedLine
from .spool import Item, SpoolFile, source_of

if TYPE_CHECKING:
    from .process import Guard


def listed(items: Iterable[Item], lines: Iterable[manifest.Line]) -> list[Item]:
    """Return the items that lines, be they removed since, list as they are."""
    there = {
        (line.remote, line.path, line.size, line.mtime)
        for line in lines
        if isinstance(line, FileLine)
    }
    return [
        item
        for item in items
        if all(
            (file.remote, file.path, file.size, manifest.exact_moment(file.mtime_ns)) in there
            for file in item.files
        )
    ]


def rename(guard: Guard, items: Iterable[Item]) -> None:
    """Give other names to items whose names went to something else meanwhile."""
    used, waiting = guard.book.names(), Counter(guard.spool.names())
    for item in items:
        if any(file.remote in used or waiting[file.remote] > 1 for file in item.files):
            waiting.subtract(file.remote for file in item.files)
            names, seq = manifest.Names(guard.taken_names()), guard.book.next_seq()
            files = [replace(file, remote=names.claim(file.path, seq)) for file in item.files]
            with guard.disk():
                guard.spool.rename(item, files)


def bring_again(guard: Guard) -> None:
    """After the run's folder went from Drive: list nothing, and let go up what is still here.

    Checkpoints go with the step and the metrics that were given with them, and wherever they lie;
    the other outputs are found by looking.
    """
    gone = guard.book.live()
    at = manifest.moment(time.time())
    with guard.disk():
        guard.book.add([RemovedLine(0, one.path, one.remote, at) for one in gone])
    with guard.disk():
        guard.book.forget_overtaken()
    guard.scanner.forget()
    guard.desk.know_what_waits()  # else what waits already would be found, and go up, twice
    units: dict[str, list[FileLine]] = {}
    for line in gone:
        if line.checkpoint:
            units.setdefault(line.unit, []).append(line)
    for unit, lines in units.items():
        if unit not in guard.spool.items:
            _put_again(guard, lines)
    guard.note("The run's folder on Drive is gone; what is still here goes up anew.")


def _put_again(guard: Guard, lines: list[FileLine]) -> None:
    """Put a checkpoint that was listed into the spool again, if it is still here as it was."""
    names = manifest.Names(guard.taken_names())
    seq = guard.book.next_seq() + len(guard.spool.items)
    files: list[SpoolFile] = []
    sources: dict[str, Path] = {}
    for number, line in enumerate(lines):
        source = source_of(guard.project, line.path)
        try:
            found = source.stat()
        except OSError:
            return
        if (found.st_size, manifest.exact_moment(found.st_mtime_ns)) != (line.size, line.mtime):
            return
        remote = names.claim(line.path, seq)
        files.append(SpoolFile(line.path, remote, str(number), found.st_size, found.st_mtime_ns))
        sources[str(number)] = source
    first = lines[0]
    item = Item(
        id=first.unit if is_id(first.unit) else new_id(),
        files=tuple(files),
        checkpoint=True,
        group=first.group,
        step=first.step,
        metrics=first.metrics,
    )
    try:
        guard.spool.put(item, sources)
    except OSError as error:
        guard.disk_failed(error)
        return
    for file in files:
        guard.desk.handed_in[str(sources[file.name])] = (file.size, file.mtime_ns)
