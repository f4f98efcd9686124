"""Finding a person's project, and the server that keeps it, if one does."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from jupyter_drive_sync.cli.server import find_server
from jupyter_drive_sync.cli.there import There
from jupyter_drive_sync.errors import FolderInvalid, LockedElsewhere, ProjectUnknown
from jupyter_drive_sync.files.lock import ProjectLock
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.wiring import LocalWorkbench

HOLDER = "command line"
"""How others see who has the lock."""

WAIT_SECONDS = 5.0
"""How long to wait for another command line, or an rclone that is finishing its work."""


def find_project(workbench: LocalWorkbench, folder: str | None) -> Project:
    """Return the project of a folder, or of a folder above it.

    Raises
    ------
    ProjectUnknown
        The folder lies in no project.
    """
    path = _absolute(folder)
    for project in workbench.projects():
        if path.is_relative_to(project.local):
            return project
    raise ProjectUnknown(f"{path} lies in no project.")


def file_of(workbench: LocalWorkbench, folder: str | None, path: str) -> tuple[Project, str]:
    """Return the project that a file belongs to, and the file's path in it.

    Parameters
    ----------
    folder : str or None
        The project's folder, to which the path is relative; None: the path is relative to the
        current folder and tells the project by itself.

    Raises
    ------
    ProjectUnknown
        The file, or the folder, lies in no project.
    FolderInvalid
        The path is no file of the project.
    """
    if not path or "\0" in path:
        raise FolderInvalid("That is not the name of a file.", "Name a file of the project.")
    start = Path.cwd() if folder is None else _absolute(folder)
    whole = Path(os.path.normpath(start / Path(path).expanduser()))
    # Only what leads to the file is followed, not the file itself, which may be a link.
    place = _absolute(str(whole.parent)) / whole.name
    project = find_project(workbench, str(place.parent) if folder is None else folder)
    if not place.is_relative_to(project.local) or place == project.local:
        raise FolderInvalid(f"{path} is no file of {project.name}.", "Name a file of the project.")
    return project, place.relative_to(project.local).as_posix()


def named(project: Project, folder: str | None) -> str:
    """Return how to name a project's folder in a command that can be copied."""
    return str(project.local) if folder is None else folder


def lock_of(workbench: LocalWorkbench, project: Project) -> ProjectLock:
    """Return a project's lock, not held."""
    return ProjectLock(workbench.registry.folders(project.id).lock)


def server_of(
    workbench: LocalWorkbench, project: Project, folder: str, *, wait: float
) -> There | None:
    """Return the server that keeps a project; None when the project is free.

    Parameters
    ----------
    wait : float
        Seconds to wait for a holder that is no server.

    Raises
    ------
    LockedElsewhere
        Somebody who cannot be asked keeps it; the message names them.
    """
    lock = lock_of(workbench, project)
    try:
        lock.acquire(holder=HOLDER)
    except LockedElsewhere:
        holder = lock.holder()
        if holder is not None and holder.host == socket.gethostname():
            server = find_server(holder)
            if server is not None:
                return There(server, project, folder)
        lock.acquire(wait, holder=HOLDER)
    finally:
        lock.release()
    return None


def _absolute(folder: str | None) -> Path:
    if folder is None:
        return Path.cwd().resolve()
    if not folder or "\0" in folder:
        raise FolderInvalid("That is not the name of a folder.")
    return Path(os.path.normpath(Path(folder).expanduser().absolute())).resolve()
