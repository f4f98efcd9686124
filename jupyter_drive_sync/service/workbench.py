"""What the service needs to be given: projects, and the real things behind their ports."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.ports.health import Instruments
from jupyter_drive_sync.ports.ignoring import IgnoreFile
from jupyter_drive_sync.ports.projects import Project, RemoteKind
from jupyter_drive_sync.ports.sides import ProjectLock
from jupyter_drive_sync.ports.transfer import RemoteFolder

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenProject:
    """A project with its ports, its lock and its ignore file."""

    session: Session
    lock: ProjectLock
    ignore_file: IgnoreFile
    _working: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def alone(self, work: Callable[[Session], T], *, holder: str = "server") -> T:
        """Call what changes the project's files: under its lock, and one at a time.

        Raises
        ------
        LockedElsewhere
            Another process works on the project.
        """
        with self._working:
            self.lock.acquire(holder=holder)
            return work(self.session)

    def close(self) -> None:
        """Give everything back, once no work is under way. Harmless when repeated."""
        with self._working:
            self.session.store.close()
            self.lock.release()


@dataclass(frozen=True, slots=True)
class ConfiguredRemote:
    """A remote in one of the configurations; `ours` if this extension made it."""

    name: str
    type: str
    kind: RemoteKind
    ours: bool = False


@dataclass(frozen=True, slots=True)
class RcloneInfo:
    """Which rclone is used, or why none is.

    Attributes
    ----------
    warning : str
        What a person should know about it although it works; empty when there is nothing.
    """

    version: str | None
    path: str | None
    problem: DriveSyncError | None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class FolderList:
    """The folders in a folder, for a picker.

    Attributes
    ----------
    more : bool
        Whether a search found, or may have found, more than these.
    """

    path: str
    parent: str | None
    folders: Sequence[RemoteFolder]
    more: bool = False


class Workbench(Protocol):
    """Validates, opens and remembers projects. All calls block."""

    def projects(self) -> list[Project]:
        """Return all projects in the order in which they were linked."""
        ...

    def draft(self, local: str, remote: str, name: str | None) -> Project:
        """Check what a person wants to link, and make a project of it that is not saved yet.

        Raises
        ------
        InvalidInput, NotFound, NotPossible
            Saying what is wrong and how to get it right; nothing was changed.
        """
        ...

    def open(self, project: Project) -> OpenProject:
        """Open a project's ports. Does not take its lock."""
        ...

    def save(self, project: Project) -> None:
        """Remember a project, or what changed of it."""
        ...

    def remove(self, project_id: str) -> None:
        """Forget a project. Touches no file of the person's."""
        ...

    def relative(self, local: Path) -> str | None:
        """Return a project folder as the contents API names it; None outside the root."""
        ...

    def remote_url(self, project: Project) -> str | None:
        """Return the page of a project's folder on Drive, where it has one."""
        ...

    def colab_url(self, file_id: str) -> str:
        """Return the page that opens a Drive file in Colab."""
        ...

    def rclone(self) -> RcloneInfo:
        """Look which rclone there is."""
        ...

    def instruments(self) -> Instruments:
        """Return what the doctor looks with."""
        ...

    def config_file(self) -> Path:
        """Return rclone's configuration file."""
        ...

    @property
    def plain_folders_allowed(self) -> bool:
        """Whether a plain folder of this computer may be the other side."""
        ...

    def remotes(self) -> list[ConfiguredRemote]:
        """List the configured remotes."""
        ...

    def remote_folders(self, name: str, path: str, search: str = "") -> FolderList:
        """List the folders in a folder of a configured remote, or find some below it by name."""
        ...

    def new_remote_folder(self, name: str, path: str) -> RemoteFolder:
        """Make a folder on a configured remote. Harmless when it is there already."""
        ...

    def plain_folders(self, path: str) -> FolderList:
        """List the folders in a folder of this computer; the home folder when `path` is empty."""
        ...
