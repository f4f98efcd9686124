"""The remote folder by way of rclone."""

from __future__ import annotations

import builtins
import json
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from jupyter_drive_sync.errors import Cancelled, ListingIncomplete, RcloneFailed, RemoteMissing
from jupyter_drive_sync.ports.listing import Entry, Listing, Side, Version
from jupyter_drive_sync.ports.projects import PARTIAL_SUFFIX, Remote, RemoteKind
from jupyter_drive_sync.ports.sides import Ignore, LocalFiles
from jupyter_drive_sync.ports.transfer import (
    CancelToken,
    CopyResult,
    OnProgress,
    Paths,
    RemoteFolder,
)
from jupyter_drive_sync.rclone.bisync import DRIVE_FLAGS, DRIVE_LISTING_FLAGS, PROGRESS_FLAGS
from jupyter_drive_sync.rclone.config import configured_folder_id
from jupyter_drive_sync.rclone.copying import (
    FEW_TO_COPY,
    FEW_TO_FIND,
    copy_result,
    is_folder,
    paths_flags,
    paths_input,
    without_missing,
)
from jupyter_drive_sync.rclone.entries import ListingReader, as_remote
from jupyter_drive_sync.rclone.filters import FILTER_FLAGS, filter_input
from jupyter_drive_sync.rclone.names import root_to_rclone, to_rclone
from jupyter_drive_sync.rclone.outcome import (
    command_error,
    essential_message,
    find_cause,
    is_not_found,
)
from jupyter_drive_sync.rclone.process import Finished, Runner

_LOOK_FLAGS = ("--low-level-retries", "4")
"""A look is soon repeated; rclone's ten tries would say "offline" after a minute and a half."""

_LIST_FLAGS = (*_LOOK_FLAGS, "--fast-list", "--no-mimetype")
_FILE_FLAGS = (*_LOOK_FLAGS, "--files-only", "--no-mimetype")
_HASH_FLAGS = ("--hash", "--hash-type", "md5")
_COPY_FLAGS = ("--retries", "1", "--partial-suffix", PARTIAL_SUFFIX, "--no-update-dir-modtime")
_AS_IT_COMES = ("--ignore-checksum", "--ignore-times")
"""What is spoiled has the right size and time, and would not be written over again."""

_MOVED = re.compile(r"Moved \(|Copied \(|Renamed ")


