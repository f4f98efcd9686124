"""The careful half of a run: everything that writes to the local disk.

Downloads are staged and verified, swapped in atomically, and what they displace is looked at:
a version that the plan did not see is kept beside the file. Deletes need a second, independent
look at the remote side and end in the project's trash.
"""

from __future__ import annotations

import json
from dataclasses import replace

from jupyter_drive_sync.engine.gather import Gathered
from jupyter_drive_sync.engine.models import Step, StepKind, fingerprint
from jupyter_drive_sync.engine.rows import history_row
from jupyter_drive_sync.engine.session import Run, Session
from jupyter_drive_sync.errors import Cancelled
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.projects import STAGING_PATH
from jupyter_drive_sync.ports.records import Action, BaselineEntry, Direction
from jupyter_drive_sync.ports.sides import Displaced, Installing
from jupyter_drive_sync.ports.transfer import CopyResult

MAX_SINGLE_LOOKS = 8
"""Up to so many absences are confirmed one by one; more of them by a second listing."""


_COPIED = "copied:"
"""Before a path: which version "keep both" has put beside it, where, and the copy's md5."""

CHANGED_MEANWHILE = "it changed on Drive while it was downloaded"


def apply(run: Run, gathered: Gathered) -> None:
    """Carry out the pulls, local moves and local deletes of the plan.

    What is done is written to the baseline at once, so that a crash afterwards costs nothing.
    Paths that cannot be done this time are added to ``run.failures``.

    Raises
    ------
    DriveSyncError
        When nothing can be downloaded at all (offline, sign-in lost, disk full).
    Cancelled
        When a person cancelled; what arrived is in place.
    """
    plan = gathered.plan
    _moves(run, plan.of(StepKind.MOVE_LOCAL))
    _pulls(run, plan.of(StepKind.PULL))
    _copies(run, plan.of(StepKind.KEEP_BOTH))
    if run.cancel.requested:
        raise Cancelled("The sync was cancelled.")
    _deletes(run, gathered, plan.of(StepKind.DELETE_LOCAL))


def _moves(run: Run, steps: tuple[Step, ...]) -> None:
    session = run.session
    agreed: list[BaselineEntry] = []
    forgotten: list[str] = []
    for step in steps:
        if step.old_path is None or step.local is None or step.remote is None:
            continue
        result = session.local.rename(step.old_path, step.path, step.local)
        if not result.done:
            run.failures[step.path] = result.reason
            continue
        forgotten.append(step.old_path)
        agreed.append(BaselineEntry(step.path, step.local, step.remote, step.remote_id))
        run.rows.append(history_row(run, step, Direction.DOWN, Action.MOVED, detail=step.old_path))
        run.observer.done(step.path)
    run.record(agreed=agreed, forgotten=forgotten)


def _pulls(run: Run, steps: tuple[Step, ...]) -> None:
    if not steps:
        return
    session = run.session
    by_path = {step.path: step for step in steps}
    with session.local.staging(run.name) as staging:
        try:
            result = session.remote.pull(list(by_path), staging, run.observer.progress, run.cancel)
        except Cancelled:
            # rclone gives a file its name when it is whole: what has its name is not lost.
            result = CopyResult(tuple(path for path in by_path if (staging / path).is_file()))
        if not run.cancel.requested:
            run.failures.update(result.failed)
        arrived = [path for path in result.done if path in by_path]
        digests = session.local.digest([f"{STAGING_PATH}/{run.name}/{path}" for path in arrived])
        agreed: list[BaselineEntry] = []
        with session.local.installing(staging, arrived) as installing:
            try:
                for path in arrived:
                    md5 = digests.get(f"{STAGING_PATH}/{run.name}/{path}")
                    entry = _install(run, by_path[path], installing, md5)
                    if entry is not None:
                        agreed.append(entry)
            finally:
                # A baseline that outlasts a power cut which the files do not would delete them.
                installing.settle()
                run.record(agreed=agreed)


