"""What Drive keeps by itself: revisions of a file, and deleted files in its trash."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_drive_sync.drive.calls import DriveCalls
from jupyter_drive_sync.errors import RcloneFailed, VersionGone
from jupyter_drive_sync.ports.versions import OldVersion, Origin

_FOLDER = "application/vnd.google-apps.folder"
_EVERYWHERE = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
_ID = re.compile(r"[A-Za-z0-9_-]+")
_FULLWIDTH = "\N{FULLWIDTH SOLIDUS}"
_SLASH = re.compile(f"\N{SINGLE HIGH-REVERSED-9 QUOTATION MARK}?{_FULLWIDTH}")


@dataclass(frozen=True, slots=True)
class DriveVersions:
    """Implements `jupyter_drive_sync.ports.versions.OldVersions` for a folder on Drive.

    Attributes
    ----------
    connect : Callable[[], DriveCalls]
        Makes the calls, with a token that is good for a while.
    folder_id : Callable[[], str]
        Looks up the project's folder.
    """

    connect: Callable[[], DriveCalls]
    folder_id: Callable[[], str]
    prefix: str = "drive:"

    def find(self, paths: Sequence[str]) -> list[OldVersion]:
        """Return the revisions of a file and of those of its name in the trash.

        Raises
        ------
        SignInNeeded, RateLimited, Offline, RcloneFailed
            Drive cannot be asked now.
        """
        calls = self.connect()
        return [
            version
            for file in self._files(calls, paths)
            for version in self._revisions(calls, file["id"], trashed=bool(file.get("trashed")))
        ]

    def fetch(self, number: str, paths: Sequence[str], into: Path) -> None:
        """Write one version's content to a new file, its md5 checked."""
        file_id, _, revision = number.removeprefix(self.prefix).partition("/")
        if not _ID.fullmatch(file_id) or not _ID.fullmatch(revision):
            raise VersionGone("There is no such version of this file.")
        calls = self.connect()
        if file_id not in {file["id"] for file in self._files(calls, paths)}:
            raise VersionGone("There is no such version of this file.")
        where = ("files", file_id, "revisions", revision)
        expected = calls.get(*where, fields="md5Checksum").get("md5Checksum")
        if calls.download(into, *where) != expected:
            raise RcloneFailed("That version did not arrive whole. Try again.")

    def _files(self, calls: DriveCalls, paths: Sequence[str]) -> list[dict[str, Any]]:
        """Return the files at some paths, those in the trash too: Drive allows several."""
        top = self.folder_id()
        found: dict[str, dict[str, Any]] = {}
        for path in paths:
            *folders, name = path.split("/")
            parents = [top]
            for folder in folders:
                inner = [_in(calls, parent, folder, f"= '{_FOLDER}'") for parent in parents]
                parents = [item["id"] for items in inner for item in items]
            for parent in parents:
                found |= {item["id"]: item for item in _in(calls, parent, name, f"!= '{_FOLDER}'")}
        return list(found.values())

    def _revisions(self, calls: DriveCalls, file_id: str, *, trashed: bool) -> list[OldVersion]:
        found = calls.pages(
            "revisions",
            *("files", file_id, "revisions"),
            fields="nextPageToken,revisions(id,modifiedTime,size,md5Checksum)",
            pageSize="200",
        )
        origin = Origin.DRIVE_TRASH if trashed else Origin.REVISION
        return [
            OldVersion(
                id=f"{self.prefix}{file_id}/{item['id']}",
                origin=origin,
                time=datetime.fromisoformat(item["modifiedTime"].replace("Z", "+00:00")),
                size=int(item["size"]),
                md5=item["md5Checksum"],
            )
            for item in found
            if "md5Checksum" in item and "size" in item  # a Google document has no bytes
        ]


def _in(calls: DriveCalls, parent: str, name: str, kind: str) -> list[dict[str, Any]]:
    """Return what has a name in a folder, also in the trash."""
    name = _quoted(_on_drive(name))
    found = calls.pages(
        *("files", "files"),
        q=f"'{parent}' in parents and name = '{name}' and mimeType {kind}",
        fields="nextPageToken,files(id,trashed)",
        **_EVERYWHERE,
    )
    return [item for item in found if _ID.fullmatch(str(item.get("id", "")))]


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "\\'")


def _on_drive(name: str) -> str:
    """Undo what rclone does to a slash in a name on Drive."""
    return _SLASH.sub(lambda found: "/" if len(found[0]) == 1 else _FULLWIDTH, name)
