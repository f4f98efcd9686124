"""The status of a project as the REST interface shows it. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jupyter_drive_sync.engine.estimate import estimate_seconds
from jupyter_drive_sync.engine.holds import hold_words
from jupyter_drive_sync.engine.models import DELETES, MOVES, Step, StepKind
from jupyter_drive_sync.engine.session import Preview
from jupyter_drive_sync.engine.settle import is_conflict
from jupyter_drive_sync.engine.states import ProjectAction, actions
from jupyter_drive_sync.engine.suggest import Suggestion
from jupyter_drive_sync.ports.ignoring import LeftOut
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.projects import Project, RemoteKind
from jupyter_drive_sync.ports.records import HistoryRow
from jupyter_drive_sync.service.sides import error_of, standing_of
from jupyter_drive_sync.service.standing import Standing
from jupyter_drive_sync.service.waiting import Waiting, waiting

Json = dict[str, Any]

SHOWN_STEPS = 1000
"""Steps shown of a plan; its totals count all."""

SHOWN_HELD = 100
"""Held paths shown in a status and in a plan; their totals count all."""


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
    standing = standing_of(project.remote.kind, standing)
    up, down = waiting(standing, auto_sync=project.auto_sync)
    plan = standing.plan
    possible = actions(standing.state)
    return {
        "project": project_json(project, local_path, remote_url),
        "revision": standing.revision,
        "state": {
            "word": standing.state.value,
            "since": time_json(standing.since),
            "cause": standing.cause.as_json() if standing.cause else None,
            "next": time_json(standing.next_run),
            "actions": [
                action.value
                for action in possible
                if not (standing.cancelling and action is ProjectAction.CANCEL)
            ],
        },
        "last_good_sync": time_json(standing.last_good_sync),
        "progress": progress_json(standing),
        "waiting": {
            "up": [_waiting_json(item) for item in up.shown],
            "down": [_waiting_json(item) for item in down.shown],
            "up_total": up.total,
            "down_total": down.total,
        },
        "held": all_held_json(standing, project.remote.kind, SHOWN_HELD),
        "held_total": len(standing.held),
        "conflicts": {
            "total": len(plan.conflicts) if plan else 0,
            "versions": plan.conflict_versions if plan and plan.conflicts else None,
        },
        "warnings": list(standing.warnings),
        "runtimes": list(standing.runtimes),
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
            "name": None if remote.kind is RemoteKind.FOLDER else remote.name,
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


def progress_json(standing: Standing) -> Json | None:
    """Return the progress part of a status and of an event; None when nothing runs."""
    if standing.phase is None:
        return None
    progress = standing.progress
    return {
        "phase": standing.phase.value,
        "cancelling": standing.cancelling,
        "bytes": progress.bytes,
        "total_bytes": progress.total_bytes,
        "files": progress.files,
        "total_files": progress.total_files,
        "speed": progress.speed,
        "eta_seconds": progress.eta_seconds,
        "current": [{"path": path, "percent": percent} for path, percent in progress.current],
    }


def plan_json(
    preview: Preview,
    kind: RemoteKind,
    left_out: LeftOut | None = None,
    suggestions: Iterable[Suggestion] = (),
) -> Json:
    """Return the ``Plan`` of api/openapi.yaml.

    Parameters
    ----------
    kind : RemoteKind
        What the other side is.
    left_out : LeftOut, optional
        What the ignore rules leave out here, where that was counted.
    suggestions : iterable of Suggestion
        What had better be left out too.
    """
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
        "held": [held_json(step, kind) for step in plan.holds[:SHOWN_HELD]],
        "ignored": None if left_out is None else _left_out_json(left_out),
        "estimate_seconds": estimate_seconds(plan, kind),
        "suggestions": [
            {
                "pattern": one.pattern,
                "reason": one.reason.value,
                "files": one.files,
                "bytes": one.bytes,
            }
            for one in suggestions
        ],
        "creates_remote": preview.creates_remote,
        "needs_consent": preview.needs_consent,
        "problem": error_of(kind, preview.problem).as_json() if preview.problem else None,
    }


def _left_out_json(left_out: LeftOut) -> Json:
    return {
        "files": left_out.files,
        "folders": left_out.folders,
        "bytes": left_out.bytes,
        "more": not left_out.complete,
    }


def all_held_json(standing: Standing, kind: RemoteKind, most: int | None = None) -> list[Json]:
    """Return what is held, each as the ``Held`` of api/openapi.yaml; at most so many of it."""
    return [held_json(step, kind, void=step.path in standing.void) for step in standing.held[:most]]


def held_json(step: Step, kind: RemoteKind, *, void: bool = False) -> Json:
    """Return the ``Held`` of api/openapi.yaml.

    Parameters
    ----------
    void : bool
        Whether a choice about it did not count, because a version changed meanwhile.
    """
    message, hint = hold_words(step, kind, void=void)
    return {
        "path": step.path,
        "reason": step.reason.value if step.reason else "conflict",
        "message": message,
        "hint": hint,
        "local": _side_json(step.local),
        "remote": _side_json(step.remote),
        "versions": step.versions if is_conflict(step) else None,
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
    return {
        "path": _printable(item.path),
        "kind": item.kind.value,
        "old_path": None if item.old_path is None else _printable(item.old_path),
        "size": item.size,
        "since": time_json(item.since),
        "why": item.why.value,
        "detail": item.detail,
    }


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
