"""Looking at the disk: which files there are, and which of them somebody is writing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..places import OWN
from .looks import Look

_UNFINISHED_ENDINGS = (".tmp", ".part", ".partial", ".incomplete")
_UNFINISHED_PARTS = (".orbax-checkpoint-tmp", ".tmp-")
_NO_OUTPUT_ENDINGS = (".swp", ".lock", "~")
_NO_OUTPUT_FOLDERS = {".git", ".ipynb_checkpoints", "__pycache__", ".cache", OWN}


@dataclass(frozen=True, slots=True)
class Census:
    """What lies below the protected folders, by absolute paths.

    What programs keep for themselves (``.git``, ``__pycache__``, locks, an editor's copies) is no
    output, and not in it.

    Attributes
    ----------
    outputs : dict of str to Look
        What can be finished.
    temporary : dict of str to Look
        What has a name that programs give to what they have not finished.
    unusable : set of str
        What Drive cannot have under its name; of a folder, all that is in it.
    unreadable : set of str
        What could not be looked at.
    links : set of str
        Links to what lies outside of the protected folders: they are not followed.
    """

    outputs: dict[str, Look] = field(default_factory=dict)
    temporary: dict[str, Look] = field(default_factory=dict)
    unusable: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)


def is_skipped(name: str) -> bool:
    """Tell whether a name is that of no finished output."""
    return _is_no_output(name) or _is_unfinished(name) or is_unusable(name)


def _is_no_output(name: str) -> bool:
    return name.endswith(_NO_OUTPUT_ENDINGS) or name in _NO_OUTPUT_FOLDERS or name.startswith(".~")


def _is_unfinished(name: str) -> bool:
    return (
        name.endswith(_UNFINISHED_ENDINGS)
        or name.startswith(".tmp")
        or any(part in name for part in _UNFINISHED_PARTS)
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


def look_at(roots: Iterable[Path]) -> Census:
    """Look at every file below these files and folders; links in them are not followed."""
    census = Census()
    roots = list(roots)
    for root in roots:
        if is_own(root):
            continue
        if is_unusable(str(root)):
            census.unusable.add(str(root))
            continue
        try:
            found = root.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue  # a folder that training has not made yet
        except OSError:
            census.unreadable.add(str(root))
            continue
        if stat.S_ISREG(found.st_mode):
            census.outputs[str(root)] = Look.of(found)
        elif stat.S_ISDIR(found.st_mode):
            _look_below(str(root), census, census.outputs)
    if census.links:
        inside = [os.path.realpath(root) for root in roots]
        for link in list(census.links):
            target = Path(os.path.realpath(link))
            if not target.exists() or is_own(target) or any(map(target.is_relative_to, inside)):
                census.links.discard(link)
    return census


def _look_below(folder: str, census: Census, into: dict[str, Look]) -> None:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_unusable(entry.name):
                    census.unusable.add(entry.path)
                elif not _is_no_output(entry.name):
                    _look_at_entry(
                        entry, census, census.temporary if _is_unfinished(entry.name) else into
                    )
    except FileNotFoundError:
        return  # it went while we looked
    except OSError:
        census.unreadable.add(folder)


def _look_at_entry(entry: os.DirEntry[str], census: Census, into: dict[str, Look]) -> None:
    try:
        if entry.is_symlink():
            census.links.add(entry.path)
        elif entry.is_dir(follow_symlinks=False):
            _look_below(entry.path, census, into)
        elif entry.is_file(follow_symlinks=False):
            found = entry.stat(follow_symlinks=False)
            if found.st_mode & stat.S_IRUSR or os.access(entry.path, os.R_OK):
                into[entry.path] = Look.of(found)
            else:
                census.unreadable.add(entry.path)
    except FileNotFoundError:
        return  # it went while we looked
    except OSError:
        census.unreadable.add(entry.path)


def being_written(paths: Iterable[str], proc: Path = Path("/proc")) -> set[str]:
    """Return which of these files some process holds open for writing."""
    return set(writers(paths, proc))


def writers(paths: Iterable[str], proc: Path = Path("/proc")) -> dict[str, int]:
    """Return the files that some process holds open for writing, with that process.

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
        return {}
    written: dict[str, int] = {}
    me = str(os.getpid())
    for process in proc.iterdir():
        if process.name.isdigit() and process.name != me:
            for key in _files_written_by(process, set(wanted)):
                written |= dict.fromkeys(wanted[key], int(process.name))
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


def name_of(process: int, proc: Path = Path("/proc")) -> str:
    """Return what a process is called, for people."""
    try:
        called = (proc / str(process) / "comm").read_text(encoding="utf-8", errors="replace")
    except OSError:
        called = ""
    return f"{called.strip() or 'a process'} (process {process})"
