"""What the project's folder on Drive holds, and what of it a runtime brings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import rclone
from .errors import FolderUnknown, ProjectTooLarge, RcloneFailed, RuntimeFull
from .ignore import FILE, Rules, Wanted
from .places import BUNDLE, OWN, RUNTIMES
from .settings import Transport

SPARE = 512 * 1024 * 1024
"""Bytes that are to stay free on the runtime's disk."""


@dataclass(frozen=True)
class RemoteFile:
    """One file on Drive.

    Attributes
    ----------
    size : int
        Bytes.
    mtime : str
        ISO 8601, as Drive has it.
    md5, drive_id : str
        Empty where the way to Drive does not show them (the mount).
    """

    path: str
    size: int
    mtime: str
    md5: str = ""
    drive_id: str = ""


@dataclass(frozen=True)
class Remote:
    """The project on Drive.

    Attributes
    ----------
    files : dict of str to RemoteFile
        What a runtime brings, by path.
    twins : tuple of str
        Paths that two files on Drive share: neither is brought.
    left_out : tuple of str
        Lines of ``.driveignore`` that are not understood.
    """

    files: dict[str, RemoteFile]
    twins: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(file.size for file in self.files.values())


def list_project(
    transport: Transport, folder_id: str, include: Iterable[str] | None = None
) -> Remote:
    """List what a runtime brings: without what is ignored, and our own files but two.

    Raises
    ------
    RcloneFailed
        Drive did not tell.
    """
    found = list_folder(transport, transport.remote(folder_id))
    text = ""
    if any(file.path == FILE for file in found):
        text = rclone.run(transport, ["cat", transport.remote(folder_id) + FILE])
    rules, wanted = Rules(text), Wanted(None if include is None else list(include))
    files: dict[str, RemoteFile] = {}
    twins = set()
    for file in found:
        if file.path.startswith(f"{OWN}/"):
            ours = file.path.startswith((f"{RUNTIMES}/", f"{OWN}/staging/"))
            brought = not ours and file.path != BUNDLE
        else:
            brought = not rules.ignores(file.path) and file.path in wanted
        if brought:
            if file.path in files:
                twins.add(file.path)
            files[file.path] = file
    kept = {path: file for path, file in files.items() if path not in twins}
    return Remote(kept, tuple(sorted(twins)), tuple(rules.left_out))


def list_folder(transport: Transport, remote: str, *flags: str) -> list[RemoteFile]:
    """List all files below a folder that have bytes of their own."""
    asked = ["lsjson", remote, "-R", "--files-only", "--no-mimetype", *flags]
    if transport.verifies:
        asked += ["--hash", "--hash-type", "md5", "--fast-list"]
        asked += ["--drive-skip-gdocs", "--drive-skip-shortcuts"]
    return [_read(entry, entry["Path"]) for entry in _entries(rclone.run(transport, asked))]


def look(transport: Transport, folder_id: str, path: str) -> RemoteFile | None:
    """Look at one file on Drive, now; None when it is not there."""
    asked = ["lsjson", transport.remote(folder_id) + path, "--stat", "--no-mimetype"]
    if transport.verifies:
        asked += ["--hash", "--hash-type", "md5", "--drive-skip-gdocs"]
    try:
        entry = json.loads(rclone.run(transport, asked))
    except FolderUnknown:
        return None
    except ValueError as error:
        raise RcloneFailed("rclone gave no answer that can be read.") from error
    return _read(entry, path) if entry and not entry.get("IsDir") else None


def _entries(text: str) -> list[dict[str, Any]]:
    try:
        entries = json.loads(text or "[]")
    except ValueError as error:
        raise RcloneFailed("rclone gave no list that can be read.") from error
    return [entry for entry in entries if not entry.get("IsDir")]


def _read(entry: Mapping[str, Any], path: str) -> RemoteFile:
    return RemoteFile(
        path=path,
        size=max(0, int(entry.get("Size") or 0)),
        mtime=str(entry.get("ModTime", "")),
        md5=str((entry.get("Hashes") or {}).get("md5", "")),
        drive_id=str(entry.get("ID", "")),
    )


# Is it too much?


def check_size(files: Iterable[RemoteFile], limit: int | None) -> None:
    """Make sure that what is to come is within the limit.

    Raises
    ------
    ProjectTooLarge
        It is not; names the folders that weigh most.
    """
    sizes: dict[str, int] = {}
    for file in files:
        top, inner, _ = file.path.partition("/")
        name = top + inner
        sizes[name] = sizes.get(name, 0) + file.size
    total = sum(sizes.values())
    if limit is None or total <= limit:
        return
    heavy = sorted(sizes.items(), key=lambda item: -item[1])[:4]
    shown = ", ".join(f"{name} {show_size(size)}" for name, size in heavy)
    light = next((name for name, size in reversed(heavy) if size <= limit), "src/")
    raise ProjectTooLarge(
        f"The project has {show_size(total)} on Drive, and the limit is {show_size(limit)}. "
        f"Most of it: {shown}.",
        f'Bring a part: connect(..., include=["{light}", "*.py"]), or all of it: '
        "connect(..., size_limit=None).",
    )


def check_room(need: int, folder: Path) -> None:
    """Make sure that the runtime's disk has room.

    Raises
    ------
    RuntimeFull
        It has not.
    """
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if need + SPARE > free:
        raise RuntimeFull(
            f"The project needs {show_size(need)} and the runtime's disk has {show_size(free)} "
            "left."
        )


def show_size(size: float) -> str:
    """Write a number of bytes for people."""
    if size == 1:
        return "1 byte"
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB" if size < 10 else f"{size:.0f} TB"
