"""The ``.driveignore`` of a folder: reading, adding lines, counting what it leaves out."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from jupyter_drive_sync.errors import FolderInvalid
from jupyter_drive_sync.files.atomic import write_atomic
from jupyter_drive_sync.files.ignore import ProjectIgnore
from jupyter_drive_sync.files.listing import kind_of
from jupyter_drive_sync.ports.ignoring import IGNORE_FILE, LeftOut
from jupyter_drive_sync.ports.listing import EntryKind
from jupyter_drive_sync.ports.projects import MARKER_FOLDER
from jupyter_drive_sync.ports.sides import Ignore

MOST_LEFT_OUT = 50_000
"""Ignored names that are counted; beyond that it is "more than"."""

MOST_SECONDS = 3.0
"""How long counting may take."""


class FolderIgnoreFile:
    """Implements `jupyter_drive_sync.ports.ignoring.IgnoreFile`.

    Parameters
    ----------
    root : Path
        The folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def content(self) -> bytes | None:
        """Return what it holds; None when there is none.

        Raises
        ------
        FolderInvalid
            Something of that name is there that cannot be read as a file.
        """
        place = self._root / IGNORE_FILE
        try:
            if not stat.S_ISREG(place.lstat().st_mode):
                raise FolderInvalid(f"{IGNORE_FILE} is no file.", "Move it away.")
            return place.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FolderInvalid(
                f"{IGNORE_FILE} cannot be read.", f"Make {IGNORE_FILE} readable."
            ) from error

    def parse(self, content: bytes) -> Ignore:
        """Read rules that are not written anywhere yet."""
        return ProjectIgnore.parsed(content)

    def write(self, content: bytes) -> None:
        """Put new content in place, atomically.

        Raises
        ------
        DiskFull
            No space is left.
        """
        write_atomic(self._root / IGNORE_FILE, content, mode=0o644)

    def left_out(
        self, ignore: Ignore, most: int = MOST_LEFT_OUT, seconds: float = MOST_SECONDS
    ) -> LeftOut:
        """Count what some rules leave out; a folder that cannot be read counts as empty."""
        files = folders = size = names = 0
        deadline = time.monotonic() + seconds
        pending = [(str(self._root), "", False)]
        while pending:
            folder, prefix, inside = pending.pop()
            if names >= most or time.monotonic() > deadline:
                return LeftOut(files, folders, size, complete=False)
            for item, status in _scan(folder):
                kind = kind_of(status)
                is_folder = kind is EntryKind.FOLDER
                if not prefix and item.name == MARKER_FOLDER:
                    continue
                path = prefix + item.name
                left_out = inside or ignore.ignores(path, folder=is_folder)
                names += left_out
                if is_folder:
                    folders += left_out and not inside
                    pending.append((item.path, f"{path}/", left_out))
                elif left_out and kind is EntryKind.FILE:
                    files += 1
                    size += status.st_size
        return LeftOut(files, folders, size)


def _scan(folder: str) -> list[tuple[os.DirEntry[str], os.stat_result]]:
    found = []
    try:
        with os.scandir(folder) as items:
            for item in items:
                status = _status(item)
                if status is not None:
                    found.append((item, status))
    except OSError:
        # This is a count for a preview; a sync says what it cannot read.
        return found
    return found


def _status(item: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return item.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None  # it went away meanwhile
