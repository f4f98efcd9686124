"""The status of a project as the REST interface shows it. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any

from jupyter_drive_sync.engine.holds import hold_words
from jupyter_drive_sync.engine.models import DELETES, MOVES, Plan, Step, StepKind
from jupyter_drive_sync.engine.session import Phase, Preview
from jupyter_drive_sync.engine.states import State, actions
from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.projects import Project, RemoteKind
from jupyter_drive_sync.ports.records import HistoryRow
from jupyter_drive_sync.ports.transfer import Progress

Json = dict[str, Any]

SHOWN_WAITING = 50
"""Waiting paths shown for each direction; the totals count all."""

SHOWN_STEPS = 1000
"""Steps shown of a plan; its totals count all."""

_UP = frozenset({StepKind.PUSH, StepKind.KEEP_BOTH, StepKind.DELETE_REMOTE, StepKind.MOVE_REMOTE})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A path that is not in step yet."""

    path: str
    size: int | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingSide:
    """What waits in one direction: the first of it, and how many there are in all."""

    shown: tuple[Waiting, ...]
    total: int


@dataclass(slots=True)
class Standing:
    """How a project stands; the keeper writes it, the status shows it."""

    state: State = State.NEEDS_FIRST_SYNC
    since: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    cause: DriveSyncError | None = None
    next_run: datetime | None = None
    last_good_sync: datetime | None = None
    phase: Phase | None = None
    progress: Progress = field(default_factory=Progress)
    plan: Plan | None = None
    planned: bool = False
    """Whether the plan is of the run under way, or of the last one, and not of an earlier one."""
    done: set[str] = field(default_factory=set)
    changed: dict[str, datetime] = field(default_factory=dict)
    failures: tuple[tuple[str, str], ...] = ()
    revision: int = 0


def status_json(
    project: Project, standing: Standing, local_path: str | None, remote_url: str | None
) -> Json:
    """Return the ``Status`` of api/openapi.yaml.

    Parameters
    ----------
    local_path : str or None
        The project folder as the contents API names it.
    remote_url : str or None
        The remote folder's page, where it has one.
    """
    up, down = waiting(standing)
    plan = standing.plan
    return {
        "project": project_json(project, local_path, remote_url),
        "revision": standing.revision,
        "state": {
            "word": standing.state.value,
            "since": time_json(standing.since),
            "cause": standing.cause.as_json() if standing.cause else None,
            "next": time_json(standing.next_run),
            "actions": [action.value for action in actions(standing.state)],
        },
        "last_good_sync": time_json(standing.last_good_sync),
        "progress": progress_json(standing),
        "waiting": {
            "up": [_waiting_json(item) for item in up.shown],
            "down": [_waiting_json(item) for item in down.shown],
            "up_total": up.total,
            "down_total": down.total,
        },
        "held": [held_json(step) for step in plan.holds] if plan else [],
        "server_time": time_json(datetime.now(timezone.utc)),
    }


def project_json(project: Project, local_path: str | None, remote_url: str | None) -> Json:
    """Return the project part of a status."""
    remote = project.remote
    return {
        "id": project.id,
        "name": project.name,
        "local": {"path": local_path, "display": with_tilde(project.local)},
        "remote": {
            "kind": remote.kind.value,
            "display": remote_display(project),
            "url": remote_url,
        },
        "auto_sync": project.auto_sync,
    }


def remote_display(project: Project) -> str:
    """Return the remote side for people, for instance ``gdrive > ml > spam``."""
    remote = project.remote
    if remote.kind is RemoteKind.FOLDER:
        return with_tilde(Path(remote.path))
    return " > ".join([remote.name, *(part for part in remote.path.split("/") if part)])


def with_tilde(path: Path) -> str:
    """Return a path for people, with ``~`` for the home folder."""
    try:
        below = path.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(path)
    return str(Path("~") / below)


