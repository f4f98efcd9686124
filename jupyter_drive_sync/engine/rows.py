"""History rows from steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_drive_sync.engine.models import Step
from jupyter_drive_sync.ports.records import Action, Direction, HistoryRow

if TYPE_CHECKING:
    from jupyter_drive_sync.engine.session import Run


def history_row(
    run: Run, step: Step, direction: Direction, action: Action, *, detail: str = ""
) -> HistoryRow:
    """Return the row that says what a run did to the path of a step."""
    came_from = step.local if direction is Direction.UP else step.remote
    went_over = step.remote if direction is Direction.UP else step.local
    deleted = action is Action.DELETED
    return HistoryRow(
        id=0,
        run=run.name,
        time=run.now(),
        path=step.path,
        direction=direction,
        action=action,
        trigger=run.request.trigger,
        size=None if deleted else step.size,
        md5_before=went_over.md5 if went_over else None,
        md5_after=came_from.md5 if came_from and not deleted else None,
        detail=detail,
    )
