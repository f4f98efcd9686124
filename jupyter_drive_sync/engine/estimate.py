"""How long a run will take, about. Pure."""

from __future__ import annotations

import math

from jupyter_drive_sync.engine.models import Plan, Step, StepKind
from jupyter_drive_sync.ports.projects import RemoteKind

UPLOADS_A_SECOND = 2.0
"""Google Drive takes about so many new files a second, however small and whatever the line."""

DOWNLOADS_A_SECOND = 8.0
"""A cautious guess: a download needs fewer calls than an upload."""

BYTES_A_SECOND = 4_000_000.0
"""A guess at a usual line, where nothing was measured yet."""


def estimate_seconds(plan: Plan, kind: RemoteKind) -> int | None:
    """Return about how many seconds carrying out a plan takes.

    Returns
    -------
    int or None
        None where the other side is not Google Drive: nothing is known of its pace.
    """
    if kind is not RemoteKind.DRIVE:
        return None
    up, down = plan.of(StepKind.PUSH, StepKind.KEEP_BOTH), plan.of(StepKind.PULL)
    seconds = len(up) / UPLOADS_A_SECOND + len(down) / DOWNLOADS_A_SECOND
    return math.ceil(seconds + _bytes((*up, *down)) / BYTES_A_SECOND)


def _bytes(steps: tuple[Step, ...]) -> int:
    return sum(step.size or 0 for step in steps)
