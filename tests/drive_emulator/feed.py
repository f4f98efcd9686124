"""Calls about everything but files: account, shared drives, changes, revisions."""

from __future__ import annotations

from typing import Any

from .call import Call
from .errors import ApiError, not_found
from .model import to_rfc3339
from .resource import (
    DEFAULT_FILE,
    about_resource,
    file_writer,
    inside,
    prune,
    revision_resource,
    wants,
)
from .transfers import find_revision
from .wire import Response

MAX_PAGE = 1000


def about(call: Call) -> Response:
    """Answer ``about.get``, which demands ``fields``."""
    call.begin()
    if "fields" not in call.query:
        raise ApiError(400, "required", "The 'fields' parameter is required for this method.")
    about = about_resource(call.state)
    if call.viewer:
        about["user"] = {**about["user"], "displayName": "", "emailAddress": call.viewer}
    return Response.json(prune(about, call.mask()))


def list_drives(call: Call) -> Response:
    """Answer ``drives.list``."""
    call.begin()
    drives = [
        _drive(drive_id, name)
        for drive_id, name in call.state.shared_drives.items()
        if call.core.guests.sees(call.viewer, call.state.get(drive_id))
    ]
    answer = {"kind": "drive#driveList", "drives": drives}
    return Response.json(prune(answer, call.mask({})))


def get_drive(call: Call) -> Response:
    """Answer ``drives.get``."""
    call.begin()
    drive_id = call.params["drive"]
    if drive_id not in call.state.shared_drives:
        raise ApiError(404, "notFound", f"Shared drive not found: {drive_id}")
    shown = _drive(drive_id, call.state.shared_drives[drive_id])
    return Response.json(prune(shown, call.mask({})))


def _drive(drive_id: str, name: str) -> dict[str, str]:
    return {"kind": "drive#drive", "id": drive_id, "name": name}


def start_page_token(call: Call) -> Response:
    """Answer ``changes.getStartPageToken``."""
    call.begin()
    token = call.state.start_page_token()
    answer = {"kind": "drive#startPageToken", "startPageToken": token}
    return Response.json(prune(answer, call.mask({})))


def list_changes(call: Call) -> Response:
    """Answer ``changes.list``: what changed since a token, and the next token."""
    call.begin()
    size = call.number("pageSize", 100, MAX_PAGE)
    mask = call.mask({})
    change_mask = inside(mask, "changes")
    state = call.state
    with state.lock:
        newest = state.start_page_token()
        found = state.changes(call.query.get("pageToken", ""))
        if call.query.get("includeRemoved") == "false":
            found = [change for change in found if state.peek(change.file_id)]
        write = file_writer(state, inside(change_mask, "file") or DEFAULT_FILE)
        shown = []
        for change in found[:size]:
            file = state.peek(change.file_id)
            entry: dict[str, Any] = {
                "kind": "drive#change",
                "changeType": "file",
                "type": "file",
                "time": to_rfc3339(change.time_ms),
                "fileId": change.file_id,
                "removed": file is None,
            }
            entry = prune(entry, change_mask)
            if file is not None and (wants(change_mask, "file")):
                entry["file"] = write(file)
            shown.append(entry)
        answer: dict[str, Any] = {"kind": "drive#changeList", "changes": shown}
        if len(found) > size:
            answer["nextPageToken"] = str(found[size].number)
        else:
            answer["newStartPageToken"] = newest
    return Response.json({key: value for key, value in answer.items() if wants(mask, key)})


def list_revisions(call: Call) -> Response:
    """Answer ``revisions.list``, oldest first."""
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    with call.state.lock:
        revisions = [revision_resource(one) for one in call.state.get(file_id).revisions]
    answer = {"kind": "drive#revisionList", "revisions": revisions}
    return Response.json(prune(answer, call.mask({})))


def get_revision(call: Call) -> Response:
    """Answer ``revisions.get`` without its bytes."""
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    return Response.json(prune(revision_resource(find_revision(call)), call.mask({})))


def update_revision(call: Call) -> Response:
    """Answer ``revisions.update``: keep a revision for ever, or not."""
    metadata = call.json_body()
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    revision = find_revision(call)
    with call.state.lock:
        revision.keep_forever = bool(metadata.get("keepForever", revision.keep_forever))
    return Response.json(prune(revision_resource(revision), call.mask({})))


def delete_revision(call: Call) -> Response:
    """Answer ``revisions.delete``; the newest one stays."""
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    with call.state.lock:
        revision, file = find_revision(call), call.state.get(file_id)
        if revision is file.head:
            raise ApiError(403, "cannotDeleteHead", "The last revision cannot be deleted.")
        file.revisions.remove(revision)
    return Response(204)


def unknown(call: Call) -> Response:
    """Refuse an address that is not known here."""
    raise not_found(call.request.path)
