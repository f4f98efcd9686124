"""The end of a run: it ends when all is safe, or is told that it need not be; nothing goes unsaid.

What is whole goes up and is listed. What is quiet, closed and not whole, as a killed training
leaves it, goes up as a copy beside its place, which no manifest lists. What is still being written,
and what cannot go to Drive at all, holds the end up, unless whoever ends the run says otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CheckpointNotSafe, CompanionError, Unfinished
from . import copies, finished
from .copies import Copy
from .scan import name_of, writers
from .spool import project_path

if TYPE_CHECKING:
    from .process import Guard

GRACE = 20.0
"""Seconds that the end of a run waits for files that are still being written, if not told."""

DUE = 20.0
"""Seconds after the grace in which what is whole has been taken, if nothing is wrong."""

_LAST_WORDS = 10.0
"""Seconds that the last pulse may take beyond the time that was given."""

_ALL_THE_SAME = "finish(leave_behind=True) ends the run all the same"
_NAMED = 5
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is not on Drive when the grace is over, by absolute paths.

    Attributes
    ----------
    written : dict of str to str
        What is being written, with who does it, as far as that is known.
    torn : list of str
        What nobody writes, and is not whole.
    due : list of str
        What is whole, and may go up any moment.
    """

    written: dict[str, str]
    torn: list[str]
    due: list[str]