def _copies(run: Run, steps: tuple[Step, ...]) -> None:
    """Put Drive's version beside the file; the push that follows carries mine over its name."""
    if not steps or run.cancel.requested:
        return
    session = run.session
    # A copy that an earlier try has put there already is enough, as long as it stands there.
    by_path = {step.path: step for step in steps if not _is_kept(session, step)}
    if not by_path:
        return
    name = f"{run.name}-both"
    with session.local.staging(name) as staging:
        result = session.remote.pull(list(by_path), staging, run.observer.progress, run.cancel)
        run.failures.update(result.failed)
        digests = session.local.digest([f"{STAGING_PATH}/{name}/{path}" for path in result.done])
        for path in result.done:
            seen = by_path[path].remote
            md5 = digests.get(f"{STAGING_PATH}/{name}/{path}")
            if seen is None or (seen.md5 is not None and seen.md5 != md5):
                run.failures[path] = CHANGED_MEANWHILE
                continue
            kept = session.local.keep_beside(
                staging / path, path, session.project.remote.kind.owner
            )
            session.store.put(f"{_COPIED}{path}", json.dumps([fingerprint(seen), kept, md5]))
            note_kept(run, path, Displaced(done=True, kept_as=kept))


def _is_kept(session: Session, step: Step) -> bool:
    """Say whether the remote version of a step stands beside the file by now, unchanged."""
    noted = session.store.get(f"{_COPIED}{step.path}")
    try:
        version, copy, md5 = json.loads(noted or "")
    except (ValueError, TypeError):  # none, or as an older release noted it
        return False
    return (
        version == fingerprint(step.remote)
        and md5 is not None
        and session.local.digest([copy]).get(copy) == md5
    )


def _install(run: Run, step: Step, installing: Installing, md5: str | None) -> BaselineEntry | None:
    session = run.session
    seen = step.remote
    if seen is None or md5 is None or (seen.md5 is not None and seen.md5 != md5):
        run.failures[step.path] = CHANGED_MEANWHILE
        return None
    result = installing.install(step.path, step.local)
    if not result.done:
        run.failures[step.path] = result.reason
        return None
    action = Action.CREATED if step.local is None else Action.UPDATED
    # The history names the content that arrived, which the plan need not have known.
    done = replace(step, remote=replace(seen, md5=md5))
    run.rows.append(history_row(run, done, Direction.DOWN, action))
    note_kept(run, step.path, result)
    run.observer.done(step.path)
    placed = session.local.stat(step.path)
    if placed is None or placed.version is None:
        return None
    local = Version(placed.version.size, placed.version.mtime_ns, md5)
    if local.size != seen.size:
        # Somebody wrote to it again already: the next plan sees that as an edit made here.
        local = Version(seen.size, 0, md5)
    remote = Version(seen.size, seen.mtime_ns, md5)
    return BaselineEntry(step.path, local, remote, step.remote_id)


def note_kept(run: Run, path: str, result: Displaced) -> None:
    """Add a history row when a version was kept beside the file."""
    if result.kept_as is None:
        return
    run.kept.append(result.kept_as)
    step = Step(StepKind.HOLD, path)
    row = history_row(run, step, Direction.NONE, Action.KEPT, detail=result.kept_as)
    run.rows.append(row)


def _deletes(run: Run, gathered: Gathered, steps: tuple[Step, ...]) -> None:
    if not steps:
        return
    session = run.session
    absent = _confirmed_absent(run, gathered, [step.path for step in steps])
    forgotten: list[str] = []
    try:
        for step in steps:
            if step.local is None:
                continue
            if step.path not in absent:
                run.failures[step.path] = "it is there on Drive after all; nothing was deleted"
                continue
            result = session.local.discard(step.path, step.local)
            if not result.done:
                run.failures[step.path] = result.reason
                continue
            forgotten.append(step.path)
            run.rows.append(history_row(run, step, Direction.DOWN, Action.DELETED))
            note_kept(run, step.path, result)
            run.observer.done(step.path)
    finally:
        session.store.record(forgotten=forgotten)


def _confirmed_absent(run: Run, gathered: Gathered, paths: list[str]) -> set[str]:
    """Look a second time, by another query than the first listing."""
    remote = run.session.remote
    if len(paths) <= MAX_SINGLE_LOOKS:
        return set(paths) - remote.look(paths).keys()
    known = {path: entry.remote for path, entry in gathered.baseline.items()}
    second = remote.list(known, gathered.ignore)
    if not second.exists or not second.complete:
        return set()
    return {path for path in paths if path not in second.entries}
