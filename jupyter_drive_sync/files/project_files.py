"""The project folder on this computer, as the engine uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jupyter_drive_sync.errors import FolderInvalid, FolderOutsideRoot
from jupyter_drive_sync.files.apply import Applier
from jupyter_drive_sync.files.atomic import write_atomic
from jupyter_drive_sync.files.copies import DRIVE, keep_copy
from jupyter_drive_sync.files.digest import digest_files
from jupyter_drive_sync.files.flush import Together
from jupyter_drive_sync.files.listing import describe, walk
from jupyter_drive_sync.files.net import safety_net
from jupyter_drive_sync.files.paths import InTheWay, check_parents, inside, make_parents, status_of
from jupyter_drive_sync.files.snapshot import snapshot
from jupyter_drive_sync.files.staging import holding_folder, staging_folder
from jupyter_drive_sync.files.sweep import unfinished
from jupyter_drive_sync.files.trash import Trash
from jupyter_drive_sync.ports.listing import Entry, EntryKind, Listing, Version
from jupyter_drive_sync.ports.projects import MARKER_FOLDER
from jupyter_drive_sync.ports.sides import Displaced, Ignore, SafetyNet
from jupyter_drive_sync.ports.transfer import CancelToken, Paths


def _local_time() -> datetime:
    return datetime.now().astimezone()


class ProjectFiles:
    """Implements `jupyter_drive_sync.ports.sides.LocalFiles`.

    One thread at a time changes files; the project's lock sees to that.

    Parameters
    ----------
    root : Path
        The project folder, absolute and resolved.
    trash : Path
        The project's trash, below its state folder.
    clock : Callable, optional
        Local time, for the names of conflict copies.
    """

    def __init__(
        self, root: Path, trash: Path, clock: Callable[[], datetime] = _local_time
    ) -> None:
        self.root = root
        self.trash = Trash(trash)
        self._clock = clock
        self._run = "outside-a-run"

    def list(self, known: Mapping[str, Version], ignore: Ignore) -> Listing:
        """Walk the folder; take md5 from `known` where size and time still agree."""
        return walk(self.root, known, ignore)

    def digest(self, paths: Paths, cancel: CancelToken | None = None) -> dict[str, str | None]:
        """Compute md5 digests; None where a file cannot be read or changed meanwhile."""
        for path in paths:
            inside(self.root, path)
        return digest_files(self.root, paths, cancel)

    def stat(self, path: str) -> Entry | None:
        """Look at one name without reading it; None when it is not there."""
        place = inside(self.root, path)
        try:
            check_parents(self.root, path)
        except InTheWay:
            return None
        status = status_of(place)
        return None if status is None else describe(path, str(place), status)

    @contextmanager
    def named(self, run: str) -> Iterator[None]:
        """Keep what is displaced meanwhile under the run's name in the trash."""
        before = self._run
        self._run = run
        try:
            yield
        finally:
            self._run = before

    @contextmanager
    def staging(self, run: str) -> Iterator[Path]:
        """Make an empty folder on the project's own file system for downloads of this run."""
        try:
            with self.named(run), staging_folder(self.root, run, self.trash) as folder:
                yield folder
        except InTheWay as error:
            raise FolderInvalid(str(error), "Move that away: the folder is ours.") from error

    def install(self, staged: Path, path: str, expected: Version | None) -> Displaced:
        """Put a staged file in place atomically; `expected` None: nothing stands there."""
        with self._applier() as applier:
            return applier.install(staged, path, expected)

    def snapshot(self, path: str, staging: Path, cancel: CancelToken) -> str | None:
        """Copy one version of a file into a staging folder; None if it does not hold still."""
        try:
            check_parents(self.root, path)
        except (InTheWay, FolderOutsideRoot):
            return None
        target = inside(staging, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        return snapshot(inside(self.root, path), target, cancel)

    @contextmanager
    def installing(self, staging: Path, paths: Paths) -> Iterator[_Installing]:
        """Make ready to put many staged files in place, and to make sure of all of them at once."""
        tops = (self.root, self.trash.root)
        flush = Together((inside(staging, path) for path in paths), tops)
        with holding_folder(self.root, self._run, self.trash) as holding:
            applier = Applier(self.root, self.trash, self._run, holding, self._clock, flush)
            yield _Installing(staging, applier, flush)

    def discard(self, path: str, expected: Version) -> Displaced:
        """Move a file into the project's trash, if it still is what the plan saw."""
        with self._applier() as applier:
            return applier.discard(path, expected)

    def keep_beside(self, staged: Path, path: str, whose: str = DRIVE) -> str:
        """Put another version of a file beside it, under a free name; return its path."""
        make_parents(self.root, path)
        copy = keep_copy(staged, inside(self.root, path), self._clock(), whose=whose)
        return copy.relative_to(self.root).as_posix()

    def stash(self, file: Path, path: str, run: str) -> Path:
        """Move a file into the project's trash under the name `path`; return where it is."""
        return self.trash.put(file, path, run)

    def rename(self, old: str, new: str, expected: Version) -> Displaced:
        """Rename a file inside the project, if it still is what the plan saw."""
        with self._applier() as applier:
            return applier.rename(old, new, expected)

    def net(self, run: str, known: Mapping[str, Version]) -> AbstractContextManager[SafetyNet]:
        """Hold on to the files of `known` by hard links while bisync runs."""
        return safety_net(self.root, self.trash, run, known, self._clock)

    def read(self, path: str) -> bytes | None:
        """Return a small file's content, or None when it is not there.

        Raises
        ------
        FolderInvalid
            Something is there that cannot be read as a file.
        """
        entry = self.stat(path)
        if entry is None:
            return None
        if entry.kind is not EntryKind.FILE:
            raise FolderInvalid(f"{path} is no file.", "Move it away.")
        try:
            return inside(self.root, path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FolderInvalid(
                f"{path} cannot be read: {(error.strerror or str(error)).lower()}.",
                "Check its permissions.",
            ) from error

    def write(self, path: str, content: bytes) -> None:
        """Write one of our own files (below ``.drive-sync``), atomically.

        Raises
        ------
        FolderOutsideRoot
            The path is not one of ours.
        DiskFull
            No space is left.
        """
        if not path.startswith(f"{MARKER_FOLDER}/"):
            raise FolderOutsideRoot(f"{path} is not one of our own files.", "")
        try:
            place = make_parents(self.root, path)
        except InTheWay as error:
            raise FolderInvalid(str(error), "Move that away: the folder is ours.") from error
        write_atomic(place, content, mode=0o644)

    def sweep(self, ignore: Ignore, before: datetime) -> int:
        """Move files that a killed rclone left unfinished into the trash; return how many.

        Raises
        ------
        OSError
            The disk refused.
        """
        found = list(unfinished(self.root, ignore, before))
        for path in found:
            self.trash.put(inside(self.root, path), path, "unfinished")
        return len(found)

    @contextmanager
    def _applier(self) -> Iterator[Applier]:
        with holding_folder(self.root, self._run, self.trash) as holding:
            yield Applier(self.root, self.trash, self._run, holding, self._clock)


@dataclass(frozen=True, slots=True)
class _Installing:
    """Implements `jupyter_drive_sync.ports.sides.Installing`."""

    staging: Path
    applier: Applier
    flush: Together

    def install(self, path: str, expected: Version | None) -> Displaced:
        """Put a staged file in place atomically, under the path that it has there."""
        return self.applier.install(inside(self.staging, path), path, expected)

    def settle(self) -> None:
        """Make all that was done outlast a power cut."""
        self.flush.settle()
