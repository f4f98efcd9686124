"""The outputs of Colab's runs on this computer: they come down one way, and nothing is replaced."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_drive_sync.errors import FolderInvalid
from jupyter_drive_sync.files.atomic import fsync_file, fsync_folder, raise_if_full
from jupyter_drive_sync.files.digest import digest_file
from jupyter_drive_sync.files.paths import InTheWay, inside, make_parents, status_of
from jupyter_drive_sync.files.staging import OUTPUTS_PREFIX
from jupyter_drive_sync.files.swap import place_new
from jupyter_drive_sync.ports.colab import Taken
from jupyter_drive_sync.ports.projects import OUTPUTS_FOLDER, STAGING_PATH


@dataclass(frozen=True, slots=True)
class OutputsFolder:
    """The `OutputsHere` port. Runs of the engine never look at these files, so no lock is needed.

    Attributes
    ----------
    root : Path
        The project folder.
    """

    root: Path

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Make an empty folder on the project's own file system; what a crash left in one goes."""
        try:
            base = make_parents(self.root, f"{STAGING_PATH}/{OUTPUTS_PREFIX}").parent
        except InTheWay as error:
            raise FolderInvalid(str(error), "Move that away: the folder is ours.") from error
        for leftover in base.glob(f"{OUTPUTS_PREFIX}*"):
            shutil.rmtree(leftover)
        folder = base / f"{OUTPUTS_PREFIX}{uuid.uuid4().hex[:12]}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    def take(self, staged: Path, path: str, size: int, md5: str) -> Taken:
        """Put a downloaded file in its place, if it is what is listed and nothing stands there.

        Raises
        ------
        FolderInvalid
            A folder that it belongs into is something else here.
        FolderOutsideRoot
            The path leads out of the project.
        DiskFull
            No space is left.
        """
        if staged.stat().st_size != size or digest_file(staged) != md5:
            return Taken.SPOILED
        try:
            place = make_parents(self.root, path)
        except InTheWay as error:
            raise FolderInvalid(str(error), "Rename it, and the output comes.") from error
        try:
            fsync_file(staged)
            place_new(staged, place)
        except FileExistsError:
            return Taken.ALIKE if digest_file(place) == md5 else Taken.OTHER
        except OSError as error:
            raise_if_full(error, place)
            raise
        fsync_folder(place.parent)
        return Taken.PLACED

    def bytes_of(self, run: str) -> int:
        """Return how much of a run stands here."""
        folder = inside(self.root, f"{OUTPUTS_FOLDER}/{run}")
        found = (
            status_of(Path(place, name)) for place, _, names in os.walk(folder) for name in names
        )
        return sum(status.st_size for status in found if status is not None)
