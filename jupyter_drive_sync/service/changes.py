"""Changes that were noticed here: when they are due, and which of them are real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.ports.listing import Entry, Version
from jupyter_drive_sync.ports.projects import MARKER_FOLDER
from jupyter_drive_sync.ports.records import Trigger


class Changes:
    """Gathers noticed changes until things are quiet. Pure: the clock is given.

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


def really_changed(
    session: Session, paths: Iterable[str], held: Mapping[str, Version | None]
) -> dict[str, bool]:
    """Return the noticed paths that a run would have something to do about.

    Left out are ignored names, our own writes, and files that are held as they stand. Blocks.

    Parameters
    ----------
    paths : Iterable[str]
        Noticed paths.
    held : Mapping[str, Version or None]
        Held paths with the version that stood here when they were held.

    Returns
    -------
    dict of str to bool
        By path, whether nothing stands there now.
    """
    ignore = session.read_ignore()
    found: dict[str, bool] = {}
    for path in paths:
        if path.startswith(f"{MARKER_FOLDER}/") or ignore.ignores(path):
            continue
        entry = session.local.stat(path)
        if _is_news(session, path, entry, held):
            found[path] = entry is None
    return found


def _is_news(
    session: Session, path: str, entry: Entry | None, held: Mapping[str, Version | None]
) -> bool:
    now = entry.version if entry is not None else None
    if path in held:
        known = held[path]
    else:
        agreed = session.store.baseline_entry(path)
        known = agreed.local if agreed is not None else None
    if now is None or known is None:
        return now is not known
    return not known.same_stat(now)
