"""The spool: files on their way to Drive, out of reach of the training that goes on.

An item is one checkpoint or output, of one file or of a folder's files. It lies in a folder of its
own with a note, so that a new guard goes on where a dead one stopped.
"""

from __future__ import annotations

import math
import operator
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import ArgumentInvalid
from ..places import read_json, write_json
from . import finished
from .manifest import MOST, exact_moment
from .retention import series
from .scan import is_unusable

COPIED_BELOW = 256 * 2**20
ROOM = 2**30
_NOTE = "item.json"
_HANDED_IN = ".new"
_BAD = "bad"
_GIVEN_UP = 3600.0
"""Seconds after which nobody still hands in what has no request yet."""


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """One file of an item.

    Attributes
    ----------
    path : str
        Where it lies in the project, with ``/``.
    remote : str
        Where it goes below the run's folder.
    name : str
        Its name in the item's folder.
    size : int
        Bytes.
    mtime_ns : int
        When it was written.
    """

    path: str
    remote: str
    name: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Item:
    """What goes up and is listed together.

    Attributes
    ----------
    id : str
        Sorts by the time at which it was taken.
    files : tuple of SpoolFile
        At least one.
    checkpoint : bool
        Whether retention holds for it.
    group : str or None
        The folder, in the project, whose files these are.
    step, metrics
        As given with the checkpoint.
    request : str or None
        Who waits for it.
    """

    id: str
    files: tuple[SpoolFile, ...]
    checkpoint: bool
    group: str | None = None
    step: int | None = None
    metrics: Mapping[str, float] | None = None
    request: str | None = None

    @property
    def name(self) -> str:
        """What to call it before people."""
        return self.group or (self.files[0].path if self.files else self.id)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def mtime(self) -> str:
        """When the newest of its files was written."""
        return exact_moment(max(file.mtime_ns for file in self.files))

    @property
    def unit(self) -> str:
        """What it stays or goes with: itself."""
        return self.id

    @property
    def series_name(self) -> str:
        """The series that it is one of."""
        return series(self.group or self.files[0].path, checkpoint=self.checkpoint)

    @property
    def is_checked(self) -> bool:
        """Whether the formats of its files would have shown that it is torn."""
        return all(finished.says_its_end(file.path) for file in self.files)


