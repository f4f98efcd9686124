"""Pairing two folders: one marker, on both sides, before anything else moves."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from jupyter_drive_sync.engine.check import Marker, marker_content
from jupyter_drive_sync.engine.gather import gather
from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.engine.session import Preview, Session
from jupyter_drive_sync.errors import AlreadyLinked, DriveSyncError, ListingIncomplete
from jupyter_drive_sync.ports.projects import MARKER_PATH
from jupyter_drive_sync.ports.sides import LocalFiles, RemoteFiles


def preview_link(session: Session) -> Preview:
    """Say what the first sync would do. Changes nothing, and needs no marker on either side.

    A remote folder that does not exist yet counts as empty.
    """
    gathered = gather(session)
    plan: Plan = gathered.plan
    problem: DriveSyncError | None = None
    for listing in (gathered.local, gathered.remote):
        if listing.exists and not listing.complete:
            problem = ListingIncomplete(f"A folder cannot be listed whole. {listing.trouble}")
    return Preview(plan, problem, creates_remote=not gathered.remote.exists)


def paired_id(new_id: str, remote: RemoteFiles, known: Collection[str]) -> str:
    """Return the UUID under which to pair: the one on the remote side, if it has one.

    That way a second computer joins the project that the first one made.

    Raises
    ------
    AlreadyLinked
        This computer keeps that project in another folder.
    """
    marker = Marker.parse(remote.read(MARKER_PATH))
    if marker.project is None:
        return new_id
    if marker.project in known:
        raise AlreadyLinked("That folder is linked with another folder of this computer.")
    return marker.project


def write_markers(project_id: str, local: LocalFiles, remote: RemoteFiles) -> str | None:
    """Put the marker on both sides: the remote first, for it is the one that may fail.

    Returns
    -------
    str or None
        The remote folder's id, which it has once it is there.

    Raises
    ------
    DriveSyncError, OSError
        No marker was left behind that was not there before.
    """
    content = marker_content(project_id)
    made = remote.read(MARKER_PATH) != content
    try:
        if made:
            remote.write(MARKER_PATH, content)
        folder_id = remote.root_id()
        local.write(MARKER_PATH, content)
    except (DriveSyncError, OSError):
        if made:
            # If that fails too, the marker only makes a later link take the same UUID.
            with contextlib.suppress(DriveSyncError, OSError):
                remote.delete([MARKER_PATH])
        raise
    return folder_id
