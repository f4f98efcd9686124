"""Keeping the trash and the base copies within their limits, and both sides without leftovers."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone

from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.ports.versions import SAFE_DAYS

log = logging.getLogger(__name__)

TIDIED_KEY = "tidied"
"""When old versions were last removed; ISO 8601 in UTC."""

EVERY = timedelta(days=1)

_PAGE = 1000


def tidy(session: Session, now: datetime | None = None) -> None:
    """Remove old versions beyond the limits, and leftovers, once a day.

    Trouble is logged and hinders nothing.
    """
    now = now or datetime.now(timezone.utc)
    last = session.store.get(TIDIED_KEY)
    if last is not None and timedelta() <= now - datetime.fromisoformat(last) < EVERY:
        return
    session.store.put(TIDIED_KEY, now.isoformat())
    _sweep(session, now - EVERY)
    try:
        trashed = session.trash.prune() if session.trash is not None else 0
        copies = 0
        if session.base is not None:
            copies = session.base.prune(_needed(session, now - timedelta(days=SAFE_DAYS)))
    except OSError as error:
        log.warning("Drive Sync: old versions could not be removed: %s", error)
        return
    if trashed or copies:
        log.info("Drive Sync: removed %d old files and %d old copies", trashed, copies)


def _sweep(session: Session, before: datetime) -> None:
    """Clear away what killed runs left unfinished. Nothing of ours is at work under our lock."""
    try:
        ignore = session.read_ignore()
        swept = session.local.sweep(ignore, before) + session.remote.sweep(ignore, before)
    except (OSError, DriveSyncError) as error:
        log.warning("Drive Sync: unfinished files could not be removed: %s", error)
        return
    if swept:
        log.info("Drive Sync: put %d unfinished files into the trash", swept)


def _needed(session: Session, since: datetime) -> set[str]:
    """Return the contents that are in step, or were touched since a time."""
    store = session.store
    needed = {entry.local.md5 for entry in store.baseline().values()}
    before: int | None = None
    while True:
        rows = store.history(limit=_PAGE, before=before)
        fresh = [row for row in rows if row.time >= since]
        needed |= {md5 for row in fresh for md5 in (row.md5_before, row.md5_after)}
        if len(fresh) < _PAGE:
            return {md5 for md5 in needed if md5 is not None}
        before = rows[-1].id
