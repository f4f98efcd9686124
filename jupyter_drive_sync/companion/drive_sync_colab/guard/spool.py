"""The spool: files on their way to Drive, out of reach of the training that goes on.

An item is one checkpoint or output, of one file or of a folder's files. It lies in a folder of its
own with a note, so that a new guard goes on where a dead one stopped.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

from ..places import read_json, write_json
from . import finished
from .given import metrics_or_none, step_or_none
from .manifest import exact_moment
from .retention import series

COPIED_BELOW = 256 * 2**20
ROOM = 2**30
_NOTE = "item.json"
_WHY = "why.json"
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
        self._coming_back: dict[str, Item] = {}
        """What was set aside and may be taken back, by its id."""

    def load(self, asked: Iterable[str] = ()) -> None:
        """Read the items that are on disk, and clear away what is none.

        Parameters
        ----------
        asked : iterable of str
            Requests that wait: what was handed in with them stays.
        """
        waiting = {f"{request}{_HANDED_IN}" for request in asked}
        for folder in sorted(self._root.iterdir()):
            if folder.name == _BAD:
                self._coming_back = {
                    item.id: item for item in map(_may_come_back, self._aside()) if item
                }
                continue
            item = _read(folder)
            if item is not None:
                self.items[item.id] = item
            elif folder.suffix == _HANDED_IN:
                self._clear(folder, waiting)
            else:
                shutil.rmtree(folder, ignore_errors=True)

    def put(self, item: Item, sources: Mapping[str, Path], *, copy: bool = False) -> Item:
        """Freeze an item's files and note it; sources are by the file's name in the item.

        Parameters
        ----------
        copy : bool
            Copy large files as well, where there is room.

        Raises
        ------
        OSError
            A file went or changed meanwhile, or the disk is full.
        """
        folder = self.folder(item.id)
        folder.mkdir(mode=0o700)
        try:
            for file in item.files:
                freeze(sources[file.name], folder / file.name, file.size, file.mtime_ns, copy=copy)
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
            They are not there, or the disk is full; what was handed in is gone.
        """
        handed_in = self.handed_in(item.id)
        try:
            if handed_in.exists():
                handed_in.rename(self.folder(item.id))
            self._note(item)
        except OSError:
            shutil.rmtree(self.folder(item.id), ignore_errors=True)
            raise
        return item

    def rename(self, item: Item, files: Iterable[SpoolFile]) -> None:
        """Let an item's files go under other names.

        Raises
        ------
        OSError
            The disk is full; the new names hold, and are not noted.
        """
        self.items[item.id] = renamed = replace(item, files=tuple(files))
        self._note(renamed)

    def _note(self, item: Item) -> None:
        write_json(self.folder(item.id) / _NOTE, asdict(item))
        self.items[item.id] = item

    def drop(self, item: Item) -> None:
        """Let an item go."""
        self.items.pop(item.id, None)
        shutil.rmtree(self.folder(item.id), ignore_errors=True)

    def set_aside(
        self, item: Item, why: str = "", *, is_final: bool = True, is_proven: bool = True
    ) -> None:
        """Put an item that cannot be brought to Drive where it stops no other.

        Parameters
        ----------
        why : str
            The reason, for people.
        is_final : bool
            With False `take_back` takes it for another try.
        is_proven : bool
            That it is the item's own fault.
        """
        self.items.pop(item.id, None)
        aside = self._root / _BAD
        aside.mkdir(mode=0o700, exist_ok=True)
        self.folder(item.id).rename(aside / item.id)
        if not is_final:
            self._coming_back[item.id] = item
        write_json(
            aside / item.id / _WHY, {"why": why, "is_final": is_final, "is_proven": is_proven}
        )

    def take_back(self, *, proven_too: bool) -> None:
        """Take what was set aside for another try; what is proven to be at fault only if asked to.

        Raises
        ------
        OSError
            The disk refuses; the rest stays where it is.
        """
        for folder in self._aside():
            item = _may_come_back(folder, proven_too=proven_too)
            if item is not None:
                (folder / _WHY).unlink(missing_ok=True)
                folder.rename(self.folder(item.id))
                self.items[item.id] = item
                self._coming_back.pop(item.id, None)

    def names(self) -> list[str]:
        """Return the names of what waits, and of what was set aside and may wait again."""
        items = [*self.items.values(), *self._coming_back.values()]
        return [file.remote for item in items for file in item.files]

    def aside(self) -> list[str]:
        """Return what was set aside, by the paths that the items note, or their ids; and why."""
        found = []
        for folder in self._aside():
            why = (read_json(folder / _WHY) or {}).get("why")
            try:
                paths = [str(one["path"]) for one in (read_json(folder / _NOTE) or {})["files"]]
            except (KeyError, TypeError):
                paths = [folder.name]
            found += [f"{path} ({why})" if why else path for path in paths]
        return found

    def _aside(self) -> list[Path]:
        bad = self._root / _BAD
        return sorted(bad.iterdir()) if bad.is_dir() else []

    def clear(self, asked: Iterable[str]) -> None:
        """Clear away what callers handed in half and long ago; `asked` are requests that wait."""
        waiting = {f"{request}{_HANDED_IN}" for request in asked}
        for folder in self._root.glob(f"*{_HANDED_IN}"):
            self._clear(folder, waiting)

    @staticmethod
    def _clear(folder: Path, waiting: Collection[str]) -> None:
        with suppress(FileNotFoundError):  # taken meanwhile, or given up
            long_ago = time.time() - _GIVEN_UP
            if folder.name not in waiting and folder.stat().st_mtime < long_ago:
                shutil.rmtree(folder, ignore_errors=True)

    def has(self, item: str) -> bool:
        """Tell whether an item of this id waits or was set aside."""
        return self.folder(item).exists() or (self._root / _BAD / item).exists()

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


