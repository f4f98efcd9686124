"""The pulses of Colab runtimes: a list at each look, and what of it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import md5
from pathlib import Path

from jupyter_drive_sync.errors import RcloneFailed
from jupyter_drive_sync.ports.colab import is_runtime
from jupyter_drive_sync.ports.listing import Entry, EntryKind
from jupyter_drive_sync.ports.private import make_private
from jupyter_drive_sync.ports.projects import PARTIAL_SUFFIX, RUNTIMES_PATH, Remote
from jupyter_drive_sync.rclone.bisync import DRIVE_FLAGS
from jupyter_drive_sync.rclone.copying import FEW_TO_FIND, paths_flags, paths_input
from jupyter_drive_sync.rclone.entries import parse_line
from jupyter_drive_sync.rclone.outcome import command_error, is_not_found
from jupyter_drive_sync.rclone.process import Finished, Runner

_MOST_BYTES = 64 * 1024
"""A pulse has some kilobytes; what is larger is none."""

_MOST_PULSES = 200
"""Far more than are shown; so many files in their folder were not made by runtimes."""

_SUFFIX = ".json"
_FLAGS = ("--low-level-retries", "4", "--retries", "1")


@dataclass(frozen=True, slots=True)
class RclonePulses:
    """The `Pulses` port.

    Attributes
    ----------
    runner : Runner
        Runs rclone with the remote's configuration.
    remote : Remote
        The project's folder on Drive.
    copies : Path
        A folder of our own for copies of the pulses, so that only those that changed come down.
    """

    runner: Runner
    remote: Remote
    copies: Path

    def look(self) -> Mapping[str, bytes]:
        """Return the pulses by the names of their runtimes; none where there is no such folder.

        Of very many the newest are brought, and of several under one name the newest. Of what
        cannot be brought by itself, the one before is returned.

        Raises
        ------
        SignInNeeded, Offline, RateLimited, DiskFull
            They cannot be looked at now.
        """
        make_private(self.copies)
        listed = self._list()
        for copy in self.copies.iterdir():
            if copy.name not in listed.newest:
                copy.unlink()
        changed = [entry for entry in listed.newest.values() if self._is_new(entry)]
        twins = [entry for entry in changed if entry.path in listed.twins and entry.id]
        self._bring([entry.path for entry in changed if entry not in twins])
        for entry in twins:
            self._bring_twin(entry)
        copies = (self.copies / name for name in listed.newest)
        return {copy.stem: copy.read_bytes() for copy in copies if _is_usable(copy)}

    def _list(self) -> _Listed:
        listed = _Listed()
        finished = self.runner.run(
            [
                *("lsjson", "--files-only", "--no-mimetype", "--hash", "--hash-type", "md5"),
                *("--max-size", f"{_MOST_BYTES}B"),
                *_FLAGS,
                *DRIVE_FLAGS,
            ],
            [self._folder.spec],
            on_stdout=listed.take,
        )
        if finished.exit_code != 0:
            if is_not_found(finished.exit_code, finished.lines):
                return _Listed()
            raise self._error(finished)
        listed.cut()
        return listed

    @property
    def _folder(self) -> Remote:
        path = "/".join(part for part in (self.remote.path.rstrip("/"), RUNTIMES_PATH) if part)
        return replace(self.remote, path=path)

    def _is_new(self, entry: Entry) -> bool:
        copy, version = self.copies / entry.path, entry.version
        if version is None or version.md5 is None or not copy.is_file():
            return True
        return md5(copy.read_bytes(), usedforsecurity=False).hexdigest() != version.md5

    def _bring(self, names: Sequence[str]) -> None:
        if not names:
            return
        finished = self.runner.run(
            [
                *("copy", "--ignore-times", *_FLAGS, "--partial-suffix", PARTIAL_SUFFIX),
                *DRIVE_FLAGS,
                *paths_flags(names, FEW_TO_FIND),
            ],
            [self._folder.spec, str(self.copies)],
            stdin=paths_input(names),
        )
        self._check(finished)

    def _bring_twin(self, entry: Entry) -> None:
        """Bring one of several files that have one name: rclone would choose among them."""
        finished = self.runner.run(
            ["backend", "copyid", *_FLAGS, "--partial-suffix", PARTIAL_SUFFIX, "--ignore-times"],
            [self._folder.spec, str(entry.id), str(self.copies / entry.path)],
        )
        self._check(finished)

    def _check(self, finished: Finished) -> None:
        """Raise what stands in the way of all; one pulse alone stands in no other's way."""
        if finished.exit_code != 0:
            error = self._error(finished)
            if type(error) is not RcloneFailed:
                raise error

    def _error(self, finished: Finished) -> Exception:
        return command_error(finished.exit_code, finished.lines, remote=self.remote.spec)


@dataclass(slots=True)
class _Listed:
    """Takes the list line by line, and keeps the newest of each name.

    Attributes
    ----------
    newest : dict of str to Entry
        By name.
    twins : set of str
        Names that several files have.
    """

    newest: dict[str, Entry] = field(default_factory=dict)
    twins: set[str] = field(default_factory=set)

    def take(self, raw: bytes) -> None:
        """Take one line of what ``lsjson`` prints."""
        try:
            entry = parse_line(raw)
        except (KeyError, TypeError, ValueError):
            return  # what cannot be told apart is no pulse
        if entry is None or entry.kind is not EntryKind.FILE or not entry.path.endswith(_SUFFIX):
            return
        name = entry.path
        if is_runtime(name.removesuffix(_SUFFIX)):
            known = self.newest.get(name)
            if known is not None:
                self.twins.add(name)
            if known is None or _age(known) < _age(entry):
                self.newest[name] = entry

    def cut(self) -> None:
        """Leave out all but the newest."""
        latest = sorted(self.newest.values(), key=_age, reverse=True)[:_MOST_PULSES]
        self.newest = {entry.path: entry for entry in latest}


def _is_usable(copy: Path) -> bool:
    # It may have grown after it was listed.
    return copy.is_file() and copy.stat().st_size <= _MOST_BYTES


def _age(entry: Entry) -> tuple[int, str]:
    return (entry.version.mtime_ns if entry.version else 0, entry.path)