@dataclass(slots=True)
class RcloneRemote:
    """The `RemoteFiles` port.

    Attributes
    ----------
    runner : Runner
        Runs rclone with the remote's configuration.
    remote : Remote
        The folder.
    folder : LocalFiles or None
        For a plain folder: its own walker, which can tell unchanged files without reading them.
    """

    runner: Runner
    remote: Remote
    folder: LocalFiles | None = None
    _md5_known: tuple[bool, bool] | None = field(default=None, init=False)

    # -- looking

    def list(self, known: Mapping[str, Version], ignore: Ignore) -> Listing:
        """List the whole side.

        Raises
        ------
        SignInNeeded, Offline, RateLimited, ConfigUnreadable, RemoteUnknown
            It cannot be listed at all.
        """
        if self.folder is not None:
            return as_remote(self.folder.list(known, ignore))
        reader = ListingReader()
        finished = self.runner.run(
            [
                *("lsjson", "-R", *self._hash_flags(), *_LIST_FLAGS),
                *(DRIVE_LISTING_FLAGS if self.remote.kind is RemoteKind.DRIVE else ()),
                *DRIVE_FLAGS,
                *FILTER_FLAGS,
            ],
            [self.remote.spec],
            # Drive is listed by ids. Elsewhere a folder that cannot be opened would be an error.
            stdin=filter_input(ignore.filters, unopenable=self.remote.kind is RemoteKind.DRIVE),
            on_stdout=reader.take,
        )
        if is_not_found(finished.exit_code, finished.lines):
            return Listing(Side.REMOTE, exists=False)
        if finished.exit_code != 0 and (find_cause(finished.lines) or not reader.entries):
            raise command_error(finished.exit_code, finished.lines, remote=self.remote.spec)
        trouble = _trouble(finished)
        if not trouble and reader.unreadable:
            trouble = f"{reader.unreadable} entries could not be understood"
        return Listing(
            Side.REMOTE,
            reader.entries,
            complete=not trouble,
            duplicates=frozenset(reader.duplicates),
            trouble=trouble,
        )

    def digest(self, paths: Paths) -> dict[str, str | None]:
        """Return md5 digests, read from the backend; None where it has none."""
        if self.folder is not None:
            return self.folder.digest(paths)
        digests: dict[str, str | None] = dict.fromkeys(paths)
        if paths and self._md5()[0]:
            found = self._find(paths, _HASH_FLAGS)
            for path, entry in found.entries.items():
                if path in digests and entry.version and path not in found.duplicates:
                    digests[path] = entry.version.md5
        return digests

    def sizes(self, paths: Paths) -> dict[str, int]:
        """Return the sizes in bytes of those files that are there."""
        found = self._find(paths, ()).entries
        return {path: one.version.size for path, one in found.items() if one.version}

    def look(self, paths: Paths) -> dict[str, Entry]:
        """Look at a few files at once, with id and md5; those that are not there are left out."""
        if self.folder is not None:
            there = {path: self.folder.stat(path) for path in paths}
            return {path: replace(entry, id=None) for path, entry in there.items() if entry}
        found = self._find(paths, self._hash_flags(single=True)).entries if paths else {}
        return {path: found[path] for path in paths if path in found}

    def stat(self, path: str) -> Entry | None:
        """Look at one file, with id and md5; None when it is not there."""
        return self.look([path]).get(path)

    def root_id(self) -> str | None:
        """Return Drive's id of the folder; None where the backend has no ids.

        Raises
        ------
        RemoteMissing
            The folder is not there.
        """
        if self.remote.kind is RemoteKind.FOLDER:
            return None
        parent, _, name = self.remote.path.strip("/").rpartition("/")
        if not name:
            return configured_folder_id(self.runner, self.remote.name)
        # rclone's look at a single folder leaves its id out; its parent's listing has it.
        whole = RcloneRemote(self.runner, replace(self.remote, path=parent))
        for folder in whole.folders():
            if folder.name == name:
                return folder.id
        raise RemoteMissing(f"{self.remote.spec} is not there.")

    def folders(self, path: str = "") -> builtins.list[RemoteFolder]:
        """Return the folders directly in a folder below this remote, by name.

        Raises
        ------
        RemoteMissing
            The folder is not there.
        """
        reader = ListingReader()
        finished = self.runner.run(
            ["lsjson", *_LOOK_FLAGS, "--dirs-only", "--no-modtime", "--no-mimetype", *DRIVE_FLAGS],
            [self._below(path)],
            on_stdout=reader.take,
        )
        if finished.exit_code != 0:
            raise command_error(finished.exit_code, finished.lines, remote=self._below(path))
        prefix = f"{path.rstrip('/')}/" if path.strip("/") else ""
        return sorted(
            (
                RemoteFolder(entry.path, f"{prefix}{entry.path}", entry.id)
                for entry in reader.entries.values()
            ),
            key=lambda folder: folder.name.casefold(),
        )

    # -- moving content

    def pull(
        self, paths: Paths, into: Path, on_progress: OnProgress, cancel: CancelToken
    ) -> CopyResult:
        """Download all of `paths` into a folder, in one run; rclone compares the md5 of each.

        Raises
        ------
        Cancelled
            A person cancelled it; what is complete stays in the folder.
        SignInNeeded, Offline, RateLimited, DiskFull
            Nothing arrived, for this reason.
        """
        sides = [self.remote.spec, root_to_rclone(str(into))]
        finished = self._copy(paths, sides, on_progress, cancel)
        # rclone passes over names that its source does not have, without a word.
        there = {path for path in paths if (into / path).is_file()}
        result = self._result(paths, finished, surely_done=there)
        return without_missing(result, there)

    def push(
        self,
        paths: Paths,
        source: Path,
        on_progress: OnProgress,
        cancel: CancelToken,
        *,
        verify: bool = True,
    ) -> CopyResult:
        """Upload all of `paths` from a folder, in one run; a file that is there keeps its id.

        When verifying, a file that changes while it is read is left out and named as failed.

        Raises
        ------
        Cancelled
            A person cancelled it; what is complete stays.
        SignInNeeded, Offline, RateLimited, QuotaFull
            Nothing went up, for this reason.
        """
        sides = [root_to_rclone(str(source)), self.remote.spec]
        finished = self._copy(paths, sides, on_progress, cancel, () if verify else _AS_IT_COMES)
        there = {path for path in paths if (source / path).is_file()}
        result = without_missing(self._result(paths, finished), there)
        if verify or not result.done:
            return result
        return replace(result, shown=self.look(result.done))

    def delete(self, paths: Paths) -> CopyResult:
        """Put files into Drive's trash; elsewhere they are gone. A missing one counts as done."""
        if not paths:
            return CopyResult()
        finished = self.runner.run(
            ["delete", "-v", "--retries", "1", *DRIVE_FLAGS, *paths_flags(paths, FEW_TO_FIND)],
            [self.remote.spec],
            stdin=paths_input(paths),
        )
        return self._result(paths, finished)

    def move(self, old: str, new: str) -> None:
        """Rename one file, keeping its id.

        Raises
        ------
        RcloneFailed
            It is not there any more, or another file has the new name.
        """
        finished = self.runner.run(
            # Without the flag a file that stands there meanwhile would be replaced.
            ["moveto", "-v", *_LOOK_FLAGS, "--retries", "1", "--ignore-existing", *DRIVE_FLAGS],
            [self._below(old), self._below(new)],
        )
        if finished.exit_code != 0:
            if is_not_found(finished.exit_code, finished.lines):
                raise RcloneFailed(f"{old} is not on the remote any more.")
            raise command_error(finished.exit_code, finished.lines, remote=self.remote.spec)
        if not any(line.object and _MOVED.match(line.message) for line in finished.lines):
            raise RcloneFailed(f"{old} was not renamed: {new} is on the remote already.")

    def read(self, path: str, most: int = -1) -> bytes | None:
        """Return a small file's content, or None when it (or the root) is not there."""
        if self.folder is not None:
            return self.folder.read(path)
        flags = (f"--head={most}", *_LOOK_FLAGS, *DRIVE_FLAGS, *paths_flags([path], FEW_TO_FIND))
        finished = self.runner.run(["cat", *flags], [self.remote.spec], stdin=paths_input([path]))
        if finished.exit_code != 0:
            if is_not_found(finished.exit_code, finished.lines) or is_folder(finished.lines):
                return None
            raise command_error(finished.exit_code, finished.lines, remote=self.remote.spec)
        if not finished.stdout and self.stat(path) is None:
            return None
        return finished.stdout

    def write(self, path: str, content: bytes) -> None:
        """Write one small file, making folders as needed, in place if it exists."""
        # A file with a known size and md5, unlike a stream, is verified after the upload.
        with tempfile.TemporaryDirectory(prefix="drive-sync-") as folder:
            source = Path(folder) / "content"
            source.write_bytes(content)
            finished = self.runner.run(
                ["copyto", "--ignore-times", *_COPY_FLAGS, *DRIVE_FLAGS],
                [str(source), self._below(path)],
            )
        if finished.exit_code != 0:
            raise command_error(finished.exit_code, finished.lines, remote=self.remote.spec)

    def sweep(self, ignore: Ignore, before: datetime) -> int:
        """Put unfinished files on a plain folder into the project's trash."""
        return 0 if self.folder is None else self.folder.sweep(ignore, before)

    # -- inside

    def _copy(
        self,
        paths: Paths,
        sides: Sequence[str],
        on_progress: OnProgress,
        cancel: CancelToken,
        flags: Sequence[str] = (),
    ) -> Finished:
        if not paths:
            return Finished(0, b"", (), cancelled=False)
        flags = (*PROGRESS_FLAGS, *_COPY_FLAGS, *DRIVE_FLAGS, *flags)
        finished = self.runner.run(
            ["copy", *flags, *paths_flags(paths, FEW_TO_COPY)],
            sides,
            stdin=paths_input(paths),
            on_progress=on_progress,
            cancel=cancel,
        )
        if finished.cancelled and finished.exit_code != 0:
            raise Cancelled("The run was cancelled.")
        return finished

    def _result(
        self,
        asked: Sequence[str],
        finished: Finished,
        surely_done: Collection[str] | None = None,
    ) -> CopyResult:
        code, lines = finished.exit_code, finished.lines
        return copy_result(asked, code, lines, surely_done=surely_done, remote=self.remote.spec)

    def _find(self, paths: Paths, flags: Sequence[str]) -> ListingReader:
        """List the given files alone; those that are not there are left out.

        Raises
        ------
        ListingIncomplete
            One was not found by a look that went wrong, so it may be there all the same.
        """
        reader = ListingReader()
        finished = self.runner.run(
            ["lsjson", "-R", *_FILE_FLAGS, *flags, *DRIVE_FLAGS, *paths_flags(paths, FEW_TO_FIND)],
            [self.remote.spec],
            stdin=paths_input(paths),
            on_stdout=reader.take,
        )
        if finished.exit_code != 0 and not is_not_found(finished.exit_code, finished.lines):
            raise command_error(finished.exit_code, finished.lines, remote=self.remote.spec)
        trouble = _trouble(finished) if finished.exit_code == 0 else ""
        if trouble and not reader.entries.keys() >= set(paths):
            raise ListingIncomplete(f"The remote could not be looked at: {trouble}.")
        return reader

    def _below(self, path: str) -> str:
        path = to_rclone(path.strip("/"))
        spec = self.remote.spec
        if not path:
            return spec
        return f"{spec}{path}" if spec.endswith((":", "/")) else f"{spec}/{path}"

    def _hash_flags(self, *, single: bool = False) -> tuple[str, ...]:
        """Ask for md5 only where the backend has it; for a whole listing, only if it is free."""
        if self.remote.kind is RemoteKind.DRIVE:
            return _HASH_FLAGS
        has_md5, is_slow = self._md5()
        return _HASH_FLAGS if has_md5 and (single or not is_slow) else ()

    def _md5(self) -> tuple[bool, bool]:
        """Say whether the backend has md5, and whether it must read the files for it."""
        if self.remote.kind is RemoteKind.DRIVE:
            return True, False
        if self.remote.kind is RemoteKind.FOLDER:
            return True, True
        if self._md5_known is None:
            finished = self.runner.run(["backend", "features", *_LOOK_FLAGS], [self.remote.spec])
            if finished.exit_code != 0:
                raise command_error(finished.exit_code, finished.lines, remote=self.remote.spec)
            answer = json.loads(finished.stdout)
            self._md5_known = (
                "md5" in (answer.get("Hashes") or ()),
                bool(answer["Features"].get("SlowHash")),
            )
        return self._md5_known


def _trouble(finished: Finished) -> str:
    if finished.exit_code == 0 and not any(line.is_error for line in finished.lines):
        return ""
    if any("search result INCOMPLETE" in line.message for line in finished.lines):
        return "Google Drive answered with a part of the listing only"
    return essential_message(finished.lines) or "rclone did not finish the listing"
