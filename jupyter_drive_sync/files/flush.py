"""Making changes outlast a power cut: each by itself, or many together.

A disk takes about as long to make sure of a hundred files at once as of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jupyter_drive_sync.files.atomic import fsync_file, fsync_folder, raise_if_full

_THREADS = 8


class AtOnce:
    """Makes sure of each file and folder when it is named."""

    def file(self, path: Path) -> None:
        """Make a file's content survive."""
        fsync_file(path)

    def folder(self, path: Path) -> None:
        """Make the names in a folder survive."""
        fsync_folder(path)


class Together(AtOnce):
    """Makes sure of many files beforehand, and of the folders when all is done.

    Parameters
    ----------
    files : Iterable of Path
        The files that are going to be named. One that the disk refuses is refused again when it
        is named.
    tops : tuple of Path
        Folders that were there before. The folders between them and those that are named may be
        new, so their own names are made sure of, too.
    """

    def __init__(self, files: Iterable[Path], tops: tuple[Path, ...] = ()) -> None:
        wanted = list(files)
        self._tops = frozenset(tops)
        self._folders: dict[Path, None] = {}
        self._refused: dict[Path, OSError | None] = {}
        if wanted:
            with ThreadPoolExecutor(_THREADS, thread_name_prefix="drive-sync-flush") as pool:
                self._refused = dict(zip(wanted, pool.map(_try, wanted), strict=True))

    def file(self, path: Path) -> None:
        """Raise what the disk said of a file.

        Raises
        ------
        OSError
            Its content cannot be relied on.
        """
        if path not in self._refused:
            super().file(path)
            return
        error = self._refused[path]
        if error is not None:
            raise error

    def folder(self, path: Path) -> None:
        """Remember a folder for `settle`."""
        if path in self._folders:
            return
        self._folders[path] = None
        top = next((top for top in self._tops if path.is_relative_to(top)), path)
        while path != top:
            path = path.parent
            self._folders[path] = None

    def settle(self) -> None:
        """Make the names in all folders survive that were named.

        Raises
        ------
        DiskFull, OSError
            What was done may not outlast a power cut.
        """
        while self._folders:
            folder = next(iter(self._folders))
            try:
                fsync_folder(folder)
            except FileNotFoundError:
                pass  # somebody has deleted it since, with all its names
            except OSError as error:
                raise_if_full(error, folder)
                raise
            del self._folders[folder]


def _try(path: Path) -> OSError | None:
    try:
        fsync_file(path)
    except OSError as error:
        return error
    return None
