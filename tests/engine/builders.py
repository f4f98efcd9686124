"""Small builders: listings and baselines from a few words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from jupyter_drive_sync.engine.check import Marker
from jupyter_drive_sync.engine.models import Plan, Step, StepKind
from jupyter_drive_sync.ports.listing import Entry, EntryKind, Listing, Side, Version
from jupyter_drive_sync.ports.records import BaselineEntry

SECOND = 1_000_000_000
THEN = 100
"""When everything was agreed on, in seconds."""
LATER = 200

PROJECT = "0b6e1b0a-6a55-4f4c-9f0e-2f7d0c3f9a11"
OURS = {side: Marker(PROJECT) for side in Side}


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def version(content: bytes, at: float = THEN, *, read: bool = True) -> Version:
    """Return the version of a content; `read` says whether its md5 is known."""
    return Version(len(content), int(at * SECOND), md5(content) if read else None)


def file(
    path: str,
    content: bytes,
    at: float = THEN,
    *,
    read: bool = True,
    id: str | None = None,
    problem: str | None = None,
) -> Entry:
    return Entry(path, EntryKind.FILE, version(content, at, read=read), id, problem)


def folder(path: str, *, problem: str | None = None) -> Entry:
    return Entry(path, EntryKind.FOLDER, problem=problem)


def link(path: str) -> Entry:
    return Entry(path, EntryKind.LINK)


def special(path: str) -> Entry:
    return Entry(path, EntryKind.SPECIAL)


def unreadable(path: str, problem: str = "permission denied") -> Entry:
    return Entry(path, EntryKind.FILE, problem=problem)


def local(*entries: Entry, complete: bool = True, exists: bool = True) -> Listing:
    return Listing(Side.LOCAL, _with_folders(entries), complete, exists)


def remote(
    *entries: Entry,
    duplicates: Iterable[str] = (),
    complete: bool = True,
    exists: bool = True,
    trouble: str = "",
) -> Listing:
    return Listing(
        Side.REMOTE, _with_folders(entries), complete, exists, frozenset(duplicates), trouble
    )


def _with_folders(entries: tuple[Entry, ...]) -> dict[str, Entry]:
    """List the folders of all files too, as both sides do."""
    found: dict[str, Entry] = {}
    for entry in entries:
        parent = entry.path
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            found.setdefault(parent, folder(parent))
    found.update({entry.path: entry for entry in entries})
    return found


def agreed(
    path: str,
    content: bytes,
    at: float = THEN,
    *,
    read: bool = True,
    id: str | None = None,
) -> BaselineEntry:
    one = version(content, at, read=read)
    return BaselineEntry(path, one, one, id)


def baseline(*entries: BaselineEntry) -> dict[str, BaselineEntry]:
    return {entry.path: entry for entry in entries}


def kinds(plan: Plan) -> dict[str, StepKind]:
    return {step.path: step.kind for step in plan.steps}


def only_step(plan: Plan) -> Step:
    (step,) = plan.steps
    return step
