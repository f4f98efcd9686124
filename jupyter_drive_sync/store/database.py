"""Baseline and history in SQLite.

The database is never the only place of anything a person wrote: a damaged one is put aside and
made anew, and the next run learns from both sides what is alike.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

from jupyter_drive_sync.errors import DiskFull, StoreDamaged
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.private import make_file_private, make_private
from jupyter_drive_sync.ports.records import (
    Action,
    BaselineEntry,
    Direction,
    HistoryRow,
    Trigger,
)
from jupyter_drive_sync.store.schema import migrate

log = logging.getLogger(__name__)

KEPT_ROWS = 20_000
"""History rows kept for each project; older ones go."""

_DISK_FULL = ("disk is full", "disk I/O error")

_SURROUNDINGS = (
    "database is locked",
    "unable to open",
    "readonly",
    "authoriz",
    "access permission",
)
"""What SQLite says when the fault is not the file's; anything else means that it is damaged."""

Row = TypeVar("Row")
Thing = TypeVar("Thing")

DAMAGED_KEY = "damaged_before"
"""Remembered when a database was put aside, with the time."""


class Database:
    """One project's database; implements `jupyter_drive_sync.ports.records.Store`.

    Parameters
    ----------
    path : Path
        The file; made, with its folder, when it is not there. A file that is no database, or is
        damaged, is renamed to ``<name>.damaged-<time>`` and made anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def baseline(self) -> dict[str, BaselineEntry]:
        """Return the whole baseline."""
        with self._use() as db:
            entries = _understood(_entry, db.execute("SELECT * FROM baseline").fetchall())
        return {entry.path: entry for entry in entries}

    def baseline_entry(self, path: str) -> BaselineEntry | None:
        """Return one entry, or None."""
        with self._use() as db:
            found = db.execute("SELECT * FROM baseline WHERE path = ?", (path,)).fetchall()
            entries = _understood(_entry, found)
        return entries[0] if entries else None

    def paths_of(self, ids: Collection[str]) -> dict[str, str]:
        """Return the paths of the baseline that files of some remote ids have, by these ids."""
        marks = ", ".join("?" * len(ids))
        with self._use() as db:
            return dict(
                db.execute(
                    f"SELECT remote_id, path FROM baseline WHERE remote_id IN ({marks})",  # noqa: S608
                    tuple(ids),
                ).fetchall()
            )

    def record(
        self,
        *,
        agreed: Iterable[BaselineEntry] = (),
        forgotten: Iterable[str] = (),
        rows: Iterable[HistoryRow] = (),
    ) -> None:
        """Write baseline entries, drop others and add history rows, in one transaction."""
        with self._use() as db, db:
            db.executemany("DELETE FROM baseline WHERE path = ?", [(path,) for path in forgotten])
            db.executemany(
                "INSERT OR REPLACE INTO baseline VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [_entry_row(entry) for entry in agreed],
            )
            added = db.executemany(
                "INSERT INTO history VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_history_row(row) for row in rows],
            )
            if added.rowcount > 0:
                db.execute(
                    "DELETE FROM history WHERE id <= (SELECT MAX(id) FROM history) - ?",
                    (KEPT_ROWS,),
                )

    def history(self, *, limit: int = 100, before: int | None = None) -> list[HistoryRow]:
        """Return the newest rows first."""
        with self._use() as db:
            rows = db.execute(
                "SELECT * FROM history WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?",
                (before, before, limit),
            ).fetchall()
            return _understood(_history, rows)

    def history_of(self, path: str) -> list[HistoryRow]:
        """Return all rows about one path, the newest first."""
        with self._use() as db:
            rows = db.execute(
                "SELECT * FROM history WHERE path = ? ORDER BY id DESC", (path,)
            ).fetchall()
            return _understood(_history, rows)

    def get(self, key: str) -> str | None:
        """Return a small remembered value."""
        with self._use() as db:
            row = db.execute("SELECT value FROM remembered WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, value: str | None) -> None:
        """Remember a small value; None forgets it."""
        with self._use() as db, db:
            if value is None:
                db.execute("DELETE FROM remembered WHERE key = ?", (key,))
            else:
                db.execute("INSERT OR REPLACE INTO remembered VALUES (?, ?)", (key, value))

    def close(self) -> None:
        """Close the database. Harmless when repeated."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                yield self._connection
            except sqlite3.ProgrammingError:
                raise
            except sqlite3.DatabaseError as error:
                if _says(error, _DISK_FULL):
                    raise DiskFull("The project's state could not be written.") from error
                if _says(error, _SURROUNDINGS):
                    raise StoreDamaged(
                        f"The project's database cannot be used: {error}.",
                        f"Check that {self._path} may be read and written. It is tried again.",
                    ) from error
                # This run ends, for it may have read rubbish; the next one begins anew.
                self._put_aside(error)
                raise StoreDamaged("The project's database was damaged.") from error
            except UnicodeDecodeError as error:  # a damaged schema, quoted in SQLite's message
                self._put_aside(error)
                raise StoreDamaged("The project's database was damaged.") from error

    def _open(self) -> sqlite3.Connection:
        make_private(self._path.parent)
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if _says(error, _DISK_FULL + _SURROUNDINGS):
                raise
            self._put_aside(error)
            connection = self._connect()
            with connection:
                connection.execute(
                    "INSERT OR REPLACE INTO remembered VALUES (?, ?)",
                    (DAMAGED_KEY, datetime.now(timezone.utc).isoformat()),
                )
            return connection

    def _connect(self) -> sqlite3.Connection:
        with contextlib.suppress(OSError):  # SQLite says what is wrong, in its own words
            make_file_private(self._path)
        connection = sqlite3.connect(self._path, check_same_thread=False, timeout=10)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _put_aside(self, error: Exception) -> None:
        self.close()
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
        log.warning("Drive Sync: %s is damaged (%s) and is put aside", self._path, error)
        for ending in ("", "-wal", "-shm"):
            part = self._path.with_name(self._path.name + ending)
            if part.exists():
                part.replace(part.with_name(f"{part.name}.damaged-{stamp}"))


