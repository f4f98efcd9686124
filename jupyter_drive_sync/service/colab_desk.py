"""Keeps an eye on the Colab runtimes of one project: how they are, and what they made.

It looks with every run of the keeper, at the pace of the polls, and more often while a runtime
lives. A project that no cell was made for costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Protocol, TypeVar

from jupyter_drive_sync.engine.models import MOVES, HoldReason, Plan
from jupyter_drive_sync.engine.session import RunRequest, Session
from jupyter_drive_sync.errors import (
    NotHeld,
    RcloneFailed,
    RuntimeRunning,
    RuntimeUnknown,
)
from jupyter_drive_sync.ports.colab import OpenNotebook, is_runtime, pulse_path
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.ports.records import Trigger
from jupyter_drive_sync.ports.transfer import CancelToken
from jupyter_drive_sync.service.colab_files import put_in_place, worth_writing
from jupyter_drive_sync.service.faults import shown
from jupyter_drive_sync.service.homecoming import RunAtHome, bring_home
from jupyter_drive_sync.service.looking import look
from jupyter_drive_sync.service.runtimes import (
    RUNNING,
    SHOWN,
    Judge,
    Runtime,
    open_notebooks,
    runtime_json,
)
from jupyter_drive_sync.service.standing import Standing
from jupyter_drive_sync.service.timing import Timing

log = logging.getLogger(__name__)
T = TypeVar("T")

_FIRST_REST_SECONDS = 20.0
"""After trouble with the outputs of a run, they are left alone so long: most trouble passes."""

_REST_SECONDS = 300.0
"""The same after trouble that did not pass."""


class Keeper(Protocol):
    """What the desk needs of the keeper whose project it is."""

    project: Project
    standing: Standing

    def ask(self, look: Callable[[Session], T]) -> Awaitable[T]:
        """Call what looks at the project, in a worker's thread."""
        ...

    def alone(self, work: Callable[[Session], T]) -> Awaitable[T]:
        """Call what changes the project's files, between two runs, in a worker's thread."""
        ...

    def request(self, trigger: Trigger) -> None:
        """Ask for a run now."""
        ...