class Spool:
    """The items on disk.

    Parameters
    ----------
    root : Path
        The spool's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.items: dict[str, Item] = {}

    def load(self, asked: Iterable[str] = ()) -> None:
        """Read the items that are on disk, and clear away what is none.

        Parameters
        ----------
        asked : iterable of str
            Requests that wait: what was handed in with them stays.
        """
        waiting = {f"{request}{_HANDED_IN}" for request in asked}
        long_ago = time.time() - _GIVEN_UP
        for folder in sorted(self._root.iterdir()):
            if folder.name == _BAD:
                continue
            item = _read(folder)
            if item is not None:
                self.items[item.id] = item
            elif folder.suffix != _HANDED_IN or (
                folder.name not in waiting and folder.stat().st_mtime < long_ago
            ):
                shutil.rmtree(folder, ignore_errors=True)

    def put(self, item: Item, sources: Mapping[str, Path]) -> Item:
        """Freeze an item's files and note it; sources are by the file's name in the item.

        Raises
        ------
        OSError
            A file went or changed meanwhile, or the disk is full.
        """
        folder = self.folder(item.id)
        folder.mkdir(mode=0o700)
        try:
            for file in item.files:
                freeze(sources[file.name], folder / file.name, file.size, file.mtime_ns)
            self._note(item)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return item

    def adopt(self, item: Item) -> Item:
        """Take over files that a caller froze itself, under its request's id.

        Raises
        ------
        OSError
            They are not there.
        """
        handed_in = self.handed_in(item.id)
        if handed_in.exists():
            handed_in.rename(self.folder(item.id))
        self._note(item)
        return item

    def _note(self, item: Item) -> None:
        write_json(self.folder(item.id) / _NOTE, asdict(item))
        self.items[item.id] = item

    def drop(self, item: Item) -> None:
        """Let an item go."""
        self.items.pop(item.id, None)
        shutil.rmtree(self.folder(item.id), ignore_errors=True)

    def set_aside(self, item: Item) -> None:
        """Put an item that cannot be brought to Drive where it stops no other."""
        self.items.pop(item.id, None)
        aside = self._root / _BAD
        aside.mkdir(mode=0o700, exist_ok=True)
        self.folder(item.id).rename(aside / item.id)

    def aside(self) -> list[str]:
        """Return what was set aside, by the paths that the items note, or their ids."""
        bad = self._root / _BAD
        found = []
        for folder in sorted(bad.iterdir()) if bad.is_dir() else []:
            try:
                found += [str(one["path"]) for one in (read_json(folder / _NOTE) or {})["files"]]
            except (KeyError, TypeError):  # noqa: PERF203 - each may be an odd one
                found.append(folder.name)
        return found

    def folder(self, item: str) -> Path:
        """Return where an item lies."""
        return self._root / item

    def handed_in(self, item: str) -> Path:
        """Return where a caller puts files that it freezes itself."""
        return self._root / f"{item}{_HANDED_IN}"

    def file(self, item: Item, file: SpoolFile) -> Path:
        """Return where a file of an item lies."""
        return self.folder(item.id) / file.name

    def is_whole(self, item: Item) -> bool:
        """Tell whether all files of an item are still there."""
        return all(self.file(item, file).exists() for file in item.files)

    def batch(self, lane: str, files: Iterable[tuple[Path, str]]) -> Path:
        """Put files together under the names they get on Drive; return their folder."""
        folder = self._root / f"batch-{lane}"
        shutil.rmtree(folder, ignore_errors=True)
        for source, name in files:
            target = folder / PurePosixPath(name)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.link(source, target)
        return folder


def _read(folder: Path) -> Item | None:
    note = read_json(folder / _NOTE)
    try:
        files = tuple(SpoolFile(**file) for file in note["files"]) if note else ()
        item = replace(Item(**note), files=files) if note and files else None
        if item is not None:
            item = replace(item, step=_step(item.step), metrics=_metrics(item.metrics))
    except (TypeError, KeyError):
        return None
    if item is None or item.id != folder.name:
        return None
    return item if all((folder / file.name).exists() for file in files) else None


def _step(noted: object) -> int | None:
    """Return a step; an odd one is no reason to lose the checkpoint."""
    try:
        return as_step(noted)
    except ArgumentInvalid:
        return None


def _metrics(noted: object) -> dict[str, float] | None:
    return as_metrics(noted) if isinstance(noted, Mapping) else None


def freeze(source: Path, target: Path, size: int, mtime_ns: int, *, copy: bool = False) -> None:
    """Keep a version of a file.

    A copy is safe from everything; a link costs nothing, survives that the file is deleted or
    replaced, and shows by its time when it was written over. Large files are linked, and all where
    room is short.

    Raises
    ------
    OSError
        It is not this version any more, or the disk is full and a link is not possible.
    """
    free = shutil.disk_usage(target.parent).free
    if size < free - ROOM and (copy or size <= COPIED_BELOW):
        shutil.copy2(source, target)
    else:
        try:
            os.link(os.path.realpath(source), target)  # of a link, what it leads to
        except OSError:
            shutil.copy2(source, target)
    now = source.stat()
    kept = target.stat()
    if (now.st_size, now.st_mtime_ns, kept.st_size) != (size, mtime_ns, size):
        target.unlink()
        raise OSError(f"{source.name} changed while it was taken")


def project_path(project: Path, path: Path) -> str:
    """Return a path as the manifest has it: in the project, else below ``elsewhere/``."""
    try:
        return path.relative_to(project).as_posix()
    except ValueError:
        return f"elsewhere/{path.as_posix().lstrip('/')}"


def place_in(project: Path, path: str) -> Path:
    """Return where a path of a manifest lies in this runtime."""
    return project / PurePosixPath(path)


def as_metrics(given: Mapping[str, Any] | None) -> dict[str, float] | None:
    """Return metrics as finite numbers; what is none is left out.

    Numbers of numpy, PyTorch and TensorFlow say themselves what they are as a float.

    Raises
    ------
    ArgumentInvalid
        It is no mapping.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise ArgumentInvalid(
            "The metrics are no mapping.", 'Give numbers by name, such as {"loss": 0.1}.'
        )
    numbers: dict[str, float] = {}
    for name, value in given.items():
        number = _number(value)
        if number is not None and not is_unusable(str(name)):
            numbers[str(name)] = number
    return numbers or None


def _number(given: Any) -> float | None:  # noqa: ANN401 - a caller's
    try:
        number = float(given)
    except Exception:  # each library says with another error that it is none
        return None
    return number if math.isfinite(number) else None


def as_step(given: Any) -> int | None:  # noqa: ANN401 - a caller's
    """Return a step as a whole number; numpy's and a float without a fraction are such, too.

    Raises
    ------
    ArgumentInvalid
        It is no whole number, or one beyond 2**53.
    """
    if given is None:
        return None
    try:
        step = _whole(given)
    except Exception as error:  # each library says with another error that it is none
        raise _no_step() from error
    if abs(step) > MOST:
        raise _no_step()
    return step


def _whole(given: Any) -> int:  # noqa: ANN401 - a caller's
    try:
        return operator.index(given)
    except TypeError:
        if isinstance(given, (str, bytes)):
            raise
        number = float(given)
        if not number.is_integer():
            raise
        return int(number)


def _no_step() -> ArgumentInvalid:
    return ArgumentInvalid("The step is no whole number.", "Give a number such as step=100.")
