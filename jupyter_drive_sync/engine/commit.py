"""The bisync run: it carries out what goes up and brings its own listings up to date.

Local writes are done before it starts. Every local file is held by a hard link meanwhile, so a
version that bisync might still replace or remove is found afterwards and kept.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import replace
from enum import Enum

from jupyter_drive_sync.engine.apply import note_kept
from jupyter_drive_sync.engine.gather import Gathered
from jupyter_drive_sync.engine.models import DELETES, MOVES, Plan, StepKind
from jupyter_drive_sync.engine.session import Run
from jupyter_drive_sync.engine.upload import (
    equalize,
    keep_replaced,
    push_over,
    set_aside_changed,
)
from jupyter_drive_sync.errors import (
    Cancelled,
    DiskFull,
    DriveSyncError,
    ListingIncomplete,
    LockedElsewhere,
    NeedsResync,
    Offline,
    QuotaFull,
    RateLimited,
    RcloneFailed,
    SignInNeeded,
)
from jupyter_drive_sync.ports.records import Store
from jupyter_drive_sync.ports.sides import Displaced
from jupyter_drive_sync.ports.transfer import BisyncOutcome, BisyncRequest, BisyncResult

LISTINGS_KEY = "bisync_listings"
"""What bisync's own listings are worth, remembered from run to run: see `Listings`."""


class Listings(str, Enum):
    """What bisync's own listings are worth. Nothing remembered: nothing, they are made anew."""

    CURRENT = "current"
    """bisync has ended well, and nothing was changed on either side since by anything else."""

    BEHIND = "behind"
    """They are sound, but older than the baseline.

    bisync takes a file that was brought over since for one that was changed on both sides, alike.
    If it is gone from one side by then, bisync would bring it back; so what goes or is renamed
    is then carried out before bisync.
    """


def listings(store: Store) -> Listings | None:
    """Return what bisync's listings are worth."""
    value = store.get(LISTINGS_KEY)
    return Listings(value) if value else None


def fall_behind(store: Store) -> None:
    """Remember that something is changed without bisync."""
    if listings(store) is Listings.CURRENT:
        store.put(LISTINGS_KEY, Listings.BEHIND.value)


def begin(store: Store, plan: Plan) -> None:
    """Remember what bisync's listings are worth should the run be cut short from here on.

    They count what left a side since as deletes, which the baseline knows no more of by then, and
    bisync would refuse to go on. So they are made anew after a run that was to delete or rename.
    """
    if plan.of(*DELETES, *MOVES, StepKind.FORGET):
        store.put(LISTINGS_KEY, None)
    elif plan.active or plan.of(StepKind.ADOPT):
        fall_behind(store)


_GLOB_CHARACTERS = "\\*?[]{}"


def commit(run: Run, gathered: Gathered, worth: Listings | None) -> BisyncOutcome | None:
    """Carry out the pushes, remote moves and remote deletes of the plan.

    When files were only saved, there or here, all is done without bisync, which would list Drive
    three times over to find that they are alike. Its listings are behind then.

    When bisync's listings are lost, damaged or of a run that did not end well, both sides are
    made equal first, from the plan alone, and the listings are made anew: bisync's own
    ``--resync`` and ``--recover`` then have nothing left to decide.

    Parameters
    ----------
    worth : Listings or None
        What bisync's listings were worth when the run began.

    Returns
    -------
    BisyncOutcome or None
        Of the run that ended well; None when it was not needed.

    Raises
    ------
    DriveSyncError
        As the run's outcome says. Whatever was carried out stays.
    """
    session = run.session
    push_over(run, gathered)
    if worth is not None and _only_saves(gathered.plan):
        return None
    if worth is Listings.BEHIND:
        equalize(run, gathered)
    request = BisyncRequest(
        local=session.local.root,
        remote=session.project.remote.spec,
        workdir=session.folders.bisync,
        filters=hold_filters(set_aside(run, gathered)) + gathered.ignore.filters,
        max_delete_percent=_max_delete_percent(run, gathered),
        lock_fd=session.lock_fd(),
    )
    if worth is not None and not session.bisync.locked_out(request):
        if worth is Listings.CURRENT:
            keep_replaced(run, gathered.plan.of(StepKind.DELETE_REMOTE))
        outcome = _bisync(run, gathered, request)
        if outcome.result not in (BisyncResult.NEEDS_RESYNC, BisyncResult.FILTERS_CHANGED):
            return _judge(run, outcome)
    if worth is not Listings.BEHIND:
        equalize(run, gathered)
    set_aside_changed(run, gathered)
    resync = replace(
        request,
        filters=hold_filters(set_aside(run, gathered)) + gathered.ignore.filters,
        resync=True,
    )
    return _judge(run, _bisync(run, gathered, resync))


