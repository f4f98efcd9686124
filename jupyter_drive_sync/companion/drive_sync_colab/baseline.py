"""What the runtime's copy and Drive agreed on last, file by file."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .listing import RemoteFile
from .places import read_json, write_json
from .settings import FORMAT


@dataclass(frozen=True)
class Agreed:
    """One file as it was when both sides were alike.

    Attributes
    ----------
    size : int
        Bytes.
    mtime : int
        Of the runtime's copy, in nanoseconds.
    md5 : str
        Of the content, computed here.
    drive_id : str
        Drive's id; empty by way of the mount.
    remote_mtime : str
        What Drive said, for ways that show no md5.
    """

    size: int
    mtime: int
    md5: str
    drive_id: str = ""
    remote_mtime: str = ""


class Baseline:
    """All of them; ``baseline.json``.

    Parameters
    ----------
    path : Path
        The file.
    folder_id : str
        The project's folder: the baseline of another one does not count.
    """

    def __init__(self, path: Path, folder_id: str) -> None:
        self._path = path
        self._folder_id = folder_id
        self.files: dict[str, Agreed] = {}
        value = read_json(path) or {}
        if value.get("v") != FORMAT or value.get("folder_id") != folder_id:
            return
        known = {one.name for one in fields(Agreed)}
        for name, about in (value.get("files") or {}).items():
            if {"size", "mtime", "md5"} <= set(about) <= known:  # else as if it were not known
                self.files[name] = Agreed(**about)

    def save(self) -> None:
        """Keep it."""
        files = {name: asdict(about) for name, about in self.files.items()}
        write_json(self._path, {"v": FORMAT, "folder_id": self._folder_id, "files": files})

    def agree(self, local: Path, remote: RemoteFile, md5: str) -> None:
        """Note that a local file and Drive's are alike."""
        status = local.stat()
        self.files[remote.path] = Agreed(
            status.st_size, status.st_mtime_ns, md5, remote.drive_id, remote.mtime
        )

    def untouched(self, path: str, local: Path) -> bool:
        """Say whether the runtime's copy still is what was agreed on."""
        known = self.files.get(path)
        if known is None:
            return False
        status = local.stat()
        if status.st_size != known.size:
            return False
        return status.st_mtime_ns == known.mtime or md5_of(local) == known.md5

    def still(self, remote: RemoteFile) -> bool:
        """Say whether Drive's file still is what was agreed on."""
        known = self.files.get(remote.path)
        if known is None:
            return False
        if remote.md5 and remote.drive_id:
            return (remote.md5, remote.drive_id) == (known.md5, known.drive_id)
        return (remote.size, remote.mtime) == (known.size, known.remote_mtime)


def md5_of(path: Path) -> str:
    """Return the hex digest of a file's content."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
