"""One run: plan, check, apply, commit, record. What is published is the caller's affair."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from jupyter_drive_sync.engine.apply import apply
from jupyter_drive_sync.engine.bases import keep_bases, owe_bases
from jupyter_drive_sync.engine.check import check_plan, check_sides, deletes_problem
from jupyter_drive_sync.engine.commit import Listings, begin, commit, listings
from jupyter_drive_sync.engine.gather import Gathered, gather
from jupyter_drive_sync.engine.holds import hold_written
from jupyter_drive_sync.engine.pace import PacedObserver
from jupyter_drive_sync.engine.record import record_committed, record_quiet
from jupyter_drive_sync.engine.session import (
    Phase,
    Preview,
    Run,
    RunObserver,
    RunReport,
    RunRequest,
    Session,
)
from jupyter_drive_sync.engine.settle import leave_open, settle
from jupyter_drive_sync.engine.tidy import tidy
from jupyter_drive_sync.errors import Cancelled, DriveSyncError
from jupyter_drive_sync.ports.records import Trigger
from jupyter_drive_sync.ports.transfer import CancelToken

LAST_GOOD_KEY = "last_good_sync"
"""When both sides were last seen in step but for holds; ISO 8601 in UTC."""


def preview(session: Session, request: RunRequest | None = None) -> Preview:
    """Say what a run would do now, and why it would stop. Changes nothing on either side.

    Parameters
    ----------
    request : RunRequest, optional
        What the run would be asked for.
    """
    gathered = _settled(gather(session), session, request or RunRequest(Trigger.PERSON))
    try:
        check_sides(session.project.id, gathered.local, gathered.remote, gathered.markers)
    except DriveSyncError as error:
        # What a run would do with a side that is not the right one, it will never do.
        return Preview(replace(gathered.plan, steps=()), error)
    problem = deletes_problem(
        gathered.plan,
        gathered.baseline,
        gathered.local,
        gathered.remote,
        limit=session.limit,
    )
    return Preview(gathered.plan, problem)


def execute(
    session: Session,
    request: RunRequest,
    observer: RunObserver | None = None,
    cancel: CancelToken | None = None,
) -> RunReport:
    """Make one run. Blocks; call it in a worker thread, under the project's lock.

    Raises
    ------
    Halted
        A check failed; nothing was touched.
    Cancelled
        A person cancelled; what was done stays done and is recorded.
    DriveSyncError
        The run could not be finished; the next one carries on.
    """
    paced = PacedObserver(observer or RunObserver(), session.project.remote.kind)
    run = Run(session, request, paced, cancel or CancelToken())
    run.observer.phase(Phase.PLAN)
    gathered = _settled(gather(session), session, request)
    run.observer.phase(Phase.CHECK)
    check_sides(session.project.id, gathered.local, gathered.remote, gathered.markers)
    # A plan of a side that is not there would only frighten.
    run.observer.planned(gathered.plan)
    _check_plan(run, gathered)
    worth = listings(session.store)
    begin(session.store, gathered.plan)
    owed = owe_bases(run, gathered.plan)
    record_quiet(run, gathered)
    try:
        if gathered.plan.active or worth is None:
            with session.local.named(run.name):
                _carry_out(run, gathered, worth)
    finally:
        keep_bases(run, owed)
    tidy(session)
    finished = run.now()
    plan, failures = hold_written(run, gathered.plan)
    if not failures:
        session.store.put(LAST_GOOD_KEY, finished.isoformat())
    return RunReport(
        run=run.name,
        plan=plan,
        finished=finished,
        rows=tuple(run.rows),
        failures=tuple(sorted(failures.items())),
    )


def _settled(gathered: Gathered, session: Session, request: RunRequest) -> Gathered:
    plan = settle(gathered.plan, request.resolutions, session.keep)
    plan = leave_open(plan, gathered.remote, request.open_elsewhere, request.anyway)
    return replace(gathered, plan=plan)


def _check_plan(run: Run, gathered: Gathered) -> None:
    check_plan(
        gathered.plan,
        gathered.baseline,
        gathered.local,
        gathered.remote,
        limit=run.session.limit,
        consent=run.request.consent,
    )


def _carry_out(run: Run, gathered: Gathered, worth: Listings | None) -> None:
    """Apply and commit, and record what was done even when a later part fails."""
    try:
        run.observer.phase(Phase.APPLY)
        apply(run, gathered)
        run.observer.phase(Phase.COMMIT)
        commit(run, gathered, worth)
    except Cancelled:
        # What went up before is known, so that the next run and the history know it too; where
        # that cannot be looked up now, the next run finds both sides alike.
        with contextlib.suppress(DriveSyncError):
            record_committed(run, gathered)
        raise
    except BaseException:
        # The rows of what was done must not be lost with the error that follows.
        run.session.store.record(rows=run.rows)
        raise
    run.observer.phase(Phase.RECORD)
    record_committed(run, gathered)
