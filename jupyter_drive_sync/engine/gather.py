"""Listing both sides and planning: the only part of a run that a preview needs."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from jupyter_drive_sync.engine.check import Marker, marker_content
from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.engine.plan import digests_needed, make_plan
from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.ports.listing import Listing, Side
from jupyter_drive_sync.ports.projects import MARKER_PATH
from jupyter_drive_sync.ports.records import Baseline
from jupyter_drive_sync.ports.sides import Ignore


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a plan is made of, and the plan."""

    baseline: Baseline
    local: Listing
    remote: Listing
    ignore: Ignore
    markers: dict[Side, Marker]
    plan: Plan


def gather(session: Session) -> Gathered:
    """List both sides at the same time and make the plan. Changes nothing.

    Raises
    ------
    DriveSyncError
        When a side cannot be listed at all, or ``.driveignore`` cannot be followed.
    """
    ignore = session.read_ignore()
    baseline = session.store.baseline()
    known_local = {path: entry.local for path, entry in baseline.items()}
    known_remote = {path: entry.remote for path, entry in baseline.items()}
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="drive-sync-list") as pool:
        pending = pool.submit(session.remote.list, known_remote, ignore)
        local = session.local.list(known_local, ignore)
        remote = pending.result()
    if local.exists and remote.exists and local.complete and remote.complete:
        needed = digests_needed(baseline, local, remote)
        local = with_digests(local, session.local.digest(sorted(needed.local)))
        remote = with_digests(remote, session.remote.digest(sorted(needed.remote)))
    return Gathered(
        baseline=baseline,
        local=local,
        remote=remote,
        ignore=ignore,
        markers=_markers(session, local, remote),
        plan=make_plan(baseline, local, remote),
    )


def with_digests(listing: Listing, digests: dict[str, str | None]) -> Listing:
    """Return the listing with digests filled in; a file that could not be read is marked so."""
    if not digests:
        return listing
    entries = dict(listing.entries)
    for path, md5 in digests.items():
        entry = entries[path]
        if entry.version is None:
            continue
        if md5 is None and listing.side is Side.LOCAL:
            entries[path] = replace(entry, problem="it cannot be read, or is being written")
        else:
            entries[path] = replace(entry, version=replace(entry.version, md5=md5))
    return replace(listing, entries=entries)


def _markers(session: Session, local: Listing, remote: Listing) -> dict[Side, Marker]:
    here = Marker.parse(session.local.read(MARKER_PATH)) if local.exists else Marker(None)
    return {Side.LOCAL: here, Side.REMOTE: _remote_marker(session, remote)}


def _remote_marker(session: Session, remote: Listing) -> Marker:
    """Recognise our own marker by its digest from the listing; read it only when in doubt."""
    entry = remote.entries.get(MARKER_PATH)
    if entry is None or entry.version is None:
        return Marker(None)
    expected = marker_content(session.project.id)
    if entry.version.md5 == hashlib.md5(expected, usedforsecurity=False).hexdigest():
        return Marker(session.project.id)
    return Marker.parse(session.remote.read(MARKER_PATH))
