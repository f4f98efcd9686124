"""What Colab runtimes say of themselves, judged by this server's own clock. Pure.

A runtime ends without a word, and its clock need not agree with ours. So whether it lives is told
by when its pulse was seen to change here: the formats are in docs/protocol.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from jupyter_drive_sync.ports.colab import OpenNotebook, is_runtime
from jupyter_drive_sync.service.pulse import Json, Pulse, read_pulse, written

SHOWN = 10
"""Runtimes shown; what they have open and what they made counts for all of them."""

RUNNING, SILENT, ENDED = "running", "silent", "ended"

HELD_WHILE_SILENT = timedelta(hours=12)
"""So long after its last word, what a runtime had open is left alone.

A machine that cannot write to a full Drive is as silent as one that is gone, and few live longer.
"""

_GRACE = timedelta(seconds=60)


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

    @property
    def last_word(self) -> datetime:
        """When its pulse was written, or first seen here where its own clock cannot be right."""
        at = self.pulse.at
        return self.heard.first if at is None else min(at, self.heard.first)

    @property
    def has_open(self) -> tuple[OpenNotebook, ...]:
        """The notebooks that it has open, or may have."""
        if self.state == RUNNING:
            return self.pulse.notebooks
        if self.state == SILENT and self.heard.last - self.last_word <= HELD_WHILE_SILENT:
            return tuple(replace(one, silent=True) for one in self.pulse.notebooks)
        return ()


class Judge:
    """The runtimes of one project. The clock is given.

    Parameters
    ----------
    heard : Mapping of str to Heard
        What was seen before, by the runtimes' names.
    before : Judge, optional
        Of the last look: a pulse that has not changed since is not read anew.
    """

    def __init__(
        self, heard: Mapping[str, Heard] | None = None, before: Judge | None = None
    ) -> None:
        self._heard = dict(heard or {})
        self._pulses: dict[str, tuple[bytes, Pulse]] = {} if before is None else before._pulses

    @property
    def heard(self) -> dict[str, Heard]:
        """What was seen, by the runtimes' names; to be remembered."""
        return dict(self._heard)

    def take(self, pulses: Mapping[str, bytes], now: datetime) -> None:
        """Take what a look at Drive showed at `now`."""
        self._pulses = {
            name: self._read(name, content) for name, content in pulses.items() if is_runtime(name)
        }
        heard = {}
        for name, (_, pulse) in self._pulses.items():
            before = self._heard.get(name)
            alike = before is not None and before.seq == pulse.seq
            first = before.first if before is not None and alike else now
            # A clock that was put back would make everybody silent, or nobody.
            heard[name] = Heard(pulse.seq, min(first, now), now)
        self._heard = heard

    def _read(self, name: str, content: bytes) -> tuple[bytes, Pulse]:
        digest = sha256(content).digest()
        known = self._pulses.get(name)
        if known is None:
            return digest, read_pulse(content)
        if known[0] == digest:
            return known
        pulse = read_pulse(content)
        if pulse.problem is not None:  # what cannot be read says of no notebook that it was closed
            pulse = replace(pulse, notebooks=known[1].notebooks)
        return digest, pulse

    def forget(self, name: str) -> None:
        """Take a runtime off the list."""
        self._pulses = {one: pulse for one, pulse in self._pulses.items() if one != name}
        self._heard.pop(name, None)

    def runtimes(self) -> tuple[Runtime, ...]:
        """Return all runtimes: the living first, then the latest started."""
        found = [
            Runtime(name, pulse, self._heard[name], _state(pulse, self._heard[name]))
            for name, (_, pulse) in self._pulses.items()
        ]
        found.sort(
            key=lambda one: (one.pulse.shown.get("started") or "", one.heard.first, one.name),
            reverse=True,
        )
        found.sort(key=lambda one: one.state != RUNNING)
        return tuple(found)


def _state(pulse: Pulse, heard: Heard) -> str:
    if pulse.ended:
        return ENDED
    patience = timedelta(seconds=2 * pulse.every) + _GRACE
    return SILENT if heard.last - heard.first > patience else RUNNING


def open_notebooks(runtimes: Sequence[Runtime]) -> frozenset[OpenNotebook]:
    """Return the notebooks that runtimes have open, or may have: those that are silent."""
    return frozenset(notebook for one in runtimes for notebook in one.has_open)


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
        "heard": written(runtime.last_word),
        "outputs": outputs,
        "problem": runtime.pulse.problem,
    }


def _named(path: str | None, file_id: str | None, now: Mapping[str, str]) -> Json:
    return {"path": now.get(file_id or "", path), "file_id": file_id}
