"""Earlier versions of a file: which there are, and putting one of them back.

A restored version is an ordinary edit made here: the next run pushes it, and what it replaces
goes into the project's trash.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.errors import DriveSyncError, LocalMissing, NotRestored, VersionGone
from jupyter_drive_sync.ports.listing import Entry, EntryKind
from jupyter_drive_sync.ports.projects import MARKER_FOLDER, MARKER_PATH, STAGING_PATH
from jupyter_drive_sync.ports.records import Action, Direction, HistoryRow, Trigger
from jupyter_drive_sync.ports.versions import OldVersion, OldVersions

MOST_VERSIONS = 200
"""Versions shown of one file, the newest."""

_BASE = "base:"


@dataclass(frozen=True, slots=True)
class Found:
    """The earlier versions of one file.

    Attributes
    ----------
    versions : tuple of OldVersion
        The newest first; what stands at the path now is not among them.
    problem : DriveSyncError or None
        Why there may be more: a place that could not be asked.
    """

    versions: tuple[OldVersion, ...]
    problem: DriveSyncError | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to.

    Attributes
    ----------
    path : str
        Where the version stands now.
    changed : bool
        False when exactly that content stood there already.
    """

    path: str
    changed: bool = True


@dataclass(slots=True)
class _Past:
    """What is remembered of a file: its names and its contents, the newest first."""

    paths: list[str]
    times: dict[str, datetime | None] = field(default_factory=dict)


def versions(session: Session, path: str) -> Found:
    """List the earlier versions of a file, whether or not it still exists.

    Raises
    ------
    DriveSyncError
        The path is no place for a person's file.
    """
    here = _look(session, path)
    past = _past(session, path)
    found: list[OldVersion] = []
    if session.base is not None:
        for md5, time in past.times.items():
            kept = session.base.find(md5)
            if kept is not None:
                found.append(kept if time is None else replace(kept, time=time))
    problems = [_ask(place, past, found) for place in _places(session)]
    problem = next((error for error in problems if error is not None), None)
    present = _present(session, path, here, found)
    once = _once(version for version in found if present is None or version.md5 != present)
    newest = sorted(once, key=lambda version: version.time, reverse=True)
    return Found(tuple(newest[:MOST_VERSIONS]), problem)


def restore(
    session: Session, path: str, number: str, *, as_copy: bool = False, run: str | None = None
) -> Restored:
    """Put an earlier version back at its path, or beside it. Under the project's lock only.

    Parameters
    ----------
    number : str
        The version's id, from `versions`.
    as_copy : bool
        Leave the file alone and put the version beside it.
    run : str, optional
        The name under which the trash keeps what is replaced.

    Raises
    ------
    VersionGone
        It is not kept any more.
    NotRestored
        The file could not be replaced, with the reason; it is as it was.
    LocalMissing
        The project folder is not there: its disk may not be mounted.
    DriveSyncError
        It cannot be fetched now.
    """
    if session.local.read(MARKER_PATH) is None:
        raise LocalMissing("The project folder is gone from this computer.")
    here = _look(session, path)
    name = run or uuid.uuid4().hex[:12]
    with session.local.staging(name) as staging:
        staged = staging / "version"
        _fetch(session, _past(session, path), number, staged)
        md5 = session.local.digest([f"{STAGING_PATH}/{name}/{staged.name}"]).popitem()[1]
        size = staged.stat().st_size
        if as_copy:
            target = session.local.keep_beside(staged, path, whose="restored")
            action = Action.KEPT
        else:
            target = path
            action = Action.CREATED if here is None else Action.UPDATED
            standing = here.version if here is not None else None
            same_size = standing is not None and standing.size == size
            if same_size and md5 is not None and session.local.digest([path])[path] == md5:
                return Restored(path, changed=False)
            result = session.local.install(staged, path, standing)
            if not result.done:
                raise NotRestored(f"{path} was not restored: {result.reason}")
    row = HistoryRow(
        id=0,
        run=name,
        time=datetime.now(timezone.utc),
        path=path,
        direction=Direction.NONE,
        action=action,
        trigger=Trigger.PERSON,
        size=size,
        md5_after=None if as_copy else md5,
        detail=target if as_copy else "restored",
    )
    session.store.record(rows=[row])
    return Restored(target)


def _look(session: Session, path: str) -> Entry | None:
    """Return what stands at a path; refuse places that are not a person's."""
    entry = session.local.stat(path)
    if path.partition("/")[0] == MARKER_FOLDER:
        raise NotRestored(f"{path} is one of Drive Sync's own files.", "Choose a file of yours.")
    if entry is not None and entry.kind is not EntryKind.FILE:
        raise NotRestored(
            f"{path} is a {entry.kind.value} here, not a file.", "Rename it or move it away first."
        )
    return entry


def _past(session: Session, path: str) -> _Past:
    past = _Past([path])
    entry = session.store.baseline_entry(path)
    if entry is not None and entry.local.md5 is not None:
        past.times[entry.local.md5] = None
    limit: int | None = None
    for name in past.paths:  # grows while it is walked
        for row in session.store.history_of(name):
            if limit is not None and row.id >= limit:
                continue  # another file had the name afterwards
            if row.md5_after is not None and past.times.get(row.md5_after) is None:
                past.times[row.md5_after] = row.time
            if row.md5_before is not None:
                past.times.setdefault(row.md5_before, None)
            if row.action is Action.MOVED and row.detail and row.detail not in past.paths:
                past.paths.append(row.detail)
                limit = row.id
                break
    return past


def _places(session: Session) -> tuple[OldVersions, ...]:
    places: tuple[OldVersions | None, ...] = (session.trash, session.far)
    return tuple(place for place in places if place is not None)


def _ask(place: OldVersions, past: _Past, found: list[OldVersion]) -> DriveSyncError | None:
    """Add what a place keeps to `found`, or say why it could not be asked."""
    try:
        found += place.find(past.paths)
    except DriveSyncError as error:
        return error
    return None


def _present(
    session: Session, path: str, here: Entry | None, found: Iterable[OldVersion]
) -> str | None:
    """Return the md5 of what stands at the path, if it can be one of those that were found."""
    if here is None or here.version is None:
        return None
    if all(version.size != here.version.size for version in found):
        return None
    return session.local.digest([path])[path]


def _once(found: Iterable[OldVersion]) -> list[OldVersion]:
    """Leave out contents that are there already, from a place that is nearer."""
    seen: set[str] = set()
    once: list[OldVersion] = []
    for version in found:
        if version.md5 in seen:
            continue
        if version.md5 is not None:
            seen.add(version.md5)
        once.append(version)
    return once


def _fetch(session: Session, past: _Past, number: str, into: Path) -> None:
    if number.startswith(_BASE) and session.base is not None:
        md5 = number.removeprefix(_BASE)
        if md5 not in past.times:
            raise VersionGone("There is no such version of this file.")
        session.base.fetch(md5, into)
        return
    for place in _places(session):
        if number.startswith(place.prefix):
            place.fetch(number, past.paths, into)
            return
    raise VersionGone("There is no such version of this file.")
