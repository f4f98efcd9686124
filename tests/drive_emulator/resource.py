"""Files as the API shows them: only the fields that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from .errors import invalid
from .model import DOCUMENT, GOOGLE_TYPE, SPREADSHEET, DriveFile, Revision, to_rfc3339
from .state import DriveState

Mask = Mapping[str, "Mask"]
"""Wanted fields by name, each with the mask of what is inside it; ``*`` for all; empty: whole."""

WHOLE: Mask = {}
DEFAULT_FILE: Mask = {"kind": WHOLE, "id": WHOLE, "name": WHOLE, "mimeType": WHOLE}
BASE = "https://www.googleapis.com/drive/v3"

EXPORTS = {
    DOCUMENT: [
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/pdf",
        "text/plain",
    ],
    SPREADSHEET: [
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/csv",
    ],
}
"""What each Google type can be exported to; the first is what rclone prefers."""


def parse_fields(text: str) -> Mask:
    """Parse a ``fields`` parameter such as ``files(id,name),nextPageToken``.

    Raises
    ------
    ApiError
        400 when brackets or commas do not fit.
    """
    mask, rest = _parse(text, 0)
    if rest != len(text):
        raise invalid(f"fields: {text!r}")
    return mask


def _parse(text: str, start: int) -> tuple[Mask, int]:
    mask: dict[str, Mask] = {}
    position = start
    while True:
        begin = position
        while position < len(text) and text[position] not in ",()":
            position += 1
        names = text[begin:position].strip().split("/")
        if not all(names):
            raise invalid(f"fields: {text!r}")
        inner: Mask = WHOLE
        if text[position : position + 1] == "(":
            inner, position = _parse(text, position + 1)
            if text[position : position + 1] != ")":
                raise invalid(f"fields: {text!r}")
            position += 1
        for name in reversed(names[1:]):
            inner = {name: inner}
        mask[names[0]] = {**mask.get(names[0], {}), **inner}
        if text[position : position + 1] != ",":
            return mask, position
        position += 1


def wants(mask: Mask, name: str) -> bool:
    """Say whether a mask lets a field through."""
    return not mask or "*" in mask or name in mask


def inside(mask: Mask, name: str) -> Mask:
    """Return the mask of what is inside a field."""
    return mask.get(name, WHOLE)


def prune(value: Any, mask: Mask) -> Any:
    """Cut a JSON value down to a mask."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [prune(part, mask) for part in value]
    if isinstance(value, dict):
        return {key: prune(part, mask[key]) for key, part in value.items() if key in mask}
    return value


Field = Callable[[DriveState, DriveFile], Any]


def _of_head(read: Callable[[Revision], Any]) -> Field:
    return lambda state, file: read(file.revisions[-1]) if file.revisions else None


def _person(state: DriveState) -> dict[str, Any]:
    return {
        "kind": "drive#user",
        "displayName": "A person",
        "me": True,
        "permissionId": "01234567890123456789",
        "emailAddress": state.email,
    }


def _shortcut(state: DriveState, file: DriveFile) -> dict[str, str] | None:
    if file.shortcut_target is None:
        return None
    return {"targetId": file.shortcut_target, "targetMimeType": file.shortcut_mime_type}


def _exports(state: DriveState, file: DriveFile) -> dict[str, str] | None:
    kinds = EXPORTS.get(file.mime_type)
    if kinds is None:
        return None
    return {
        kind: f"{BASE}/files/{file.id}/export?mimeType={quote(kind, safe='')}" for kind in kinds
    }


def _extension(state: DriveState, file: DriveFile) -> str | None:
    return file.name.rpartition(".")[2] if file.revisions and "." in file.name else None


def _size(state: DriveState, file: DriveFile) -> str | None:
    if file.revisions:
        return str(len(file.revisions[-1].content))
    exists = file.mime_type.startswith(GOOGLE_TYPE) and file.mime_type in EXPORTS
    return "1024" if exists else None


FIELDS: dict[str, Field] = {
    "kind": lambda state, file: "drive#file",
    "id": lambda state, file: file.id,
    "name": lambda state, file: file.name,
    "mimeType": lambda state, file: file.mime_type,
    "parents": lambda state, file: [file.parent] if file.parent else None,
    "createdTime": lambda state, file: to_rfc3339(file.created_ms),
    "modifiedTime": lambda state, file: to_rfc3339(file.modified_ms),
    "size": _size,
    "quotaBytesUsed": lambda state, file: str(len(file.content)),
    "md5Checksum": _of_head(lambda head: head.md5),
    "sha1Checksum": _of_head(lambda head: head.sha1),
    "sha256Checksum": _of_head(lambda head: head.sha256),
    "headRevisionId": _of_head(lambda head: head.id),
    "originalFilename": _of_head(lambda head: head.original_name),
    "fileExtension": _extension,
    "fullFileExtension": _extension,
    "trashed": lambda state, file: state.is_trashed(file),
    "explicitlyTrashed": lambda state, file: file.trashed_explicitly,
    "trashedTime": lambda state, file: to_rfc3339(file.trashed_ms) if file.trashed_ms else None,
    "starred": lambda state, file: file.starred,
    "description": lambda state, file: file.description or None,
    "properties": lambda state, file: file.properties or None,
    "appProperties": lambda state, file: file.app_properties or None,
    "shortcutDetails": _shortcut,
    "exportLinks": _exports,
    "webViewLink": lambda state, file: f"https://drive.google.com/file/d/{file.id}/view",
    "version": lambda state, file: str(file.version),
    "spaces": lambda state, file: ["drive"],
    "owners": lambda state, file: [_person(state)],
    "lastModifyingUser": lambda state, file: _person(state),
    "ownedByMe": lambda state, file: True,
    "shared": lambda state, file: False,
    "capabilities": lambda state, file: {
        "canEdit": True,
        "canDownload": True,
        "canCopy": not file.is_folder,
    },
}


def file_writer(state: DriveState, mask: Mask) -> Callable[[DriveFile], dict[str, Any]]:
    """Make the function that shows a file with only the fields of a mask."""
    everything = "*" in mask or not mask
    chosen = [
        (name, read, WHOLE if everything else mask[name])
        for name, read in FIELDS.items()
        if everything or name in mask
    ]

    def write(file: DriveFile) -> dict[str, Any]:
        shown = {}
        for name, read, inner in chosen:
            value = read(state, file)
            if value is not None:
                shown[name] = prune(value, inner) if inner else value
        return shown

    return write


def revision_resource(revision: Revision) -> dict[str, Any]:
    """Show one revision with all its fields."""
    return {
        "kind": "drive#revision",
        "id": revision.id,
        "mimeType": revision.mime_type,
        "modifiedTime": to_rfc3339(revision.modified_ms),
        "keepForever": revision.keep_forever,
        "originalFilename": revision.original_name,
        "md5Checksum": revision.md5,
        "size": str(len(revision.content)),
    }


def about_resource(state: DriveState) -> dict[str, Any]:
    """Show the account: who, how much is used, what can be converted."""
    with state.lock:
        trash = sum(len(file.content) for file in state.files() if state.is_trashed(file))
        quota = {
            "usage": str(state.used),
            "usageInDrive": str(state.used),
            "usageInDriveTrash": str(trash),
        }
        if state.quota is not None:
            quota["limit"] = str(state.quota)
        return {
            "kind": "drive#about",
            "user": _person(state),
            "storageQuota": quota,
            "maxUploadSize": "5242880000000",
            "canCreateDrives": True,
            "importFormats": {},
            "exportFormats": EXPORTS,
        }
