"""Which outputs are finished: two looks, nobody writing, the format agrees."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from . import finished, looks
from .groups import Groups, is_log
from .looks import Look, Seen
from .scan import Census, being_written, look_at

STILL_FOR = 1.0
"""Seconds between the two looks that a file has to stand still for."""

FOLDER_STILL_FOR = 5.0
"""The same for a folder that does not say itself when it is complete."""

LOG_AFTER = 60.0
"""What changes for longer than this is a log; what was one and stands still so long is finished."""

GIVEN_UP_LAST = 15.0
"""At the end of a run, a folder that stands still so long gets no more files."""

PLAIN_EVERY = 30.0
"""An output that is no checkpoint goes up at most once in so many seconds."""

_LAST_ONES = {"trainer_state.json", ".metadata"}
"""What is written last, so that its folder is complete."""

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Ready:
    """A finished output.

    Attributes
    ----------
    paths : tuple of str
        Its files, absolute.
    group : str or None
        The folder whose files these are.
    checkpoint : bool
        Whether it is a checkpoint.
    """

    paths: tuple[str, ...]
    group: str | None
    checkpoint: bool


class Scanner:
    """Watches files and folders.

    Parameters
    ----------
    is_known : callable
        Tells of a path and a look whether Drive has that version already.
    """

    def __init__(self, is_known: Callable[[str, Look], bool]) -> None:
        self._is_known = is_known
        self.memory: dict[str, Seen] = {}
        self.census = Census()
        """What the latest look found."""
        self.temporary: dict[str, Seen] = {}
        """What has a name that programs give to what they have not finished."""
        self._last: dict[str, float] = {}
        self._roots: list[str] = []

    def look(self, roots: Iterable[Path], now: float) -> float:
        """Look at everything; return the seconds that it took."""
        began = time.monotonic()
        before = self.memory
        roots = list(roots)
        self._roots = list(map(str, roots))
        self.census = look_at(roots)
        self.memory = looks.observe(before, self.census.outputs, now)
        self.temporary = looks.observe(self.temporary, self.census.temporary, now)
        fresh = [
            path
            for path, seen in self.memory.items()
            if (path not in before or before[path].look != seen.look)
            and self._is_known(path, seen.look)
        ]
        self.take(fresh, now)
        return time.monotonic() - began

    def take(self, paths: Iterable[str], now: float) -> None:
        """Note that these were taken as they are."""
        paths = list(paths)
        self.memory = looks.take(self.memory, paths)
        for path in paths:
            self._last[path] = now

    def take_if(
        self, versions: Mapping[str, tuple[int, int]], paths: Iterable[str], now: float
    ) -> None:
        """Note that these were taken, those that are still the versions (size, time in ns)."""
        same = []
        for path in paths:
            seen = self.memory.get(path)
            if seen and (seen.look.size, seen.look.mtime_ns) == versions.get(path):
                same.append(path)
        self.take(same, now)

    def forget(self) -> None:
        """Offer everything anew."""
        self.memory, self._last = {}, {}

    def hurry(self) -> None:
        """Offer at once what was set aside for a while."""
        self.memory = {path: replace(seen, again=0.0) for path, seen in self.memory.items()}

    def refuse(self, paths: Iterable[str], now: float) -> None:
        """Set candidates aside for a while."""
        for path in paths:
            self.memory = looks.refuse(self.memory, path, now)

    # --- logs ----------------------------------------------------------------------------------

    def is_log(self, path: str, now: float) -> bool:
        """Tell whether a file is one that grows: by its name, or because it does not rest."""
        if is_log(PurePath(path).name):
            return True
        seen = self.memory.get(path)
        if seen is None or finished.is_checkpoint(path) or seen.taken == seen.look:
            return False
        return now - seen.restless > LOG_AFTER

    def logs(self, now: float) -> dict[str, Look]:
        """Return the growing files as they are now."""
        return {
            path: seen.look
            for path, seen in self.memory.items()
            if seen.taken != seen.look and self.is_log(path, now)
        }

    def unfinished(self, now: float) -> list[str]:
        """Return the outputs, without logs, that were not taken as they are now."""
        return [path for path in looks.waiting(self.memory) if not self.is_log(path, now)]

    def abandoned(self, still_for: float, now: float) -> list[str]:
        """Return what has the name of something unfinished and stood still so many seconds."""
        return [
            path
            for path, seen in self.temporary.items()
            if seen.look.size and now - seen.since >= still_for
        ]

    def is_changing(self, path: str, now: float) -> bool:
        """Tell whether a file changed in the latest looks."""
        seen = self.memory.get(path) or self.temporary.get(path)
        return seen is not None and now - seen.since < 2 * STILL_FOR

    # --- finished outputs ----------------------------------------------------------------------

    def ready(self, now: float, *, is_last: bool = False) -> list[Ready]:
        """Return what is finished; what is not is set aside for a while.

        Checkpoints come first, and of each kind what stood still first: in this order it is to be
        taken.

        Parameters
        ----------
        now : float
            Monotonic seconds.
        is_last : bool
            The run ends: logs count as outputs, and nothing is put off.
        """
        offered = looks.candidates(self.memory, now, STILL_FOR)
        if not offered:
            return []
        groups = Groups(self.memory, self._roots)
        found: list[Ready] = []
        folders: set[str] = set()
        for path in offered:
            folder = groups.of(path)
            if folder is not None:
                if folder not in folders:
                    folders.add(folder)
                    members = groups.members(folder)
                    found.extend(self._folder(folder, members, now, is_last=is_last))
            elif is_last or self._is_time(path, now):
                found.append(Ready((path,), None, finished.is_checkpoint(path)))
        found.sort(key=lambda ready: (not ready.checkpoint, *self._finished_at(ready)))
        found = found[:_AT_ONCE]
        written = being_written(path for ready in found for path in ready.paths)
        passed = []
        for ready in found:
            if written.intersection(ready.paths):
                self.refuse(ready.paths, now)
            elif _are_whole(ready):
                passed.append(ready)
            else:
                self.refuse(ready.paths, now)
                if is_last and ready.group and now - self._since(ready.paths) >= GIVEN_UP_LAST:
                    passed.extend(filter(_are_whole, self._singly(ready.paths)))
        return passed

    def _finished_at(self, ready: Ready) -> tuple[float, int]:
        return self._since(ready.paths), max(self.memory[one].look.mtime_ns for one in ready.paths)

    def _since(self, paths: Iterable[str]) -> float:
        return max(self.memory[path].since for path in paths)

    def _singly(self, paths: Iterable[str]) -> list[Ready]:
        """Return the files of a folder that is no whole checkpoint, those that were not taken."""
        rest = [path for path in paths if self.memory[path].taken != self.memory[path].look]
        return [Ready((path,), None, checkpoint=False) for path in rest]

    def _is_time(self, path: str, now: float) -> bool:
        """Tell whether a single file may be taken, which stands still already."""
        if finished.is_checkpoint(path):
            return True
        if self.is_log(path, now):
            by_name = is_log(PurePath(path).name)
            return not by_name and now - self.memory[path].since >= LOG_AFTER
        return now - self._last.get(path, -PLAIN_EVERY) >= PLAIN_EVERY

    def _folder(
        self, folder: str, members: Sequence[str], now: float, *, is_last: bool
    ) -> list[Ready]:
        """Return a folder's files as one checkpoint, once they all stand still and none is missing.

        A folder that stays incomplete never counts as a checkpoint; its files go up singly.
        """
        since = self._since(members)
        inside = {path[len(folder) + 1 :] for path in members}
        if finished.missing_of_group(inside, PurePath(folder).name) is not None:
            if now - since < (GIVEN_UP_LAST if is_last else LOG_AFTER):
                return []
            return self._singly(members)
        says_so = not _LAST_ONES.isdisjoint(inside) or any(
            name.endswith(".index.json") for name in inside
        )
        if now - since < (STILL_FOR if says_so else FOLDER_STILL_FOR):
            return []
        return [Ready(tuple(members), folder, checkpoint=True)]


def _are_whole(ready: Ready) -> bool:
    return all(map(finished.is_whole, ready.paths))


def whole_or_why(paths: Sequence[Path]) -> finished.Torn | None:
    """Return why one of these files is not whole, naming it."""
    for path in paths:
        torn = finished.check_file(path)
        if torn is not None:
            return finished.Torn(f"{path.name}: {torn.why}")
    return None
