"""A project: two folders, paired under a UUID."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path


class RemoteKind(str, Enum):
    """What stands behind a remote."""

    DRIVE = "drive"
    FOLDER = "folder"
    OTHER = "other"

    @property
    def side(self) -> str:
        """What the other side is called in a sentence; the same words as in the sidebar."""
        return "Drive" if self is RemoteKind.DRIVE else "the other folder"

    @property
    def place(self) -> str:
        """Where something on the other side is."""
        return "on Drive" if self is RemoteKind.DRIVE else "in the other folder"

    @property
    def owner(self) -> str:
        """Whose version a copy is, in the copy's name."""
        return "Drive" if self is RemoteKind.DRIVE else "other folder"


@dataclass(frozen=True, slots=True)
class Remote:
    """The far side of a project.

    Attributes
    ----------
    kind : RemoteKind
        Google Drive, a plain folder, or another rclone backend.
    name : str
        The remote's name in rclone's configuration; empty for a plain folder.
    path : str
        Path below the remote's root, or the absolute path of a plain folder.
    config : Path or None
        rclone's configuration file; None for a plain folder, which needs none.
    folder_id : str or None
        Drive's id of the folder, once known: for links only, never for addressing.
    """

    kind: RemoteKind
    name: str
    path: str
    config: Path | None = None
    folder_id: str | None = None

    @property
    def spec(self) -> str:
        """The remote as rclone takes it: ``name:path`` or an absolute folder."""
        return self.path if self.kind is RemoteKind.FOLDER else f"{self.name}:{self.path}"


@dataclass(frozen=True, slots=True)
class Project:
    """One local folder and one remote folder that are kept in step.

    Attributes
    ----------
    id : str
        UUID in canonical form; stands in the marker on both sides.
    name : str
        For people: the folder's last part unless they chose another.
    local : Path
        Absolute, resolved path of the folder on this computer.
    remote : Remote
        The other side.
    auto_sync : bool
        Whether triggers other than a person start a run.
    paused : bool
        Whether a person has paused the project.
    created : datetime
        When it was linked, in UTC.
    """

    id: str
    name: str
    local: Path
    remote: Remote
    auto_sync: bool
    paused: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class ProjectFolders:
    """Where a project's own state lives, below Jupyter's data directory (0700)."""

    root: Path

    @property
    def project_file(self) -> Path:
        """The pairing itself, as JSON."""
        return self.root / "project.json"

    @property
    def database(self) -> Path:
        """Baseline and history."""
        return self.root / "state.sqlite"

    @property
    def bisync(self) -> Path:
        """Bisync's own listings (its ``--workdir``)."""
        return self.root / "bisync"

    @property
    def base(self) -> Path:
        """Base copies by md5."""
        return self.root / "base"

    @property
    def trash(self) -> Path:
        """What runs displaced or deleted locally."""
        return self.root / "trash"

    @property
    def pulses(self) -> Path:
        """Copies of what Colab runtimes say of themselves."""
        return self.root / "pulses"

    @property
    def lock(self) -> Path:
        """The project's lock file."""
        return self.root / "lock"


MARKER_FOLDER = ".drive-sync"
"""Our own folder at the top of both sides."""

MARKER_NAME = "drive-sync.json"
"""The marker's file name; also bisync's ``--check-filename``."""

MARKER_PATH = f"{MARKER_FOLDER}/{MARKER_NAME}"
"""The marker, relative to a side's root."""

STAGING_PATH = f"{MARKER_FOLDER}/staging"
"""Where downloads wait until they are verified; never synced."""

RUNTIMES_PATH = f"{MARKER_FOLDER}/runtimes"
"""Where Colab runtimes put their pulse; never synced by bisync."""

OUTPUTS_FOLDER = "outputs"
"""Where Colab runtimes put what they make, in a folder for each run."""

RUN_PATTERN = f"run-{'[0-9]' * 8}-{'[0-9]' * 6}-{'[0-9a-f]' * 4}"
"""How such a folder is called, as a pattern that means the same to rclone, git and Python. Runs
are never synced by bisync: they come down one way."""

PARTIAL_SUFFIX = ".drive-sync-part"
"""Ending of rclone's unfinished files (it takes at most 16 characters); never synced, swept
under the lock."""
