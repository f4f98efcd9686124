"""Changing files of the project with care: look, act in one step, look at what was displaced."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from jupyter_drive_sync.files.atomic import raise_if_full
from jupyter_drive_sync.files.copies import keep_copy
from jupyter_drive_sync.files.digest import digest_file
from jupyter_drive_sync.files.flush import AtOnce
from jupyter_drive_sync.files.paths import (
    InTheWay,
    check_parents,
    inside,
    is_regular,
    make_parents,
    status_of,
)
from jupyter_drive_sync.files.staging import Holding
from jupyter_drive_sync.files.swap import place_new, swap
from jupyter_drive_sync.files.trash import Trash
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.sides import Displaced

_CHANGED = "It was changed here meanwhile."
_GONE = "It was deleted here meanwhile."
_APPEARED = "A file of that name appeared here meanwhile."
_NO_FILE = "There is a folder or a link of that name here."


@dataclass(frozen=True, slots=True)
class Applier:
    """The three ways in which a run changes the person's files.

    Attributes
    ----------
    root : Path
        The project folder.
    trash : Trash
        Where displaced versions go that the plan knew.
    run : str
        The run, for the trash.
    holding : Holding
        For files between two names.
    clock : Callable
        Local time, for the names of copies.
    flush : AtOnce
        Makes what is done outlast a power cut.
    """

    root: Path
    trash: Trash
    run: str
    holding: Holding
    clock: Callable[[], datetime]
    flush: AtOnce = field(default_factory=AtOnce)

    def install(self, staged: Path, path: str, expected: Version | None) -> Displaced:
        """Put a staged file in place; see `jupyter_drive_sync.ports.sides.LocalFiles`."""

        def act() -> Displaced:
            place = make_parents(self.root, path)
            if expected is None:
                if not os.path.lexists(place):
                    self.flush.file(staged)
                    place_new(staged, place)
                    self.flush.folder(place.parent)
                    return Displaced(done=True)
                return Displaced(done=False, reason=_APPEARED)
            refusal = self._refusal(place, expected)
            if refusal is not None:
                return refusal
            return self._exchange(staged, place, path, expected)

        return _guarded(act, path)

    def discard(self, path: str, expected: Version) -> Displaced:
        """Move a file into the trash; see `jupyter_drive_sync.ports.sides.LocalFiles`."""

        def act() -> Displaced:
            place = inside(self.root, path)
            check_parents(self.root, path)
            refusal = self._refusal(place, expected)
            if refusal is not None:
                return refusal
            held = self.holding.moving(path)
            place_new(place, held)
            if not _is_version(held, expected):
                return self._put_back(held, place)
            trashed = self.trash.put(held, path, self.run, flush=self.flush)
            self.flush.folder(place.parent)
            return Displaced(done=True, trashed=trashed)

        return _guarded(act, path)

    def rename(self, old: str, new: str, expected: Version) -> Displaced:
        """Rename a file; see `jupyter_drive_sync.ports.sides.LocalFiles`."""

        def act() -> Displaced:
            source = inside(self.root, old)
            check_parents(self.root, old)
            refusal = self._refusal(source, expected)
            if refusal is not None:
                return refusal
            target = make_parents(self.root, new)
            if _one_file(source, target):  # only the case differs, on a disk that ignores it
                os.rename(source, target)  # noqa: PTH104
            else:
                place_new(source, target)
            self.flush.folder(target.parent)
            if source.parent != target.parent:
                self.flush.folder(source.parent)
            if _is_version(target, expected):
                return Displaced(done=True)
            try:
                place_new(target, source)
            except FileExistsError:
                # Saved anew under the old name: both versions stand, each under a name of its own.
                return Displaced(done=True)
            return Displaced(done=False, reason=_CHANGED)

        return _guarded(act, new)

    def _refusal(self, place: Path, expected: Version) -> Displaced | None:
        """Say why a file must not be touched, or None when it is what the plan saw."""
        status = status_of(place)
        if status is None:
            return Displaced(done=False, reason=_GONE)
        if not is_regular(status):
            return Displaced(done=False, reason=_NO_FILE)
        if not _is_version(place, expected):
            return Displaced(done=False, reason=_CHANGED)
        return None

    def _exchange(self, staged: Path, place: Path, path: str, expected: Version) -> Displaced:
        moving = self.holding.moving(path)
        staged.chmod(stat.S_IMODE(place.lstat().st_mode))
        self.flush.file(staged)
        staged.rename(moving)
        try:
            displaced = swap(moving, place, lambda number: self.holding.aside(number, path))
        except OSError:
            moving.rename(staged)  # still the download: nothing was changed
            raise
        self.flush.folder(place.parent)
        if any(not is_regular(version.lstat()) for version in displaced):
            # A folder or a link took the name in the last moment: it gets its name back.
            swap(displaced[-1], place, lambda number: self.holding.aside(number + 100, path))
            return Displaced(done=False, reason=_NO_FILE)
        trashed: Path | None = None
        kept: str | None = None
        for version in displaced:
            if _is_version(version, expected):
                trashed = self.trash.put(version, path, self.run, flush=self.flush)
            else:
                copy = keep_copy(version, place, self.clock())
                kept = copy.relative_to(self.root).as_posix()
        return Displaced(done=True, trashed=trashed, kept_as=kept)

    def _put_back(self, held: Path, place: Path) -> Displaced:
        try:
            place_new(held, place)
        except FileExistsError:
            copy = keep_copy(held, place, self.clock())
            kept = copy.relative_to(self.root).as_posix()
            return Displaced(done=False, kept_as=kept, reason=_CHANGED)
        return Displaced(done=False, reason=_CHANGED)


def _is_version(file: Path, expected: Version) -> bool:
    """Compare size and time; where they differ the md5 has the last word."""
    status = file.lstat()
    if not is_regular(status):
        return False
    if expected.same_stat(Version(status.st_size, status.st_mtime_ns)):
        return True
    return (
        expected.md5 is not None
        and status.st_size == expected.size
        and digest_file(file) == expected.md5
    )


def _one_file(one: Path, other: Path) -> bool:
    first, second = status_of(one), status_of(other)
    return (
        one != other
        and first is not None
        and second is not None
        and one.parent == other.parent
        and one.name.casefold() == other.name.casefold()
        and os.path.samestat(first, second)
    )


def _guarded(act: Callable[[], Displaced], path: str) -> Displaced:
    """Turn what the disk refuses into a reason for a person."""
    try:
        return act()
    except InTheWay as error:
        return Displaced(done=False, reason=str(error))
    except FileExistsError:
        return Displaced(done=False, reason=_APPEARED)
    except FileNotFoundError:
        return Displaced(done=False, reason=_GONE)
    except PermissionError:
        return Displaced(
            done=False, reason="You may not change it, or another program keeps it open."
        )
    except OSError as error:
        raise_if_full(error, Path(path))
        return Displaced(done=False, reason=f"The disk refused: {error.strerror or error}.")