class Ending:
    """Sees to the end of a run that somebody asked for.

    Parameters
    ----------
    guard : Guard
        Whose run it is.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._request: dict[str, Any] | None = None
        self._since = 0.0
        self._copies: dict[str, Copy] = {}

    def ask(self, request: dict[str, Any]) -> bool:
        """Take the request for the end; tell whether it is new."""
        if self._request is not None:
            return False
        self._request, self._since = request, time.monotonic()
        self._copies = {}
        self._guard.scanner.hurry()
        self._guard.hurry()
        return True

    def is_asked(self) -> bool:
        """Tell whether somebody waits for the run's end."""
        return self._request is not None

    # --- how it stands ---------------------------------------------------------------------------

    def unfinished(self) -> list[Copy]:
        """Return the copies of what is not whole, by their names on Drive."""
        return sorted(self._copies.values(), key=lambda copy: copy.remote)

    def cannot_go(self) -> list[str]:
        """Return what cannot go to Drive, for people."""
        census = self._guard.scanner.census
        odd = [ascii(self._path(path)) for path in census.unusable]
        closed = [self._path(path) for path in census.unreadable]
        return sorted([*odd, *closed, *self._guard.spool.aside()])

    def trouble(self) -> CompanionError | None:
        """Return what the last words have to say of what is not on Drive whole."""
        if self._guard.end != "finished":
            return None
        made, left = [copy.remote for copy in self.unfinished()], self._left()
        parts = [f"Not whole at the end, so only copied: {_some(made)}."] if made else []
        parts += [f"Left behind: {_some(left)}."] if left else []
        return Unfinished(" ".join(parts)) if parts else None

    def _left(self) -> list[str]:
        links = self._guard.scanner.census.links
        return [*self.cannot_go(), *sorted(ascii_if_odd(self._path(link)) for link in links)]

    def _path(self, path: str) -> str:
        return project_path(self._guard.project, Path(path))

    # --- towards the end -------------------------------------------------------------------------

    def settle(self) -> None:
        """End the run when all is on Drive; say what is left when the time is over."""
        if self._request is None:
            return
        guard = self._guard
        late = time.time() - float(self._request.get("until") or float("inf"))
        if not guard.folder.is_asked(str(self._request["id"])):
            self._request = None  # who asked was interrupted, or waits no more: training may go on
            self._go_on()
            return
        if guard.end == "finished":
            if guard.has_told_end and self._is_all_there():
                self._answer_well(self._request)
            elif guard.has_told_end:  # a checkpoint came during the last words: they were too early
                self._go_on()
            elif late > _LAST_WORDS:
                self._go_on()
                self._refuse_unsaid()
            return
        now = time.monotonic()
        rest = [path for path in self._rest() if not self._is_copied(path)]
        stuck = [] if self._leaves_behind() else self.cannot_go()
        is_quiet = guard.is_quiet() and not guard.large.is_busy()
        waited, grace = now - self._since, float(self._request.get("grace") or GRACE)
        if is_quiet and not rest and not stuck and guard.has_looked_since(self._since):
            guard.end, guard.has_told_end = "finished", False
        elif late > 0:
            self._refuse_late(rest, stuck, now)
        elif is_quiet and waited > grace:
            self._after_grace(self._judge(rest, now), stuck, is_long=waited > grace + DUE)

    def _go_on(self) -> None:
        """Take back that the run ends, if that was decided."""
        if self._guard.end == "finished":
            self._guard.end, self._guard.has_told_end = None, False

    def _is_all_there(self) -> bool:
        """Tell whether nothing came since the end was decided."""
        return self._guard.is_quiet() and all(
            one.get("kind") != "checkpoint" for one in self._guard.folder.requests()
        )

    def _leaves_behind(self) -> bool:
        return bool(self._request and self._request.get("leave_behind"))

    def _rest(self) -> list[str]:
        return [*self._guard.left(), *self._guard.scanner.abandoned(0.0, time.monotonic())]

    def _is_copied(self, path: str) -> bool:
        copy = self._copies.get(path)
        if copy is None:
            return self._leaves_behind() and self._guard.snapshots.has_any(path)
        scanner = self._guard.scanner
        seen = scanner.memory.get(path) or scanner.temporary.get(path)
        return self._leaves_behind() or (seen is not None and seen.look == copy.look)

    def _judge(self, rest: Iterable[str], now: float) -> _Rest:
        found = _Rest({}, [], [])
        rest = list(rest)
        open_by = writers(rest)
        for path in rest:
            if path in open_by:
                found.written[path] = self._who(open_by[path])
            elif self._guard.scanner.is_changing(path, now):
                found.written[path] = ""
            elif path in self._guard.scanner.temporary or not finished.is_whole(path):
                found.torn.append(path)
            else:
                found.due.append(path)
        return found

    def _who(self, process: int) -> str:
        if self._request and self._request.get("pid") == process:
            return "this notebook's kernel or script itself"
        return name_of(process)

    def _after_grace(self, rest: _Rest, stuck: list[str], *, is_long: bool) -> None:
        to_copy = list(rest.torn)
        if self._leaves_behind():
            to_copy += [*rest.written, *(rest.due if is_long else [])]
        elif rest.written:
            self._refuse_written(rest.written)
            return
        elif stuck:
            self._refuse_stuck(stuck)
            return
        elif rest.due and is_long:
            self._refuse(rest.due)
            return
        if to_copy:
            self._start_copies(to_copy)

    def _start_copies(self, paths: Iterable[str]) -> None:
        guard = self._guard
        if not guard.large.is_free():
            return
        scanner, remote, folder = guard.scanner, guard.remote, guard.folder.spool
        seen = {path: scanner.memory.get(path) or scanner.temporary.get(path) for path in paths}
        wanted = {path: found.look for path, found in seen.items() if found is not None}
        project, listed = guard.project, guard.taken_names()
        guard.large.start(
            "A copy of what is not whole",
            lambda: copies.bring(remote, project, folder, wanted, listed),
            self._copied,
        )

    def _copied(self, made: Mapping[str, Copy]) -> None:
        self._copies.update(made)
        for copy in made.values():
            self._guard.note(f"{copy.path} is not whole; it is copied as {copy.remote}.")

    # --- answers ---------------------------------------------------------------------------------

    def _answer_well(self, request: dict[str, Any]) -> None:
        guard = self._guard
        guard.desk.answer(
            str(request["id"]),
            None,
            verified=guard.remote.verifies,
            run=guard.settings.run,
            listed=len(guard.book.live()),
            unfinished=[copy.remote for copy in self.unfinished()],
            left=self._left(),
        )
        guard.folder.taken(str(request["id"]))
        self._request = None

    def _refuse_written(self, written: Mapping[str, str]) -> None:
        said = [
            f"{self._path(path)} is being written" + (f" by {who}" if who else "")
            for path, who in sorted(written.items())
        ]
        hint = (
            "Close the file, or end what writes it, then finish() again; "
            f"{_ALL_THE_SAME}, with a copy of what is there."
        )
        self._refuse(written, f"{_some(said)}.", hint)

    def _refuse_stuck(self, stuck: list[str]) -> None:
        self._refuse(
            (),
            f"These cannot go there as they are: {_some(stuck)}.",
            "Give what has line breaks or other odd bytes in its name another name, or move it "
            "away, and run the first cell for what was tried in vain, then finish() again; "
            f"{_ALL_THE_SAME}, without these.",
            stuck,
        )

    def _refuse_unsaid(self) -> None:
        """Say when the time is over that Drive does not take the last words."""
        trouble = self._guard.report.hindrance()
        why = "The outputs are there, but it cannot be written there that the run is over."
        self._refuse(
            (),
            f"{why} {trouble.message}" if trouble is not None else why,
            trouble.hint if trouble is not None else "",
        )

    def _refuse_late(self, rest: list[str], stuck: list[str], now: float) -> None:
        """Say when the time is over what is not on Drive, and why."""
        guard = self._guard
        waiting = [file.path for item in guard.shipping.waiting_items() for file in item.files]
        judged = self._judge(rest, now)
        if judged.written and not waiting:
            self._refuse_written(judged.written)
        elif stuck and not waiting and not rest:
            self._refuse_stuck(stuck)
        else:
            self._refuse(rest, more=waiting)

    def _refuse(
        self, paths: Iterable[str], why: str = "", hint: str = "", more: Iterable[str] = ()
    ) -> None:
        guard, request = self._guard, self._request
        names = sorted({*(ascii_if_odd(self._path(path)) for path in paths), *more})
        text = "Not all is on Drive yet."
        if not why:
            text = f"Not all is on Drive yet: {_some(names)}." if names else text
            trouble = guard.report.hindrance()
            if trouble is not None:
                why, hint = trouble.message, trouble.hint
        error = CheckpointNotSafe(
            f"{text} {why}".strip(), hint or "The guard goes on; finish() again in a while."
        )
        if request is not None:
            guard.desk.answer(str(request["id"]), error, left=names)
            guard.folder.taken(str(request["id"]))
        self._request = None


def ascii_if_odd(path: str) -> str:
    """Return a path as it can be shown: odd characters and bytes as escapes."""
    return path if path.isprintable() else ascii(path)


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
