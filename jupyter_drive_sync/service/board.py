"""Where a project's standing is written and told of, and what carries a run's words there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TypeVar

from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.engine.session import Phase, RunObserver
from jupyter_drive_sync.engine.states import Event, State, after
from jupyter_drive_sync.ports.transfer import Progress
from jupyter_drive_sync.service.standing import Standing

T = TypeVar("T")

PUBLISH_SECONDS = 0.3
"""Progress is published no more often than that."""


class Board:
    """A project's standing. Used on the loop's thread, but for `soon`.

    Parameters
    ----------
    loop : asyncio.AbstractEventLoop
        The server's loop.
    publish : Callable[[], None]
        Called on the loop's thread whenever the standing changed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, publish: Callable[[], None]) -> None:
        self.standing = Standing()
        self._loop = loop
        self._publish = publish
        self._published = 0.0
        self._publish_later: asyncio.TimerHandle | None = None
        self._silent = False
        self._again = False
        self._before: tuple[State, datetime] | None = None

    def begin(self, *, silent: bool) -> None:
        """Say that a run begins.

        Parameters
        ----------
        silent : bool
            Whether it is only a look by itself, which most often finds nothing to do, or the same
            trouble: the state stays as it is until there is something to carry over.
        """
        standing = self.standing
        standing.progress, standing.cancelling = Progress(), False
        self._silent, self._again = silent, False
        self._before = (standing.state, standing.since) if silent else None
        if not silent or not standing.state.trouble:
            # In trouble, what the last plan left undone still waits.
            standing.planned, standing.done = False, set()
        if not silent:
            self._show()

    def speak(self) -> None:
        """Show the run under way, because somebody asked. Harmless when it is shown, or none is."""
        if self._silent:
            self._show()

    def _show(self) -> None:
        self._silent = False
        self.standing.phase = self.standing.phase or Phase.PLAN
        self.move(Event.STARTED)
        self.touch()

    def end(self) -> None:
        """Say that the run is over; what it came to is in the standing."""
        standing = self.standing
        self._silent = False
        standing.phase, standing.cancelling = None, False
        if self._before is not None:
            state, since = self._before
            if standing.state is state and (state.trouble or state is State.PENDING):
                standing.since = since  # tried again in vain: it has been so all the time
        self.touch()

    def enter(self, phase: Phase) -> None:
        """Take in a phase of the run under way."""
        if self._silent and (self._again or phase in (Phase.PLAN, Phase.CHECK)):
            return
        self.standing.phase = phase
        if self._silent:
            self._show()
        self.touch(soon=False)

    def take_plan(self, plan: Plan) -> None:
        """Take in the plan of the run under way."""
        standing = self.standing
        standing.plan, standing.planned, standing.done = plan, True, set()
        failed = dict(standing.failures)
        self._again = bool(failed) and all(step.path in failed for step in plan.work)
        if not self._silent:
            self.touch()

    def take_progress(self, progress: Progress) -> None:
        """Take in how a transfer goes."""
        self.standing.progress = progress
        if self._silent and progress.bytes:
            self._show()
        if not self._silent:
            self.touch(soon=False)

    def move(self, event: Event) -> None:
        """Go to the state that follows an event."""
        self.set_state(after(self.standing.state, event))

    def set_state(self, state: State) -> None:
        """Go to a state."""
        if state is not self.standing.state:
            self.standing.state = state
            self.standing.since = datetime.now(timezone.utc)

    def touch(self, *, soon: bool = True) -> None:
        """Say that the status changed; `soon` False lets it wait for more to come."""
        if self._publish_later is not None:
            if not soon:
                return
            self._publish_later.cancel()
            self._publish_later = None
        now = self._loop.time()
        wait = 0.0 if soon else self._published + PUBLISH_SECONDS - now
        if wait > 0:
            self._publish_later = self._loop.call_later(wait, self._publish_now)
        else:
            self._publish_now()

    def _publish_now(self) -> None:
        self._publish_later = None
        self._published = self._loop.time()
        self.standing.revision += 1
        self._publish()

    def take_done(self, path: str) -> None:
        """Take a path off what waits."""
        self.standing.done.add(path)
        if not self._silent:
            self.touch(soon=False)

    def soon(self, hear: Callable[[T], None], what: T) -> None:
        """Call a method of this board from a worker's thread."""
        self._loop.call_soon_threadsafe(hear, what)

    def close(self) -> None:
        """Publish nothing any more."""
        if self._publish_later is not None:
            self._publish_later.cancel()


class Observer(RunObserver):
    """Carries what a run says from the worker's thread to the loop's."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def phase(self, phase: Phase) -> None:
        """Show the phase."""
        self._board.soon(self._board.enter, phase)

    def planned(self, plan: Plan) -> None:
        """Show the plan."""
        self._board.soon(self._board.take_plan, plan)

    def progress(self, progress: Progress) -> None:
        """Show how a transfer goes."""
        self._board.soon(self._board.take_progress, progress)

    def done(self, path: str) -> None:
        """Take a path off what waits."""
        self._board.soon(self._board.take_done, path)
