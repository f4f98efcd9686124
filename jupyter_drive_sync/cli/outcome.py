"""What a command came to."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_drive_sync.cli.arguments import Exit
from jupyter_drive_sync.engine.states import State
from jupyter_drive_sync.service.status import Json


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync came to.

    Attributes
    ----------
    status : Json
        The ``Status`` of api/openapi.yaml.
    summary : str
        What was moved, in one sentence; empty when nothing was, or it is not known.
    failures : tuple of (str, str)
        Paths that could not be done, with the reason.
    """

    status: Json
    summary: str = ""
    failures: tuple[tuple[str, str], ...] = ()


def status_exit(status: Json, *, synced: bool = False) -> Exit:
    """Return the exit code for a status: whatever is not in step is a failure.

    Parameters
    ----------
    synced : bool
        Whether a sync has just ended. Only then is a paused project known to be in step: the
        server does not look at it.
    """
    waiting = status["waiting"]
    word = State(status["state"]["word"])
    settled = word in (State.IN_SYNC, State.CONFLICT) or (synced and word is State.PAUSED)
    if not settled or waiting["up_total"] or waiting["down_total"]:
        return Exit.FAILED
    return Exit.NEEDS_PERSON if status["held"] else Exit.IN_STEP


def plan_exit(plan: Json) -> Exit:
    """Return the exit code for a preview: what would stop a sync for good is a failure."""
    if plan["problem"] is not None and not plan["needs_consent"]:
        return Exit.FAILED
    return Exit.NEEDS_PERSON if plan["held"] or plan["needs_consent"] else Exit.IN_STEP


def worst(codes: list[Exit]) -> Exit:
    """Return the exit code for several projects: a failure counts most."""
    for code in (Exit.FAILED, Exit.NEEDS_PERSON):
        if code in codes:
            return code
    return Exit.IN_STEP
