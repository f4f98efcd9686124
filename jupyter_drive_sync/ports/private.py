"""Folders and files that only their owner can read."""

from __future__ import annotations

import os
from pathlib import Path

_OTHERS = 0o077


def make_private(folder: Path) -> None:
    """Make a folder, and every one above it that is missing, for its owner alone.

    What `Path.mkdir` makes above a folder gets the usual mode, which others can often read.

    Raises
    ------
    OSError
        The disk refuses.
    """
    missing = [folder]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for level in reversed(missing):
        level.mkdir(mode=0o700, exist_ok=True)


def make_file_private(file: Path) -> None:
    """Make an empty file for its owner alone, or take others' rights to one that is there.

    Raises
    ------
    OSError
        The disk refuses.
    """
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    take_from_others(file)


def take_from_others(place: Path) -> None:
    """Take others' rights to a folder or file of ours, where the system knows such rights.

    Raises
    ------
    OSError
        The disk refuses.
    """
    mode = place.stat().st_mode
    if os.name != "nt" and mode & _OTHERS:
        place.chmod(mode & ~_OTHERS & 0o7777)
