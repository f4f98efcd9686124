"""The bisync run: it carries out what goes up and brings its own listings up to date.

Local writes are done before it starts. Every local file is held by a hard link meanwhile, so a
version that bisync might still replace or remove is found afterwards and kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from jupyter_drive_sync.engine.apply import note_kept
from jupyter_drive_sync.engine.gather import Gathered
from jupyter_drive_sync.engine.models import MOVES, StepKind
from jupyter_drive_sync.engine.session import Run
from jupyter_drive_sync.engine.upload import equalize, keep_replaced, push_over
from jupyter_drive_sync.errors import (
    Cancelled,
    DiskFull,
    DriveSyncError,
    LocalMissing,
    LockedElsewhere,
    NeedsResync,
    Offline,
    QuotaFull,
    RateLimited,
    RcloneFailed,
    RemoteMissing,
    SignInNeeded,
    TooManyDeletes,
)
from jupyter_drive_sync.ports.sides import Displaced
from jupyter_drive_sync.ports.transfer import BisyncOutcome, BisyncRequest, BisyncResult

CLEAN_KEY = "bisync_clean"
"""Remembered as "1" only between a bisync run that ended well and the start of the next."""

_GLOB_CHARACTERS = "\\*?[]{}"


def commit(run: Run, gathered: Gathered) -> BisyncOutcome:
    """Carry out the pushes, remote moves and remote deletes of the plan.

    When bisync's listings are lost, damaged or of a run that did not end well, both sides are
    made equal first, from the plan alone, and the listings are made anew: bisync's own
    ``--resync`` and ``--recover`` then have nothing left to decide.

    Returns
    -------
    BisyncOutcome
        Of the run that ended well.

    Raises
    ------
    DriveSyncError
        As the run's outcome says. Whatever was carried out stays.
    """
    session = run.session
    push_over(run, gathered)
    request = BisyncRequest(
        local=session.local.root,
        remote=session.project.remote.spec,
        workdir=session.folders.bisync,
        filters=hold_filters(set_aside(run, gathered)) + gathered.ignore.filters,
        max_delete_percent=_max_delete_percent(run, gathered),
        lock_fd=session.lock_fd(),
    )
    if session.store.get(CLEAN_KEY) == "1" and not session.bisync.locked_out(request):
        keep_replaced(run, gathered.plan.of(StepKind.DELETE_REMOTE))
        outcome = _bisync(run, gathered, request)
        if outcome.result not in (BisyncResult.NEEDS_RESYNC, BisyncResult.FILTERS_CHANGED):
            return _judge(run, outcome)
    equalize(run, gathered)
    resync = replace(
        request,
        filters=hold_filters(set_aside(run, gathered)) + gathered.ignore.filters,
        resync=True,
    )
    return _judge(run, _bisync(run, gathered, resync))


def set_aside(run: Run, gathered: Gathered) -> list[str]:
    """Return the paths that bisync must not see: held ones, and those that apply could not do.

    bisync would carry out what apply refused, without its care.
    """
    paths = {step.path for step in gathered.plan.holds} | set(run.failures)
    for step in gathered.plan.of(StepKind.MOVE_LOCAL):
        if step.path in run.failures and step.old_path is not None:
            paths.add(step.old_path)
    return sorted(paths)


def hold_filters(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the rclone rules that leave out exactly these paths and all below them."""
    rules: list[str] = []
    for path in paths:
        pattern = "".join("\\" + char if char in _GLOB_CHARACTERS else char for char in path)
        rules += [f"- /{pattern}", f"- /{pattern}/**"]
    return tuple(rules)


def _max_delete_percent(run: Run, gathered: Gathered) -> int:
    """Return the share of files that bisync may delete: what the plan holds, and no more.

    bisync counts renames as deletes, and measures against its previous listing.
    """
    plan = gathered.plan
    agreed = plan.deletes + sum(plan.counts[kind] for kind in MOVES)
    if agreed == 0:
        return 1
    if run.request.consent == plan.hash:
        return 100
    known = max(1, len(gathered.baseline))
    return min(100, math.ceil(100 * agreed / known) + 1)


def _bisync(run: Run, gathered: Gathered, request: BisyncRequest) -> BisyncOutcome:
    session = run.session
    known = {
        path: entry.version
        for path, entry in gathered.local.files().items()
        if entry.version is not None
    }
    session.store.put(CLEAN_KEY, None)
    with session.local.net(run.name, known) as net:
        outcome = session.bisync.run(request, run.observer.progress, run.cancel)
        for path, kept in net.rescue().items():
            note_kept(run, path, Displaced(done=True, kept_as=kept))
    if outcome.result.ok and not outcome.locked_out:
        session.store.put(CLEAN_KEY, "1")
    return outcome


def _judge(run: Run, outcome: BisyncOutcome) -> BisyncOutcome:
    for note in outcome.notes:
        if note.error and note.path:
            run.failures.setdefault(note.path, note.message)
    if outcome.result.ok:
        return outcome
    raise _error(outcome)


_ERRORS: dict[BisyncResult, tuple[type[DriveSyncError], str]] = {
    BisyncResult.CANCELLED: (Cancelled, "The sync was cancelled."),
    BisyncResult.SIGN_IN: (SignInNeeded, "Google Drive no longer accepts the saved sign-in."),
    BisyncResult.API_NOT_ENABLED: (
        SignInNeeded,
        "The Google Drive API is not enabled for the client that is used to sign in.",
    ),
    BisyncResult.QUOTA_FULL: (
        QuotaFull,
        "There is no space left on Drive, or today's upload limit is reached.",
    ),
    BisyncResult.DISK_FULL: (DiskFull, "There is no space left on this computer."),
    BisyncResult.OFFLINE: (Offline, "Drive cannot be reached."),
    BisyncResult.RATE_LIMITED: (RateLimited, "Drive asks to slow down."),
    BisyncResult.REMOTE_MISSING: (
        RemoteMissing,
        "The folder on Drive is gone, or is no longer the project's.",
    ),
    BisyncResult.LOCAL_MISSING: (LocalMissing, "The project folder is gone from this computer."),
    BisyncResult.TOO_MANY_DELETES: (
        TooManyDeletes,
        "More files would be deleted than the plan agreed to.",
    ),
    BisyncResult.ALL_CHANGED: (
        TooManyDeletes,
        "All files changed at once, so nothing was carried over.",
    ),
    BisyncResult.LOCKED: (LockedElsewhere, "Another program is syncing this project."),
    BisyncResult.NEEDS_RESYNC: (NeedsResync, "The list of what was in step is made anew."),
    BisyncResult.FILTERS_CHANGED: (NeedsResync, "The list of what was in step is made anew."),
}


def _error(outcome: BisyncOutcome) -> DriveSyncError:
    if outcome.result in _ERRORS:
        kind, message = _ERRORS[outcome.result]
        return kind(message)
    said = outcome.errors[-1] if outcome.errors else f"rclone ended with {outcome.exit_code}"
    return RcloneFailed(f"The sync did not finish: {said}")
