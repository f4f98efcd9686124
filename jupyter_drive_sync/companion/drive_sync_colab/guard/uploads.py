"""Bringing items to Drive and making sure of them, in a lane's thread."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import CompanionError, Offline, RcloneFailed, SignInLost
from .remote import OnDrive, Remote
from .spool import Item, Spool, SpoolFile

_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is on Drive as it was taken."""

    file: SpoolFile
    md5: str
    there: OnDrive


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item.

    Attributes
    ----------
    item : Item
        The item.
    arrived : tuple of Arrived
        All its files, or none.
    changed : bool
        It was written over while it went up, so it is no version of anything.
    error : CompanionError or None
        Why it did not arrive.
    """

    item: Item
    arrived: tuple[Arrived, ...] = ()
    changed: bool = False
    error: CompanionError | None = None


def md5_of(path: Path) -> str:
    """Return a file's md5 in hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def bring(remote: Remote, spool: Spool, lane: str, items: Sequence[Item]) -> list[Outcome]:
    """Upload items together; what counts is what Drive says afterwards, file by file.

    Raises
    ------
    CompanionError
        Drive could not be reached, so nothing is known.
    OSError
        The batch could not be put together.
    """
    files = [(spool.file(item, file), file.remote) for item in items for file in item.files]
    names = [remote_name for _, remote_name in files]
    batch = spool.batch(lane, files)
    error: CompanionError | None = None
    try:
        digests = {name: md5_of(path) for path, name in files}
        try:
            remote.upload(batch, names)
        except (Offline, SignInLost):
            raise
        except CompanionError as failed:
            error = failed  # some may have arrived all the same
        there = remote.look(names)
    finally:
        shutil.rmtree(batch, ignore_errors=True)
    return [
        _changed(spool, item) or _arrived(item, digests, there, error, md5=remote.verifies)
        for item in items
    ]


def _changed(spool: Spool, item: Item) -> Outcome | None:
    if any(is_changed(spool.file(item, file), file) for file in item.files):
        return Outcome(item, changed=True)
    return None


def _arrived(
    item: Item,
    digests: dict[str, str],
    there: dict[str, OnDrive],
    error: CompanionError | None,
    *,
    md5: bool,
) -> Outcome:
    arrived = []
    for file in item.files:
        found, wanted = there.get(file.remote), digests[file.remote]
        if found is None or found.size != file.size or (md5 and found.md5 != wanted):
            missing = RcloneFailed(
                f"{file.remote} did not arrive on Drive whole.", "The guard sends it again."
            )
            return Outcome(item, error=error or missing)
        arrived.append(Arrived(file, wanted, found))
    return Outcome(item, tuple(arrived))


def is_changed(path: Path, file: SpoolFile) -> bool:
    """Tell whether a file is no longer the version that was taken."""
    found = os.stat(path)  # noqa: PTH116 - its errors are the caller's
    return (found.st_size, found.st_mtime_ns) != (file.size, file.mtime_ns)
