"""How much time a transfer has left.

rclone reckons by bytes alone. Of many small files each takes its time, however few bytes are left.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from jupyter_drive_sync.engine.estimate import UPLOADS_A_SECOND
from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.engine.session import Phase, RunObserver
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.ports.transfer import Progress

WINDOW_SECONDS = 10.0
"""Over how long the pace is measured."""

_LEAST_SECONDS = 2.0
_LEAST_PACE = 2.0
_FADE_SECONDS = 8.0


class Pace:
    """Adds to each report of a transfer how long the files that are left will take.

    Parameters
    ----------
    usual : float
        Files a second to reckon with before anything was measured; 0: unknown.
    clock : Callable
        Seconds that only grow.
    """

    def __init__(self, usual: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._usual = self._rate = usual
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def measured(self, progress: Progress) -> Progress:
        """Return a report with the time left by files, where that is longer than by bytes."""
        self._measure(progress.files, self._clock())
        left = progress.total_files - progress.files
        if not self._rate or left <= 0:
            return progress
        seconds = math.ceil(left / self._rate)
        return replace(progress, eta_seconds=max(seconds, progress.eta_seconds or 0))

    def _measure(self, files: int, now: float) -> None:
        seen = self._seen
        if seen and files < seen[-1][1]:
            seen.clear()  # the next transfer of the same run
            self._rate = self._usual
        passed = now - seen[-1][0] if seen else 0.0
        seen.append((now, files))
        while now - seen[0][0] > WINDOW_SECONDS:
            seen.popleft()
        over = now - seen[0][0]
        if over < _LEAST_SECONDS:
            return
        rate = (files - seen[0][1]) / over
        if rate < self._rate:
            # While big files move, few are done: that alone says little of the small ones.
            rate = self._rate + (rate - self._rate) * min(1.0, passed / _FADE_SECONDS)
        self._rate = max(rate, _LEAST_PACE)


class PacedObserver(RunObserver):
    """Tells another observer the same, with the time left."""

    def __init__(self, observer: RunObserver, kind: RemoteKind) -> None:
        self._observer = observer
        self._pace = Pace(UPLOADS_A_SECOND if kind is RemoteKind.DRIVE else 0.0)

    def phase(self, phase: Phase) -> None:
        """Hear that a phase begins."""
        self._observer.phase(phase)

    def planned(self, plan: Plan) -> None:
        """Hear the plan."""
        self._observer.planned(plan)

    def progress(self, progress: Progress) -> None:
        """Hear how a transfer goes."""
        self._observer.progress(self._pace.measured(progress))

    def done(self, path: str) -> None:
        """Hear that a path is in step."""
        self._observer.done(path)
