"""The database's tables, by version. A newer version only ever adds a step at the end."""

from __future__ import annotations

import sqlite3

_STEPS: tuple[str, ...] = (
    """
    CREATE TABLE baseline (
        path TEXT PRIMARY KEY,
        local_size INTEGER NOT NULL,
        local_mtime_ns INTEGER NOT NULL,
        local_md5 TEXT,
        remote_size INTEGER NOT NULL,
        remote_mtime_ns INTEGER NOT NULL,
        remote_md5 TEXT,
        remote_id TEXT
    ) WITHOUT ROWID;
    CREATE TABLE history (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL,
        time TEXT NOT NULL,
        path TEXT NOT NULL,
        direction TEXT NOT NULL,
        action TEXT NOT NULL,
        "trigger" TEXT NOT NULL,
        size INTEGER,
        md5_before TEXT,
        md5_after TEXT,
        detail TEXT NOT NULL
    );
    CREATE INDEX history_by_path ON history (path, id);
    CREATE TABLE remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
)

VERSION = len(_STEPS)
"""The schema version that this code writes, kept in SQLite's ``user_version``."""


def migrate(connection: sqlite3.Connection) -> None:
    """Look whether a database is sound and bring it to the newest version.

    Raises
    ------
    sqlite3.DatabaseError
        When the file is no sound database, or was written by a newer version of this package.
    """
    (health,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if health != "ok":
        raise sqlite3.DatabaseError(health)
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > VERSION:
        message = f"it was written by a newer version of this extension (schema {found})"
        raise sqlite3.DatabaseError(message)
    for number, step in enumerate(_STEPS[found:], start=found + 1):
        connection.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")
