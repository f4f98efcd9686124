"""What a run leaves behind: the baseline as Drive itself reports it, and the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jupyter_drive_sync.engine.gather import Gathered
from jupyter_drive_sync.engine.models import Step, StepKind
from jupyter_drive_sync.engine.plan import alike, same_content
from jupyter_drive_sync.engine.rows import history_row
from jupyter_drive_sync.engine.session import Run
from jupyter_drive_sync.engine.upload import SPOILED
from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.ports.listing import Entry, Version
from jupyter_drive_sync.ports.records import Action, BaselineEntry, Direction
from jupyter_drive_sync.ports.transfer import BEING_WRITTEN

MAX_SINGLE_LOOKS = 3
"""Up to so many files are looked up one by one after a commit; more of them by one listing."""

_TO_REMOTE = (
    StepKind.PUSH,
    StepKind.KEEP_BOTH,
    StepKind.MOVE_REMOTE,
    StepKind.DELETE_REMOTE,
)


def record_quiet(run: Run, gathered: Gathered) -> None:
    """Take up what is alike, or gone, on both sides already."""
    plan = gathered.plan
    agreed = [
        BaselineEntry(step.path, *_agreed(step.local, step.remote), step.remote_id)
        for step in plan.of(StepKind.ADOPT)
        if step.local is not None and step.remote is not None
    ]
    forgotten = [step.path for step in plan.of(StepKind.FORGET)]
    if agreed or forgotten:
        run.record(agreed=agreed, forgotten=forgotten)


def _agreed(local: Version, remote: Version) -> tuple[Version, Version]:
    """Let each side's version know the digest that the other side's has."""
    md5 = local.md5 or remote.md5
    return (
        Version(local.size, local.mtime_ns, md5),
        Version(remote.size, remote.mtime_ns, md5),
    )


def record_committed(run: Run, gathered: Gathered) -> None:
    """Ask the remote side what became of each step, and write that down.

    Nothing is assumed: a push counts when the remote side shows the content that stands here.
    """
    planned = gathered.plan.of(*_TO_REMOTE) + _kept(run)
    # What was set aside was not carried out: whatever stands there now is for the next plan.
    steps = tuple(step for step in planned if step.path not in run.aside)
    agreed: list[BaselineEntry] = []
    forgotten: list[str] = []
    if steps:
        try:
            now = _look(run, gathered, steps)
        except DriveSyncError:
            # What came down is history, whatever became of what went up.
            run.record(rows=run.rows)
            run.rows.clear()
            raise
        for step in steps:
            if step.kind is StepKind.DELETE_REMOTE:
                _record_delete(run, step, now, forgotten)
                continue
            entry = _record_push(run, gathered, step, now.get(step.path))
            if entry is not None:
                agreed.append(entry)
                if step.old_path is not None:
                    forgotten.append(step.old_path)
    run.record(agreed=agreed, forgotten=forgotten, rows=run.rows)


def _kept(run: Run) -> tuple[Step, ...]:
    """Return the copies that this run put beside files: bisync has pushed them by now."""
    found = [(path, run.session.local.stat(path)) for path in run.kept]
    return tuple(
        Step(StepKind.PUSH, path, local=entry.version)
        for path, entry in found
        if entry is not None and entry.version is not None
    )


def _look(run: Run, gathered: Gathered, steps: tuple[Step, ...]) -> Mapping[str, Entry]:
    remote = run.session.remote
    unseen = [step.path for step in steps if step.path not in run.shown]
    if len(unseen) <= MAX_SINGLE_LOOKS:
        return {**run.shown, **remote.look(unseen)}
    known = {path: entry.remote for path, entry in gathered.baseline.items()}
    return remote.list(known, gathered.ignore).files()


def _record_delete(run: Run, step: Step, now: Mapping[str, Entry], forgotten: list[str]) -> None:
    if step.path in now:
        run.failures.setdefault(step.path, "it could not be deleted on Drive")
        return
    # Also when the file is back here by now: forgotten, it counts as new and goes up again.
    forgotten.append(step.path)
    run.rows.append(history_row(run, step, Direction.UP, Action.DELETED))
    run.observer.done(step.path)


def _record_push(
    run: Run, gathered: Gathered, step: Step, entry: Entry | None
) -> BaselineEntry | None:
    if run.failures.get(step.path) in (SPOILED, BEING_WRITTEN):
        return None  # what stands there now is written down already, or nothing went up
    version = entry.version if entry is not None else None
    before = gathered.baseline.get(step.path)
    if entry is None or version is None or (before is not None and alike(before.remote, version)):
        run.failures.setdefault(step.path, "it did not arrive on Drive")
        return None
    pushed = _as_pushed(run, step, version)
    if pushed is None:
        # Nothing is written down, so the next plan sees both edits and holds.
        run.failures.setdefault(step.path, "it changed on Drive while it was uploaded")
        return None
    if step.kind is StepKind.MOVE_REMOTE:
        action = Action.MOVED
    else:
        action = Action.CREATED if step.remote is None else Action.UPDATED
    run.failures.pop(step.path, None)
    # The history names the content that arrived, which the plan need not have known.
    done = replace(step, local=pushed[0])
    run.rows.append(history_row(run, done, Direction.UP, action, detail=step.old_path or ""))
    run.observer.done(step.path)
    return BaselineEntry(step.path, *pushed, entry.id)


def _as_pushed(run: Run, step: Step, remote: Version) -> tuple[Version, Version] | None:
    """Say which local version the remote one is; None: it is somebody's edit over there.

    A file that stood still since the plan is what was uploaded. One that was saved meanwhile is
    read; if it is not what arrived, the baseline gets a local version that no file can equal, so
    the next plan pushes the later save.
    """
    session = run.session
    entry = session.local.stat(step.path)
    here = entry.version if entry is not None else None
    if here is not None and step.local is not None and here.same_stat(step.local):
        md5 = step.local.md5
        if md5 is None and same_content(replace(here, md5=None), remote):
            md5 = remote.md5  # rclone sets the time of what it uploads; a later edit has its own
        md5 = md5 or session.local.digest([step.path]).get(step.path)
        if here.size != remote.size or (remote.md5 is not None and md5 != remote.md5):
            return None
        return Version(here.size, here.mtime_ns, md5), Version(remote.size, remote.mtime_ns, md5)
    if here is not None:
        md5 = session.local.digest([step.path]).get(step.path)
        if md5 is not None and md5 == remote.md5:
            return Version(here.size, here.mtime_ns, md5), remote
    return Version(remote.size, 0, remote.md5), remote
