"""How it stands: for the pulse on Drive, and for those who ask in the runtime."""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING, Any

from ..errors import CompanionError, PathInvalid
from ..places import write_json
from . import failures, manifest, pulse
from .host import Host
from .pulse import Condition, Sent, Trouble
from .scanner import LOG_AFTER

if TYPE_CHECKING:
    from .process import Guard

_NAMED = 5
PULSE = "The pulse"


class Report:
    """Tells how the guard's work stands.

    Parameters
    ----------
    guard : Guard
        Of which it tells.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._host = Host(guard.project)
        self._sent: Sent | None = None
        self._pulses = 0
        self._trouble: Trouble | None = None
        self._shown: dict[str, Any] = {}

    def send_pulse(self, now: float) -> bool:
        """Start to send a pulse if one is due; tell whether that is so."""
        condition = self.condition()
        if now < pulse.due_at(self._sent, condition):
            return False
        self._pulses += 1
        seq, settings, remote = self._pulses, self._guard.settings, self._guard.remote

        def send() -> None:
            said = pulse.make(
                settings,
                condition,
                seq=seq,
                at=manifest.moment(time.time()),
                next_in=pulse.every(condition),
                python=platform.python_version(),
                host=self._host.facts(),
            )
            remote.write_pulse(pulse.as_text(said))

        def done(_: object) -> None:
            self._sent = Sent(now, condition)
            self._guard.has_told_end = condition.state == "ended"

        self._guard.clerk.start(PULSE, send, done)
        return True

    def condition(self) -> Condition:
        """Return how it stands now."""
        waiting = self._guard.shipping.waiting_items()
        now = time.monotonic()
        guard = self._guard
        trouble = self.trouble()
        if trouble is None:
            self._trouble = None
        elif self._trouble is None or self._trouble.error.code != trouble.code:
            self._trouble = Trouble(trouble, manifest.moment(time.time()))
        on_drive = [line for line in self._guard.book.live() if line.checkpoint]
        newest = max(on_drive, key=lambda line: (line.unit, line.seq), default=None)
        copied = guard.ending.unfinished()
        left = len(guard.ending.cannot_go())
        open_now = 0 if guard.end == "finished" else len(guard.scanner.unfinished(now))
        return Condition(
            state="ended" if self._guard.end else "running",
            end=self._guard.end,
            checkpoint=newest,
            checkpoint_size=sum(
                line.size for line in on_drive if newest and line.unit == newest.unit
            ),
            pending_files=sum(len(item.files) for item in waiting),
            pending_bytes=sum(item.size for item in waiting),
            unverified=sum(len(item.files) for item in waiting) + left + (open_now or len(copied)),
            metric=self._guard.desk.metric,
            points=tuple(self._guard.desk.points),
            logs=self._guard.snapshots.shown(),
            trouble=self._trouble,
            notebooks=tuple(guard.settings.notebooks),
            unfinished=tuple(copy.remote for copy in copied),
            passed_over=self._passed_over(now),
        )

    def trouble(self) -> CompanionError | None:
        """Return what a person should hear of first."""
        return self.hindrance() or self._guard.ending.trouble() or self._cannot_go()

    def hindrance(self) -> CompanionError | None:
        """Return what keeps outputs from Drive that could go there."""
        guard = self._guard
        grave = [guard.full, guard.stumbled(), *(lane.error for lane in guard.lanes)]
        logs = guard.scanner.logs(time.monotonic())
        return (
            failures.worst(grave)
            or guard.shipping.rewritten.trouble(time.monotonic())
            or guard.snapshots.trouble(logs)
        )

    def _cannot_go(self) -> CompanionError | None:
        names = self._guard.ending.cannot_go()
        if not names:
            return None
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return PathInvalid(
            f"These stay here, since Drive cannot have them as they are: "
            f"{', '.join(names[:_NAMED])}{more}.",
            "Give what has line breaks or bytes that are no text in its name another name. What "
            "was tried in vain goes again when you run the notebook's first cell.",
        )

    def _passed_over(self, now: float) -> dict[str, int]:
        """Count what is below the protected folders and is brought by nobody."""
        guard = self._guard
        census = guard.scanner.census
        counts = {
            "names": len(census.unusable),
            "unreadable": len(census.unreadable),
            "links": len(census.links),
            "temporary": len(guard.scanner.abandoned(LOG_AFTER, now)),
            "set_aside": len(guard.spool.aside()),
            "logs_unnamed": guard.snapshots.unnamed(),
        }
        return {name: count for name, count in counts.items() if count}

    def show(self) -> None:
        """Say for `status()` and for those who wait how it stands, when that changed."""
        condition = self.condition()
        newest = condition.checkpoint
        shown = {
            "v": pulse.VERSION,
            "pid": os.getpid(),
            "runtime": self._guard.settings.runtime,
            "run": self._guard.settings.run,
            "state": condition.state,
            "checkpoint": newest and newest.as_json(),
            "pending": {"files": condition.pending_files, "bytes": condition.pending_bytes},
            "unverified": condition.unverified,
            "verifies": self._guard.remote.verifies,
            "error": condition.trouble.as_json() if condition.trouble else None,
            "unfinished": list(condition.unfinished),
            "passed_over": dict(condition.passed_over),
        }
        if shown != self._shown:
            self._shown = shown
            with self._guard.disk():
                write_json(self._guard.folder.status, {**shown, "at": manifest.moment(time.time())})