class ColabDesk:
    """The runtimes of one project. Used on the loop's thread.

    Parameters
    ----------
    touch : Callable[[], None]
        Says that the status changed.

    Attributes
    ----------
    now : Callable[[], datetime]
        This server's clock, in UTC.
    """

    def __init__(self, keeper: Keeper, timing: Timing, touch: Callable[[], None]) -> None:
        self.now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
        self._keeper = keeper
        self._timing = timing
        self._touch = touch
        self._loop = asyncio.get_running_loop()
        self._judge: Judge | None = None
        self._homes: dict[str, RunAtHome] = {}
        self._unread: dict[str, str] = {}
        self._trouble = ""
        self._resting: dict[str, float] = {}
        self._troubles: Counter[str] = Counter()
        self._anyway: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._looked_at: float | None = None
        self._companion_checked = False
        self._looking = asyncio.Lock()
        self._wake = asyncio.Event()
        self._cancel = CancelToken()
        self._task: asyncio.Task[None] | None = None
        self.busy = False

    # --- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to look by itself."""
        self._task = asyncio.create_task(
            self._work(), name=f"drive-sync-colab-{self._keeper.project.id}"
        )

    async def stop(self) -> None:
        """End the work; what is coming down is given up."""
        self._cancel.request()
        if self._task is not None:
            if self.busy:
                await asyncio.wait({self._task}, timeout=self._timing.stop)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    # --- what the keeper asks ----------------------------------------------------------------

    @property
    def open_elsewhere(self) -> frozenset[OpenNotebook]:
        """Notebooks that a runtime has open, or may have."""
        return open_notebooks(self._runtimes())

    def told(self, request: RunRequest) -> RunRequest:
        """Return a run's request with what is open, and what a person wants pushed anyway."""
        return replace(request, open_elsewhere=self.open_elsewhere, anyway=dict(self._anyway))

    def push_anyway(self, path: str) -> None:
        """Push a notebook, as it is held now, although a runtime has it open.

        Raises
        ------
        NotHeld
            It is not held because a runtime has it open.
        """
        plan = self._keeper.standing.plan
        for step in plan.holds if plan is not None else ():
            if step.path == path and step.reason is HoldReason.OPEN_IN_RUNTIME:
                self._anyway[path] = step.versions
                self._keeper.request(Trigger.PERSON)
                return
        raise NotHeld(f"{path} is not held because a Colab runtime has it open.")

    def review(self, plan: Plan, failed: Collection[str]) -> frozenset[str]:
        """Forget the words that a run carried out; return the held paths whose word was void."""
        held = {step.path for step in plan.holds if step.reason is HoldReason.OPEN_IN_RUNTIME}
        void = held & self._anyway.keys()
        self._anyway = {path: word for path, word in self._anyway.items() if path in failed}
        moved = {step.old_path: step.path for step in plan.of(*MOVES) if step.path not in failed}
        if moved.keys() & set(self._paths.values()):
            self._paths = {one: moved.get(path, path) for one, path in self._paths.items()}
            self._show()
        return frozenset(void)

    async def fresh(self, trigger: Trigger) -> None:
        """Look before a run, if the last look is too old for it. Trouble is only noted."""
        await self._look_if_due(now=trigger is Trigger.PERSON)

    async def forget(self, runtime: str) -> None:
        """Take a runtime off the list. Harmless when it is not on it.

        Raises
        ------
        RuntimeUnknown
            That is no name of a runtime.
        RuntimeRunning
            It lives.
        """
        if not is_runtime(runtime):
            raise RuntimeUnknown("There is no runtime of that name.")
        if self._judge is None:
            await self._look_if_due(now=True)
        async with self._looking:
            if any(one.name == runtime and one.state == RUNNING for one in self._runtimes()):
                raise RuntimeRunning("This runtime is running, so it stays on the list.")
            path = pulse_path(runtime)
            result = await self._keeper.ask(lambda session: session.remote.delete([path]))
            if path in result.failed:
                raise RcloneFailed(f"The pulse could not be removed: {result.failed[path]}.")
            before = self.open_elsewhere
            if self._judge is not None:
                self._judge.forget(runtime)
            self._show()
            if before - self.open_elsewhere:
                self._let_go()

    # --- looking ---------------------------------------------------------------------------

    async def _work(self) -> None:
        while not self._cancel.requested:
            try:
                await self._turn()
            except Exception as error:  # noqa: PERF203 - it waits in each turn
                # Whatever it was, the next turn comes, and not before its time.
                fault = shown(error, self._keeper.project.name)
                log.warning("Drive Sync: a turn for Colab failed: %s", fault.message)
                self._looked_at = self._loop.time()
                self._say(fault.message)
            else:
                self._say("")

    def _say(self, trouble: str) -> None:
        """Show what is wrong with the looking itself; empty for nothing."""
        if trouble != self._trouble:
            self._trouble = trouble
            self._loop.call_soon(self._show)  # whose own failure would end no more than itself

    async def _turn(self) -> None:
        """Wait until a look is due or was made, or a rest is over; look, and bring what is new."""
        self._wake.clear()
        now = self._loop.time()
        left = min([self._due(), *(at for at in self._resting.values() if at > now)]) - now
        try:
            await asyncio.wait_for(self._wake.wait(), max(left, 0.0))
        except asyncio.TimeoutError:
            if self._keeper.project.paused:
                self._looked_at = self._loop.time()
            else:
                await self._look_if_due()
        if self._judge is not None and self._may_write():
            await self._renew_companion()
            await self._bring_all()

    def _due(self) -> float:
        """Return when the next look is due, by the loop's clock."""
        if self._looked_at is None:
            return self._loop.time()
        living = any(one.state == RUNNING for one in self._runtimes())
        pace = min(self._timing.living, self._timing.poll) if living else self._timing.poll
        return self._looked_at + pace

    def _may_write(self) -> bool:
        """Whether the two sides are known to be the right ones, and nobody said stop."""
        standing, project = self._keeper.standing, self._keeper.project
        return (
            not standing.state.trouble
            and standing.last_good_sync is not None
            and not project.paused
            and not self._cancel.requested
        )

    async def _look_if_due(self, *, now: bool = False) -> None:
        """Look, if the last look is too old, or `now`. Trouble leaves all as it was."""
        async with self._looking:
            if not now and self._due() > self._loop.time():
                return
            try:
                before = self._judge
                judge = await self._keeper.ask(lambda session: look(session, self.now, before))
                if judge is not None:
                    await self._take(judge)
            except Exception as error:
                # How they were is still the best that is known, and a run says what is wrong.
                fault = shown(error, self._keeper.project.name)
                log.info("Drive Sync: Colab runtimes cannot be looked at: %s", fault.message)
            finally:
                self._looked_at = self._loop.time()
        self._wake.set()

    async def _take(self, judge: Judge) -> None:
        before = self.open_elsewhere
        self._judge = judge
        await self._remember_homes()
        ids = {one.file_id for each in self._runtimes() for one in each.pulse.notebooks}
        self._paths = await self._keeper.ask(_present({one for one in ids if one is not None}))
        self._show()
        if before - self.open_elsewhere:
            self._let_go()

    async def _remember_homes(self) -> None:
        """Read what is known here of runs that are new; what cannot be read is tried again."""
        runs = {one.pulse.run for one in self._runtimes()} - {None}
        self._unread = {}
        for run in sorted(run for run in runs if run is not None and run not in self._homes):
            await self._remember(run)

    async def _remember(self, run: str) -> None:
        try:
            self._homes[run] = await self._keeper.ask(_remembered(run))
        except Exception as error:  # without it, what a person deleted would come again
            fault = shown(error, self._keeper.project.name)
            self._unread[run] = fault.message
            log.warning("Drive Sync: the outputs of %s wait: %s", run, fault.message)

    def _let_go(self) -> None:
        """Have what waited looked at anew: some of it is open no more."""
        project, plan = self._keeper.project, self._keeper.standing.plan
        waiting = plan is not None and any(
            step.reason is HoldReason.OPEN_IN_RUNTIME for step in plan.holds
        )
        if waiting and project.auto_sync and not project.paused:
            self._keeper.request(Trigger.REMOTE_CHANGE)

    def _runtimes(self) -> tuple[Runtime, ...]:
        return () if self._judge is None else self._judge.runtimes()

    def _show(self) -> None:
        found = tuple(
            runtime_json(one, self._outputs(one.pulse.run or ""), self._paths)
            for one in self._runtimes()[:SHOWN]
        )
        if found != self._keeper.standing.runtimes:
            self._keeper.standing.runtimes = found
            self._touch()

    def _outputs(self, run: str) -> dict[str, Any]:
        """Return the field ``outputs`` of a runtime."""
        outputs = self._homes.get(run, RunAtHome()).as_json()
        trouble = self._unread.get(run) or self._trouble
        return outputs | {"detail": trouble} if trouble else outputs

    # --- what is brought and renewed ---------------------------------------------------------

    async def _renew_companion(self) -> None:
        """Bring the package for Colab up to date, once, where a project has it."""
        if self._companion_checked or not self._keeper.project.auto_sync:
            return
        self._companion_checked = True
        try:
            files = await self._keeper.ask(lambda session: worth_writing(session, None))
            if files:
                await self._keeper.alone(lambda session: put_in_place(session, files))
                self._keeper.request(Trigger.START)
        except Exception as error:
            fault = shown(error, self._keeper.project.name)
            log.warning("Drive Sync: the package for Colab is not renewed: %s", fault.message)

    async def _bring_all(self) -> None:
        """Bring the outputs of all runs, one run after the other, each once."""
        of_runs: dict[str, list[Runtime]] = {}
        for runtime in self._runtimes():
            if runtime.pulse.run is not None:
                of_runs.setdefault(runtime.pulse.run, []).append(runtime)
        for run, runtimes in of_runs.items():
            home = self._homes.get(run)
            if self._cancel.requested:
                return
            if home is None or self._resting.get(run, 0.0) > self._loop.time():
                continue
            self.busy = True
            try:
                await self._keeper.ask(self._bring(runtimes, run, home))
                if home.failed:
                    self._rest(run)
                else:
                    self._resting.pop(run, None)
                    del self._troubles[run]
            except Exception as error:
                fault = shown(error, self._keeper.project.name)
                home.detail = fault.message
                self._rest(run)
                log.info("Drive Sync: the outputs of %s wait: %s", run, fault.message)
            finally:
                self.busy = False
            self._show()

    def _rest(self, run: str) -> None:
        self._troubles[run] += 1
        seconds = _FIRST_REST_SECONDS if self._troubles[run] == 1 else _REST_SECONDS
        self._resting[run] = self._loop.time() + seconds

    def _bring(
        self, runtimes: list[Runtime], run: str, home: RunAtHome
    ) -> Callable[[Session], None]:
        """Return what brings the outputs of a run, for a worker's thread."""
        over, cancel = all(one.state != RUNNING for one in runtimes), self._cancel
        stand = sorted(f"{one.pulse.seq}/{one.state}" for one in runtimes)

        def bring(session: Session) -> None:
            colab = session.colab
            if colab is None:
                return
            settings = colab.settings
            why = "/".join((*stand, settings.outputs.value, str(settings.bytes)))
            if home.looked != why:
                bring_home(session, colab, run, home, why=why, over=over, cancel=cancel)

        return bring


def _present(ids: set[str]) -> Callable[[Session], dict[str, str]]:
    return lambda session: session.store.paths_of(ids)


def _remembered(run: str) -> Callable[[Session], RunAtHome]:
    return lambda session: RunAtHome.remembered(session, run)
