"""What `link` says beyond the plan: what stays behind, how long it takes, what to leave out."""

from __future__ import annotations

import shlex

from jupyter_drive_sync.cli.words import files, lasting, sized
from jupyter_drive_sync.engine.suggest import Reason
from jupyter_drive_sync.service.status import Json

SHOWN_SUGGESTIONS = 5

WORTH_SAYING = 60
"""Seconds; a first sync that takes less needs no warning."""

_REASONS = {
    Reason.ENVIRONMENT: "an environment",
    Reason.CACHE: "a cache",
    Reason.HUGE: "huge",
    Reason.DATA: "data",
    Reason.CHECKPOINTS: "checkpoints or logs of runs",
}


def first_lines(plan: Json) -> list[str]:
    """Return what a first sync leaves out, how long it takes, and what else to leave out."""
    lines = []
    ignored = plan["ignored"]
    if ignored is not None and (ignored["files"] or ignored["folders"]):
        more = "more than " if ignored["more"] else ""
        lines.append(f"  {more}{files(ignored['files'])} left out, {sized(ignored['bytes'])}")
    seconds = plan["estimate_seconds"]
    if seconds is not None and seconds >= WORTH_SAYING:
        lines.append(f"  takes about {lasting(seconds)}; it can be stopped and goes on later")
    suggestions = plan["suggestions"]
    if suggestions:
        lines.append("Leave these out, perhaps, with --ignore:")
        for one in suggestions[:SHOWN_SUGGESTIONS]:
            what = f"{files(one['files'])}, {sized(one['bytes'])}"
            reason = _REASONS[Reason(one["reason"])]
            lines.append(f"  --ignore {shlex.quote(one['pattern'])}  ({reason}: {what})")
    return lines
