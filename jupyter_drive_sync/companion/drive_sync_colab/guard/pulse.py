"""The pulse: what a runtime says of itself on Drive, and when it is time to say it (pure)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..errors import CompanionError
from ..settings import GuardSettings
from . import curve
from .manifest import FileLine

VERSION = 1

IDLE = 150.0
"""Seconds between pulses while nothing changes: two calls each, so less than one a minute."""

BUSY = 60.0
"""Seconds between pulses while outputs come or wait."""

SOONEST = 15.0
"""No two pulses are closer than this, but for an error, its end and the end of the run."""

MOST_NAMES = 20
_LONGEST_TEXT = 1000

MOST_METRICS, LONGEST_METRIC = 20, 100
"""Metrics of a checkpoint, and characters of a metric's name: more are not told."""

MOST_BYTES = 64 * 1024
"""No pulse is longer; home reads none that is."""

STUCK = ("names", "unreadable", "set_aside")
"""Reasons in `Condition.passed_over` for which an output waits for a person."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong and is not over: the error, and since when (ISO 8601)."""

    error: CompanionError
    since: str

    def as_json(self) -> dict[str, Any]:
        """Return the object ``error`` of the pulse."""
        return {**self.error.as_json(), "since": self.since}


@dataclass(frozen=True, slots=True)
class Condition:
    """How it stands; what makes a pulse worth sending before its time.

    Attributes
    ----------
    state : str
        ``running`` or ``ended``.
    end : str or None
        ``finished`` or ``stopped``.
    checkpoint : FileLine or None
        The newest that is on Drive; of a folder, one of its files.
    checkpoint_size : int
        Bytes of all its files.
    pending_files, pending_bytes : int
        What waits to go up.
    unverified : int
        Outputs that are not on Drive as they are now.
    metric : str or None
        What the curve shows.
    points : sequence of (int, float)
        The curve.
    logs : sequence of dict
        Snapshots of growing files: path, remote, size, at.
    trouble : Trouble or None
        What is wrong.
    notebooks : sequence of dict
        Those that have connected.
    unfinished : sequence of str
        Copies of what was not whole at the end, by their names below the run's folder.
    passed_over : mapping of str to int
        How much is below the protected folders and is brought by nobody, by the reason.
    """

    state: str = "running"
    end: str | None = None
    checkpoint: FileLine | None = None
    checkpoint_size: int = 0
    pending_files: int = 0
    pending_bytes: int = 0
    unverified: int = 0
    metric: str | None = None
    points: Sequence[curve.Point] = ()
    logs: Sequence[dict[str, Any]] = ()
    trouble: Trouble | None = None
    notebooks: Sequence[dict[str, Any]] = ()
    unfinished: Sequence[str] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """Whether outputs are on their way, or may be soon."""
        stuck = sum(self.passed_over.get(reason, 0) for reason in STUCK)
        return bool(self.pending_files or self.unverified > stuck)

    def is_urgent_after(self, before: Condition) -> bool:
        """Whether this must be said at once: the end, an error, or that it is over."""
        mine = self.trouble.error.code if self.trouble else None
        theirs = before.trouble.error.code if before.trouble else None
        return self.state != before.state or mine != theirs


@dataclass(frozen=True, slots=True)
class Sent:
    """The pulse that was sent last: when (monotonic seconds) and what it said."""

    at: float
    condition: Condition


def every(condition: Condition) -> float:
    """Return in how many seconds the next pulse comes at the latest."""
    return BUSY if condition.is_busy else IDLE


def due_at(sent: Sent | None, condition: Condition) -> float:
    """Return from when on a pulse is to be sent, by the clock of `sent`."""
    if sent is None:
        return 0.0
    if condition.is_urgent_after(sent.condition):
        return sent.at
    if condition != sent.condition:
        return sent.at + SOONEST
    return sent.at + every(condition)


def make(
    settings: GuardSettings,
    condition: Condition,
    *,
    seq: int,
    at: str,
    next_in: float,
    python: str,
    host: dict[str, Any],
) -> dict[str, Any]:
    """Return the pulse as docs/protocol.md has it."""
    newest = condition.checkpoint
    shown = curve.thin(condition.points)
    return {
        "v": VERSION,
        "runtime": settings.runtime,
        "run": settings.run,
        "seq": seq,
        "at": at,
        "started": settings.started,
        "every": round(next_in),
        "state": condition.state,
        "end": condition.end,
        "notebook": settings.notebook or {"path": None, "file_id": None},
        "notebooks": settings.notebooks,
        "transport": settings.transport,
        "python": python,
        "host": host,
        "checkpoint": newest
        and {
            "path": newest.group or newest.path,
            "step": newest.step,
            "metrics": newest.metrics and _few(newest.metrics),
            "size": condition.checkpoint_size,
            "verified": newest.verified or False,
        },
        "pending": {"files": condition.pending_files, "bytes": condition.pending_bytes},
        "unverified": condition.unverified,
        "curve": {
            "metric": condition.metric[:LONGEST_METRIC],
            "points": [list(point) for point in shown],
        }
        if condition.metric and shown
        else None,
        "logs": list(condition.logs),
        "error": condition.trouble.as_json() if condition.trouble else None,
        "environment": settings.environment,
        **_exceptions(condition),
    }


def _exceptions(condition: Condition) -> dict[str, Any]:
    """Return the fields that are only there where they have something to say."""
    said: dict[str, Any] = {}
    if condition.unfinished:
        names = list(condition.unfinished[:MOST_NAMES])
        said["unfinished"] = {"files": len(condition.unfinished), "names": names}
    if condition.passed_over:
        said["passed_over"] = dict(condition.passed_over)
    return said


def _few(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name[:LONGEST_METRIC]: value for name, value in islice(metrics.items(), MOST_METRICS)}


def as_text(pulse: dict[str, Any]) -> str:
    """Return it as the file holds it; what matters least is left out where it would be too long."""
    text = _dumped(pulse)
    for name, less in _LESS.items():
        if len(text.encode()) <= MOST_BYTES:
            return text
        if pulse.get(name):
            pulse = {**pulse, name: less(pulse[name])}
            text = _dumped(pulse)
    while len(text.encode()) > MOST_BYTES and pulse["notebooks"]:
        pulse = {**pulse, "notebooks": pulse["notebooks"][:-1]}  # the oldest of them
        text = _dumped(pulse)
    return text


def _dumped(pulse: dict[str, Any]) -> str:
    return json.dumps(pulse, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _cut(said: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value[:_LONGEST_TEXT] if isinstance(value, str) else value
        for name, value in said.items()
    }


_LESS: dict[str, Callable[[Any], Any]] = {
    "logs": lambda _: [],
    "unfinished": lambda told: {**told, "names": []},
    "environment": _cut,
    "error": _cut,
    "curve": lambda _: None,
}
"""What is left of a field where the pulse would be too long, in the order in which it goes."""