def waiting(standing: Standing) -> tuple[WaitingSide, WaitingSide]:
    """Return what waits to go up and to come down, the last plan's steps and later changes."""
    up: dict[str, Step | None] = {}
    down: dict[str, Step | None] = {}
    unfinished = standing.planned and (standing.state is State.SYNCING or standing.state.trouble)
    failed = {path for path, _ in standing.failures}
    if standing.plan is not None and (unfinished or failed):
        done = standing.done
        for step in standing.plan.work:
            if step.path not in done and (unfinished or step.path in failed):
                side = up if step.kind in _UP else down
                side[step.path] = step
    for path in standing.changed:
        if path not in down:
            up.setdefault(path)
    return _waiting_side(up, standing), _waiting_side(down, standing)


def _waiting_side(paths: Mapping[str, Step | None], standing: Standing) -> WaitingSide:
    # Asked for several times a second while ten thousand files come down: no more than is shown.
    shown = tuple(
        Waiting(path, None if step is None else step.size, standing.changed.get(path))
        for path, step in islice(paths.items(), SHOWN_WAITING)
    )
    return WaitingSide(shown, len(paths))


def progress_json(standing: Standing) -> Json | None:
    """Return the progress part of a status and of an event; None when nothing runs."""
    if standing.phase is None:
        return None
    progress = standing.progress
    return {
        "phase": standing.phase.value,
        "bytes": progress.bytes,
        "total_bytes": progress.total_bytes,
        "files": progress.files,
        "total_files": progress.total_files,
        "speed": progress.speed,
        "eta_seconds": progress.eta_seconds,
        "current": [{"path": path, "percent": percent} for path, percent in progress.current],
    }


def plan_json(preview: Preview) -> Json:
    """Return the ``Plan`` of api/openapi.yaml."""
    plan = preview.plan
    shown = [step for step in plan.steps if step.kind not in (StepKind.ADOPT, StepKind.FORGET)]
    pushes, pulls = plan.of(StepKind.PUSH), plan.of(StepKind.PULL)
    counts = plan.counts
    return {
        "hash": plan.hash,
        "first": plan.first,
        "steps": [_step_json(step) for step in shown[:SHOWN_STEPS]],
        "totals": {
            "push": len(pushes),
            "pull": len(pulls),
            **{kind.value: counts[kind] for kind in sorted(DELETES)},
            "move": sum(counts[kind] for kind in MOVES),
            "hold": counts[StepKind.HOLD],
            "equal": plan.equal,
            "bytes_up": _bytes(pushes),
            "bytes_down": _bytes(pulls),
        },
        "held": [held_json(step) for step in plan.holds],
        "needs_consent": preview.needs_consent,
        "problem": preview.problem.as_json() if preview.problem else None,
    }


def held_json(step: Step) -> Json:
    """Return the ``Held`` of api/openapi.yaml."""
    message, hint = hold_words(step)
    return {
        "path": step.path,
        "reason": step.reason.value if step.reason else "conflict",
        "message": message,
        "hint": hint,
        "local": _side_json(step.local),
        "remote": _side_json(step.remote),
    }


def history_json(rows: Iterable[HistoryRow]) -> Json:
    """Return the rows of a history."""
    return {
        "rows": [
            {
                "id": row.id,
                "time": time_json(row.time),
                "path": row.path,
                "direction": row.direction.value,
                "action": row.action.value,
                "trigger": row.trigger.value,
                "size": row.size,
                "detail": row.detail,
            }
            for row in rows
        ]
    }


def time_json(time: datetime | None) -> str | None:
    """Return a time in UTC, ISO 8601, ending in Z."""
    if time is None:
        return None
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _waiting_json(item: Waiting) -> Mapping[str, object]:
    return {"path": _printable(item.path), "size": item.size, "since": time_json(item.since)}


def _step_json(step: Step) -> Json:
    detail = step.old_path or (step.reason.value if step.reason else "")
    return {
        "kind": step.kind.value,
        "path": _printable(step.path),
        "size": step.size,
        "detail": detail,
    }


def _side_json(version: Version | None) -> Json | None:
    if version is None:
        return None
    modified = datetime.fromtimestamp(version.mtime_ns / 1e9, timezone.utc)
    return {"size": version.size, "modified": time_json(modified)}


def _bytes(steps: Iterable[Step]) -> int:
    return sum(step.size or 0 for step in steps)


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
