"""The project's trash on this computer: what runs displaced or deleted."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from jupyter_drive_sync.files.atomic import fsync_file, fsync_folder, raise_if_full
from jupyter_drive_sync.files.digest import digest_file
from jupyter_drive_sync.files.flush import AtOnce
from jupyter_drive_sync.files.swap import place_new
from jupyter_drive_sync.ports.private import make_private
from jupyter_drive_sync.ports.versions import SAFE_DAYS

_AT_ONCE = AtOnce()
_TRIES = 10  # to copy a file that keeps changing


@dataclass(frozen=True, slots=True)
class TrashedFile:
    """One version in the trash.

    Attributes
    ----------
    path : str
        Where it stood in the project.
    run : str
        The run that put it there.
    day : date
        When, in UTC.
    file : Path
        Where it is now.
    size : int
        Bytes.
    """

    path: str
    run: str
    day: date
    file: Path
    size: int


class Trash:
    """Files below ``<root>/<YYYY-MM-DD>/<run>/<path>``.

    Parameters
    ----------
    root : Path
        The trash's folder; made when first needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(
        self,
        source: Path,
        path: str,
        run: str,
        now: datetime | None = None,
        *,
        flush: AtOnce = _AT_ONCE,
    ) -> Path:
        """Move a file in and say where it is now.

        On the same file system it is renamed, so that a program that still writes into it writes
        into the kept version; across file systems it is copied, again if it changed meanwhile.

        Raises
        ------
        DiskFull
            No space is left; the file stands where it was.
        OSError
            The disk refused; the file stands where it was.
        """
        day = (now or datetime.now(timezone.utc)).astimezone(timezone.utc).date().isoformat()
        wanted = self.root / day / run / path
        try:
            make_private(self.root)
            wanted.parent.mkdir(parents=True, exist_ok=True)
            for number in range(1, 10_000):
                target = wanted if number == 1 else wanted.with_name(f"{wanted.name} {number}")
                try:
                    return _move(source, target, flush)
                except FileExistsError:
                    continue
        except OSError as error:
            raise_if_full(error, wanted)
            raise
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(wanted))

    def list(self) -> list[TrashedFile]:
        """Return everything in the trash, newest day first."""
        return sorted(self._files(), key=lambda item: (item.day, item.run, item.path), reverse=True)

    def prune(
        self,
        *,
        keep_days: int = 90,
        max_bytes: int = 5 * 1024**3,
        today: date | None = None,
    ) -> tuple[Path, ...]:
        """Delete what is too old, or too much, and say what was deleted.

        Parameters
        ----------
        keep_days : int
            Older files go; never less than `SAFE_DAYS`.
        max_bytes : int
            While the trash is larger the oldest go, but of the files younger than `SAFE_DAYS`
            only those of which an equal, newer one stays.
        today : date, optional
            The day to count from, in UTC.
        """
        now = today or datetime.now(timezone.utc).date()
        oldest = now - timedelta(days=max(keep_days, SAFE_DAYS))
        safe = now - timedelta(days=SAFE_DAYS)
        items = sorted(self._files(), key=lambda item: (item.day, item.run, item.path))
        doomed = [item for item in items if item.day < oldest]
        rest = [item for item in items if item.day >= oldest]
        surplus = sum(item.size for item in rest) - max_bytes
        if surplus > 0:
            spare = _spare(rest, safe)
            for item in rest:
                if surplus <= 0:
                    break
                if item.day < safe or item in spare:
                    doomed.append(item)
                    surplus -= item.size
        for item in doomed:
            item.file.unlink()
            self._drop_empty(item.file.parent)
        return tuple(item.file for item in doomed)

    def _files(self) -> Iterator[TrashedFile]:
        if not self.root.is_dir():
            return
        for day_folder in self.root.iterdir():
            try:
                day = date.fromisoformat(day_folder.name)
            except ValueError:
                continue  # a safety net, not a day
            for run_folder in day_folder.iterdir():
                for folder, _, names in os.walk(run_folder):
                    for name in names:
                        file = Path(folder) / name
                        path = file.relative_to(run_folder).as_posix()
                        size = file.lstat().st_size
                        yield TrashedFile(path, run_folder.name, day, file, size)

    def _drop_empty(self, folder: Path) -> None:
        while folder != self.root:
            try:
                folder.rmdir()
            except OSError:  # not empty
                return
            folder = folder.parent


def _spare(items: list[TrashedFile], safe: date) -> set[TrashedFile]:
    """Of the young files, those of which an equal one stays that is at least as new."""
    by_size: dict[int, list[TrashedFile]] = defaultdict(list)
    for item in items:
        by_size[item.size].append(item)
    spare: set[TrashedFile] = set()
    for equal_size in by_size.values():
        if len(equal_size) == 1:
            continue
        newest: dict[str, TrashedFile] = {}
        for item in equal_size:
            md5 = digest_file(item.file)
            if md5 is None:
                continue
            if md5 in newest and newest[md5].day >= safe:
                spare.add(newest[md5])
            newest[md5] = item
    return spare


def _move(source: Path, target: Path, flush: AtOnce) -> Path:
    try:
        place_new(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_across(source, target)
        return target
    flush.folder(target.parent)
    return target


def _copy_across(source: Path, target: Path) -> None:
    """Copy to another file system, then drop the source, if it held still meanwhile."""
    handle, name = tempfile.mkstemp(prefix=".~", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        for _ in range(_TRIES):
            shutil.copy2(source, temporary, follow_symlinks=False)
            fsync_file(temporary)
            md5 = digest_file(source)
            if md5 is not None and md5 == digest_file(temporary):
                break
        else:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(source))
        place_new(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    fsync_folder(target.parent)
    source.unlink()
