"""The staging folder of a run, and what an interrupted run left in it.

Below the staging folder stand one folder for the downloads of each run, which are nobody's only
copy, and one for each file that is just being swapped, deleted or renamed (`Holding`).
"""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_drive_sync.files.paths import InTheWay, make_parents
from jupyter_drive_sync.files.swap import place_new
from jupyter_drive_sync.files.trash import Trash
from jupyter_drive_sync.ports.projects import STAGING_PATH

NET_PREFIX = "net-"
"""Beginning of a safety net's folder; it looks after its own leftovers."""

OUTPUTS_PREFIX = "outputs-"
"""Beginning of a folder for outputs of Colab; they come down beside runs and have their own."""

_HOLDING_PREFIX = "moving-"
_MOVING = "moving"
_ASIDE = "aside"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holding:
    """A folder for files between two names. They keep their path in it, for after a crash.

    Attributes
    ----------
    folder : Path
        On the project's own file system.
    """

    folder: Path

    def moving(self, path: str) -> Path:
        """Return the place for a file that is about to be swapped in or taken out."""
        return self._place(_MOVING, path)

    def aside(self, number: int, path: str) -> Path:
        """Return a place for a file that has to make way in the middle of a swap."""
        return self._place(f"{_ASIDE}{number}", path)

    def _place(self, kind: str, path: str) -> Path:
        place = self.folder / kind / path
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place


@contextmanager
def staging_folder(root: Path, run: str, trash: Trash) -> Iterator[Path]:
    """Make an empty folder for the downloads of a run; clear it, and older ones, away.

    Downloads are deleted. What may be a version of the person's, displaced by a swap that was
    cut short, goes back to its place or into the trash.
    """
    base = make_parents(root, f"{STAGING_PATH}/{run}").parent
    for leftover in sorted(base.iterdir()):
        if leftover.name.startswith(_HOLDING_PREFIX):
            clear_holding(leftover, root, "crashed", trash)
        elif not leftover.name.startswith((NET_PREFIX, OUTPUTS_PREFIX)):
            _delete(leftover)
    folder = base / run
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        _delete(folder)


@contextmanager
def holding_folder(root: Path, run: str, trash: Trash) -> Iterator[Holding]:
    """Give a folder for one change of one file; what is left in it afterwards is saved."""
    folder = root / STAGING_PATH / f"{_HOLDING_PREFIX}{uuid.uuid4().hex}"
    try:
        yield Holding(folder)
    finally:
        if folder.is_dir():
            clear_holding(folder, root, run, trash)


def clear_holding(folder: Path, root: Path, run: str, trash: Trash) -> None:
    """Empty a holding folder: nothing in it is deleted."""
    for place, folders, names in os.walk(folder, topdown=False):
        here = Path(place)
        for name in names:
            kind, *parts = (here / name).relative_to(folder).parts
            _save(here / name, "/".join(parts), root, run, trash, back=kind.startswith(_ASIDE))
        for name in folders:
            (here / name).rmdir()
    folder.rmdir()


def _save(file: Path, path: str, root: Path, run: str, trash: Trash, *, back: bool) -> None:
    if back:
        # It was renamed aside, and nothing may have taken its place before the crash.
        try:
            place_new(file, make_parents(root, path))
            _log.info("Put %s back: an earlier run was cut short.", path)
            return
        except (FileExistsError, InTheWay):
            _log.debug("The place of %s is taken: the trash keeps it.", path)
    trash.put(file, path, run)


def _delete(leftover: Path) -> None:
    if leftover.is_dir() and not leftover.is_symlink():
        shutil.rmtree(leftover)
    else:
        leftover.unlink()
