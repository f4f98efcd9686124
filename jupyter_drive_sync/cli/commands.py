"""The commands."""

from __future__ import annotations

import shlex
from pathlib import Path

from jupyter_drive_sync.cli.arguments import PROGRAM, Asked, Exit
from jupyter_drive_sync.cli.checkup import doctor_exit, doctor_lines
from jupyter_drive_sync.cli.first import first_lines
from jupyter_drive_sync.cli.here import Here
from jupyter_drive_sync.cli.keeping import (
    HOLDER,
    WAIT_SECONDS,
    file_of,
    find_project,
    lock_of,
    named,
    server_of,
)
from jupyter_drive_sync.cli.outcome import Synced, plan_exit, status_exit, worst
from jupyter_drive_sync.cli.screen import Screen
from jupyter_drive_sync.cli.tasks import ResolveTask, RestoreTask, SyncTask, Task
from jupyter_drive_sync.cli.words import (
    heading,
    plan_lines,
    standing_lines,
    status_lines,
    version_lines,
)
from jupyter_drive_sync.errors import (
    DriveSyncError,
    FolderInvalid,
    FolderMissing,
    LockedElsewhere,
    ProjectUnknown,
)
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.ports.records import Keep
from jupyter_drive_sync.service import linking
from jupyter_drive_sync.service.doctor import examine, report_json
from jupyter_drive_sync.service.status import Json, plan_json, project_json
from jupyter_drive_sync.wiring import LocalWorkbench


