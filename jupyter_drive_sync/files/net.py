"""A safety net under bisync: every file is held by a hard link while it runs."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from jupyter_drive_sync.files.copies import keep_copy
from jupyter_drive_sync.files.digest import digest_file
from jupyter_drive_sync.files.paths import InTheWay, inside, is_regular, make_parents, status_of
from jupyter_drive_sync.files.staging import NET_PREFIX
from jupyter_drive_sync.files.swap import place_new
from jupyter_drive_sync.files.trash import Trash
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.private import make_private
from jupyter_drive_sync.ports.projects import STAGING_PATH

_UNABLE = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EINVAL}
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class HardLinks:
    """Implements `jupyter_drive_sync.ports.sides.SafetyNet`.

    Attributes
    ----------
    unheld : tuple of str
        Files that could not be linked (another owner, a file system without hard links).
    """

    root: Path
    folder: Path
    known: Mapping[str, Version]
    clock: Callable[[], datetime]
    unheld: tuple[str, ...] = ()
    _links: dict[str, tuple[str, int]] = field(default_factory=dict)

    def hold(self) -> None:
        """Link every file of `known` that is there."""
        # Plain strings: with a hundred thousand files the path objects would cost seconds.
        unheld: list[str] = []
        made: set[str] = set()
        for path in self.known:
            inside(self.root, path)
            parent = path.rpartition("/")[0]
            if parent not in made:
                (self.folder / parent).mkdir(parents=True, exist_ok=True)
                made.add(parent)
            link = f"{self.folder}/{path}"
            try:
                os.link(f"{self.root}/{path}", link, follow_symlinks=False)
                self._links[path] = (link, os.lstat(link).st_nlink)
            except (FileNotFoundError, NotADirectoryError):
                continue  # it is gone already, so bisync cannot take it
            except OSError as error:
                unheld.append(path)
                if error.errno in _UNABLE and not self._links and len(unheld) > 10:
                    unheld = list(self.known)  # this file system knows no hard links at all
                    break
        self.unheld = tuple(unheld)
        if unheld:
            _log.warning("%d files cannot be linked and stand without the safety net.", len(unheld))

    def rescue(self, removed: Collection[str] = ()) -> dict[str, str]:
        """Keep each version that lost its name although nobody had seen it; see the protocol."""
        rescued: dict[str, str] = {}
        for path, (link, names) in self._links.items():
            held = status_of(link)
            if held is None or not is_regular(held):
                continue
            current = status_of(f"{self.root}/{path}")
            if current is not None and os.path.samestat(current, held):
                continue
            if held.st_nlink >= names:  # it has another name now: it was moved
                continue
            if current is None and path in removed:
                place_new(Path(link), make_parents(self.root, path))
                rescued[path] = path
                continue
            known = self.known[path]
            if known.same_stat(Version(held.st_size, held.st_mtime_ns)):
                continue
            place = inside(self.root, path)
            md5 = digest_file(Path(link))
            if md5 is not None and md5 in (known.md5, digest_file(place)):
                continue
            copy = keep_copy(Path(link), place, self.clock())
            rescued[path] = copy.relative_to(self.root).as_posix()
        return rescued


@contextmanager
def safety_net(
    root: Path,
    trash: Trash,
    run: str,
    known: Mapping[str, Version],
    clock: Callable[[], datetime],
) -> Iterator[HardLinks]:
    """Hold the files of `known` while the block runs. The links are gone afterwards."""
    base = _same_disk(root, trash.root)
    for place in {base, trash.root, root / STAGING_PATH}:
        for leftover in sorted(place.glob(f"{NET_PREFIX}*")):
            _clear(leftover, trash)
    folder = base / f"{NET_PREFIX}{run}"
    folder.mkdir(mode=0o700)
    net = HardLinks(root, folder, known, clock)
    try:
        net.hold()
        yield net
    finally:
        _clear(folder, trash)


def _same_disk(root: Path, trash: Path) -> Path:
    """Choose a folder for links: the trash where it shares the project's file system."""
    make_private(trash)
    if trash.stat().st_dev == root.stat().st_dev:
        return trash
    try:
        base = make_parents(root, f"{STAGING_PATH}/net").parent
    except InTheWay as error:
        raise NotADirectoryError(errno.ENOTDIR, str(error), STAGING_PATH) from error
    base.mkdir(parents=True, exist_ok=True)
    return base


def _clear(folder: Path, trash: Trash) -> None:
    """Drop the links; a version that has no other name goes into the trash."""
    run = folder.name.removeprefix(NET_PREFIX)
    for place, folders, files in os.walk(folder, topdown=False):
        for name in files:
            link = f"{place}/{name}"
            if os.lstat(link).st_nlink > 1:
                os.unlink(link)  # noqa: PTH108
            else:
                trash.put(Path(link), Path(link).relative_to(folder).as_posix(), run)
        for name in folders:
            os.rmdir(f"{place}/{name}")  # noqa: PTH106
    folder.rmdir()
