"""Which item goes next, and when one has failed too often (pure but for the clock it is given)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import CompanionError, PathInvalid, RcloneFailed
from .failures import pause_after
from .spool import Item

ENOUGH = 5
"""Failures after which an item is given up that others have overtaken."""

ENOUGH_ALONE = 20
"""The same where nothing else arrived meanwhile: then it may not be the item's fault."""

OVERDUE = 30.0
"""Seconds that an item waits at most behind what has not failed as often."""


def is_grave(error: CompanionError | None) -> bool:
    """Tell whether an error may be an item's own: it is none of Drive's, the network's, the disk's.

    Those have a class of their own.
    """
    return type(error) in {RcloneFailed, CompanionError, PathInvalid}


@dataclass(frozen=True, slots=True)
class _Tried:
    """How often an item failed, how often for a grave reason, and when it may go again."""

    failures: int
    grave: int
    again: float
    arrived_before: int


class Tries:
    """The order of what waits.

    What failed least goes first, so that nothing holds up the rest; what has been due for long
    goes before that, so that the rest does not hold it up for ever. What may be the reason for a
    failure goes alone.
    """

    def __init__(self) -> None:
        self._tried: dict[str, _Tried] = {}
        self._arrived = 0

    def failed(self, item: str, error: CompanionError, now: float, *, alone: bool) -> bool:
        """Note a failure; tell whether the item is to be given up."""
        before = self._tried.get(item) or _Tried(0, 0, now, self._arrived)
        grave = before.grave + is_grave(error)
        pause = pause_after(before.failures + 1, error) if alone else 0.0
        self._tried[item] = _Tried(before.failures + 1, grave, now + pause, before.arrived_before)
        if not (alone and is_grave(error)):
            return False
        is_its_own = self.is_proven(item, error)
        return grave >= (ENOUGH if is_its_own else ENOUGH_ALONE)

    def is_proven(self, item: str, error: Exception) -> bool:
        """Tell whether a failure is the item's own: by its kind, or as others arrived meanwhile."""
        tried = self._tried.get(item)
        return isinstance(error, PathInvalid) or (
            tried is not None and self._arrived > tried.arrived_before
        )

    def arrived(self, item: str) -> None:
        """Note that an item is on Drive."""
        self._arrived += 1
        self.forget(item)

    def forget(self, item: str) -> None:
        """Count an item's failures no more."""
        self._tried.pop(item, None)

    def hurry(self) -> None:
        """Let everything go again at once."""
        for item, one in self._tried.items():
            self._tried[item] = _Tried(one.failures, one.grave, 0.0, one.arrived_before)

    def is_fresh(self, item: Item) -> bool:
        """Tell whether an item was not tried yet."""
        return item.id not in self._tried

    def batch(self, waiting: Sequence[Item], now: float, most_files: int) -> list[Item]:
        """Return what goes next, of items in the order in which they would go by themselves."""
        due = [item for item in waiting if self.is_fresh(item) or self._of(item).again <= now]
        due.sort(key=lambda item: self._place(item, now))
        if not due:
            return []
        if self._of(due[0]).grave:
            return due[:1]
        return _together((item for item in due if not self._of(item).grave), most_files)

    def _of(self, item: Item) -> _Tried:
        return self._tried.get(item.id) or _Tried(0, 0, 0.0, 0)

    def _place(self, item: Item, now: float) -> tuple[bool, int]:
        tried = self._of(item)
        is_overdue = tried.failures > 0 and now - tried.again >= OVERDUE
        return not is_overdue, tried.failures


def _together(items: Iterable[Item], most_files: int) -> list[Item]:
    """Return the first items, at least one, that have no more files together."""
    batch: list[Item] = []
    files = 0
    for item in items:
        files += len(item.files)
        if batch and files > most_files:
            break
        batch.append(item)
    return batch
