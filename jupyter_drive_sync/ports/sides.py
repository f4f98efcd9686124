"""The two sides and bisync, as the engine calls them.

All calls block; all may raise `jupyter_drive_sync.errors.DriveSyncError`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from jupyter_drive_sync.ports.listing import Entry, Listing, Version
from jupyter_drive_sync.ports.transfer import (
    BisyncOutcome,
    BisyncRequest,
    CancelToken,
    CopyResult,
    OnProgress,
    Paths,
)


@dataclass(frozen=True, slots=True)
class Displaced:
    """What stood where a pulled file was put, or where a local delete happened.

    Attributes
    ----------
    done : bool
        Whether the change was made.
    trashed : Path or None
        Where the displaced version, which the plan knew, is kept.
    kept_as : str or None
        Relative path of the copy, when the displaced version was one the plan had not seen.
    reason : str
        Why it was not done.
    """

    done: bool
    trashed: Path | None = None
    kept_as: str | None = None
    reason: str = ""


class Ignore(Protocol):
    """The ignore rules of a project, read once at the start of a run."""

    @property
    def filters(self) -> tuple[str, ...]:
        """Rclone filter rules, first match wins."""
        ...

    def ignores(self, path: str, *, folder: bool = False) -> bool:
        """Say whether a path is left out."""
        ...


class SafetyNet(Protocol):
    """Holds on to every local file while bisync runs."""

    def rescue(self, removed: Collection[str] = ()) -> dict[str, str]:
        """Find versions that bisync replaced or removed although nobody had seen them yet.

        Parameters
        ----------
        removed : Collection[str]
            Paths that bisync deleted although the plan did not say so: they are put back.

        Returns
        -------
        dict[str, str]
            From path to the relative path of the copy that was kept; the path itself where the
            file was put back.
        """
        ...


class Installing(Protocol):
    """Puts many staged files in place, one after the other."""

    def install(self, path: str, expected: Version | None) -> Displaced:
        """Put one in place atomically; `expected` None: nothing stands there."""
        ...

    def settle(self) -> None:
        """Make what was done so far outlast a power cut: before it is written down anywhere."""
        ...


class LocalFiles(Protocol):
    """The project folder on this computer."""

    root: Path

    def list(self, known: Mapping[str, Version], ignore: Ignore) -> Listing:
        """Walk the folder; take md5 from `known` where size and time still agree."""
        ...

    def digest(self, paths: Paths) -> dict[str, str | None]:
        """Compute md5 digests; None where a file cannot be read or changed meanwhile."""
        ...

    def stat(self, path: str) -> Entry | None:
        """Look at one name without reading it; None when it is not there."""
        ...

    def named(self, run: str) -> AbstractContextManager[None]:
        """Keep what is displaced meanwhile under the run's name in the trash."""
        ...

    def staging(self, run: str) -> AbstractContextManager[Path]:
        """Make an empty folder on the project's own file system for downloads of this run."""
        ...

    def snapshot(self, path: str, staging: Path, cancel: CancelToken) -> str | None:
        """Copy one version of a file, with its time, to the same path in a staging folder.

        Returns
        -------
        str or None
            Its md5; None, and no copy, when the file is gone or is being written.
        """
        ...

    def install(self, staged: Path, path: str, expected: Version | None) -> Displaced:
        """Put a staged file in place atomically; `expected` None: nothing stands there."""
        ...

    def installing(self, staging: Path, paths: Paths) -> AbstractContextManager[Installing]:
        """Make ready to put staged files in place, each under the path it has in `staging`.

        Quicker for many files than `install`, and as safe once it is settled.
        """
        ...

    def discard(self, path: str, expected: Version) -> Displaced:
        """Move a file into the project's trash, if it still is what the plan saw."""
        ...

    def keep_beside(self, staged: Path, path: str, whose: str = "Drive") -> str:
        """Put another version of a file beside it, under a free name that says whose it is.

        Returns
        -------
        str
            Its path, for instance ``train (Drive, 2026-11-21 16.40).ipynb``.
        """
        ...

    def stash(self, file: Path, path: str, run: str) -> Path:
        """Move a file into the project's trash under the name `path`; return where it is."""
        ...

    def rename(self, old: str, new: str, expected: Version) -> Displaced:
        """Rename a file inside the project, if it still is what the plan saw."""
        ...

    def net(self, run: str, known: Mapping[str, Version]) -> AbstractContextManager[SafetyNet]:
        """Hold on to the files of `known` by hard links while bisync runs."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return a small file's content, or None when it is not there."""
        ...

    def write(self, path: str, content: bytes) -> None:
        """Write one of our own files (below ``.drive-sync``), atomically."""
        ...

    def sweep(self, ignore: Ignore, before: datetime) -> int:
        """Put files that a killed rclone left unfinished, untouched since, into the trash."""
        ...


