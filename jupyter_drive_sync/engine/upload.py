"""Writing to the remote side over what stands there: never without a last look.

bisync carries out what is new or gone. What would be written over is pushed here, in place, right
after a look that shows the version the plan saw. A version that nothing else would keep is put
into the project's trash first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from jupyter_drive_sync.engine.gather import Gathered
from jupyter_drive_sync.engine.models import DELETES, MOVES, Step, StepKind
from jupyter_drive_sync.engine.plan import alike
from jupyter_drive_sync.engine.session import Run
from jupyter_drive_sync.errors import Cancelled, DiskFull, DriveSyncError, ListingIncomplete
from jupyter_drive_sync.ports.listing import Entry, Version
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.ports.records import BaselineEntry
from jupyter_drive_sync.ports.transfer import BEING_WRITTEN

MAX_SINGLE_LOOKS = 8
"""Up to so many files are looked at one by one; more of them by one listing."""

BATCH_BYTES = 64 * 1024 * 1024
"""Files pushed after one look: the more, the longer the others wait for theirs."""

PUSH_TRIES = 3
"""How often a file is pushed in one run while it arrives spoiled."""

SPOILED = "the connection spoiled it on its way to Drive; it is sent again"

_MTIME_STEP_NS = 1_000_000
"""Drive keeps times in milliseconds."""

GONE_MEANWHILE = "it was deleted here meanwhile"

CHANGED_MEANWHILE = "it changed on Drive meanwhile; it is looked at again"


def push_over(run: Run, gathered: Gathered) -> None:
    """Push every file that the remote side has in another version, after a last look at it."""
    steps = [
        step
        for step in gathered.plan.of(StepKind.PUSH, StepKind.KEEP_BOTH)
        if step.remote is not None and step.path not in run.failures
    ]
    keeps_id = run.session.project.remote.kind is RemoteKind.DRIVE
    for batch in _batches(steps):
        rest = _push_keeping_ids(run, gathered, batch) if keeps_id else batch
        unchanged = _unchanged(run, gathered, rest)
        keep_replaced(run, unchanged)
        _push(run, [step.path for step in unchanged if step.path not in run.failures])


def equalize(run: Run, gathered: Gathered) -> None:
    """Make the remote side equal to the plan without bisync: moves, new files, deletes."""
    plan = gathered.plan
    for step in plan.of(StepKind.MOVE_REMOTE):
        _move(run, step)
    fresh = [step for step in plan.of(StepKind.PUSH) if step.remote is None]
    absent = _unchanged(run, gathered, fresh)
    _push(run, [step.path for step in absent])
    deletes = _unchanged(run, gathered, plan.of(StepKind.DELETE_REMOTE))
    keep_replaced(run, deletes)
    paths = [step.path for step in deletes if step.path not in run.failures]
    if paths:
        run.failures.update(run.session.remote.delete(paths).failed)


def set_aside_changed(run: Run, gathered: Gathered) -> None:
    """Look at the whole remote side once more, and set aside what changed since the plan.

    For the moment before bisync makes its listings anew: it takes the version here for the right
    one wherever the two sides differ.

    Raises
    ------
    ListingIncomplete
        The remote side cannot be seen whole.
    """
    plan = gathered.plan
    ours = {step.path for step in plan.of(StepKind.PUSH, StepKind.KEEP_BOTH, *MOVES, *DELETES)}
    known = {path: entry.remote for path, entry in gathered.baseline.items()}
    now = run.session.remote.list(known, gathered.ignore)
    if not now.exists or not now.complete:
        raise ListingIncomplete("The folder on Drive could not be seen whole.")
    before = gathered.remote.files()
    for path, entry in now.files().items():
        seen = before.get(path)
        if path in ours or seen is None or seen.version is None or entry.version is None:
            continue
        if not alike(seen.version, entry.version):
            run.failures[path] = CHANGED_MEANWHILE


def keep_replaced(run: Run, steps: Sequence[Step]) -> None:
    """Put what is about to be replaced or deleted into the trash, where the remote has none.

    Google Drive keeps revisions and has a trash of its own; a plain folder has neither.
    """
    session = run.session
    paths = [step.path for step in steps if step.remote is not None]
    if session.project.remote.kind is RemoteKind.DRIVE or not paths:
        return
    with session.local.staging(f"{run.name}-kept") as staging:
        result = session.remote.pull(paths, staging, run.observer.progress, run.cancel)
        for path in result.done:
            session.local.stash(staging / path, path, run.name)
    if run.cancel.requested:
        raise Cancelled("The sync was cancelled.")
    for path, reason in result.failed.items():
        run.failures[path] = f"its older version could not be kept: {reason}"


def _push(run: Run, paths: list[str]) -> None:
    if not paths:
        return
    session = run.session
    result = session.remote.push(paths, session.local.root, run.observer.progress, run.cancel)
    if run.cancel.requested:
        raise Cancelled("The sync was cancelled.")
    run.failures.update(result.failed)


def _push_keeping_ids(run: Run, gathered: Gathered, steps: Sequence[Step]) -> list[Step]:
    """Push files over those on Drive, and again, over the same ones, what arrived spoiled.

    rclone would put a file that arrived spoiled into the trash, and its id with it. Left to
    itself it does not notice either when a file is written while it goes up: so what goes up is
    a copy of each, made before the last look.

    Returns
    -------
    list of Step
        Those for whose copy the disk has no room.
    """
    session = run.session
    with session.local.staging(f"{run.name}-push") as staging:
        sent: dict[str, str] = {}
        rest: list[Step] = []
        for step in steps:
            try:
                md5 = session.local.snapshot(step.path, staging, run.cancel)
            except DiskFull:
                rest.append(step)
                continue
            if md5 is not None:
                sent[step.path] = md5
            else:
                gone = session.local.stat(step.path) is None
                run.failures[step.path] = GONE_MEANWHILE if gone else BEING_WRITTEN
        unchanged = _unchanged(run, gathered, [step for step in steps if step.path in sent])
        paths = [step.path for step in unchanged]
        for _ in range(PUSH_TRIES):
            if not paths:
                break
            result = session.remote.push(
                paths, staging, run.observer.progress, run.cancel, verify=False
            )
            run.failures.update(result.failed)
            run.shown.update(result.shown)
            spoiled = _spoiled(result.shown, sent, staging)
            # From now on it is known for ours: else it would look like an edit made over there.
            run.record(agreed=spoiled)
            paths = [entry.path for entry in spoiled]
            if run.cancel.requested:
                raise Cancelled("The sync was cancelled.")
    run.failures.update(dict.fromkeys(paths, SPOILED))
    return rest


def _spoiled(
    shown: Mapping[str, Entry], sent: Mapping[str, str], staging: Path
) -> list[BaselineEntry]:
    """Find what arrived with other bytes than it was sent.

    Its size and time are those that were sent with it; a version that somebody saved over there
    since has its own time.

    Returns
    -------
    list of BaselineEntry
        With a local version that no file can equal, so that the next plan pushes the file again.
    """
    found: list[BaselineEntry] = []
    for path, entry in shown.items():
        there = entry.version
        if there is None or there.md5 is None or there.md5 == sent[path]:
            continue
        here = (staging / path).stat()
        if here.st_size == there.size and abs(here.st_mtime_ns - there.mtime_ns) < _MTIME_STEP_NS:
            ours = Version(there.size, 0, there.md5)
            found.append(BaselineEntry(path, ours, there, entry.id))
    return found


def _move(run: Run, step: Step) -> None:
    if step.old_path is None:
        return
    try:
        run.session.remote.move(step.old_path, step.path)
    except DriveSyncError as error:
        if run.session.remote.stat(step.path) is None:
            run.failures[step.path] = error.message


def _unchanged(run: Run, gathered: Gathered, steps: Sequence[Step]) -> list[Step]:
    """Return the steps whose remote file, or its absence, is what the plan saw; note the others."""
    if not steps:
        return []
    remote = run.session.remote
    if len(steps) <= MAX_SINGLE_LOOKS:
        found = remote.look([step.path for step in steps])
    else:
        known = {path: entry.remote for path, entry in gathered.baseline.items()}
        listing = remote.list(known, gathered.ignore)
        if not listing.exists or not listing.complete:
            run.failures.update({step.path: CHANGED_MEANWHILE for step in steps})
            return []
        found = dict(listing.entries)
    unchanged = [step for step in steps if _as_planned(step, found.get(step.path))]
    for step in steps:
        if step not in unchanged:
            run.failures[step.path] = CHANGED_MEANWHILE
    return unchanged


def _as_planned(step: Step, now: Entry | None) -> bool:
    if now is None or step.remote is None:
        return now is None and step.remote is None
    if now.version is None:
        return False
    same_file = step.remote_id is None or now.id is None or now.id == step.remote_id
    return same_file and alike(step.remote, now.version)


def _batches(steps: Sequence[Step]) -> Iterator[list[Step]]:
    batch: list[Step] = []
    size = 0
    for step in steps:
        batch.append(step)
        size += step.size or 0
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
