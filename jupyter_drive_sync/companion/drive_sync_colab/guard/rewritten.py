"""What is saved to one path faster than it goes up: copied from the second time on, and said."""

from __future__ import annotations

from ..errors import CheckpointTorn, CompanionError, RuntimeFull
from .spool import Item

SHOWN_FOR = 600.0
"""Seconds that a lost version is told of, if no later one of its path arrives."""


class Rewritten:
    """Remembers the paths of which a linked version was written over before it was on Drive."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._wanted: set[str] = set()
        self._lost: dict[str, tuple[float, CompanionError]] = {}

    def note(self, item: Item, now: float) -> None:
        """Note that an item was written over.

        The first time it is no error where only the guard had found it: the next version is copied.
        """
        path = item.files[0].path
        had_no_room = item.id in self._wanted  # else it would be a copy, which nobody writes over
        self._paths.update(file.path for file in item.files)
        if had_no_room:
            error: CompanionError = RuntimeFull(
                f"The runtime's disk has no room for a copy of {path}, which is saved anew before "
                "it is on Drive.",
                "Make room on the runtime, or give each checkpoint a name of its own.",
            )
        elif item.request is not None:
            error = CheckpointTorn(
                f"{path} was written over before it was on Drive, so this version is lost.",
                "Wait until checkpoint() returns before you write the same file again, or make "
                "room on the runtime for a copy.",
            )
        else:
            return
        self._lost[path] = now, error

    def wants_copy(self, item: Item) -> bool:
        """Tell whether an item is to be copied, however large it is, where there is room."""
        wants = any(file.path in self._paths for file in item.files)
        if wants:
            self._wanted.add(item.id)
        return wants

    def arrived(self, item: Item) -> None:
        """Note that a version is on Drive."""
        for file in item.files:
            self._lost.pop(file.path, None)

    def trouble(self, now: float) -> CompanionError | None:
        """Return what was lost last, for a while."""
        recent = [one for one in self._lost.values() if now - one[0] < SHOWN_FOR]
        return max(recent, key=lambda one: one[0])[1] if recent else None
