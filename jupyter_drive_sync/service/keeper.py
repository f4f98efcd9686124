"""Keeps one project in step: its queue, its lock, its state.

Everything here happens on the event loop's thread; what blocks is done in the executor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from jupyter_drive_sync.engine.run import LAST_GOOD_KEY, execute, preview
from jupyter_drive_sync.engine.session import Preview, RunReport, RunRequest, Session
from jupyter_drive_sync.engine.states import (
    WAITING,
    Event,
    State,
    after_error,
    retry_seconds,
)
from jupyter_drive_sync.errors import Cancelled, DriveSyncError
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.ports.records import BaselineEntry, HistoryRow, Keep, Trigger
from jupyter_drive_sync.ports.transfer import CancelToken
from jupyter_drive_sync.service.board import Board, Observer
from jupyter_drive_sync.service.changes import Changes, really_changed
from jupyter_drive_sync.service.choices import Choices
from jupyter_drive_sync.service.colab_desk import ColabDesk
from jupyter_drive_sync.service.faults import shown
from jupyter_drive_sync.service.rounds import Rounds
from jupyter_drive_sync.service.standing import Noticed, being_written, needing_person
from jupyter_drive_sync.service.status import Json, status_json
from jupyter_drive_sync.service.timing import Timing
from jupyter_drive_sync.service.workbench import OpenProject, Workbench

log = logging.getLogger(__name__)
T = TypeVar("T")


class ProjectKeeper:
    """One project at work.

    Parameters
    ----------
    publish : Callable[[ProjectKeeper], None]
        Called on the loop's thread whenever the status changed.
    """

    def __init__(
        self,
        project: Project,
        workbench: Workbench,
        *,
        timing: Timing,
        executor: Executor,
        publish: Callable[[ProjectKeeper], None],
    ) -> None:
        self.project = project
        self._workbench = workbench
        self._timing = timing
        self._executor = executor
        self._loop = asyncio.get_running_loop()
        self._board = Board(self._loop, lambda: publish(self))
        self.standing = self._board.standing
        self._opened: OpenProject | None = None
        self._opening = asyncio.Lock()
        self._relative: str | None = None
        self._url = workbench.remote_url(project)
        self._changes = Changes(timing.quiet, timing.longest)
        self._asked: RunRequest | None = None
        self._choices = Choices()
        self._next_run = self._loop.time()
        self._failures_in_a_row = 0
        self._wake = asyncio.Event()
        self._rounds = Rounds()
        self._cancel: CancelToken | None = None
        self._task: asyncio.Task[None] | None = None
        self.colab = ColabDesk(self, timing, self._board.touch)

    # --- life ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the project and begin to work on it."""
        self._relative = await self._in_thread(self._workbench.relative, self.project.local)
        if self.project.paused:
            self.standing.state = State.PAUSED
        self._task = asyncio.create_task(self._work(), name=f"drive-sync-{self.project.id}")
        self.colab.start()

    async def stop(self, *, patient: bool = False) -> None:
        """End the work: cancel a run, wait for it a while, give back the lock.

        A run that takes longer keeps the lock to its own end; `patient` waits for that.
        """
        if self._task is not None:
            if self._cancel is not None:
                self._cancel.request()
                try:
                    await asyncio.wait_for(
                        self._rounds.wait(self._rounds.count + 1), self._timing.stop
                    )
                except asyncio.TimeoutError:
                    log.warning("Drive Sync: the run of %s ends by itself", self.project.name)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._rounds.stop()
        await self.colab.stop()
        self._board.close()
        opened, self._opened = self._opened, None
        if opened is not None:
            closing = self._loop.run_in_executor(self._executor, opened.close)
            if patient or self._cancel is None:
                await closing

    # --- what can be asked of it ------------------------------------------------------------

    def status(self) -> Json:
        """Return the status of the REST interface."""
        return status_json(self.project, self.standing, self._relative, self._url)

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._cancel is not None

    def request(self, trigger: Trigger, *, consent: str | None = None) -> None:
        """Ask for a run now, whatever the state."""
        self._board.speak()
        if self._asked is None or consent is not None:
            self._asked = RunRequest(trigger, consent)
        self._wake.set()

    def resolve(self, path: str | None, keep: Keep, versions: str) -> None:
        """Settle one conflict, or all of them where `path` is None, and carry that out.

        Parameters
        ----------
        versions : str
            Which versions the person was shown, as the status names them.

        Raises
        ------
        NotHeld
            There is no such conflict.
        VersionsChanged
            It is about other versions by now. Nothing is done.
        """
        self._choices.take(self.standing.plan, path, keep, versions)
        self.request(Trigger.PERSON)

    def changed(self, paths: Iterable[str], trigger: Trigger) -> None:
        """Hear that files may have changed here. A hint: it need not be true."""
        self._changes.note(paths, trigger, self._loop.time())
        self._wake.set()

    def cancel(self) -> None:
        """Cancel the run under way. Harmless when there is none."""
        if self._cancel is not None:
            self._cancel.request()
            self.standing.cancelling = True
            self._board.touch()

    async def set_project(self, project: Project) -> None:
        """Take over changed settings of the project."""
        was_paused, was_auto = self.project.paused, self.project.auto_sync
        await self._in_thread(self._workbench.save, project)
        self.project = project
        if project.paused and not was_paused:
            self.cancel()
            self._board.move(Event.PAUSED)
        elif was_paused and not project.paused:
            self._board.move(Event.RESUMED)
            self.request(Trigger.PERSON)
        elif project.auto_sync and not was_auto:
            self.request(Trigger.PERSON)
        self._wake.set()
        self._show_next()
        self._board.touch()

    async def preview(self) -> Preview:
        """Say what a run would do now."""
        request = RunRequest(Trigger.PERSON, resolutions=self._choices.words())
        request = self.colab.told(request)
        return await self.ask(lambda session: preview(session, request))

    async def history(self, limit: int, before: int | None) -> list[HistoryRow]:
        """Return history rows, newest first."""
        return await self.ask(lambda session: session.store.history(limit=limit, before=before))

    async def agreed(self, path: str) -> BaselineEntry | None:
        """Return what both sides agreed on last for one path."""
        return await self.ask(lambda session: session.store.baseline_entry(path))

    async def ask(self, look: Callable[[Session], T]) -> T:
        """Call what looks at the project and changes nothing, in a worker's thread."""
        opened = await self._open()
        return await self._in_thread(look, opened.session)

    async def alone(self, work: Callable[[Session], T]) -> T:
        """Call what changes the project's files, between two runs, in a worker's thread."""
        opened = await self._open()
        return await self._in_thread(opened.alone, work)

    async def sync_and_wait(self, trigger: Trigger) -> None:
        """Make a run that begins after now, and wait for its end.

        Raises
        ------
        DriveSyncError
            When the run ended in trouble.
        Cancelled
            When a person cancelled it, or the project is unlinked meanwhile.
        """
        number = self._rounds.count + (2 if self.busy else 1)
        self.request(trigger)
        await self._rounds.outcome(number)

    # --- the work --------------------------------------------------------------------------

    async def _work(self) -> None:
        await self._remember_last_good()
        while True:
            request = await self._due()
            await self._run(request)

    async def _remember_last_good(self) -> None:
        try:
            opened = await self._open()
            value = await self._in_thread(opened.session.store.get, LAST_GOOD_KEY)
            last_good = None if value is None else datetime.fromisoformat(value)
        except Exception as error:
            self._trouble(shown(error, self.project.name))
            return
        if last_good is not None:
            self.standing.last_good_sync = last_good
            if self.standing.state is State.NEEDS_FIRST_SYNC:
                self.standing.state = State.PENDING
        self._board.touch()

    async def _due(self) -> RunRequest:
        """Wait until a run is due, and say why."""
        while True:
            self._wake.clear()
            await self._sift()
            if self._asked is not None:
                asked, self._asked = self._asked, None
                return asked
            due = self._dues()
            now = self._loop.time()
            at, trigger = min(due, key=lambda item: item[0], default=(None, Trigger.TIMER))
            if at is not None and at <= now:
                return RunRequest(trigger)
            try:
                await asyncio.wait_for(self._wake.wait(), None if at is None else at - now)
            except asyncio.TimeoutError:
                continue

    def _dues(self) -> list[tuple[float, Trigger]]:
        """Return when runs are due by themselves, and why."""
        if self.project.paused or not self.project.auto_sync:
            return []
        due = [(self._next_run, Trigger.TIMER if self._rounds.count else Trigger.START)]
        if self._changes.due is not None and self.standing.state not in WAITING:
            due.append((self._changes.due, self._changes.trigger))
        return due

    async def _sift(self) -> None:
        """Look at noticed changes: show the real ones, drop our own writes and ignored names."""
        fresh = self._changes.take_fresh()
        if not fresh:
            return
        try:
            opened = await self._open()
            real = await self._in_thread(
                really_changed, opened.session, fresh, self.standing.held_versions()
            )
        except Exception as error:
            # A run will meet the same error and show it; until then all of them count.
            log.info("Drive Sync: changes cannot be looked at: %r", error)
            real = dict.fromkeys(fresh, False)
        now = datetime.now(timezone.utc)
        for path, gone in real.items():
            first = self.standing.changed.get(path)
            self.standing.changed[path] = Noticed(first.since if first else now, gone)
        if real:
            self._board.move(Event.CHANGED)
            self._board.touch()
        elif not self.standing.changed:
            self._changes.settle()

    async def _run(self, request: RunRequest) -> None:
        self._cancel = CancelToken()
        self._changes.settle()
        noticed = dict(self.standing.changed)
        again = self.standing.state.trouble and request.trigger is not Trigger.PERSON
        self._board.begin(silent=again or request.trigger is Trigger.TIMER)
        try:
            rclone = await self._in_thread(self._workbench.rclone)
            self.standing.warnings = (rclone.warning,) if rclone.warning else ()
            opened = await self._open()
            await self.colab.fresh(request.trigger)
            request = self.colab.told(replace(request, resolutions=self._choices.words()))
            observer, cancel = Observer(self._board), self._cancel
            report = await self._in_thread(
                opened.alone, lambda session: execute(session, request, observer, cancel)
            )
        except Exception as error:
            self._ended_badly(shown(error, self.project.name))
        else:
            self._ended(report, noticed)
        self._cancel = None
        self._board.end()
        await self._rounds.another()

    def _ended(self, report: RunReport, noticed: dict[str, Noticed]) -> None:
        standing = self.standing
        self._rounds.ended_with = None
        standing.plan = report.plan
        standing.failures = report.failures
        failed = dict(report.failures)
        void = self._choices.review(report.plan, failed)
        standing.void = void | self.colab.review(report.plan, failed)
        standing.cause = None
        for path, change in noticed.items():
            if standing.changed.get(path) == change:
                del standing.changed[path]
        for path, reason in report.failures:
            log.warning("Drive Sync: %s: %s waits: %s", self.project.name, path, reason)
        if report.failures:
            self._failures_in_a_row += 1
            event = Event.FINISHED_WITH_FAILURES
        else:
            self._failures_in_a_row = 0
            standing.last_good_sync = report.finished
            if needing_person(report.plan):
                event = Event.FINISHED_WITH_HOLDS
            else:
                written = being_written(report.plan)
                event = Event.FINISHED_WITH_FAILURES if written else Event.FINISHED
        if self.project.paused:
            event = Event.PAUSED
        self._board.move(event)
        self._schedule(State.OFFLINE if report.failures else standing.state)
        if standing.changed:
            self._board.move(Event.CHANGED)

    def _ended_badly(self, error: DriveSyncError) -> None:
        self._rounds.ended_with = error
        if isinstance(error, Cancelled):
            # What is left is synced with the next change, the next look, or the button.
            self.standing.cause = None
            self._board.move(Event.PAUSED if self.project.paused else Event.CANCELLED)
            self._schedule(State.PENDING)
            return
        self._failures_in_a_row += 1
        self._trouble(error)
        self._schedule(self.standing.state)

    def _trouble(self, error: DriveSyncError) -> None:
        log.info("Drive Sync: %s: %s", self.project.name, error.message)
        self.standing.cause = error
        self._board.set_state(after_error(error))
        self._board.touch()

    def _schedule(self, state: State) -> None:
        seconds = retry_seconds(state, self._failures_in_a_row, self._timing.poll)
        self._next_run = self._loop.time() + seconds
        self._show_next()

    def _show_next(self) -> None:
        waits = self.project.auto_sync and not self.project.paused
        left = timedelta(seconds=max(0.0, self._next_run - self._loop.time()))
        self.standing.next_run = datetime.now(timezone.utc) + left if waits else None

    # --- helpers -----------------------------------------------------------------------------

    async def _open(self) -> OpenProject:
        async with self._opening:
            if self._opened is None:
                self._opened = await self._in_thread(self._workbench.open, self.project)
            return self._opened

    async def _in_thread(self, function: Callable[..., T], *args: object) -> T:
        return await self._loop.run_in_executor(self._executor, function, *args)
