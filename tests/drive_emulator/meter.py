"""Counts of calls and bytes, by kind of call."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field

LOG_LENGTH = 100_000


@dataclass(slots=True)
class LoggedCall:
    """One call as it came in, and its answer's status (0 until then, or when there was none)."""

    kind: str
    method: str
    target: str
    started: float = field(default_factory=time.monotonic)
    file: str = ""
    status: int = 0


class Meter:
    """Counts since the last reset.

    Attributes
    ----------
    calls : Counter
        Calls by kind, refused ones included.
    bytes_up, bytes_down : Counter
        Bytes of request and answer bodies by kind.
    log : deque of LoggedCall
        The calls in their order.
    refused_hosts : list of str
        What clients wanted to reach and must not.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Start again from nothing."""
        with self._lock:
            self.calls: Counter[str] = Counter()
            self.bytes_up: Counter[str] = Counter()
            self.bytes_down: Counter[str] = Counter()
            self.log: deque[LoggedCall] = deque(maxlen=LOG_LENGTH)
            self.refused_hosts: list[str] = []

    @property
    def api_calls(self) -> int:
        """All calls to Drive itself, without those to the sign-in service."""
        with self._lock:
            return sum(n for kind, n in self.calls.items() if not kind.startswith("oauth."))

    def count(self, call: LoggedCall) -> None:
        """Count one call."""
        with self._lock:
            self.calls[call.kind] += 1
            self.log.append(call)

    def add_up(self, kind: str, size: int) -> None:
        """Count bytes that came in."""
        with self._lock:
            self.bytes_up[kind] += size

    def add_down(self, kind: str, size: int) -> None:
        """Count bytes that went out."""
        with self._lock:
            self.bytes_down[kind] += size

    def refuse(self, host: str) -> None:
        """Note a host that a client was not let through to."""
        with self._lock:
            self.refused_hosts.append(host)
