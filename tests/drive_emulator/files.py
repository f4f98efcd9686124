"""Calls about files: list, get, create, update, copy, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .call import Call, Core
from .errors import ApiError, invalid, not_found
from .model import FOLDER, DriveFile, from_rfc3339
from .query import compile_query, parents_in, parse
from .resource import DEFAULT_FILE, file_writer, inside, wants
from .state import DriveState, one_parent
from .wire import Response

DEFAULT_PAGE = 100
MAX_PAGE = 1000
_DIRECT = {
    "name": "name",
    "mimeType": "mime_type",
    "description": "description",
    "starred": "starred",
    "properties": "properties",
    "appProperties": "app_properties",
}


def list_files(call: Call) -> Response:
    """Answer ``files.list``: one page of what a query finds."""
    call.begin()
    size = call.number("pageSize", DEFAULT_PAGE, MAX_PAGE)
    mask = call.mask({"kind": {}, "incompleteSearch": {}, "nextPageToken": {}, "files": {}})
    core = call.core
    with call.state.lock:
        token = call.query.get("pageToken")
        ids, position = core.cursor(token) if token else (_search(call), 0)
        page = [call.state.peek(file_id) for file_id in ids[position : position + size]]
        write = file_writer(call.state, inside(mask, "files") or DEFAULT_FILE)
        answer: dict[str, Any] = {
            "kind": "drive#fileList",
            "incompleteSearch": core.settings.incomplete_search,
            "files": [write(file) for file in page if file is not None],
        }
        if position + size < len(ids):
            answer["nextPageToken"] = core.keep_cursor(ids, position + size)
    return Response.json({key: value for key, value in answer.items() if wants(mask, key)})


def _search(call: Call) -> list[str]:
    state, core, text = call.state, call.core, call.query.get("q", "")
    if call.viewer:
        text = text.replace("'root'", f"'{core.guests.root(call.viewer)}'")
    if call.viewer and "sharedWithMe" in text:
        found = [file for file in state.files() if core.guests.shared_with(call.viewer, file.id)]
    elif text:
        node = parse(text)
        check = compile_query(node, state)
        folders = parents_in(node)
        if folders is not None:
            if len(folders) == 1:
                folder = state.peek(next(iter(folders)))
                if folder is None or not core.guests.sees(call.viewer, folder):
                    raise not_found(".")
            files = [file for folder in sorted(folders) for file in state.children(folder)]
        else:
            files = list(state.files())
        found = [file for file in files if check(file)]
    else:
        found = list(state.files())
    drive = call.query.get("driveId")
    if drive:
        found = [file for file in found if _top(state, file) == drive]
    found = [file for file in found if core.guests.sees(call.viewer, file)]
    found = _ordered(found, call.query.get("orderBy", ""))
    if core.settings.flip_order:
        found.reverse()
    return [file.id for file in found if file.id not in core.hidden]


def _top(state: DriveState, file: DriveFile) -> str:
    while file.parent is not None:
        file = state.get(file.parent)
    return file.id


def _ordered(files: list[DriveFile], order: str) -> list[DriveFile]:
    keys: dict[str, Any] = {
        "name": lambda file: file.name,
        "name_natural": lambda file: file.name,
        "modifiedTime": lambda file: file.modified_ms,
        "createdTime": lambda file: file.created_ms,
        "folder": lambda file: not file.is_folder,
        "quotaBytesUsed": lambda file: len(file.content),
    }
    for part in reversed([part for part in order.split(",") if part.strip()]):
        name, _, direction = part.strip().partition(" ")
        if name not in keys:
            raise invalid(f"orderBy: {name}")
        files = sorted(files, key=keys[name], reverse=direction == "desc")
    return files


def get_file(call: Call) -> Response:
    """Answer ``files.get`` without its bytes."""
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    return call.answer_file(call.state.get(file_id))


def create_file(call: Call) -> Response:
    """Answer ``files.create`` without bytes: folders, shortcuts, documents, empty files."""
    metadata = call.json_body()
    call.begin(lambda: call.child_path(metadata))
    return call.answer_file(create_from(call.core, metadata, None, ""))


def update_file(call: Call) -> Response:
    """Answer ``files.update`` without bytes: rename, move, touch, trash, restore."""
    metadata = call.json_body()
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    return call.answer_file(update_from(call.core, file_id, call.query, metadata, None, ""))


def copy_file(call: Call) -> Response:
    """Answer ``files.copy``."""
    metadata = call.json_body()
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    source = call.state.get(file_id)
    if source.is_folder:
        raise ApiError(403, "cannotCopyFile", "This file cannot be copied by the user.")
    whole = {
        "name": f"Copy of {source.name}",
        "parents": [source.parent],
        "mimeType": source.mime_type,
        **metadata,
    }
    return call.answer_file(
        create_from(call.core, whole, source.content if source.revisions else None, "")
    )


def delete_file(call: Call) -> Response:
    """Answer ``files.delete``: gone for good."""
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    call.state.delete(file_id)
    return Response(204)


def empty_trash(call: Call) -> Response:
    """Answer ``files.emptyTrash``."""
    call.begin()
    call.state.empty_trash()
    return Response(204)


def generate_ids(call: Call) -> Response:
    """Answer ``files.generateIds``."""
    call.begin()
    count = call.number("count", 10, MAX_PAGE)
    ids = [call.state.new_id() for _ in range(count)]
    return Response.json({"kind": "drive#generatedIds", "space": "drive", "ids": ids})


def create_from(
    core: Core, metadata: Mapping[str, Any], content: bytes | None, media_type: str
) -> DriveFile:
    """Make a file from a request's metadata and bytes.

    Raises
    ------
    ApiError
        When the metadata makes no sense, the parent is unknown or the quota is full.
    """
    fields = read_metadata(metadata)
    parents = metadata.get("parents") or [core.state.root_id]
    if not isinstance(parents, list) or len(parents) != 1:
        raise ApiError(403, "multiparenting", "A file cannot have more than one parent.")
    mime_type = fields.pop("mime_type", "") or media_type or "application/octet-stream"
    target = (metadata.get("shortcutDetails") or {}).get("targetId")
    google = mime_type.startswith("application/vnd.google-apps.")
    created = metadata.get("createdTime")
    with core.state.lock:
        file = core.state.create(
            fields.pop("name", "Untitled"),
            mime_type,
            str(parents[0]),
            content=b"" if content is None and not google else content,
            created_ms=_time(created) if created else None,
            file_id=metadata.get("id"),
            shortcut_target=target,
            trashed_explicitly=fields.pop("trashed", False),
            **fields,
        )
        if core.settings.hide_new_files:
            core.hidden.add(file.id)
        return file


def update_from(
    core: Core,
    file_id: str,
    query: Mapping[str, str],
    metadata: Mapping[str, Any],
    content: bytes | None,
    media_type: str,
) -> DriveFile:
    """Change a file as a request's metadata, ``addParents`` and bytes say.

    Raises
    ------
    ApiError
        As for `create_from`; 403 for parents in the metadata.
    """
    if "parents" in metadata:
        raise ApiError(
            403,
            "fieldNotWritable",
            "The parents field is not directly writable in update requests. "
            "Use the addParents and removeParents parameters instead.",
        )
    fields = read_metadata(metadata)
    if media_type and content is not None:
        fields.setdefault("mime_type", media_type)
    with core.state.lock:
        file = core.state.get(file_id)
        if fields.get("mime_type") == FOLDER and not file.is_folder:
            raise invalid("mimeType")
        add, remove = (
            [core.state.get(part).id for part in query.get(name, "").split(",") if part]
            for name in ("addParents", "removeParents")
        )
        parent = one_parent(file.parent, add, remove)
        return core.state.update(file.id, content=content, parent=parent, **fields)


def read_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a request's metadata into the arguments of `DriveState.update`."""
    fields = {ours: metadata[theirs] for theirs, ours in _DIRECT.items() if theirs in metadata}
    if metadata.get("modifiedTime"):
        fields["modified_ms"] = _time(metadata["modifiedTime"])
    if "trashed" in metadata:
        fields["trashed"] = bool(metadata["trashed"])
    return fields


def _time(text: object) -> int:
    try:
        return from_rfc3339(str(text))
    except ValueError as problem:
        raise invalid(f"time {text!r}") from problem
