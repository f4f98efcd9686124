"""``connect()``: consent, a way to Drive, the project, its libraries, the guard, the status box."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import colab, notebooks, room, transports
from .arguments import checked
from .box import BAD, GOOD, NOTE, Box, Screen
from .drive_api import look_up
from .environment import AUTO as ENVIRONMENT
from .environment import Settled, settle
from .errors import AnotherProject, ArgumentInvalid, CompanionError, NotConnected, ProjectTooLarge
from .listing import show_size
from .neighbours import others
from .places import Places, Runtime, read_json
from .project import Project
from .rclone import Progress, scrub
from .results import Pulled, Pushed
from .settings import GuardSettings, Transport
from .words import pulled_lines, pushed_lines

LIMIT = 5 * 2**30
_NEIGHBOUR = (
    "If that machine is gone, this can be ignored. Else change each notebook in one of them only; "
    "outputs do not mix, as each run has a folder of its own."
)
_TAKEN = ("drive", "sample_data")  # below /content: the mount, and Colab's own examples

_living: list[Connection] = []
"""The connection of this kernel, if there is one."""


class Connection:
    """What ``connect()`` gives back; shown as the status box.

    Attributes
    ----------
    ok : bool
        Whether the project is here and Drive is reached.
    folder : Path or None
        The project's copy in the runtime.
    run : str
        This run's name: its outputs go to ``outputs/<run>/`` on Drive.
    transport : str
        The way to Drive.
    environment : Settled or None
        What was done about the libraries.
    """

    def __init__(self, screen: Screen) -> None:
        self.box = Box()
        self.ok = False
        self.folder: Path | None = None
        self.run = ""
        self.transport = ""
        self.environment: Settled | None = None
        self.project: Project | None = None
        self._screen = screen

    def __repr__(self) -> str:
        """Return the box as text."""
        return self.box.as_text()

    def _ipython_display_(self) -> None:
        """Show the box, unless it stands below this very cell already."""
        if not self._screen.shown_in_this_cell():
            Screen().finish(self.box)

    def pull(self) -> Pulled:
        """Bring what is new on Drive."""
        done = self._live().pull(limit=None)
        _say(Box("pull", pulled_lines(done)))
        return done

    def push(self, *paths: str | os.PathLike[str]) -> Pushed:
        """Send named files of the project to Drive."""
        done = self._live().push(paths)
        _say(Box("push", pushed_lines(done)))
        return done

    def status(self) -> dict[str, Any]:
        """Return how it stands, as plain data; what the guard does is under ``guard``."""
        return {
            "ok": self.ok,
            "folder": str(self.folder) if self.folder else None,
            "run": self.run,
            "transport": self.transport,
            "guard": read_json(Places.here().guard / "status.json"),
        }

    def _live(self) -> Project:
        if self.project is None:
            raise NotConnected("This connection is not up: see what its box says.")
        return self.project


def connect(
    folder_id: str,
    *,
    name: str | None = None,
    notebook: notebooks.Notebook | str | None = None,
    notebook_id: str | None = None,
    outputs: Sequence[str] = (),
    include: Sequence[str] | None = None,
    env: str = ENVIRONMENT,
    keep: int = 3,
    best: tuple[str, str] | None = None,
    size_limit: int | None = LIMIT,
    transport: str = transports.AUTO,
) -> Connection:
    """Bring a project to this runtime, and keep safe what it makes.

    Running it twice is harmless, also after the kernel was restarted.

    Parameters
    ----------
    folder_id : str
        Drive's id of the project's folder.
    name : str, optional
        Of the project's folder below ``/content``; its name on Drive if left out.
    notebook : dict or str, optional
        ``{"path": ..., "file_id": ...}`` of this notebook, or its path in the project.
    notebook_id : str, optional
        Drive's id of this notebook, which outlasts a new name.
    outputs : sequence of str
        Files and folders of the project that the guard brings to Drive as they are finished.
    include : sequence of str, optional
        Bring only these files and folders; gitignore patterns.
    env : str
        ``"auto"``: install what is missing; ``"exact"``: also make a separate environment with
        the versions of home, for scripts; ``"off"``: leave the libraries alone.
    keep : int
        How many checkpoints stay on Drive.
    best : tuple of (str, str), optional
        A metric and ``"min"`` or ``"max"``: the best checkpoint by it stays too.
    size_limit : int, optional
        Bytes above which it asks before bringing the project.
    transport : str
        ``"auto"``, or one of ``"rclone"``, ``"bridge"``, ``"mount"``, ``"secret"``.

    Returns
    -------
    Connection
        Whatever went wrong is in its box, and ``ok`` is False.
    """
    connection = Connection(Screen())
    work = _Connecting(connection, Places.here())
    try:
        named, include = checked(outputs, include, keep, best)
        work.reach(folder_id, name or "", transport)
        work.check_outputs(named)
        work.bring(include, size_limit)
        work.equip(env)
        work.guard(named, keep, best, work.which(*notebooks.told(notebook, notebook_id)))
    except CompanionError as error:
        connection.box.add(BAD, error.message, error.hint)
    except OSError as error:
        said = error.strerror or str(error)
        connection.box.add(
            BAD, f"The runtime's disk refused: {said}.", "Make room below /content, then run again."
        )
    except Exception as error:
        # Whatever it is, a person's other cells are to run; the box names it for a report.
        said = scrub(f"{type(error).__name__}: {error}")[:200]
        connection.box.add(BAD, f"Something unexpected happened: {said}", "Run this cell again.")
    connection.ok = connection.project is not None and connection.box.ok
    if connection.project is not None:
        _living[:] = [connection]
    connection._screen.finish(connection.box)
    return connection


class _Connecting:
    """One call of ``connect()``, step by step."""

    def __init__(self, connection: Connection, places: Places) -> None:
        self.connection = connection
        self.box = connection.box
        self.screen = connection._screen
        self.places = places
        self.way: Transport | None = None

    def reach(self, folder_id: str, name: str, wanted: str) -> None:
        """Find the way to Drive and the runtime's memory."""
        colab.check_place()
        known = Runtime.read(self.places.runtime)
        if known is not None and known.folder_id != folder_id and known.project:
            raise AnotherProject(f"This runtime already has the project in {known.project}.")
        self.box.title = name
        self.screen.busy(self.box, "Reaching Drive…")
        self.places.make()
        self.way = (
            transports.again(self.places, folder_id, known.transport, name)
            if known is not None and wanted in (transports.AUTO, known.transport)
            else None
        ) or transports.choose(self.places, folder_id, wanted, name)
        if known is None or known.folder_id != folder_id:
            known = Runtime.new(folder_id)
        folder = Path(known.project) if known.project else self._folder(folder_id, name)
        self.runtime = replace(known, project=str(folder), transport=self.way.name)
        self.runtime.write(self.places.runtime)
        self.folder = folder
        self.box.title = folder.name
        self.connection.run = self.runtime.run
        self.connection.transport = self.way.name
        self.box.add(GOOD, f"Drive is reached {transports.words_for(self.way.name)}.")
        if self.way.reason:
            self.box.add(NOTE, f"Other ways did not work: {self.way.reason}")

    def _folder(self, folder_id: str, name: str) -> Path:
        way = self._way()
        if not name and not way.verifies:
            name = Path(way.remote(folder_id)).name
        elif not name:
            about = look_up(folder_id)
            name = about.name if about is not None else ""
        if name in _TAKEN:
            name += "-project"
        safe = re.sub(r"[\x00-\x1f/\\]+", "_", name).strip(". ") or "project"
        return self.places.content / safe

    def check_outputs(self, outputs: list[str]) -> None:
        """Refuse what would bring the whole project, or what is ours, such as tokens, to Drive."""
        from .guard.scan import is_own

        real = Path(os.path.realpath(self.folder))
        whole = {self.folder, *self.folder.parents, real, *real.parents}
        for place in (Path(os.path.normpath(self.folder / output)) for output in outputs):
            if place in whole or Path(os.path.realpath(place)) in whole or is_own(place):
                what = "Drive Sync's own files" if is_own(place) else "the whole project or more"
                raise ArgumentInvalid(
                    f"outputs={outputs!r} would send {what} to Drive.",
                    'Name the folders that training writes to: outputs=["checkpoints/"].',
                )

    def bring(self, include: Sequence[str] | None, limit: int | None) -> None:
        """Copy the project, and make it the place where the notebook works."""
        way, folder_id = self._way(), self.runtime.folder_id
        project = Project(self.folder, folder_id, way, self.places, include=include)
        self.screen.busy(self.box, "Looking at the project on Drive…")
        done = project.pull(limit=limit, agreed=_ask, progress=self._show_progress)
        self.connection.project = project
        self.connection.folder = self.folder
        self.box.lines += pulled_lines(done, str(self.folder))
        os.chdir(self.folder)
        if str(self.folder) not in sys.path:
            sys.path.insert(0, str(self.folder))
        try:
            for line in others(way, folder_id, self.runtime.runtime):
                self.box.add(NOTE, line, _NEIGHBOUR)
        except Exception:  # a courtesy: whatever lies on Drive, the project is connected
            self.box.add(NOTE, "Whether another runtime has this project is not known.")

    def equip(self, env: str) -> None:
        """See to the libraries."""
        report = settle(
            self.folder, self.places, env, lambda text: self.screen.busy(self.box, text)
        )
        self.connection.environment = report
        self.box.lines += report.lines

    def which(self, path: str | None, file_id: str | None) -> notebooks.Notebook | None:
        """Say which notebook this is, by what its cell tells."""
        project = self.connection.project
        on_drive = project.drive_ids() if project is not None else {}
        return notebooks.this_one(path, file_id, on_drive, notebooks.ask_jupyter())

    def guard(
        self,
        outputs: list[str],
        keep: int,
        best: tuple[str, str] | None,
        notebook: notebooks.Notebook | None,
    ) -> None:
        """Start the guard, or let the living one know."""
        from . import guard

        way, report = self._way(), self.connection.environment
        guard.start(
            GuardSettings(
                runtime=self.runtime.runtime,
                run=self.runtime.run,
                folder_id=self.runtime.folder_id,
                project=str(self.folder),
                rclone=way.argv,
                rclone_env=way.env,
                remote=way.remote(self.runtime.folder_id),
                outputs=outputs,
                keep=keep,
                best=best,
                notebook=notebook,
                notebooks=notebooks.merged(notebook, ()),
                transport=way.name,
                started=self.runtime.started,
                environment=report.for_pulse() if report is not None else None,
            )
        )
        where = f"outputs/{self.runtime.run}/ on Drive"
        free = room.left(way, self.runtime.folder_id)
        if (line := room.line(free)) is not None:
            self.box.lines.append(line)
        if not outputs:
            self.box.add(
                NOTE,
                "The guard is ready; no outputs are named yet.",
                'Name what must not be lost: connect(..., outputs=["checkpoints/"]), or call '
                "checkpoint(path).",
            )
        elif free is not None and free < room.FULL:
            self.box.add(NOTE, f"Guarded: {', '.join(outputs)} → {where}, once there is room.")
        elif way.verifies:
            self.box.add(GOOD, f"Guarded: {', '.join(outputs)} → {where}.")
        else:
            self.box.add(
                NOTE,
                f"Guarded: {', '.join(outputs)} → {where}, through the mount.",
                "Through a mount nobody can see whether a file has arrived: call finish() before "
                "you close the runtime.",
            )

    def _way(self) -> Transport:
        if self.way is None:
            raise NotConnected("Drive was not reached.")
        return self.way

    def _show_progress(self, now: Progress) -> None:
        if now.total:
            whole = show_size(now.total)
            part = f"{show_size(now.bytes)} of {whole}" if now.bytes else whole
            speed = f", {show_size(now.speed)}/s" if now.speed else ""
            self.screen.busy(self.box, f"Copying the project: {part}{speed}")


def _ask(error: CompanionError) -> bool:
    """Ask whether to bring more than the limit; no where nobody can be asked."""
    if not isinstance(error, ProjectTooLarge):
        return False
    try:
        answer = input(f"{error.message} Bring all of it? [y/N] ")
    except (EOFError, RuntimeError):  # the latter: a kernel without somebody in front of it
        return False
    return answer.strip().lower() in ("y", "yes")


def _say(box: Box) -> None:
    Screen().finish(box)


def current() -> Connection:
    """Return the connection of this kernel.

    Raises
    ------
    NotConnected
        There is none.
    """
    if not _living:
        raise NotConnected("No project is connected in this kernel.")
    return _living[0]


def pull() -> Pulled:
    """Bring what is new on Drive into the connected project."""
    return current().pull()


def push(*paths: str | os.PathLike[str]) -> Pushed:
    """Send named files of the connected project to Drive."""
    return current().push(*paths)


def status() -> dict[str, Any]:
    """Return how the connected project stands."""
    return current().status()
