"""A Jupyter server extension that feels the pulse of the server's event loop.

A task asks to be woken every 10 ms and notes how long it really took. While nothing blocks the
loop that is a little more than 10 ms. Where it takes long, the stacks at that moment are kept.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
import traceback
from dataclasses import asdict, dataclass
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web

TICK = 0.01
LATE = 0.07
"""From so many seconds on, the stacks are looked at."""

KEPT = 20
"""Late beats of which the stacks are kept."""

_STATUS_SCHEMA = "https://schema.jupyter.org/jupyter_drive_sync/status/v1"


@dataclass(slots=True)
class Beats:
    """The longest time between two beats since the last reset.

    Attributes
    ----------
    longest : float
        Seconds.
    own : float
        Seconds of processor time that this process used in the beat in which it used most; a
        long beat without it means that the machine, not this process, was busy.
    beats : int
        How many there were.
    events : int
        Status events that a browser would have heard.
    """

    longest: float = 0.0
    own: float = 0.0
    beats: int = 0
    events: int = 0


class Pulse:
    """Beats on the loop that runs, and a thread that looks where it hangs."""

    def __init__(self) -> None:
        self.beats = Beats()
        self._late: dict[float, tuple[float, str]] = {}
        self._last = time.perf_counter()
        self._loop_thread = threading.get_ident()

    def reset(self) -> None:
        """Start again from nothing."""
        self.beats = Beats()
        self._late = {}

    @property
    def stacks(self) -> list[str]:
        """Where this process was in its latest beats, the latest first."""
        return [stack for _, stack in sorted(self._late.values(), reverse=True)]

    async def run(self) -> None:
        """Beat for ever."""
        threading.Thread(target=self._look, name="pulse", daemon=True).start()
        while True:
            before, used = time.perf_counter(), time.process_time()
            self._last = before
            await asyncio.sleep(TICK)
            took = time.perf_counter() - before
            beats = self.beats
            beats.beats += 1
            beats.longest = max(beats.longest, took)
            beats.own = max(beats.own, min(took, time.process_time() - used))

    def _look(self) -> None:
        while True:
            time.sleep(0.02)
            begun = self._last
            late = time.perf_counter() - begun
            if late < LATE:
                continue
            self._late[begun] = (late, self._describe(late))
            if len(self._late) > KEPT:
                del self._late[min(self._late, key=lambda beat: self._late[beat][0])]

    def _describe(self, late: float) -> str:
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        parts = [f"late by {late * 1000:.0f} ms"]
        for ident, frame in sys._current_frames().items():
            if ident == threading.get_ident():
                continue
            deepest = traceback.extract_stack(frame)[-4:]
            where = " < ".join(
                f"{f.name}:{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(deepest)
            )
            mark = "LOOP" if ident == self._loop_thread else names.get(ident, "?")
            parts.append(f"  {mark}: {where}")
        return "\n".join(parts)


class HeartbeatHandler(APIHandler):
    """``GET`` tells, ``POST`` starts again."""

    @web.authenticated
    def get(self) -> None:
        """Answer with the beats since the last reset."""
        pulse: Pulse = self.settings["benchmark_pulse"]
        self.finish(json.dumps({**asdict(pulse.beats), "stacks": pulse.stacks}))

    @web.authenticated
    def post(self) -> None:
        """Start again."""
        self.settings["benchmark_pulse"].reset()
        self.finish("{}")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "benchmarks.heartbeat"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    address = url_path_join(app.web_app.settings["base_url"], "benchmarks", "heartbeat")
    app.web_app.add_handlers(".*$", [(address, HeartbeatHandler)])


async def _start_jupyter_server_extension(app: ServerApp) -> None:
    pulse = Pulse()
    app.web_app.settings["benchmark_pulse"] = pulse

    async def hear(logger: object, schema_id: str, data: dict[str, Any]) -> None:
        pulse.beats.events += 1

    # With a listener an event is validated and sent out, as with a browser that is open.
    if app.event_logger is not None:
        app.event_logger.add_listener(schema_id=_STATUS_SCHEMA, listener=hear)
    app.web_app.settings["benchmark_pulse_task"] = asyncio.create_task(pulse.run())