class Refused(Exception):
    """Wrong usage that only shows while the command runs.

    Parameters
    ----------
    message, hint : str
        What is wrong, and what to write instead.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Commands:
    """Carries out one command; each method returns the exit code.

    Attributes
    ----------
    project : Project or None
        The project at work, for hints about errors.
    """

    def __init__(self, workbench: LocalWorkbench, screen: Screen) -> None:
        self._workbench = workbench
        self._screen = screen
        self.project: Project | None = None

    def run(self, asked: Asked) -> Exit:
        """Carry out what was asked."""
        commands = {
            "link": self.link,
            "sync": self.sync,
            "status": self.status,
            "preview": self.preview,
            "resolve": self.resolve,
            "restore": self.restore,
            "unlink": self.unlink,
            "doctor": self.doctor,
        }
        return commands[asked.command](asked)

    def link(self, asked: Asked) -> Exit:
        """Show the first sync, ask, pair the folders and make it."""
        folder = _existing(asked.folder or "")
        draft = self._workbench.draft(folder, asked.remote, asked.name)
        self.project = draft
        if not asked.yes and not self._screen.interactive:
            raise Refused(
                "Nobody can be asked here, so nothing was linked.",
                f"Add --yes to agree beforehand: {PROGRAM} {_link_words(asked, folder)}",
            )
        look = linking.preview(self._workbench, draft, asked.ignore)
        if look.preview.problem is not None:
            raise look.preview.problem
        if not asked.yes:
            self._screen.tell([heading(project_json(draft, None, None))])
            plan = plan_json(look.preview, draft.remote.kind, look.left_out, look.suggestions)
            self._screen.tell([*plan_lines(plan), *first_lines(plan)])
            if not self._screen.ask("Link these two folders?"):
                raise DriveSyncError("Nothing was linked, and nothing was changed.")
        self.project = linking.pair(self._workbench, draft, asked.ignore)
        try:
            synced = self._carry_out(SyncTask(), self.project, str(self.project.local))
        except DriveSyncError:
            self._screen.tell(["The two folders are linked, but the first sync is not done:"])
            raise
        return self._synced(synced, "Linked. ")

    def sync(self, asked: Asked) -> Exit:
        """Make one run."""
        project = self.project = find_project(self._workbench, asked.folder)
        task = SyncTask(asked.consent)
        return self._synced(self._carry_out(task, project, named(project, asked.folder)))

    def status(self, asked: Asked) -> Exit:
        """Say how a project, or every project, stands."""
        try:
            project = self.project = find_project(self._workbench, asked.folder)
        except ProjectUnknown:
            if asked.folder is not None:
                raise
            return self._all()
        status = self._status(project, named(project, asked.folder))
        self._screen.result(status, status_lines(status))
        return status_exit(status)

    def preview(self, asked: Asked) -> Exit:
        """Say what a sync would do now."""
        project = self.project = find_project(self._workbench, asked.folder)
        folder = named(project, asked.folder)
        there = server_of(self._workbench, project, folder, wait=0)
        plan = (there or Here(self._workbench, project, folder)).plan()
        lines = [heading(project_json(project, None, None)), *plan_lines(plan)]
        if plan["needs_consent"]:
            command = f"{PROGRAM} sync {shlex.quote(folder)} --consent {plan['hash']}"
            lines += [f"If that is meant, agree to exactly this plan with `{command}`."]
        self._screen.result(plan, lines)
        return plan_exit(plan)

    def resolve(self, asked: Asked) -> Exit:
        """Settle one conflict, or all."""
        if asked.path is None:
            project, path = find_project(self._workbench, asked.folder), None
        else:
            project, path = file_of(self._workbench, asked.folder, asked.path)
        self.project = project
        task = ResolveTask(path, Keep(asked.keep), asked.versions)
        return self._synced(self._carry_out(task, project, named(project, asked.folder)))

    def restore(self, asked: Asked) -> Exit:
        """Bring an earlier version back, or show which there are."""
        project, path = file_of(self._workbench, asked.folder, asked.path or "")
        self.project = project
        folder = named(project, asked.folder)
        if asked.version_id is not None:
            task = RestoreTask(path, asked.version_id, asked.as_copy)
            return self._synced(self._carry_out(task, project, folder))
        there = server_of(self._workbench, project, folder, wait=0)
        found = (there or Here(self._workbench, project, folder)).versions(path)
        self._screen.result(found, version_lines(found, folder))
        # Somebody who did not ask for the list has to choose from it.
        return Exit.IN_STEP if asked.only_list else Exit.NEEDS_PERSON

    def unlink(self, asked: Asked) -> Exit:
        """Forget a project."""
        project = self.project = find_project(self._workbench, asked.folder)
        folder = named(project, asked.folder)
        there = server_of(self._workbench, project, folder, wait=WAIT_SECONDS)
        if there is not None:
            there.unlink()
        else:
            lock = lock_of(self._workbench, project)
            lock.acquire(WAIT_SECONDS, holder=HOLDER)
            try:
                self._workbench.remove(project.id)
            finally:
                lock.release()
        self._screen.result(
            Here(self._workbench, project, folder).unlinked(),
            [f"Unlinked {project.name}. No file was touched on either side."],
        )
        return Exit.IN_STEP

    def doctor(self, asked: Asked) -> Exit:
        """Look at everything that connecting and syncing needs."""
        report = report_json(examine(self._workbench, self._patient(asked.folder)))
        self._screen.result(report, doctor_lines(report))
        return doctor_exit(report)

    def _patient(self, folder: str | None) -> Project | None:
        """Return the project to look at; None for all."""
        if folder is not None:
            return find_project(self._workbench, folder)
        try:
            return find_project(self._workbench, None)
        except DriveSyncError:
            # Outside of every project, or the list of them is what ails: the doctor says so.
            return None

    def _carry_out(self, task: Task, project: Project, folder: str) -> Synced:
        """Do a piece of work on a project: by the server that keeps it, else here."""
        there = server_of(self._workbench, project, folder, wait=WAIT_SECONDS)
        if there is not None:
            return task.there(there, self._screen)
        opened = self._workbench.open(project)
        try:
            try:
                opened.lock.acquire(WAIT_SECONDS, holder=HOLDER)
            except LockedElsewhere:
                # A server may have taken the project up just now.
                there = server_of(self._workbench, project, folder, wait=0)
                if there is None:
                    raise
                return task.there(there, self._screen)
            return task.here(Here(self._workbench, project, folder), opened, self._screen)
        finally:
            opened.close()

    def _synced(self, synced: Synced, before: str = "") -> Exit:
        lines = [heading(synced.status["project"])]
        if before or synced.summary:
            lines.append(f"  {before}{synced.summary}".rstrip())
        lines += standing_lines(synced.status)
        for path, reason in synced.failures:
            lines.append(f"  Not done this time: {path}: {reason}")
        self._screen.result(synced.status, lines)
        return status_exit(synced.status, synced=True)

    def _status(self, project: Project, folder: str) -> Json:
        here = Here(self._workbench, project, folder)
        try:
            there = server_of(self._workbench, project, folder, wait=0)
            status = here.status() if there is None else there.status()
        except LockedElsewhere as error:
            status = here.kept_elsewhere(error)
        return status

    def _all(self) -> Exit:
        found = [self._status(p, str(p.local)) for p in self._workbench.projects()]
        lines = [line for status in found for line in [*status_lines(status), ""]][:-1]
        nothing = ["No folder is linked yet.", f"Link one: {PROGRAM} link FOLDER REMOTE"]
        self._screen.result({"projects": found}, lines or nothing)
        return worst([status_exit(status) for status in found])


def _link_words(asked: Asked, folder: str) -> str:
    """Return a `link` command as it was given, and with the agreement that it lacks."""
    words = ["link", folder, asked.remote, "--yes"]
    if asked.name is not None:
        words += ["--name", asked.name]
    for pattern in asked.ignore:
        words += ["--ignore", pattern]
    if asked.rclone_config:
        words += ["--rclone-config", asked.rclone_config]
    return shlex.join([*words, *(["--json"] if asked.json else [])])


def _existing(folder: str) -> str:
    if not folder or "\0" in folder:
        raise FolderInvalid("That is not the name of a folder.")
    path = Path(folder).expanduser()
    if not path.exists():
        raise FolderMissing(f"There is no folder {folder}.")
    if not path.is_dir():
        raise FolderInvalid(f"{folder} is a file, not a folder.")
    return str(path)
