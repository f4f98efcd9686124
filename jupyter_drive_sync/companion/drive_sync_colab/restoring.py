"""Bringing a checkpoint back from Drive into a new runtime."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .checkpoints import connected
from .errors import CheckpointMissing, FolderUnknown, PathInvalid, RcloneFailed, RuntimeFull
from .guard import finished
from .guard.folders import GuardFolder
from .guard.manifest import NAME, FileLine, Line, exact_moment, live, parse
from .guard.remote import Remote
from .guard.spool import place_in, project_path
from .guard.uploads import md5_of
from .listing import show_size
from .places import OUTPUTS, Places

_RUN = re.compile(r"run-\d{8}-\d{6}-[0-9a-f]{4}")
_RUNS_READ = 10
"""So many of the newest runs are looked through."""


@dataclass(frozen=True, repr=False)
class Checkpoint:
    """A checkpoint on Drive.

    Attributes
    ----------
    run : str
        The run that wrote it.
    path : str
        File or folder, as it lay in the project.
    step : int or None
        As given with it.
    metrics : Mapping or None
        As given with it.
    size : int
        Bytes.
    written : str
        When, ISO 8601 in UTC.
    verified : str or None
        When it was verified on Drive; None where a mount was the way.
    lines : tuple of FileLine
        Its files.
    """

    run: str
    path: str
    step: int | None
    metrics: Mapping[str, float] | None
    size: int
    written: str
    verified: str | None
    lines: tuple[FileLine, ...]

    def __repr__(self) -> str:
        """Return a few words."""
        step = f", step {self.step}" if self.step is not None else ""
        seen = f"verified {self.verified}" if self.verified else "not verified"
        return f"Checkpoint({self.path}{step}, {show_size(self.size)}, {seen}, of {self.run})"


def latest(run: str | None = None) -> Checkpoint | None:
    """Return the newest checkpoint that a manifest on Drive lists, or None.

    Parameters
    ----------
    run : str, optional
        Look in this run alone; else in the newest ones, this runtime's own included.

    Raises
    ------
    NotConnected
        `connect()` was not called in this runtime.
    RcloneFailed
        Drive cannot be asked.
    """
    _, settings = connected()
    return next(_newest_first(Remote(settings, places=Places.here()), run), None)


def restore(run: str | None = None, to: str | os.PathLike[str] | None = None) -> Path | None:
    """Bring the newest checkpoint back; return where it is, or None where there is none yet.

    What is here already and alike is not downloaded again; a newer and whole version here is what
    you get. Nothing that is here is ever written over: what differs gets the older one beside it.

    Parameters
    ----------
    run : str, optional
        Take it from this run.
    to : path, optional
        Folder to put it into; else where it lay in the project.

    Raises
    ------
    CheckpointMissing
        The named run has no checkpoint.
    RuntimeFull, PathInvalid, NotConnected, RcloneFailed
        It cannot be brought here.
    """
    folder, settings = connected()
    here = _Here(Remote(settings, places=Places.here()), folder, Path(settings.project))
    found = None
    for found in _newest_first(here.remote, run):
        try:
            return _bring(here, found, None if to is None else Path(to))
        except _NotThere as error:  # noqa: PERF203 - the next older one may be there
            print(f"{found.path} of {found.run} is not on Drive as listed ({error}).")  # noqa: T201
    if run is not None or found is not None:
        raise CheckpointMissing(f"No whole checkpoint is on Drive{f' from {run}' if run else ''}.")
    return None


@dataclass(frozen=True)
class _Here:
    """Where a checkpoint comes from and goes to."""

    remote: Remote
    folder: GuardFolder
    project: Path


class _NotThere(Exception):
    """What is listed is not there, or is not what is listed; ``str()`` names the file."""


def _newest_first(remote: Remote, run: str | None) -> Iterator[Checkpoint]:
    """Yield the checkpoints on Drive, the newest first."""
    found: list[Checkpoint] = []
    for name in [run] if run else _runs(remote):
        place = f"{remote.settings.remote}{OUTPUTS}/{name}/{NAME}"
        try:
            text = remote.run("cat", place)
        except FolderUnknown:
            continue
        lines = parse(text)
        found.extend(_checkpoints(name, lines))
        if len(lines) < text.count("\n"):
            print(f"The list of {name} on Drive is damaged; that part is passed over.")  # noqa: T201
    yield from sorted(found, key=_taken, reverse=True)


def _taken(found: Checkpoint) -> tuple[str, str, str]:
    """Return what sorts by when a checkpoint was taken, also one of another runtime.

    What an older companion listed came before; it tells the order within one run alone.
    """
    unit = found.lines[0].unit
    return unit if "-" in unit else "", found.run, unit


def _runs(remote: Remote) -> list[str]:
    try:
        listed = json.loads(
            remote.run("lsjson", "--dirs-only", f"{remote.settings.remote}{OUTPUTS}")
        )
    except FolderUnknown:
        return []
    names = {one["Name"] for one in listed if _RUN.fullmatch(one["Name"])}
    return sorted(names, reverse=True)[:_RUNS_READ]


def _checkpoints(run: str, lines: Iterable[Line]) -> Iterator[Checkpoint]:
    units: dict[str, list[FileLine]] = {}
    for line in live(lines):
        if line.checkpoint:
            units.setdefault(line.unit, []).append(line)
    for unit in units.values():
        first = unit[0]
        yield Checkpoint(
            run=run,
            path=first.group or first.path,
            step=first.step,
            metrics=first.metrics,
            size=sum(line.size for line in unit),
            written=max(line.mtime for line in unit),
            verified=first.verified,
            lines=tuple(unit),
        )


def _bring(here: _Here, found: Checkpoint, to: Path | None) -> Path:
    """Put a checkpoint's files into place; return the file, or the folder of several."""
    root = here.project if to is None else Path.cwd() / to
    named = found.path if to is None else Path(found.path).name
    target = place_in(root, named)
    if found.lines[0].group is None:
        return _one(here, found, found.lines[0], target)
    if target.exists() and not (target.is_dir() and _is_same(target, found)):
        target = _beside(target)
    _folder(here, found, target)
    return target


