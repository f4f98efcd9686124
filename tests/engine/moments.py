"""Acting at the n-th moment of a run: its calls to the ports, and what it does to the disk."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from jupyter_drive_sync.engine.session import Session

PORTS = ("local", "remote", "bisync", "store")
_DISK = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "subprocess.Popen"})
_current: list[Moments] = []
_hooked: list[bool] = []


class ServerDied(BaseException):
    """Stands for the end of the whole process: nothing catches it but what catches everything."""


class Moments:
    """Counts the moments of one run and acts at some of them.

    Parameters
    ----------
    acts : dict of int to callable
        What happens at the n-th moment; it may raise.
    """

    def __init__(self, acts: dict[int, Callable[[], object]]) -> None:
        self.acts = acts
        self.passed = 0
        self._busy = threading.Lock()

    def meet(self) -> None:
        """Let one more moment pass."""
        if not self._busy.acquire(blocking=False):
            return  # the act's own work, or another thread's at the same time
        try:
            act = self.acts.pop(self.passed, None)
            self.passed += 1
            if act is not None:
                act()
        finally:
            self._busy.release()

    def finish(self) -> None:
        """Do what no moment came for."""
        for number in sorted(self.acts):
            self.acts.pop(number)()

    @contextmanager
    def during(self, session: Session) -> Iterator[Session]:
        """Give a session whose calls are moments."""
        if not _hooked:
            # An audit hook stays for ever, so it is one that looks who is counting.
            sys.addaudithook(_heard)
            _hooked.append(True)
        self._thread = threading.get_ident()
        _current.append(self)
        try:
            yield replace(session, **{name: _Port(getattr(session, name), self) for name in PORTS})
        finally:
            _current.clear()

    def heard(self) -> None:
        """Hear of a change to the disk."""
        if threading.get_ident() == self._thread:
            self.meet()


def _heard(event: str, _: tuple[Any, ...]) -> None:
    if _current and event in _DISK:
        _current[0].heard()


class _Port:
    """A port whose every call is two moments: before and after."""

    def __init__(self, port: Any, moments: Moments) -> None:
        self._port = port
        self._moments = moments

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self._moments.meet()
            answer = found(*arguments, **named)
            self._moments.meet()
            return answer

        return call
