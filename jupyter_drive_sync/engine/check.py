"""What must be true before a run may touch anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.errors import (
    ConsentNeeded,
    DriveSyncError,
    ListingIncomplete,
    LocalMissing,
    RemoteMissing,
    SideEmptied,
    TooManyDeletes,
    WrongRemote,
)
from jupyter_drive_sync.ports.listing import Listing, Side
from jupyter_drive_sync.ports.projects import MARKER_FOLDER, MARKER_PATH
from jupyter_drive_sync.ports.records import Baseline

MARKER_VERSION = 1


@dataclass(frozen=True, slots=True)
class DeleteLimit:
    """How much a run may delete without a person's consent.

    A plan is over the limit when it deletes more than `files` files *and* more than `share` of
    the files agreed on last.
    """

    files: int = 10
    share: float = 0.25

    def exceeded(self, deletes: int, known: int) -> bool:
        """Say whether `deletes` out of `known` files need consent."""
        return deletes > max(self.files, self.share * known)


@dataclass(frozen=True, slots=True)
class Marker:
    """What the marker file of one side says; None where there is none or it is no marker."""

    project: str | None

    @classmethod
    def parse(cls, content: bytes | None) -> Marker:
        """Read a marker file's content. Anything that is not a marker has no project."""
        if content is None:
            return cls(None)
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):  # the latter: brackets without end
            return cls(None)
        project = data.get("project") if isinstance(data, dict) else None
        return cls(project if isinstance(project, str) else None)


def marker_content(project_id: str) -> bytes:
    """Return the marker file of a project: always the same bytes, so that it never changes."""
    data = {
        "about": "This folder is kept in step by jupyter-drive-sync. Please leave this file here.",
        "project": project_id,
        "version": MARKER_VERSION,
    }
    return (json.dumps(data, indent=2, sort_keys=True) + "\n").encode()


def check_sides(
    project_id: str,
    local: Listing,
    remote: Listing,
    markers: Mapping[Side, Marker],
) -> None:
    """Stop a run whose sides are not what they should be.

    Raises
    ------
    LocalMissing, RemoteMissing
        A folder or its marker is gone.
    WrongRemote
        A marker names another project.
    ListingIncomplete
        A listing may miss files.
    """
    if not local.exists:
        raise LocalMissing("The project folder is gone from this computer.")
    if not remote.exists:
        raise RemoteMissing("The folder on Drive is gone.")
    for listing in (local, remote):
        if not listing.complete:
            raise ListingIncomplete(
                "The list of files may be incomplete, so nothing was changed."
                + (f" ({listing.trouble})" if listing.trouble else "")
            )
    if markers[Side.LOCAL].project is None:
        raise LocalMissing(
            f"The project folder no longer holds {MARKER_PATH}, so it may be another folder.",
            "Put that file back, or unlink the project and link it again.",
        )
    if markers[Side.REMOTE].project is None:
        raise RemoteMissing(
            f"The folder on Drive no longer holds {MARKER_PATH}, so it may be another folder."
        )
    for side, where in ((Side.LOCAL, "The project folder"), (Side.REMOTE, "The folder on Drive")):
        if markers[side].project != project_id:
            raise WrongRemote(f"{where} belongs to another project.")


def check_plan(
    plan: Plan,
    baseline: Baseline,
    local: Listing,
    remote: Listing,
    *,
    limit: DeleteLimit,
    consent: str | None,
) -> None:
    """Stop a plan that deletes more than a person would expect, unless she agreed to exactly it.

    Raises
    ------
    ConsentNeeded
        Consent was given to another plan.
    SideEmptied, TooManyDeletes
        Consent is needed.
    """
    problem = deletes_problem(plan, baseline, local, remote, limit=limit)
    if problem is None or consent == plan.hash:
        return
    if consent is not None:
        raise ConsentNeeded("The files changed since you agreed, so the plan is another one now.")
    raise problem


def deletes_problem(
    plan: Plan, baseline: Baseline, local: Listing, remote: Listing, *, limit: DeleteLimit
) -> DriveSyncError | None:
    """Return why a plan's deletes need consent, or None when they do not."""
    if not plan.deletes:
        return None
    for listing, where in ((local, "this computer"), (remote, "Drive")):
        if baseline and not _own_files(listing):
            return SideEmptied(f"All files of the project are gone from {where}.")
    if limit.exceeded(plan.deletes, len(baseline)):
        return TooManyDeletes(
            f"{plan.deletes} of {len(baseline)} files would be deleted, more than usual."
        )
    return None


def _own_files(listing: Listing) -> bool:
    prefix = f"{MARKER_FOLDER}/"
    return any(not path.startswith(prefix) for path in listing.files())
