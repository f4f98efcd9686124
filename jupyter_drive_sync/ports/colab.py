"""What a project needs for Colab: the companion that goes there, and what comes from there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from jupyter_drive_sync.ports.projects import MARKER_FOLDER, OUTPUTS_FOLDER, RUNTIMES_PATH
from jupyter_drive_sync.ports.sides import Ignore

COMPANION_PATH = f"{MARKER_FOLDER}/companion.zip"
"""The package that travels to Colab, relative to a side's root; it is synced like any file."""

ENVIRONMENT_PATH = f"{MARKER_FOLDER}/environment.json"
"""What is installed at home, relative to a side's root; it is synced like any file."""

_RUN = re.compile(r"run-[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
_RUNTIME = re.compile(r"[0-9a-f]{12}")


def is_run(name: str) -> bool:
    """Say whether a text is the name of a run; then it is safe in a path."""
    return _RUN.fullmatch(name) is not None


def is_runtime(name: str) -> bool:
    """Say whether a text is the name of a runtime; then it is safe in a path."""
    return _RUNTIME.fullmatch(name) is not None


def pulse_path(runtime: str) -> str:
    """Return where a runtime's pulse is on Drive, relative to the root."""
    return f"{RUNTIMES_PATH}/{runtime}.json"


def run_path(run: str, below: str) -> str:
    """Return the path of an output of a run, alike on both sides."""
    return f"{OUTPUTS_FOLDER}/{run}/{below}"


@dataclass(frozen=True, slots=True)
class OpenNotebook:
    """A notebook that a runtime has open, or may have.

    Attributes
    ----------
    path : str or None
        Where it was in the project when it connected; None: outside, or not told.
    file_id : str or None
        Drive's id, which outlasts a rename; None: not told.
    silent : bool
        Whether its runtime fell silent: it is gone, or cannot write to Drive.
    """

    path: str | None
    file_id: str | None
    silent: bool = False


class WhichOutputs(str, Enum):
    """Which outputs of runs come home by themselves."""

    ALL = "all"
    NEWEST = "newest"  # of the checkpoints the newest, and all that is no checkpoint
    NONE = "none"


class EnvironmentSource(str, Enum):
    """Where the list of what is installed at home comes from."""

    KERNEL = "kernel"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class ColabSettings:
    """What an administrator sets.

    Attributes
    ----------
    outputs : WhichOutputs
        What comes home.
    bytes : int
        How much of each run comes home at most.
    environment : EnvironmentSource
        Where the list of packages comes from.
    """

    outputs: WhichOutputs = WhichOutputs.NEWEST
    bytes: int = 2048 * 1024**2
    environment: EnvironmentSource = EnvironmentSource.KERNEL


class Pulses(Protocol):
    """What runtimes say of themselves on Drive."""

    def look(self) -> Mapping[str, bytes]:
        """Return the pulses by the names of their runtimes, as they are written.

        Raises
        ------
        DriveSyncError
            They cannot be looked at now.
        """
        ...


class Taken(Enum):
    """What became of a downloaded output."""

    PLACED = "placed"
    ALIKE = "alike"  # the same file stood there already
    OTHER = "other"  # another file stands there and stays
    SPOILED = "spoiled"  # it is not what the manifest lists


class OutputsHere(Protocol):
    """Where the outputs of runs stand on this computer."""

    def staging(self) -> AbstractContextManager[Path]:
        """Make an empty folder on the project's own file system for downloads."""
        ...

    def take(self, staged: Path, path: str, size: int, md5: str) -> Taken:
        """Put a downloaded file in its place, if it is what is listed and nothing stands there.

        Raises
        ------
        InvalidInput
            The path leads out of the project, or through something that is no folder.
        DiskFull
            No space is left.
        """
        ...

    def bytes_of(self, run: str) -> int:
        """Return how much of a run stands here."""
        ...


@dataclass(frozen=True, slots=True)
class Companion:
    """The package that travels to Colab: a zip, and its version."""

    content: bytes
    version: str


class CompanionMaker(Protocol):
    """Makes what goes to Colab."""

    @property
    def tag(self) -> str:
        """By which a cell is found again in its notebook."""
        ...

    def companion(self) -> Companion:
        """Return this computer's package."""
        ...

    def version_of(self, content: bytes) -> str | None:
        """Return the version of a package; None for what is no package of ours."""
        ...

    def is_newer(self, version: str, than: str) -> bool:
        """Say whether a package is of a later release than another."""
        ...

    def cell(
        self,
        *,
        name: str,
        folder_id: str,
        companion_id: str,
        notebook: str,
        notebook_id: str | None,
    ) -> str:
        """Return the text of the cell with which a notebook connects.

        Parameters
        ----------
        notebook : str
            Its path in the project.
        notebook_id : str or None
            Drive's id of it; None: not known.
        """
        ...

    def environment(
        self, source: EnvironmentSource, notebook: str | None, before: bytes, ignore: Ignore
    ) -> bytes:
        """Return what is installed at home, for `ENVIRONMENT_PATH`. Runs the kernel's Python.

        Parameters
        ----------
        notebook : str or None
            The notebook that names the kernel; None: the kernel as it was before.
        before : bytes
            The file as it is; returned as it is where nothing else is to be said.
        ignore : Ignore
            What does not belong to the project.
        """
        ...


@dataclass(frozen=True, slots=True)
class ColabSide:
    """What one project needs for Colab."""

    settings: ColabSettings
    maker: CompanionMaker
    pulses: Pulses
    outputs: OutputsHere
