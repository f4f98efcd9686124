"""What waits to be synced, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import islice

from jupyter_drive_sync.engine.models import StepKind
from jupyter_drive_sync.engine.states import State
from jupyter_drive_sync.service.standing import Standing, being_written

SHOWN_WAITING = 50
"""Waiting paths shown for each direction; the totals count all."""

_UP = frozenset({StepKind.PUSH, StepKind.KEEP_BOTH, StepKind.DELETE_REMOTE, StepKind.MOVE_REMOTE})


class Why(str, Enum):
    """Why a path is not in step yet; the value is the stable word on the wire."""

    RUNNING = "running"  # the run under way does it
    FAILED = "failed"  # it could not be done last time
    BEING_WRITTEN = "being_written"  # somebody writes to it
    QUIET = "quiet"  # it changed a moment ago
    NEXT = "next"  # the next run does it
    TROUBLE = "trouble"  # what the state says stands in the way
    PAUSED = "paused"  # the project is paused
    ASKED = "asked"  # nothing is synced unless a person asks


@dataclass(frozen=True, slots=True)
class Waiting:
    """A path that is not in step yet.

    Attributes
    ----------
    kind : StepKind
        What is to be done; for a change that nobody has planned yet, what it looks like.
    old_path : str or None
        For a rename, the name before.
    size : int or None
        Bytes; None for what moves none, or where they are not known yet.
    since : datetime or None
        When the change was noticed here.
    why : Why
        Why it waits.
    detail : str
        What was said when it failed; else empty.
    """

    path: str
    kind: StepKind
    size: int | None = None
    since: datetime | None = None
    old_path: str | None = None
    why: Why = Why.NEXT
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WaitingSide:
    """What waits in one direction: the first of it, and how many there are in all."""

    shown: tuple[Waiting, ...]
    total: int


@dataclass(frozen=True, slots=True)
class _Todo:
    kind: StepKind
    size: int | None = None
    old_path: str | None = None
    why: Why | None = None


def waiting(standing: Standing, *, auto_sync: bool = True) -> tuple[WaitingSide, WaitingSide]:
    """Return what waits to go up and to come down, the last plan's steps and later changes.

    Parameters
    ----------
    auto_sync : bool
        Whether runs come by themselves.
    """
    up: dict[str, _Todo] = {}
    down: dict[str, _Todo] = {}
    failed = dict(standing.failures)
    unfinished = standing.planned and (standing.state is State.SYNCING or standing.state.trouble)
    plan = standing.plan
    if plan is not None and (unfinished or failed):
        done = standing.done
        for step in plan.work:
            if step.path not in done and (unfinished or step.path in failed):
                size = step.size if step.kind in (StepKind.PUSH, StepKind.PULL) else None
                side = up if step.kind in _UP else down
                side[step.path] = _Todo(step.kind, size, step.old_path)
    for step in () if plan is None else being_written(plan):
        kind = StepKind(step.detail)
        side = up if kind in _UP else down
        side[step.path] = _Todo(kind, step.size, why=Why.BEING_WRITTEN)
    for path, noticed in standing.changed.items():
        if path not in down:
            kind = StepKind.DELETE_REMOTE if noticed.gone else StepKind.PUSH
            up.setdefault(path, _Todo(kind))
    planned_why, noticed_why = _why(standing, auto_sync)

    def shown(side: Mapping[str, _Todo]) -> WaitingSide:
        # Asked for several times a second while ten thousand files come down: no more than is
        # shown.
        rows: list[Waiting] = []
        for path, todo in islice(side.items(), SHOWN_WAITING):
            noticed = standing.changed.get(path)
            why, detail = todo.why or (planned_why if noticed is None else noticed_why), ""
            if standing.state is State.SYNCING:
                why = planned_why
            elif failed.get(path):
                why, detail = Why.FAILED, failed[path]
            since = None if noticed is None else noticed.since
            rows.append(Waiting(path, todo.kind, todo.size, since, todo.old_path, why, detail))
        return WaitingSide(tuple(rows), len(side))

    return shown(up), shown(down)


def _why(standing: Standing, auto_sync: bool) -> tuple[Why, Why]:
    """Return why the steps of a plan wait, and why changes wait that were noticed since."""
    if standing.state is State.SYNCING:
        return Why.RUNNING, Why.RUNNING
    if standing.state is State.PAUSED:
        return Why.PAUSED, Why.PAUSED
    if standing.state.trouble:
        return Why.TROUBLE, Why.TROUBLE
    if not auto_sync:
        return Why.ASKED, Why.ASKED
    return Why.NEXT, Why.QUIET
