"""What Colab runtimes say of themselves, judged by this server's own clock. Pure.

A runtime ends without a word, and its clock need not agree with ours. So all that counts is when
its pulse was seen to change here: the formats are in docs/protocol.md.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from jupyter_drive_sync.ports.colab import OpenNotebook, is_run, is_runtime

Json = dict[str, Any]

FORMAT = 1
SHOWN = 10
"""Runtimes shown, and held to."""

RUNNING, SILENT, ENDED = "running", "silent", "ended"

_GRACE = timedelta(seconds=60)
_MOST_POINTS = 60
_MOST_NOTEBOOKS = 20
_MOST_TEXT = 1000
_LONGEST_EVERY = 3600.0
_LARGEST = 2**63
_DAMAGED = "Its pulse is damaged; the next one may be whole."


@dataclass(frozen=True, slots=True)
class Pulse:
    """A pulse, as far as it can be understood.

    Attributes
    ----------
    seq : str
        A word that every pulse of a runtime has for itself.
    run : str or None
        Names its outputs.
    ended : bool
        Whether the runtime says that it ended.
    every : float
        In so many seconds the next one comes at the latest.
    notebooks : tuple of OpenNotebook
        Those that are open there.
    shown : dict
        The fields of ``Runtime`` in api/openapi.yaml that come from the pulse.
    problem : str or None
        Why it cannot be read.
    """

    seq: str
    run: str | None = None
    ended: bool = False
    every: float = 0.0
    notebooks: tuple[OpenNotebook, ...] = ()
    shown: Json = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """When a pulse was seen first, and when it was looked at last, in UTC."""

    seq: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime as it is judged."""

    name: str
    pulse: Pulse
    heard: Heard
    state: str


def read_pulse(content: bytes) -> Pulse:
    """Read a pulse; what does not fit in it counts as not told."""
    try:
        return _read(content)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        # Whatever somebody wrote into one pulse, the others are shown all the same.
        return _unreadable(content, _DAMAGED)


def _read(content: bytes) -> Pulse:
    data = json.loads(content, parse_constant=lambda _: None)
    if not isinstance(data, dict):
        return _unreadable(content, _DAMAGED)
    if data.get("v") != FORMAT:
        return _unreadable(
            content,
            "Its pulse is of another version of Drive Sync. Update Drive Sync on this computer, or "
            "insert the cell anew.",
        )
    run = data.get("run")
    every = _number(data.get("every"))
    return Pulse(
        seq=f"{data.get('seq')}/{data.get('at')}/{data.get('state')}"[:200],
        run=run if isinstance(run, str) and is_run(run) else None,
        ended=data.get("state") == ENDED,
        every=min(max(every or 0.0, 1.0), _LONGEST_EVERY),
        notebooks=_notebooks(data),
        shown=_shown(data),
    )


def _unreadable(content: bytes, problem: str) -> Pulse:
    return Pulse(seq=str(zlib.crc32(content)), every=150.0, problem=problem)


class Judge:
    """The runtimes of one project. The clock is given.

    Parameters
    ----------
    heard : Mapping of str to Heard
        What was seen before, by the runtimes' names.
    """

    def __init__(self, heard: Mapping[str, Heard] | None = None) -> None:
        self._heard = dict(heard or {})
        self._pulses: dict[str, Pulse] = {}

    @property
    def heard(self) -> dict[str, Heard]:
        """What was seen, by the runtimes' names; to be remembered."""
        return dict(self._heard)

    def take(self, pulses: Mapping[str, bytes], now: datetime) -> None:
        """Take what a look at Drive showed at `now`."""
        self._pulses = {
            name: read_pulse(content) for name, content in pulses.items() if is_runtime(name)
        }
        heard = {}
        for name, pulse in self._pulses.items():
            before = self._heard.get(name)
            alike = before is not None and before.seq == pulse.seq
            first = before.first if before is not None and alike else now
            # A clock that was put back would make everybody silent, or nobody.
            heard[name] = Heard(pulse.seq, min(first, now), now)
        self._heard = heard

    def forget(self, name: str) -> None:
        """Take a runtime off the list."""
        self._pulses.pop(name, None)
        self._heard.pop(name, None)

    def runtimes(self) -> tuple[Runtime, ...]:
        """Return the runtimes: the living first, then the latest heard; as many as are shown."""
        found = [
            Runtime(name, pulse, self._heard[name], _state(pulse, self._heard[name]))
            for name, pulse in self._pulses.items()
        ]
        found.sort(
            key=lambda one: (one.pulse.shown.get("started") or "", one.heard.first, one.name),
            reverse=True,
        )
        found.sort(key=lambda one: one.state != RUNNING)
        return tuple(found[:SHOWN])


def _state(pulse: Pulse, heard: Heard) -> str:
    if pulse.ended:
        return ENDED
    patience = timedelta(seconds=2 * pulse.every) + _GRACE
    return SILENT if heard.last - heard.first > patience else RUNNING


def open_notebooks(runtimes: tuple[Runtime, ...]) -> frozenset[OpenNotebook]:
    """Return the notebooks that living runtimes have open."""
    return frozenset(
        notebook
        for one in runtimes
        if one.state == RUNNING and one.pulse.problem is None
        for notebook in one.pulse.notebooks
    )


