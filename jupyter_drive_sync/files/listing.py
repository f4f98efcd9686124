"""Listing a folder of this computer: the project itself, or a plain folder that is the remote."""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from jupyter_drive_sync.files.names import readable
from jupyter_drive_sync.ports.listing import Entry, EntryKind, Listing, Side, Version
from jupyter_drive_sync.ports.projects import MARKER_FOLDER
from jupyter_drive_sync.ports.sides import Ignore

DENIED = "permission denied"
_GONE = {errno.ENOENT, errno.ENOTDIR}
_MOUNT_POINT_TAG = 0xA0000003  # a junction on Windows


def walk(
    root: Path, known: Mapping[str, Version], ignore: Ignore, side: Side = Side.LOCAL
) -> Listing:
    """List everything below a folder that is not ignored. Links are never followed.

    Parameters
    ----------
    root : Path
        The folder.
    known : Mapping of str to Version
        Versions with md5 from earlier; the md5 is taken over where size and time still agree.
    ignore : Ignore
        What to leave out; ignored folders are not entered.
    side : Side
        Which side the folder plays.

    Returns
    -------
    Listing
        A folder that cannot be read is an entry with a problem, and nothing below it is known.
    """
    try:
        if not stat.S_ISDIR(os.stat(root).st_mode):  # noqa: PTH116
            return Listing(side=side, exists=False)
    except OSError as error:
        if error.errno in _GONE:
            return Listing(side=side, exists=False)
        return Listing(side=side, complete=False, trouble=_say(root, error))
    entries: dict[str, Entry] = {}
    pending: list[tuple[str, str]] = [(str(root), "")]
    while pending:
        folder, prefix = pending.pop()
        try:
            names = list(_scan(folder))
        except OSError as error:
            if not prefix:
                exists = error.errno not in _GONE
                return Listing(side=side, complete=False, exists=exists, trouble=_say(root, error))
            own = prefix[:-1]
            if error.errno in _GONE:  # it went away meanwhile
                entries.pop(own, None)
            else:
                entries[own] = Entry(own, EntryKind.FOLDER, problem=_reason(error))
            continue
        for item, status in names:
            name, problem = readable(item.name)
            path = _free(prefix + name, entries) if problem else prefix + name
            kind = kind_of(status)
            if ignore.ignores(prefix + item.name, folder=kind is EntryKind.FOLDER):
                continue
            entries[path] = describe(path, item.path, status, known.get(path), problem)
            if kind is EntryKind.FOLDER and problem is None:
                pending.append((item.path, path + "/"))
    _mark_twins(entries)
    return Listing(side=side, entries=entries, folds_case=folds_case(root))


def folds_case(root: Path) -> bool:
    """Say whether the disk takes names that differ only in case for one name.

    Looks for our own folder, which stands in every project, by a name in capitals; before it is
    there, for the folder itself. Writes nothing.
    """
    own = root / MARKER_FOLDER
    known = own if own.exists() else root
    other = known.with_name(known.name.swapcase())
    if other.name == known.name:
        return False
    try:
        # Some disks behind a network make up their numbers of files, but list one name only.
        return known.samefile(other) or other.name not in os.listdir(known.parent)  # noqa: PTH208
    except OSError:
        return False


def describe(
    path: str,
    full: str,
    status: os.stat_result,
    known: Version | None = None,
    problem: str | None = None,
) -> Entry:
    """Make the entry of one name from what the operating system says of it."""
    kind = kind_of(status)
    identity = f"{status.st_dev}:{status.st_ino}"
    if kind is not EntryKind.FILE:
        return Entry(path, kind, id=identity, problem=problem)
    version = Version(status.st_size, status.st_mtime_ns)
    if known is not None and known.md5 is not None and version.same_stat(known):
        version = replace(version, md5=known.md5)
    # A file that has just gone cannot be accessed either, but that is no problem of its.
    if problem is None and not os.access(full, os.R_OK) and os.path.lexists(full):
        problem = DENIED
    return Entry(path, kind, version, identity, problem)


def kind_of(status: os.stat_result) -> EntryKind:
    """Say what a name is, from its own status (not that of what it points to)."""
    mode = status.st_mode
    if stat.S_ISLNK(mode) or getattr(status, "st_reparse_tag", 0) == _MOUNT_POINT_TAG:
        return EntryKind.LINK
    if stat.S_ISDIR(mode):
        return EntryKind.FOLDER
    return EntryKind.FILE if stat.S_ISREG(mode) else EntryKind.SPECIAL


def _scan(folder: str) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    with os.scandir(folder) as items:
        for item in items:
            try:
                # On Windows DirEntry.stat() leaves the inode out.
                status = (
                    os.lstat(item.path) if os.name == "nt" else item.stat(follow_symlinks=False)
                )
            except FileNotFoundError:
                continue  # it went away meanwhile
            yield item, status


def _free(path: str, entries: Mapping[str, Entry]) -> str:
    """Two broken names can look alike; keep both in the listing."""
    while path in entries:
        path += "\ufffd"
    return path


def _mark_twins(entries: dict[str, Entry]) -> None:
    """Names that differ only in how accents are stored are one name to rclone: set both aside."""
    first: dict[str, str] = {}
    for path in [path for path in entries if not path.isascii()]:
        other = first.setdefault(unicodedata.normalize("NFC", path), path)
        if other != path:
            for twin in (other, path):
                entries[twin] = replace(
                    entries[twin],
                    problem="another name here looks the same (its accents are stored otherwise)",
                )


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return DENIED
    return (error.strerror or str(error)).lower()


def _say(root: Path, error: OSError) -> str:
    return f"The folder {root} cannot be read: {_reason(error)}."
