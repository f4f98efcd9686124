"""Looking at the disk: which files there are, and which of them somebody is writing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..places import OWN
from .looks import Look

_SKIPPED_ENDINGS = (".tmp", ".part", ".partial", ".swp", ".lock", ".incomplete", "~")
_SKIPPED_FOLDERS = {".git", ".ipynb_checkpoints", "__pycache__", ".cache", OWN}
_SKIPPED_PARTS = (".orbax-checkpoint-tmp", ".tmp-")


def is_skipped(name: str) -> bool:
    """Tell whether a name is one that programs give to what they have not finished."""
    return (
        name.endswith(_SKIPPED_ENDINGS)
        or name in _SKIPPED_FOLDERS
        or name.startswith((".~", ".tmp"))
        or any(part in name for part in _SKIPPED_PARTS)
        or is_unusable(name)
    )


def is_unusable(name: str) -> bool:
    """Tell whether Drive, or a list of names by lines, cannot have this name or path."""
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8
        return True
    return "\n" in name or "\r" in name


def is_own(path: str | os.PathLike[str]) -> bool:
    """Tell whether a path is in a folder of ours, where tokens lie, perhaps by a link."""
    return OWN in Path(path).parts or OWN in Path(os.path.realpath(path)).parts


def look_at(roots: Iterable[Path], unusable: set[str] | None = None) -> dict[str, Look]:
    """Look at every file below these files and folders; links are not followed.

    What has a name that Drive cannot have is added to `unusable`.
    """
    looks: dict[str, Look] = {}
    refused = set() if unusable is None else unusable
    for root in roots:
        if is_own(root) or is_unusable(str(root)):
            continue
        try:
            found = root.stat()
        except OSError:
            continue  # a folder that training has not made yet
        if stat.S_ISREG(found.st_mode):
            looks[str(root)] = Look.of(found)
        elif stat.S_ISDIR(found.st_mode):
            looks.update(_below(str(root), refused))
    return looks


def _below(folder: str, refused: set[str]) -> Iterator[tuple[str, Look]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_skipped(entry.name):
                    if is_unusable(entry.name):
                        refused.add(entry.path)
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        yield from _below(entry.path, refused)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry.path, Look.of(entry.stat(follow_symlinks=False))
                except OSError:
                    continue  # it went while we looked
    except OSError:
        return


def being_written(paths: Iterable[str], proc: Path = Path("/proc")) -> set[str]:
    """Return which of these files some process holds open for writing.

    Files are told by device and inode, so a writer that uses another name is seen too. Processes
    of other users, which cannot be looked into, do not exist in a runtime.
    """
    wanted: dict[tuple[int, int], list[str]] = {}
    for path in paths:
        try:
            found = os.stat(path)  # noqa: PTH116 - many at once
        except OSError:
            continue
        wanted.setdefault((found.st_dev, found.st_ino), []).append(path)
    if not wanted:
        return set()
    written: set[str] = set()
    me = str(os.getpid())
    for process in proc.iterdir():
        if process.name.isdigit() and process.name != me:
            for key in _files_written_by(process, set(wanted)):
                written.update(wanted[key])
    return written


def _files_written_by(process: Path, wanted: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    try:
        numbers = os.listdir(process / "fd")  # noqa: PTH208 - many at once
    except OSError:
        return
    for number in numbers:
        try:
            found = os.stat(f"{process}/fd/{number}")  # noqa: PTH116 - many at once
            key = (found.st_dev, found.st_ino)
            if key in wanted and _is_writing(process / "fdinfo" / number):
                yield key
        except (OSError, ValueError):  # noqa: PERF203 - each may close meanwhile
            continue


def _is_writing(info: Path) -> bool:
    for line in info.read_text(encoding="ascii").splitlines():
        if line.startswith("flags:"):
            return int(line.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY
    return False
