"""Keeping the contents that are in step, so that a later merge or restore can begin from them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from time import monotonic

from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.engine.session import Run
from jupyter_drive_sync.errors import DiskFull
from jupyter_drive_sync.ports.records import Action, BaselineEntry, Direction, HistoryRow

log = logging.getLogger(__name__)

KEEP_SECONDS = 2.0
"""Longest time that one run spends on copies; what is left is done after the next runs."""

COMPLETE_KEY = "bases_complete"
"""Remembered, with the value "1", while nothing that is in step lacks its copy."""

TROUBLE_KEY = "bases_trouble"
"""Remembered: why copies cannot be kept at present."""


def owe_bases(run: Run, plan: Plan) -> bool:
    """Remember that copies are owed, before a run brings anything in step.

    So a run that is cut short leaves no file without its copy for good.

    Returns
    -------
    bool
        Whether copies were owed before.
    """
    store = run.session.store
    owed = store.get(COMPLETE_KEY) != "1"
    if plan.steps and not owed:
        store.put(COMPLETE_KEY, None)
    return owed


def keep_bases(run: Run, owed: bool) -> None:
    """Copy what this run saw in step. Trouble is noted in the history and hinders nothing.

    Parameters
    ----------
    owed : bool
        Whether anything else that is in step may lack its copy.
    """
    session = run.session
    base = session.base
    if base is None:
        return
    entries: Iterable[BaselineEntry] = run.agreed
    if owed:
        entries = session.store.baseline().values()
    deadline = monotonic() + KEEP_SECONDS
    complete = True
    # Notebooks first: they are what is merged.
    for entry in sorted(entries, key=lambda entry: not entry.path.endswith(".ipynb")):
        md5 = entry.local.md5
        if md5 is None or not base.wants(entry.path, entry.local.size) or base.has(md5):
            continue
        if monotonic() > deadline:
            complete = False
            break
        try:
            base.keep(session.local.root / entry.path, md5)
        except (OSError, DiskFull) as error:
            # The next one would meet the same disk; all of them are tried again after the next run.
            _note(run, entry, error)
            complete = False
            break
    if complete != (session.store.get(COMPLETE_KEY) == "1"):
        session.store.put(COMPLETE_KEY, "1" if complete else None)
    if complete and session.store.get(TROUBLE_KEY) is not None:
        session.store.put(TROUBLE_KEY, None)


def _note(run: Run, entry: BaselineEntry, error: OSError | DiskFull) -> None:
    reason = error.message if isinstance(error, DiskFull) else error.strerror or str(error)
    log.warning("Drive Sync: no copy of %s could be kept: %s", entry.path, reason)
    if run.session.store.get(TROUBLE_KEY) == reason:
        return  # shown already, and nothing has changed since
    run.session.store.put(TROUBLE_KEY, reason)
    run.rows.append(
        HistoryRow(
            id=0,
            run=run.name,
            time=run.now(),
            path=entry.path,
            direction=Direction.NONE,
            action=Action.FAILED,
            trigger=run.request.trigger,
            size=entry.local.size,
            detail=f"no copy could be kept for a later restore: {reason}",
        )
    )
    run.session.store.record(rows=run.rows[-1:])
