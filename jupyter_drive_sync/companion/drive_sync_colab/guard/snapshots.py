"""Snapshots of growing logs: copied in place every minute, and claimed by nobody."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import CompanionError, RuntimeFull
from . import manifest
from .looks import Look
from .remote import Remote
from .spool import ROOM, project_path

EVERY = 60.0
LARGE = 2**30
"""Bytes from which on a log is copied ever more rarely, since each copy sends it whole."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was copied of a log: where to, how much (bytes), when (ISO 8601), of which look."""

    path: str
    remote: str
    size: int
    at: str
    look: Look


class Snapshots:
    """Copies logs.

    Parameters
    ----------
    project : Path
        What paths are told from.
    spool : Path
        Where copies lie while they go up.
    """

    def __init__(self, project: Path, spool: Path) -> None:
        self._project = project
        self._folder = spool / "batch-logs"
        self._latest: dict[str, Snapshot] = {}
        self._when: dict[str, float] = {}
        self._no_room: set[str] = set()
        self.in_flight: set[str] = set()
        """Names on Drive that the copies under way get."""

    def due(
        self, logs: Mapping[str, Look], now: float, *, at_once: bool = False
    ) -> dict[str, Look]:
        """Return the logs that grew and were not copied for a while."""
        return {
            path: look
            for path, look in logs.items()
            if not self.has(path, look)
            and (at_once or path not in self._when or now - self._when[path] >= _pause(look.size))
        }

    def has(self, path: str, look: Look) -> bool:
        """Tell whether a log's latest snapshot is of this look."""
        return path in self._latest and self._latest[path].look == look

    def has_any(self, path: str) -> bool:
        """Tell whether there is a snapshot of a log, however old."""
        return path in self._latest

    def begin(self, due: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
        """Return the name on Drive for a copy of each of these logs, which nothing else has.

        Parameters
        ----------
        due : iterable of str
            Absolute paths.
        taken : iterable of str
            Names of what is listed, and of what waits to be.
        """
        free = manifest.Names(taken)
        names = {path: free.claim(project_path(self._project, Path(path)), 0) for path in due}
        self.in_flight = set(names.values())
        return names

    def ended(self) -> None:
        """Note that no copy is under way any more."""
        self.in_flight = set()

    def copy(
        self, remote: Remote, due: Mapping[str, Look], names: Mapping[str, str]
    ) -> list[Snapshot]:
        """Copy logs to Drive as they are now; in a lane's thread.

        Raises
        ------
        CompanionError
            Drive refused, or cannot be reached.
        OSError
            The disk is full.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700)
        made = []
        try:
            for path, look in due.items():
                if look.size > shutil.disk_usage(self._folder).free - ROOM // 16:
                    self._no_room.add(path)
                    continue
                self._no_room.discard(path)
                own, name = project_path(self._project, Path(path)), names[path]
                target = self._folder / PurePosixPath(name)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                try:
                    shutil.copy2(path, target)
                except FileNotFoundError:
                    continue  # it went meanwhile
                size = target.stat().st_size
                made.append(Snapshot(own, name, size, manifest.moment(time.time()), look))
            if made:
                remote.upload(self._folder, [one.remote for one in made])
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        return made

    def copied(self, made: Iterable[Snapshot], due: Iterable[str], now: float) -> None:
        """Note what was copied."""
        by_path = {one.path: one for one in made}
        for path in due:
            self._when[path] = now
            one = by_path.get(project_path(self._project, Path(path)))
            if one is not None:
                self._latest[path] = one

    def trouble(self, logs: Iterable[str]) -> CompanionError | None:
        """Return what is wrong with these logs: no room for a copy."""
        waiting = sorted(self._no_room.intersection(logs))
        if not waiting:
            return None
        name = project_path(self._project, Path(waiting[0]))
        more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        return RuntimeFull(f"The runtime's disk has no room for a copy of {name}{more}.")

    def shown(self) -> list[dict[str, Any]]:
        """Return what the pulse says of the logs."""
        return [
            {"path": one.path, "remote": one.remote, "size": one.size, "at": one.at}
            for _, one in sorted(self._latest.items())[:SHOWN]
        ]

    def unnamed(self) -> int:
        """Return of how many more logs Drive has a copy than are shown."""
        return max(0, len(self._latest) - SHOWN)


def _pause(size: int) -> float:
    """Return the seconds between two copies of a log of so many bytes."""
    return EVERY * max(1.0, 10 * size / LARGE) if size > LARGE else EVERY
