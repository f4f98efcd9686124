"""Files as the two sides show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Side(str, Enum):
    """One of the two sides of a project."""

    LOCAL = "local"
    REMOTE = "remote"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.REMOTE if self is Side.LOCAL else Side.LOCAL


class EntryKind(str, Enum):
    """What a listed name is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special"  # FIFO, socket, device


@dataclass(frozen=True, slots=True)
class Version:
    """The content of one file on one side.

    Attributes
    ----------
    size : int
        Bytes.
    mtime_ns : int
        Modification time in nanoseconds since the epoch, as that side reports it.
    md5 : str or None
        Lower-case hex digest; None where it is not known (yet).
    """

    size: int
    mtime_ns: int
    md5: str | None = None

    def same_stat(self, other: Version) -> bool:
        """Say whether size and modification time agree exactly."""
        return self.size == other.size and self.mtime_ns == other.mtime_ns


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a listing.

    Attributes
    ----------
    path : str
        Relative to the side's root, ``/`` between its parts, never leading.
    kind : EntryKind
        What it is.
    version : Version or None
        For files only.
    id : str or None
        Drive's file id; on the local side ``"device:inode"``.
    problem : str or None
        Why this name cannot be synced as it stands (for instance "permission denied").
    """

    path: str
    kind: EntryKind
    version: Version | None = None
    id: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All of one side, ignored names left out.

    Attributes
    ----------
    side : Side
        Which side.
    entries : Mapping[str, Entry]
        By path. Folders are listed too.
    complete : bool
        False when the answer may be partial; then absence means "don't know".
    exists : bool
        False when the side's root folder is not there.
    duplicates : frozenset[str]
        Paths that name more than one file (Drive allows that).
    trouble : str
        Why it is not complete, for a person; empty when it is.
    folds_case : bool
        Whether names that differ only in the case of their letters are one name there, as on most
        disks of macOS and Windows.
    """

    side: Side
    entries: Mapping[str, Entry] = field(default_factory=dict)
    complete: bool = True
    exists: bool = True
    duplicates: frozenset[str] = frozenset()
    trouble: str = ""
    folds_case: bool = False

    def files(self) -> dict[str, Entry]:
        """Return the entries that are files with a known version."""
        return {
            path: entry
            for path, entry in self.entries.items()
            if entry.kind is EntryKind.FILE and entry.version is not None
        }
