"""Two looks: which files stood still long enough to be taken (pure).

A look is what the disk says of a file at one moment. A file becomes a candidate when two looks, at
least ``still_for`` seconds apart and with none in between that differs, are alike. Candidates are
then checked (nobody writes, the format agrees); what came of that is put back here, so that a file
that was refused is not read again every second.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15.0


@dataclass(frozen=True, slots=True)
class Look:
    """What the disk says of a file: bytes, time of the last write (ns), which file it is."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> Look:
        """Take it from a stat."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one path.

    Attributes
    ----------
    look : Look
        The latest look.
    since : float
        When this look was first seen (monotonic seconds).
    restless : float
        Since when the path has been seen without being taken; what grows for long is a log.
    taken : Look or None
        The look with which it was taken last.
    again : float
        A refused candidate is not offered before this moment.
    pause : float
        How long the next refusal sets it aside (seconds).
    """

    look: Look
    since: float
    restless: float
    taken: Look | None = None
    again: float = 0.0
    pause: float = FIRST_PAUSE


Memory = Mapping[str, Seen]


def observe(memory: Memory, looks: Mapping[str, Look], now: float) -> dict[str, Seen]:
    """Take in one look at everything; what is gone is forgotten."""
    after: dict[str, Seen] = {}
    for path, look in looks.items():
        seen = memory.get(path)
        if seen is None:
            after[path] = Seen(look, now, now)
        elif seen.look == look:
            after[path] = seen
        else:
            restless = now if seen.taken == seen.look else seen.restless
            after[path] = replace(
                seen, look=look, since=now, restless=restless, again=0.0, pause=FIRST_PAUSE
            )
    return after


def candidates(memory: Memory, now: float, still_for: float) -> list[str]:
    """Return the paths that stand still and were not taken as they are.

    What was seen as it is earlier comes first; where one look saw several, the older file.
    """
    found = [
        path
        for path, seen in memory.items()
        if seen.taken != seen.look and now - seen.since >= still_for and now >= seen.again
    ]
    return sorted(found, key=lambda path: (memory[path].since, memory[path].look.mtime_ns, path))


def waiting(memory: Memory) -> list[str]:
    """Return every path that was not taken as it is now."""
    return [path for path, seen in memory.items() if seen.taken != seen.look]


def take(memory: Memory, paths: Iterable[str]) -> dict[str, Seen]:
    """Note that these were taken as they are."""
    after = dict(memory)
    for path in paths:
        if path in after:
            after[path] = replace(after[path], taken=after[path].look)
    return after


def refuse(memory: Memory, path: str, now: float) -> dict[str, Seen]:
    """Note that a candidate did not pass, so that it is looked at again ever more rarely."""
    seen = memory.get(path)
    if seen is None:
        return dict(memory)
    longer = min(seen.pause * 2, LONGEST_PAUSE)
    return {**memory, path: replace(seen, again=now + seen.pause, pause=longer)}
