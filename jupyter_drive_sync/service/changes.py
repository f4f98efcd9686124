"""Changes that were noticed here, and when they are due. Pure: the clock is given."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_drive_sync.ports.records import Trigger


class Changes:
    """Gathers noticed changes until things are quiet.

    Parameters
    ----------
    quiet : float
        Seconds without a further change before they are due.
    longest : float
        Seconds after the first one at which they are due in any case.
    """

    def __init__(self, quiet: float, longest: float) -> None:
        self._quiet = quiet
        self._longest = longest
        self._first: float | None = None
        self._last = 0.0
        self._fresh: set[str] = set()
        self.trigger = Trigger.WATCHER

    def note(self, paths: Iterable[str], trigger: Trigger, now: float) -> None:
        """Take up changes noticed at `now` (seconds, monotonic)."""
        self._fresh.update(paths)
        if self._first is None:
            self._first = now
            self.trigger = trigger
        elif trigger is Trigger.SAVE:
            self.trigger = trigger
        self._last = now

    def take_fresh(self) -> set[str]:
        """Return the paths that nobody has looked at yet."""
        fresh, self._fresh = self._fresh, set()
        return fresh

    def settle(self) -> None:
        """Count nothing as due any more; paths not looked at yet stay."""
        self._first = None
        if self._fresh:
            self._first = self._last

    @property
    def due(self) -> float | None:
        """When the changes are due (seconds, monotonic); None when there are none."""
        if self._first is None:
            return None
        return min(self._last + self._quiet, self._first + self._longest)