def _folder(here: _Here, found: Checkpoint, target: Path) -> None:
    """Put a folder into place, whole or not at all; of one that is here, what is missing."""
    _make_parents(target)
    # The guard passes over such names, so it never sees a half of it.
    arriving = target.with_name(f".tmp-{secrets.token_hex(4)}-{target.name}")
    places = {line.path.removeprefix(f"{line.group}/"): line for line in found.lines}
    missing = {at: line for at, line in places.items() if not (target / at).exists()}
    try:
        for at, line in missing.items():
            (arriving / at).parent.mkdir(parents=True, exist_ok=True)
            _download(here, found, line, arriving / at)
        for at in missing:
            _tell(here, target / at, arriving / at)
        if missing == places and not target.exists():
            arriving.rename(target)
            return
        for at in missing:
            _make_parents(target / at)
            os.link(arriving / at, target / at)  # fails rather than write over what came meanwhile
    except OSError:
        if not target.exists():
            raise
        raise RcloneFailed(f"{target.name} was written while it was restored.") from None
    finally:
        shutil.rmtree(arriving, ignore_errors=True)


def _is_same(target: Path, found: Checkpoint) -> bool:
    """Tell whether a folder's files are those of a checkpoint, or are not there yet."""
    for line in found.lines:
        place = target / line.path.removeprefix(f"{line.group}/")
        if place.exists() and not _is_alike(place, line):
            return False
    return True


def _is_alike(place: Path, line: FileLine) -> bool:
    return place.is_file() and place.stat().st_size == line.size and md5_of(place) == line.md5


def _one(here: _Here, found: Checkpoint, line: FileLine, target: Path) -> Path:
    if target.exists():
        if _is_alike(target, line):
            return target
        is_newer = target.is_file() and exact_moment(target.stat().st_mtime_ns) > line.mtime
        if is_newer and finished.check_file(target) is None:
            return target
        target = _beside(target)
    _make_parents(target)
    arriving = target.with_name(f".tmp-{secrets.token_hex(4)}-{target.name}")
    try:
        _download(here, found, line, arriving)
        _tell(here, target, arriving)
        os.link(arriving, target)  # fails rather than write over what came meanwhile
    except FileExistsError:
        raise RcloneFailed(f"{target.name} was written while it was restored.") from None
    finally:
        arriving.unlink(missing_ok=True)
    return target


def _make_parents(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise PathInvalid(
            f"A file is in the way of the folder {target.parent}.", "Rename it, or use to=."
        ) from None


def _download(here: _Here, found: Checkpoint, line: FileLine, place: Path) -> None:
    """Bring a file to where it does no harm, and make sure that it is what is listed."""
    if line.size > shutil.disk_usage(place.parent).free:
        raise RuntimeFull(f"The runtime's disk has no room for {line.path} ({line.size:,} bytes).")
    source = f"{here.remote.settings.remote}{OUTPUTS}/{found.run}/{line.remote}"
    try:
        here.remote.run("copyto", source, str(place), limit=None)
    except FolderUnknown as error:
        raise _NotThere(line.remote) from error
    if not place.exists() or md5_of(place) != line.md5:
        raise _NotThere(line.remote)


def _tell(here: _Here, target: Path, arriving: Path) -> None:
    """Let the guard know a file that came from Drive, so that it does not send it back."""
    if here.folder.inbox.is_dir():
        now = arriving.stat()
        path = project_path(here.project, target)
        here.folder.ask("known", path=path, size=now.st_size, mtime_ns=now.st_mtime_ns)


def _beside(target: Path) -> Path:
    number = 1
    while True:
        place = target.with_name(f"{target.stem}~restored{number}{target.suffix}")
        if not place.exists():
            return place
        number += 1