def _only_saves(plan: Plan) -> bool:
    """Say whether a plan does no more than bring over files that are on Drive already."""
    return all(
        step.kind in (StepKind.ADOPT, StepKind.HOLD, StepKind.PULL)
        or (step.kind is StepKind.PUSH and step.remote is not None)
        for step in plan.steps
    )


def set_aside(run: Run, gathered: Gathered) -> list[str]:
    """Return the paths that bisync must not see: held ones, and those that could not be done.

    bisync would carry out what was refused, without the care.
    """
    run.aside |= {step.path for step in gathered.plan.holds} | set(run.failures)
    for step in gathered.plan.of(StepKind.MOVE_LOCAL):
        if step.path in run.failures and step.old_path is not None:
            run.aside.add(step.old_path)
    return sorted(run.aside)


def hold_filters(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the rclone rules that leave out exactly these paths and all below them."""
    rules: list[str] = []
    for path in paths:
        pattern = "".join("\\" + char if char in _GLOB_CHARACTERS else char for char in path)
        rules += [f"- /{pattern}", f"- /{pattern}/**"]
    return tuple(rules)


def _max_delete_percent(run: Run, gathered: Gathered) -> int:
    """Return the share of files that bisync may see gone: what the plan says, and no more.

    bisync measures against its previous listing. It counts renames, what is gone from both sides
    already, what is gone from one side and comes back because the other has edited it, and what is
    set aside, because that is filtered out of its sight.
    """
    plan = gathered.plan
    if run.request.consent == plan.hash:
        return 100
    hidden = sum(_at_or_below(path, run.aside) for path in gathered.baseline)
    moves = sum(plan.counts[kind] for kind in MOVES)
    back = sum(
        step.path in gathered.baseline and None in (step.local, step.remote)
        for step in plan.of(StepKind.PUSH, StepKind.PULL)
    )
    gone = plan.deletes + moves + plan.counts[StepKind.FORGET] + back + hidden
    known = max(1, len(gathered.baseline) - hidden)
    return min(100, math.ceil(100 * gone / known) + 1)


def _at_or_below(path: str, places: Collection[str]) -> bool:
    """Say whether a path is one of some places, or lies below one."""
    while path:
        if path in places:
            return True
        path = path.rpartition("/")[0]
    return False


def _deleted_unasked(gathered: Gathered, outcome: BisyncOutcome) -> set[str]:
    """Return the paths that bisync deleted although the plan does not.

    That happens when its own listing of Drive misses a file that ours had.
    """
    steps = gathered.plan.of(*DELETES, *MOVES)
    asked = {step.path for step in steps} | {step.old_path for step in steps}
    deleted = {note.path for note in outcome.notes if note.message.startswith("Deleted")}
    return deleted - asked


def _bisync(run: Run, gathered: Gathered, request: BisyncRequest) -> BisyncOutcome:
    session = run.session
    known = {
        path: entry.version
        for path, entry in gathered.local.files().items()
        if entry.version is not None
    }
    session.store.put(LISTINGS_KEY, None)
    run.shown.clear()  # bisync may change it
    with session.local.net(run.name, known) as net:
        outcome = session.bisync.run(request, run.observer.progress, run.cancel)
        rescued = net.rescue(_deleted_unasked(gathered, outcome))
    for path, kept in (*rescued.items(), *outcome.copies.items()):
        note_kept(run, path, Displaced(done=True, kept_as=kept))
    if outcome.result.ok and not outcome.locked_out:
        # What was set aside is in the baseline and not in its listings: if it is gone from one
        # side when it is let go, bisync would take it for new on the other, and bring it back.
        behind = not run.aside.isdisjoint(gathered.baseline)
        session.store.put(LISTINGS_KEY, (Listings.BEHIND if behind else Listings.CURRENT).value)
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
    # Both sides were there when the run looked: the next one looks again before it says so.
    BisyncResult.REMOTE_MISSING: (
        ListingIncomplete,
        "The folder on Drive could not be seen whole while it was synced.",
    ),
    BisyncResult.LOCAL_MISSING: (
        ListingIncomplete,
        "The project folder could not be seen whole while it was synced.",
    ),
    BisyncResult.TOO_MANY_DELETES: (
        ListingIncomplete,
        "The list of files changed while it was synced, so nothing was deleted.",
    ),
    BisyncResult.ALL_CHANGED: (
        ListingIncomplete,
        "All files seemed to change at once, so nothing was carried over.",
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