def _says(error: sqlite3.DatabaseError, phrases: tuple[str, ...]) -> bool:
    # Python 3.10 has no error codes for this.
    return any(phrase in str(error) for phrase in phrases)


def _understood(convert: Callable[[Row], Thing], rows: list[Row]) -> list[Thing]:
    """Convert rows; one that no version of this package can have written is damage."""
    try:
        return [convert(row) for row in rows]
    except (ValueError, TypeError) as error:
        raise sqlite3.DatabaseError(f"a row makes no sense: {error}") from error


def _entry(
    row: tuple[str, int, int, str | None, int, int, str | None, str | None],
) -> BaselineEntry:
    path, size, mtime, md5, remote_size, remote_mtime, remote_md5, remote_id = row
    return BaselineEntry(
        path,
        Version(size, mtime, md5),
        Version(remote_size, remote_mtime, remote_md5),
        remote_id,
    )


def _entry_row(entry: BaselineEntry) -> tuple[str | int | None, ...]:
    local, remote = entry.local, entry.remote
    return (
        entry.path,
        local.size,
        local.mtime_ns,
        local.md5,
        remote.size,
        remote.mtime_ns,
        remote.md5,
        entry.remote_id,
    )


def _history_row(row: HistoryRow) -> tuple[str | int | None, ...]:
    return (
        row.run,
        row.time.isoformat(),
        row.path,
        row.direction.value,
        row.action.value,
        row.trigger.value,
        row.size,
        row.md5_before,
        row.md5_after,
        row.detail,
    )


def _history(
    row: tuple[int, str, str, str, str, str, str, int | None, str | None, str | None, str],
) -> HistoryRow:
    number, run, time, path, direction, action, trigger, size, before, after, detail = row
    return HistoryRow(
        id=number,
        run=run,
        time=datetime.fromisoformat(time),
        path=path,
        direction=Direction(direction),
        action=Action(action),
        trigger=Trigger(trigger),
        size=size,
        md5_before=before,
        md5_after=after,
        detail=detail,
    )
