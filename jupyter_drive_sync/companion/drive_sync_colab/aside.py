"""What keeps a file from its place in the runtime, and names for one that goes beside another."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from .errors import PathInvalid, RuntimeFull

IN_THE_WAY = "is in the way"


def obstacle(error: OSError) -> str:
    """Say in a few words why a file could not be put into its place.

    Raises
    ------
    RuntimeFull
        That is no matter of one file.
    """
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        raise RuntimeFull("No space is left on the runtime's disk.") from None
    if isinstance(error, IsADirectoryError):
        return f"a folder {IN_THE_WAY}"
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return f"a file {IN_THE_WAY}"
    return error.strerror or "it cannot be written"


def names_beside(name: str, whose: str, now: datetime) -> Iterable[str]:
    """Yield names that say whose version it is and when it came."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    for number in range(1, 100):
        again = f" {number}" if number > 1 else ""
        yield f"{stem} ({whose}, {now:%Y-%m-%d %H.%M}{again}){dot}{ending}"


def free_beside(place: Path, whose: str, now: datetime) -> Path:
    """Return a free name beside a file."""
    for name in names_beside(place.name, whose, now):
        if not (free := place.with_name(name)).exists():
            return free
    raise PathInvalid(f"There are too many copies beside {place.name}.", "Remove some of them.")