def _notebooks(data: Json) -> tuple[OpenNotebook, ...]:
    """Read the notebooks of a pulse; one of an older companion names the latest only."""
    listed = data.get("notebooks")
    told = [data.get("notebook"), *(listed if isinstance(listed, list) else ())]
    found: dict[OpenNotebook, None] = {}
    for one in told[: _MOST_NOTEBOOKS + 1]:
        fields = _object(one) or {}
        notebook = OpenNotebook(_text(fields.get("path")), _text(fields.get("file_id")))
        if notebook.path or notebook.file_id:
            found[notebook] = None
    return tuple(found)


_EMPTY: Json = {
    "run": None,
    "end": None,
    "started": None,
    "every": None,
    "notebook": None,
    "notebooks": [],
    "transport": None,
    "python": None,
    "host": None,
    "checkpoint": None,
    "pending": {"files": 0, "bytes": 0},
    "unverified": 0,
    "curve": None,
    "error": None,
    "environment": None,
}


def runtime_json(runtime: Runtime, outputs: Json, now: Mapping[str, str] | None = None) -> Json:
    """Return the ``Runtime`` of api/openapi.yaml.

    Parameters
    ----------
    outputs : dict
        Its field of that name.
    now : Mapping of str to str, optional
        The present paths of notebooks, by Drive's ids.
    """
    pulse = runtime.pulse
    notebook = pulse.shown.get("notebook")
    return {
        **_EMPTY,
        **pulse.shown,
        "notebook": notebook and _named(notebook["path"], notebook["file_id"], now or {}),
        "notebooks": [_named(one.path, one.file_id, now or {}) for one in pulse.notebooks],
        "runtime": runtime.name,
        "run": runtime.pulse.run,
        "state": runtime.state,
        "heard": _written(runtime.heard.first),
        "outputs": outputs,
        "problem": runtime.pulse.problem,
    }


def _named(path: str | None, file_id: str | None, now: Mapping[str, str]) -> Json:
    return {"path": now.get(file_id or "", path), "file_id": file_id}


def _shown(data: Json) -> Json:
    end = data.get("end")
    notebook, pending = _object(data.get("notebook")), _object(data.get("pending")) or {}
    environment = _object(data.get("environment"))
    return {
        "end": end if end in ("finished", "stopped") else None,
        "started": _time(data.get("started")),
        "every": _number(data.get("every")),
        "notebook": notebook
        and {"path": _text(notebook.get("path")), "file_id": _text(notebook.get("file_id"))},
        "transport": _text(data.get("transport")),
        "python": _text(data.get("python")),
        "host": _host(_object(data.get("host"))),
        "checkpoint": _checkpoint(_object(data.get("checkpoint"))),
        "pending": {
            "files": _whole(pending.get("files")) or 0,
            "bytes": _whole(pending.get("bytes")) or 0,
        },
        "unverified": _whole(data.get("unverified")) or 0,
        "curve": _curve(_object(data.get("curve"))),
        "error": _error(_object(data.get("error"))),
        "environment": environment
        and {
            "drift": _whole(environment.get("drift")) or 0,
            "text": _text(environment.get("text")) or "",
        },
    }


def _host(host: Json | None) -> Json | None:
    if host is None:
        return None
    gpu = _object(host.get("gpu"))
    return {
        "cpus": _whole(host.get("cpus")),
        "cpu_percent": _number(host.get("cpu_percent")),
        **{
            name: _whole(host.get(name))
            for name in ("ram_total", "ram_used", "disk_total", "disk_free")
        },
        "gpu": gpu
        and {
            "name": _text(gpu.get("name")),
            "memory_total": _whole(gpu.get("memory_total")),
            "memory_used": _whole(gpu.get("memory_used")),
            "percent": _number(gpu.get("percent")),
        },
    }


def _checkpoint(checkpoint: Json | None) -> Json | None:
    path = _text(checkpoint.get("path")) if checkpoint else None
    if checkpoint is None or path is None:
        return None
    metrics = _object(checkpoint.get("metrics"))
    numbers = {str(name): _number(value) for name, value in (metrics or {}).items()}
    return {
        "path": path,
        "step": _number(checkpoint.get("step")),
        "metrics": {name: number for name, number in numbers.items() if number is not None} or None,
        "size": _whole(checkpoint.get("size")),
        "verified": _time(checkpoint.get("verified")),
    }


def _curve(curve: Json | None) -> Json | None:
    metric = _text(curve.get("metric")) if curve else None
    points = curve.get("points") if curve else None
    if metric is None or not isinstance(points, list):
        return None
    read = [
        [_number(point[0]), _number(point[1])]
        for point in points
        if isinstance(point, list) and len(point) == 2
    ]
    whole = [point for point in read if None not in point]
    return {"metric": metric, "points": whole[-_MOST_POINTS:]} if whole else None


def _error(error: Json | None) -> Json | None:
    text = _text(error.get("text")) if error else None
    if error is None or text is None:
        return None
    return {
        "code": _text(error.get("code")) or "failed",
        "text": text,
        "hint": _text(error.get("hint")) or "",
        "since": _time(error.get("since")),
    }


def _object(value: object) -> Json | None:
    return value if isinstance(value, dict) else None


def _text(value: object) -> str | None:
    return value[:_MOST_TEXT] if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else None
    return value if math.isfinite(value) else None


def _whole(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number <= _LARGEST else None


def _time(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        # Python 3.10 reads neither a Z nor all fractions of a second.
        time = datetime.fromisoformat(value.removesuffix("Z").partition(".")[0])
        return _written(time.replace(tzinfo=time.tzinfo or timezone.utc))
    except (ValueError, OverflowError):  # no time, or one that UTC's calendar does not have
        return None


def _written(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
