"""The staging folder of a run, and what an interrupted run left in it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_drive_sync.files.paths import InTheWay, make_parents
from jupyter_drive_sync.files.swap import DISPLACED_SUFFIX, place_new
from jupyter_drive_sync.files.trash import Trash
from jupyter_drive_sync.ports.projects import STAGING_PATH

MOVING_SUFFIX = ".drive-sync-moving"
"""Ending of a staged name from just before the swap until what was displaced is looked after."""

NET_PREFIX = "net-"
"""Beginning of a safety net's folder; it looks after its own leftovers."""

_log = logging.getLogger(__name__)


@contextmanager
def staging_folder(root: Path, run: str, trash: Trash) -> Iterator[Path]:
    """Make an empty folder for the downloads of a run; clear it, and older ones, away.

    Downloads are deleted. What may be a version of the person's, displaced by a swap that was
    cut short, goes back to its place or into the trash.
    """
    base = make_parents(root, f"{STAGING_PATH}/{run}").parent
    base.mkdir(parents=True, exist_ok=True)
    for leftover in sorted(base.iterdir()):
        if leftover.name.startswith(NET_PREFIX):
            continue
        clear(leftover, root, leftover.name, trash)
    folder = base / run
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        clear(folder, root, run, trash)


def clear(folder: Path, root: Path, run: str, trash: Trash) -> None:
    """Delete a staging folder, saving what a swap displaced."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    for place, folders, files in os.walk(folder, topdown=False):
        here = Path(place)
        for name in files:
            _clear_file(here / name, here.relative_to(folder), root, run, trash)
        for name in folders:
            child = here / name
            if child.is_symlink():
                child.unlink()
            else:
                child.rmdir()
    folder.rmdir()


def _clear_file(file: Path, parent: Path, root: Path, run: str, trash: Trash) -> None:
    name = file.name
    if name.endswith(DISPLACED_SUFFIX):
        original = name.removesuffix(DISPLACED_SUFFIX).split(MOVING_SUFFIX)[0]
        path = (parent / original).as_posix()
        try:
            place_new(file, make_parents(root, path))
            _log.info("Put %s back: an earlier run was cut short.", path)
            return
        except (FileExistsError, InTheWay):
            pass  # its place is taken: the trash keeps it
        trash.put(file, path, run)
    elif name.endswith(MOVING_SUFFIX):
        trash.put(file, (parent / name.removesuffix(MOVING_SUFFIX)).as_posix(), run)
    else:
        file.unlink()
