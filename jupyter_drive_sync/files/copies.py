"""Conflict copies: versions nobody had seen yet, kept beside the file."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jupyter_drive_sync.files.atomic import fsync_folder
from jupyter_drive_sync.files.swap import place_new

THIS_COMPUTER = "this computer"
DRIVE = "Drive"
_LONGEST = 255  # bytes in a name, on the usual file systems


def keep_copy(version: Path, place: Path, now: datetime, *, whose: str = THIS_COMPUTER) -> Path:
    """Rename a version to a free name beside `place`, and return where it is now.

    Parameters
    ----------
    version : Path
        The file to keep, on the same file system.
    place : Path
        The file it is a version of. Its folder is made if need be.
    now : datetime
        The time in the copy's name.
    whose : str
        Where the version comes from, in the copy's name.

    Raises
    ------
    OSError
        The disk refused; `version` stands where it was.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    for name in _names(place.name, now, whose):
        target = place.with_name(name)
        try:
            place_new(version, target)
        except FileExistsError:
            continue
        fsync_folder(target.parent)
        return target
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))


def _names(name: str, now: datetime, whose: str) -> Iterator[str]:
    stem, ending = os.path.splitext(name)  # noqa: PTH122  (".env" has no ending)
    for number in range(1, 1000):
        count = "" if number == 1 else f", {number}"
        note = f" ({whose}, {now:%Y-%m-%d %H.%M}{count})"
        room = _LONGEST - len(os.fsencode(note + ending))
        short = stem
        while short and len(os.fsencode(short)) > room:
            short = short[:-1]
        yield short + note + ending