def _may_come_back(folder: Path, *, proven_too: bool = True) -> Item | None:
    """Return an item that was set aside, if it may be tried again."""
    noted = read_json(folder / _WHY) or {}
    may = noted.get("is_final") is False and (proven_too or not noted.get("is_proven"))
    return _read(folder) if may else None


def _read(folder: Path) -> Item | None:
    note = read_json(folder / _NOTE)
    try:
        files = tuple(SpoolFile(**file) for file in note["files"]) if note else ()
        item = replace(Item(**note), files=files) if note and files else None
        if item is not None:
            item = replace(
                item, step=step_or_none(item.step), metrics=metrics_or_none(item.metrics)
            )
    except (TypeError, KeyError):
        return None
    if item is None or item.id != folder.name:
        return None
    return item if all((folder / file.name).exists() for file in files) else None


def freeze(source: Path, target: Path, size: int, mtime_ns: int, *, copy: bool = False) -> bool:
    """Keep a version of a file; tell whether it is a copy.

    A copy is safe from everything; a link costs nothing, survives that the file is deleted or
    replaced, and shows by its time when it was written over. Large files are linked, unless `copy`
    is wanted, and all where room is short.

    Raises
    ------
    OSError
        It is not this version any more, or the disk is full and a link is not possible.
    """
    free = shutil.disk_usage(target.parent).free
    is_copy = size < free - ROOM and (copy or size <= COPIED_BELOW)
    if not is_copy:
        try:
            os.link(os.path.realpath(source), target)  # of a link, what it leads to
        except OSError:
            is_copy = True
    if is_copy:
        shutil.copy2(source, target)
    now = source.stat()
    kept = target.stat()
    if (now.st_size, now.st_mtime_ns, kept.st_size) != (size, mtime_ns, size):
        target.unlink()
        raise OSError(f"{source.name} changed while it was taken")
    return is_copy


def project_path(project: Path, path: Path) -> str:
    """Return a path as the manifest has it: in the project, else below ``elsewhere/``."""
    try:
        return path.relative_to(project).as_posix()
    except ValueError:
        return f"elsewhere/{path.as_posix().lstrip('/')}"


def place_in(project: Path, path: str) -> Path:
    """Return where a path of a manifest lies in this runtime."""
    return project / PurePosixPath(path)


def source_of(project: Path, path: str) -> Path:
    """Return what was taken under a path of the manifest; the other way about than `project_path`.

    What lies in the project goes first where both could be meant.
    """
    inside, outside = place_in(project, path), path.removeprefix("elsewhere/")
    return inside if outside == path or inside.exists() else Path("/") / outside
