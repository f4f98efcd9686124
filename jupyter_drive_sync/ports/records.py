"""What is remembered between runs: the baseline and the history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from jupyter_drive_sync.ports.listing import Version


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """What both sides agreed on last for one path.

    Attributes
    ----------
    path : str
        Relative path.
    local, remote : Version
        The agreed content as each side reports it.
    remote_id : str or None
        Drive's file id.
    """

    path: str
    local: Version
    remote: Version
    remote_id: str | None = None


Baseline = Mapping[str, BaselineEntry]
"""By path."""


class Direction(str, Enum):
    """Which way a change went."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class Action(str, Enum):
    """What was done to one path."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    MOVED = "moved"
    KEPT = "kept"  # a version was put beside the file as a copy
    FAILED = "failed"


class Trigger(str, Enum):
    """Why a run was asked for."""

    SAVE = "save"
    WATCHER = "watcher"
    REMOTE_CHANGE = "remote_change"
    TIMER = "timer"
    PERSON = "person"
    START = "start"
    RECONNECT = "reconnect"


class Keep(str, Enum):
    """Which version of a conflict stays under its name."""

    MINE = "mine"
    DRIVE = "drive"
    BOTH = "both"  # mine under its name, Drive's beside it


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One thing that was done to one path.

    Attributes
    ----------
    id : int
        Grows with time; 0 before it is stored.
    run : str
        The run that did it.
    time : datetime
        When, in UTC.
    path : str
        Relative path.
    direction : Direction
        Which way.
    action : Action
        What.
    trigger : Trigger
        Why the run was made.
    size : int or None
        Bytes of the new content.
    md5_before, md5_after : str or None
        From which version to which.
    detail : str
        For people, for instance the old path of a move.
    """

    id: int
    run: str
    time: datetime
    path: str
    direction: Direction
    action: Action
    trigger: Trigger
    size: int | None = None
    md5_before: str | None = None
    md5_after: str | None = None
    detail: str = ""


class Store(Protocol):
    """The project's database. Safe to call from any thread."""

    def baseline(self) -> dict[str, BaselineEntry]:
        """Return the whole baseline."""
        ...

    def baseline_entry(self, path: str) -> BaselineEntry | None:
        """Return one entry, or None."""
        ...

    def paths_of(self, ids: Collection[str]) -> dict[str, str]:
        """Return the paths of the baseline that files of some remote ids have, by these ids."""
        ...

    def record(
        self,
        *,
        agreed: Iterable[BaselineEntry] = (),
        forgotten: Iterable[str] = (),
        rows: Iterable[HistoryRow] = (),
    ) -> None:
        """Write baseline entries, drop others and add history rows, in one transaction."""
        ...

    def history(self, *, limit: int = 100, before: int | None = None) -> list[HistoryRow]:
        """Return the newest rows first, at most `limit`, older than row `before`."""
        ...

    def history_of(self, path: str) -> list[HistoryRow]:
        """Return all rows about one path, the newest first."""
        ...

    def get(self, key: str) -> str | None:
        """Return a small remembered value."""
        ...

    def put(self, key: str, value: str | None) -> None:
        """Remember a small value; None forgets it."""
        ...

    def close(self) -> None:
        """Close the database. Harmless when repeated."""
        ...
