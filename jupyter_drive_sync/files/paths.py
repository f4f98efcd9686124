"""From the relative paths of a plan to places inside the project, and nowhere else."""

from __future__ import annotations

import ntpath
import os
import stat
from pathlib import Path

from jupyter_drive_sync.errors import FolderOutsideRoot
from jupyter_drive_sync.files.listing import kind_of
from jupyter_drive_sync.ports.listing import EntryKind


class InTheWay(Exception):
    """A parent of a path is no folder; the message says which and what it is."""


def inside(root: Path, path: str) -> Path:
    """Find the place of a relative path, without touching the disk.

    Raises
    ------
    FolderOutsideRoot
        The path is absolute, empty or climbs out with ``..``.
    """
    parts = path.split("/")
    odd = any(part in {"", ".", ".."} or "\0" in part for part in parts)
    if os.name == "nt":
        odd = odd or "\\" in path or bool(ntpath.splitdrive(path)[0])
    if odd:
        raise FolderOutsideRoot(
            f"{path!r} is not a path inside the project.", "Rename it where it comes from."
        )
    return root.joinpath(*parts)


def check_parents(root: Path, path: str) -> None:
    """Make sure that all parents which exist are folders, not links.

    Raises
    ------
    FolderOutsideRoot
        A parent is a link that leads out of the project.
    InTheWay
        A parent is a link inside the project, a file or something else.
    """
    place = root
    for part in path.split("/")[:-1]:
        place = place / part
        try:
            kind = kind_of(place.lstat())
        except FileNotFoundError:
            return
        if kind is EntryKind.FOLDER:
            continue
        relative = place.relative_to(root).as_posix()
        if kind is EntryKind.LINK:
            if not place.resolve().is_relative_to(root.resolve()):
                raise FolderOutsideRoot(
                    f"{relative} is a link that leads out of the project.",
                    "Replace the link by a folder.",
                )
            raise InTheWay(f"{relative} is a link here, and links are not followed.")
        raise InTheWay(f"{relative} is a file here, not a folder.")


def make_parents(root: Path, path: str) -> Path:
    """Make the folders above a path as needed and return the path's place.

    Raises
    ------
    FolderOutsideRoot
        The path, or a link among its parents, leads out of the project.
    InTheWay
        A parent is no folder.
    """
    place = inside(root, path)
    check_parents(root, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def status_of(place: Path | str) -> os.stat_result | None:
    """Look at a name itself, not at what it points to; None when it is not there."""
    try:
        return os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return None


def is_regular(status: os.stat_result) -> bool:
    """Say whether that is a plain file."""
    return stat.S_ISREG(status.st_mode)
