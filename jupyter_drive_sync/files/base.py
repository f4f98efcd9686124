"""Base copies: contents that were in step once, each kept once, under its md5.

They are copies and never links: a program that saves in place would write into both names.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import BinaryIO

from jupyter_drive_sync.errors import VersionGone
from jupyter_drive_sync.files.atomic import raise_if_full
from jupyter_drive_sync.files.reading import open_unfollowed
from jupyter_drive_sync.ports.private import make_private
from jupyter_drive_sync.ports.versions import SAFE_DAYS, OldVersion, Origin

NOTEBOOK_BYTES = 64 * 1024 * 1024
"""Notebooks are kept up to this size, whatever the limit for other files is."""

_CHUNK = 1 << 20
_MD5 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class BaseLimits:
    """How much is kept.

    Attributes
    ----------
    file_bytes : int
        Files other than notebooks are kept up to this size.
    keep_days : int
        What is not in step any more goes after this; never before `SAFE_DAYS`.
    max_bytes : int
        While there is more than this the oldest go, but nothing needed or younger than that.
    """

    file_bytes: int = 1024 * 1024
    keep_days: int = 90
    max_bytes: int = 1024**3


class BaseFolder:
    """Implements `jupyter_drive_sync.ports.versions.BaseCopies`.

    A copy's modification time says when its content was last seen in step.

    Parameters
    ----------
    root : Path
        The folder; made when first needed.
    """

    def __init__(self, root: Path, limits: BaseLimits | None = None) -> None:
        self.root = root
        self.limits = limits or BaseLimits()

    def wants(self, path: str, size: int) -> bool:
        """Say whether a file of that name and size is one to keep."""
        notebook = path.endswith(".ipynb") and size <= NOTEBOOK_BYTES
        return notebook or size <= self.limits.file_bytes

    def has(self, md5: str) -> bool:
        """Say whether a content is kept."""
        return self._place(md5).is_file()

    def keep(self, file: Path, md5: str) -> bool:
        """Keep a file's content; False when the file has another content by now."""
        place = self._place(md5)
        with contextlib.suppress(FileNotFoundError):
            os.utime(place)
            # A power cut may have left an empty or short one: then it is made anew.
            if place.stat().st_size == file.lstat().st_size:
                return True
        try:
            source = open_unfollowed(file)
        except OSError:
            return False  # gone, a link, or unreadable by now: the next listing shows it
        with source:
            return self._take(source, place, md5)

    def find(self, md5: str) -> OldVersion | None:
        """Return what is kept under an md5, without looking into it."""
        try:
            status = self._place(md5).stat()
        except FileNotFoundError:
            return None
        time = datetime.fromtimestamp(status.st_mtime, timezone.utc)
        return OldVersion(f"base:{md5}", Origin.BASE, time, status.st_size, md5)

    def fetch(self, md5: str, into: Path) -> None:
        """Write a content to a new file, its md5 checked."""
        place = self._place(md5)
        try:
            with place.open("rb") as source, into.open("xb") as target:
                found = _copy(source, target)
        except FileNotFoundError:
            found = ""
        except OSError as error:
            raise_if_full(error, into)
            raise
        if found != md5:
            raise VersionGone("The copy of that version is gone, or is damaged.")

    def prune(self, needed: Collection[str]) -> int:
        """Remove what is too old or too much, but nothing `needed` or young; return how many."""
        now = datetime.now(timezone.utc)
        safe = (now - timedelta(days=SAFE_DAYS)).timestamp()
        oldest = (now - timedelta(days=max(self.limits.keep_days, SAFE_DAYS))).timestamp()
        files = sorted((status.st_mtime, status.st_size, path) for path, status in self._files())
        surplus = sum(size for _, size, _ in files) - self.limits.max_bytes
        removed = 0
        for time, size, path in files:
            if time >= safe or path.name in needed:
                continue
            if time < oldest or surplus > 0:
                path.unlink(missing_ok=True)
                surplus -= size
                removed += 1
        return removed

    def _take(self, source: BinaryIO, place: Path, md5: str) -> bool:
        temporary = ""
        try:
            make_private(place.parent)
            handle, temporary = tempfile.mkstemp(prefix=".~", dir=place.parent)
            with os.fdopen(handle, "wb") as target:
                found = _copy(source, target)
            if found == md5:
                os.replace(temporary, place)  # noqa: PTH105
                temporary = ""
        except OSError as error:
            raise_if_full(error, place)
            raise
        finally:
            if temporary:
                Path(temporary).unlink()
        return found == md5

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        if not self.root.is_dir():
            return
        for folder in self.root.iterdir():
            if not folder.is_dir():
                continue
            for path in folder.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    yield path, path.stat()

    def _place(self, md5: str) -> Path:
        if _MD5.fullmatch(md5) is None:
            raise VersionGone("There is no such version.")
        return self.root / md5[:2] / md5


def _copy(source: BinaryIO, target: BinaryIO) -> str:
    """Copy to the end and return the md5 of what was copied."""
    md5 = hashlib.md5(usedforsecurity=False)
    while chunk := source.read(_CHUNK):
        md5.update(chunk)
        target.write(chunk)
    return md5.hexdigest()
