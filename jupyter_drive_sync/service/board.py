"""Where a project's standing is written and told of, and what carries a run's words there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timezone

from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.engine.session import Phase, RunObserver
from jupyter_drive_sync.engine.states import Event, State, after
from jupyter_drive_sync.ports.transfer import Progress
from jupyter_drive_sync.service.status import Standing

PUBLISH_SECONDS = 0.3
"""Progress is published no more often than that."""


class Board:
    """A project's standing. Used on the loop's thread, but for `observe`.

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

    def observe(self, change: Callable[[Standing], None], *, soon: bool) -> None:
        """Change the standing from a worker's thread."""

        def apply() -> None:
            change(self.standing)
            self.touch(soon=soon)

        self._loop.call_soon_threadsafe(apply)

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
        self._board.observe(lambda standing: setattr(standing, "phase", phase), soon=False)

    def planned(self, plan: Plan) -> None:
        """Show the plan."""

        def show(standing: Standing) -> None:
            standing.plan, standing.planned = plan, True

        self._board.observe(show, soon=True)

    def progress(self, progress: Progress) -> None:
        """Show how a transfer goes."""
        self._board.observe(lambda standing: setattr(standing, "progress", progress), soon=False)

    def done(self, path: str) -> None:
        """Take a path off what waits."""
        self._board.observe(lambda standing: standing.done.add(path), soon=False)
