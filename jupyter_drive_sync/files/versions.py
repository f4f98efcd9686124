"""The project's trash as a place that keeps earlier versions."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from jupyter_drive_sync.errors import FolderOutsideRoot, VersionGone
from jupyter_drive_sync.files.atomic import raise_if_full
from jupyter_drive_sync.files.digest import digest_file
from jupyter_drive_sync.files.paths import inside, is_regular, status_of
from jupyter_drive_sync.files.trash import Trash
from jupyter_drive_sync.ports.versions import OldVersion, Origin

DIGEST_BYTES = 64 * 1024 * 1024
"""Larger files are listed without their md5: reading them would keep the person waiting."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class TrashVersions:
    """Implements `jupyter_drive_sync.ports.versions.Trashcan`.

    Attributes
    ----------
    keep_days : int
        Older files go.
    max_bytes : int
        While the trash is larger the oldest go.
    """

    trash: Trash
    keep_days: int = 90
    max_bytes: int = 5 * 1024**3
    prefix: str = "trash:"

    def find(self, paths: Sequence[str]) -> list[OldVersion]:
        """Return what the trash holds of a file."""
        found: list[OldVersion] = []
        for run in self._runs():
            for path in paths:
                file = inside(run, path)
                status = status_of(file)
                if status is None or not is_regular(status):
                    continue
                where = file.relative_to(self.trash.root).as_posix()
                md5 = digest_file(file) if status.st_size <= DIGEST_BYTES else None
                time = datetime.fromtimestamp(status.st_mtime, timezone.utc)
                found.append(
                    OldVersion(f"{self.prefix}{where}", Origin.TRASH, time, status.st_size, md5)
                )
        return found

    def fetch(self, number: str, paths: Sequence[str], into: Path) -> None:
        """Write one version's content to a new file."""
        where = number.removeprefix(self.prefix)
        day, run, path = [*where.split("/", 2), "", ""][:3]
        if _DAY.fullmatch(day) is None or path not in paths:
            raise VersionGone("There is no such version of this file.")
        try:
            file = inside(self.trash.root, f"{day}/{run}/{path}")
            status = status_of(file)
            if status is None or not is_regular(status):
                raise VersionGone("That version is not in the trash any more.")
            with file.open("rb") as source, into.open("xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except (FolderOutsideRoot, FileNotFoundError) as error:
            raise VersionGone("That version is not in the trash any more.") from error
        except OSError as error:
            raise_if_full(error, into)
            raise

    def prune(self) -> int:
        """Remove what is too old or too much by the settings; return how many."""
        return len(self.trash.prune(keep_days=self.keep_days, max_bytes=self.max_bytes))

    def _runs(self) -> Iterator[Path]:
        for day in _inside(self.trash.root):
            if _DAY.fullmatch(day.name):
                yield from _inside(day)


def _inside(folder: Path) -> list[Path]:
    """Return the folders in a folder; none when it is gone, as after an old day was removed."""
    try:
        return [item for item in folder.iterdir() if item.is_dir()]
    except FileNotFoundError:
        return []
