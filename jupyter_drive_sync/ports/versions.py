"""Earlier versions of files: where they are kept, and how they are brought back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Protocol

SAFE_DAYS = 30
"""The only copy of a version younger than this is never removed."""


class Origin(str, Enum):
    """Where an earlier version is kept."""

    BASE = "base"  # a copy of what was in step, on this computer
    TRASH = "trash"  # the project's trash on this computer
    REVISION = "drive_revision"
    DRIVE_TRASH = "drive_trash"


@dataclass(frozen=True, slots=True)
class OldVersion:
    """One earlier version of a file.

    Attributes
    ----------
    id : str
        Names it among all versions of the file; opaque to everybody but its origin.
    origin : Origin
        Where it is kept.
    time : datetime
        When it was written, as well as that is known; in UTC.
    size : int
        Bytes.
    md5 : str or None
        Lower-case hex digest; None where it was not computed.
    """

    id: str
    origin: Origin
    time: datetime
    size: int
    md5: str | None = None


class OldVersions(Protocol):
    """One place that keeps earlier versions. All calls block."""

    @property
    def prefix(self) -> str:
        """What the ids of its versions begin with."""
        ...

    def find(self, paths: Sequence[str]) -> list[OldVersion]:
        """Return what it keeps of a file.

        Parameters
        ----------
        paths : sequence of str
            The file's path and the names it had before.

        Raises
        ------
        DriveSyncError
            It cannot be asked now.
        """
        ...

    def fetch(self, number: str, paths: Sequence[str], into: Path) -> None:
        """Write one version's content to a new file.

        Parameters
        ----------
        number : str
            An id from `find`.
        paths : sequence of str
            As for `find`: a version of another file is refused.

        Raises
        ------
        VersionGone
            It is not there any more, or is no version of this file.
        DriveSyncError
            It cannot be fetched now.
        """
        ...


class BaseCopies(Protocol):
    """Contents that were in step once, by md5: what merges and restores begin from."""

    def wants(self, path: str, size: int) -> bool:
        """Say whether a file of that name and size is one to keep."""
        ...

    def has(self, md5: str) -> bool:
        """Say whether a content is kept."""
        ...

    def keep(self, file: Path, md5: str) -> bool:
        """Keep a file's content; False when the file has another content by now.

        Raises
        ------
        DiskFull
            No space is left.
        OSError
            The disk refused.
        """
        ...

    def find(self, md5: str) -> OldVersion | None:
        """Return what is kept under an md5, without looking into it."""
        ...

    def fetch(self, md5: str, into: Path) -> None:
        """Write a content to a new file, its md5 checked.

        Raises
        ------
        VersionGone
            It is not kept any more, or is damaged.
        """
        ...

    def prune(self, needed: Collection[str]) -> int:
        """Remove what is too old or too much, but nothing `needed` or young; return how many."""
        ...


class Trashcan(OldVersions, Protocol):
    """The project's trash on this computer."""

    def prune(self) -> int:
        """Remove what is too old or too much by the settings; return how many."""
        ...
