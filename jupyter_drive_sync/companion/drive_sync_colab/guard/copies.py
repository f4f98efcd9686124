"""Copies of what is not whole at a run's end: beside its place on Drive, and claimed by nobody."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import RcloneFailed
from . import manifest
from .looks import Look
from .remote import Remote
from .spool import ROOM, project_path
from .uploads import md5_of

ENDING = ".unfinished"
_LONGEST = 225
"""Bytes of a name that still leave room for the ending, and a number."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied: from where, to where below the run's folder, how much (bytes), as seen."""

    path: str
    remote: str
    size: int
    look: Look


def bring(
    remote: Remote, project: Path, spool: Path, wanted: Mapping[str, Look], listed: Iterable[str]
) -> dict[str, Copy]:
    """Copy files to Drive as they are now, and make sure of them; in a lane's thread.

    Parameters
    ----------
    wanted : mapping of str to Look
        Absolute paths, with the look that made them wanted.
    listed : iterable of str
        Names on Drive that are not to be used.

    Returns
    -------
    dict of str to Copy
        By absolute path; what went meanwhile is not in it.

    Raises
    ------
    CompanionError
        Drive refused, cannot be reached, or has not what was sent.
    OSError
        The disk is full.
    """
    folder = spool / "batch-unfinished"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    taken = set(listed)
    made: dict[str, Copy] = {}
    try:
        for path, look in wanted.items():
            own = project_path(project, Path(path))
            name = manifest.remote_name(beside(own), 0, taken)
            target = folder / PurePosixPath(name)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                _freeze(Path(path), target)
            except FileNotFoundError:
                continue
            taken.add(name)
            made[path] = Copy(own, name, target.stat().st_size, look)
        if made:
            _upload(remote, folder, [copy.remote for copy in made.values()])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return made


def beside(path: str) -> str:
    """Return the place of a copy: the file's own, with an ending; too long a name is cut."""
    folder, slash, name = path.rpartition("/")
    kept = name.encode()[:_LONGEST].decode(errors="ignore")
    return f"{folder}{slash}{kept}{ENDING}"


def _freeze(source: Path, target: Path) -> None:
    """Copy a file, or link it where there is no room for a copy."""
    if source.stat().st_size < shutil.disk_usage(target.parent).free - ROOM // 16:
        shutil.copy2(source, target)
    else:
        os.link(os.path.realpath(source), target)


def _upload(remote: Remote, folder: Path, names: list[str]) -> None:
    remote.upload(folder, names)
    there = remote.look(names)
    for name in names:
        found, place = there.get(name), folder / PurePosixPath(name)
        if found is None or found.size != place.stat().st_size:
            raise RcloneFailed(f"{name} did not arrive on Drive whole.")
        if remote.verifies and found.md5 != md5_of(place):
            raise RcloneFailed(f"{name} did not arrive on Drive whole.")