class RemoteFiles(Protocol):
    """The remote folder."""

    def list(self, known: Mapping[str, Version], ignore: Ignore) -> Listing:
        """List the whole side, with ids and md5 where the backend has them at no extra cost."""
        ...

    def digest(self, paths: Paths) -> dict[str, str | None]:
        """Return md5 digests where the listing had none; None where the backend has none."""
        ...

    def sizes(self, paths: Paths) -> dict[str, int]:
        """Return the sizes in bytes of those files that are there, by one look."""
        ...

    def look(self, paths: Paths) -> dict[str, Entry]:
        """Look at a few files at once, with id and md5; those that are not there are left out."""
        ...

    def stat(self, path: str) -> Entry | None:
        """Look at one file, with id and md5; None when it is not there."""
        ...

    def pull(
        self, paths: Paths, into: Path, on_progress: OnProgress, cancel: CancelToken
    ) -> CopyResult:
        """Download all of `paths` into a folder, in one rclone run, verified."""
        ...

    def push(
        self,
        paths: Paths,
        source: Path,
        on_progress: OnProgress,
        cancel: CancelToken,
        *,
        verify: bool = True,
    ) -> CopyResult:
        """Upload all of `paths` from a folder, in one rclone run, in place.

        Parameters
        ----------
        verify : bool
            Whether what arrives other than it was sent is taken away again, on Drive with the
            file that stood there before. Otherwise it stands, and all that arrived is shown; the
            files must not be written meanwhile.
        """
        ...

    def delete(self, paths: Paths) -> CopyResult:
        """Put files into the remote's trash, where it has one."""
        ...

    def move(self, old: str, new: str) -> None:
        """Rename one file, keeping its id."""
        ...

    def root_id(self) -> str | None:
        """Return Drive's id of the project's folder; None elsewhere, or when it is not there."""
        ...

    def read(self, path: str, most: int = -1) -> bytes | None:
        """Return a small file's content, or None when it (or the root) is not there.

        Parameters
        ----------
        most : int
            Bytes; of a larger file on Drive only its start comes. Negative: the whole file.
        """
        ...

    def write(self, path: str, content: bytes) -> None:
        """Write one small file, making folders as needed, in place if it exists."""
        ...

    def sweep(self, ignore: Ignore, before: datetime) -> int:
        """Do as `LocalFiles.sweep` does, on a plain folder; elsewhere rclone leaves nothing."""
        ...


class Bisync(Protocol):
    """rclone bisync as one call."""

    def locked_out(self, request: BisyncRequest) -> bool:
        """Say whether bisync's listings for this pair are missing or unusable."""
        ...

    def run(
        self, request: BisyncRequest, on_progress: OnProgress, cancel: CancelToken
    ) -> BisyncOutcome:
        """Run it to its end."""
        ...


class ProjectLock(Protocol):
    """One project's lock: one process at a time works on a project."""

    def acquire(
        self, timeout: float = 0, *, holder: str = "server", url: str | None = None
    ) -> None:
        """Take the lock. Harmless when this object has it already.

        Parameters
        ----------
        timeout : float
            Seconds to wait for another holder.
        holder : str
            Who takes it, for people: "server" or "command line".
        url : str, optional
            The server's address, without its token.

        Raises
        ------
        LockedElsewhere
            Another process has it; the message names it.
        """
        ...

    def release(self) -> None:
        """Give the lock back. Harmless when repeated."""
        ...

    def fileno(self) -> int:
        """Return the descriptor for rclone to inherit, while the lock is held."""
        ...
