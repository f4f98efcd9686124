"""Working on a project in this process."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime

from jupyter_drive_sync.cli.interrupt import Interrupts
from jupyter_drive_sync.cli.outcome import Synced
from jupyter_drive_sync.cli.screen import Screen
from jupyter_drive_sync.cli.words import consent_hint, done_line, hint_for, restored_line
from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.engine.restore import restore, versions
from jupyter_drive_sync.engine.run import LAST_GOOD_KEY, execute, preview
from jupyter_drive_sync.engine.session import (
    Phase,
    Preview,
    RunObserver,
    RunReport,
    RunRequest,
    Session,
)
from jupyter_drive_sync.engine.states import State, after_error
from jupyter_drive_sync.errors import (
    ConsentNeeded,
    DriveSyncError,
    LockedElsewhere,
    SideEmptied,
    TooManyDeletes,
)
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.ports.records import Keep, Trigger
from jupyter_drive_sync.ports.transfer import CancelToken, Progress
from jupyter_drive_sync.service.choices import Choices
from jupyter_drive_sync.service.looking import open_now
from jupyter_drive_sync.service.restoring import versions_json
from jupyter_drive_sync.service.sides import said_of
from jupyter_drive_sync.service.standing import Standing, being_written, needing_person
from jupyter_drive_sync.service.status import Json, plan_json, progress_json, status_json
from jupyter_drive_sync.service.workbench import OpenProject, Workbench

LOOK_SECONDS = 0.1
"""How often progress is shown and Ctrl-C is noticed during a run."""

STOPPING = ["Stopping: the file under way is finished first."]


class Here:
    """One project, worked on by this process.

    Parameters
    ----------
    folder : str
        The project's folder as the person named it, for hints.
    """

    def __init__(self, workbench: Workbench, project: Project, folder: str) -> None:
        self._workbench = workbench
        self._project = project
        self._folder = folder

    def status(self) -> Json:
        """Compare both sides and say how the project stands. Changes nothing."""
        standing = Standing()
        try:
            opened = self._workbench.open(self._project)
            try:
                _compare(opened.session, standing)
            finally:
                opened.close()
        except DriveSyncError as error:
            standing.state, standing.cause = after_error(error), error
        if standing.cause is not None:
            self._hint(standing.cause, standing.plan)
        return self._status_json(standing)

    def unlinked(self) -> Json:
        """Return the status of a project that is no more."""
        return self._status_json(Standing(state=State.UNLINKED))

    def kept_elsewhere(self, error: LockedElsewhere) -> Json:
        """Return the status of a project that another process works on."""
        return self._status_json(Standing(state=after_error(error), cause=error))

    def plan(self) -> Json:
        """Say what a sync would do now. Changes nothing."""
        opened = self._workbench.open(self._project)
        try:
            looked = _preview(opened.session)
        finally:
            opened.close()
        if looked.problem is not None:
            self._hint(looked.problem, looked.plan)
        return plan_json(looked, self._project.remote.kind)

    def versions(self, path: str) -> Json:
        """List the earlier versions of a file. Changes nothing."""
        opened = self._workbench.open(self._project)
        try:
            return versions_json(path, versions(opened.session, path))
        finally:
            opened.close()

    def resolve(
        self,
        opened: OpenProject,
        path: str | None,
        keep: Keep,
        versions: str | None,
        screen: Screen,
    ) -> Synced:
        """Settle one conflict, or all, by one run; the project's lock must be held.

        Raises
        ------
        NotHeld
            There is no such conflict.
        VersionsChanged
            It is about other versions than those that the person was shown.
        """
        choices = Choices()
        choices.take(preview(opened.session).plan, path, keep, versions)
        return self.sync(opened, None, screen, choices)

    def restore(
        self, opened: OpenProject, path: str, version: str, as_copy: bool, screen: Screen
    ) -> Synced:
        """Bring a version back, and carry that over unless the project is paused."""
        restored = restore(opened.session, path, version, as_copy=as_copy)
        if self._project.paused:
            standing = Standing(state=State.PAUSED)
            return Synced(self._status_json(standing), restored_line(restored.path, path))
        synced = self.sync(opened, None, screen)
        return replace(synced, summary=restored_line(restored.path, path))

    def sync(
        self,
        opened: OpenProject,
        consent: str | None,
        screen: Screen,
        choices: Choices | None = None,
    ) -> Synced:
        """Make one run; the project's lock must be held.

        Parameters
        ----------
        choices : Choices, optional
            What the person chose about conflicts.

        Raises
        ------
        DriveSyncError
            As the run ended.
        """
        observer = _Observer()
        cancel = CancelToken()
        choices = choices or Choices()
        open_elsewhere = open_now(opened.session)
        request = RunRequest(Trigger.PERSON, consent, choices.words(), open_elsewhere)
        with (
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="drive-sync-run") as pool,
            Interrupts() as interrupts,
        ):
            run = pool.submit(execute, opened.session, request, observer, cancel)
            _attend(run, observer, cancel, interrupts, screen)
        screen.clear()
        try:
            report = run.result()
        except DriveSyncError as error:
            self._hint(error, observer.standing.plan)
            raise
        standing = _after(report)
        standing.void = choices.review(report.plan, ())
        status, kind = self._status_json(standing), self._project.remote.kind
        failures = tuple((path, said_of(kind, reason)) for path, reason in report.failures)
        return Synced(status, done_line(report.rows), failures)

    def _hint(self, error: DriveSyncError, plan: Plan | None) -> None:
        """Let an error say what the person can do in a terminal."""
        if plan is not None and isinstance(error, TooManyDeletes | SideEmptied | ConsentNeeded):
            error.hint = consent_hint(self._folder, plan.hash)
        else:
            error.hint = hint_for(error, self._project)

    def _status_json(self, standing: Standing) -> Json:
        project = self._project
        warning = self._workbench.rclone().warning
        standing.warnings = (warning,) if warning else ()
        return status_json(
            project,
            standing,
            self._workbench.relative(project.local),
            self._workbench.remote_url(project),
        )


class _Observer(RunObserver):
    """Keeps what a run says, for whoever looks from another thread."""

    def __init__(self) -> None:
        self.standing = Standing(state=State.SYNCING)

    def phase(self, phase: Phase) -> None:
        self.standing.phase = phase

    def planned(self, plan: Plan) -> None:
        self.standing.plan, self.standing.planned = plan, True

    def progress(self, progress: Progress) -> None:
        self.standing.progress = progress


def _attend(
    run: Future[RunReport],
    observer: _Observer,
    cancel: CancelToken,
    interrupts: Interrupts,
    screen: Screen,
) -> None:
    """Show progress and pass Ctrl-C on until the run is over."""
    while not wait([run], LOOK_SECONDS).done:
        screen.progress(progress_json(observer.standing))
        if interrupts.asked and not cancel.requested:
            screen.tell(STOPPING)
            observer.standing.cancelling = True
            cancel.request()


def _preview(session: Session) -> Preview:
    """Say what a sync would do now, which leaves alone what a Colab runtime has open."""
    return preview(session, RunRequest(Trigger.PERSON, open_elsewhere=open_now(session)))


def _compare(session: Session, standing: Standing) -> None:
    last = session.store.get(LAST_GOOD_KEY)
    standing.last_good_sync = datetime.fromisoformat(last) if last else None
    looked = _preview(session)
    standing.plan = looked.plan
    standing.cause = looked.problem
    if looked.problem is not None:
        standing.state = after_error(looked.problem)
    elif standing.last_good_sync is None:
        standing.state = State.NEEDS_FIRST_SYNC
    elif looked.plan.active:
        standing.state = State.PENDING
    else:
        standing.state = State.CONFLICT if looked.plan.holds else State.IN_SYNC
    # What a sync would do is what waits: for the next one, for nothing went wrong yet.
    standing.failures = tuple((step.path, "") for step in looked.plan.work)


def _after(report: RunReport) -> Standing:
    standing = Standing(plan=report.plan, failures=report.failures)
    if report.failures:
        standing.state = State.PENDING
        return standing
    if needing_person(report.plan):
        standing.state = State.CONFLICT
    else:
        standing.state = State.PENDING if being_written(report.plan) else State.IN_SYNC
    standing.last_good_sync = report.finished
    return standing
