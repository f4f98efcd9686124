"""A pulse of a Colab runtime, as far as it can be understood. Pure: see docs/protocol.md.

Whatever stands in a pulse, what is read of it is bounded: it goes to every browser.
"""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from jupyter_drive_sync.ports.colab import OpenNotebook, is_run

Json = dict[str, Any]

FORMAT = 1
MOST_METRICS = 20
LONGEST_METRIC = 100
"""Characters of a metric's name."""

_ENDED = "ended"
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
    at : datetime or None
        When it was written, by the runtime's clock; None where that cannot be.
    problem : str or None
        Why it cannot be read.
    """

    seq: str
    run: str | None = None
    ended: bool = False
    every: float = 0.0
    notebooks: tuple[OpenNotebook, ...] = ()
    shown: Json = field(default_factory=dict)
    at: datetime | None = None
    problem: str | None = None


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
        ended=data.get("state") == _ENDED,
        every=min(max(every or 0.0, 1.0), _LONGEST_EVERY),
        notebooks=_notebooks(data),
        shown=_shown(data),
        at=_last_word(data),
    )


def _last_word(data: Json) -> datetime | None:
    """Return when it was written, unless the runtime's clock was set meanwhile."""
    started, at = _moment(data.get("started")), _moment(data.get("at"))
    return at if started is not None and at is not None and started <= at else None


def _unreadable(content: bytes, problem: str) -> Pulse:
    return Pulse(seq=str(zlib.crc32(content)), every=150.0, problem=problem)


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
    return {
        "path": path,
        "step": _number(checkpoint.get("step")),
        "metrics": _metrics(_object(checkpoint.get("metrics")) or {}),
        "size": _whole(checkpoint.get("size")),
        "verified": _time(checkpoint.get("verified")),
    }


def _metrics(metrics: Json) -> dict[str, float] | None:
    numbers = {
        name[:LONGEST_METRIC]: number
        for name, value in islice(metrics.items(), MOST_METRICS)
        if (number := _number(value)) is not None
    }
    return numbers or None


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
    time = _moment(value)
    return None if time is None else written(time)


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        # Python 3.10 reads neither a Z nor all fractions of a second.
        time = datetime.fromisoformat(value.removesuffix("Z").partition(".")[0])
        return time.replace(tzinfo=time.tzinfo or timezone.utc).astimezone(timezone.utc)
    except (ValueError, OverflowError):  # no time, or one that UTC's calendar does not have
        return None


def written(time: datetime) -> str:
    """Return a time as the API has it."""
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
