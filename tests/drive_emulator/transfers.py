"""Bytes up and down: uploads of every kind, downloads with ranges, exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .call import Call, Upload, parse_object
from .errors import ApiError, invalid
from .files import create_from, read_metadata, update_from
from .model import DriveFile
from .resource import BASE, EXPORTS
from .wire import BreakConnection, Disconnected, Response

KEPT_UNIT = 256 * 1024
"""Of a broken chunk, Drive keeps whole multiples of this."""

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)$")
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')


# Up


def upload_multipart(call: Call) -> Response:
    """Metadata and bytes in one request."""
    found = _BOUNDARY.search(call.request.headers.get("content-type", ""))
    if found is None:
        raise ApiError(400, "badContent", "Missing boundary")
    mark = b"--" + found[1].encode()
    body = call.request.chunks()
    start = bytearray()
    for piece in body:
        start += piece
        if start.count(mark) >= 2:  # the metadata is there whole
            break
    metadata = parse_object(_parts(bytes(start), mark)[0][1])
    call.begin(lambda: _target_path(call, metadata))
    whole = bytearray()
    for piece in call.shaped(_chain(bytes(start), body)):
        whole += piece
    parts = _parts(bytes(whole), mark)
    if len(parts) != 2:
        raise ApiError(400, "badContent", "Two parts are needed")
    headers, content = parts[1]
    media_type = headers.get("content-type", "")
    return call.answer_file(_store(call, metadata, bytes(call.corrupted(content)), media_type))


def upload_media(call: Call) -> Response:
    """Bytes alone."""
    call.begin(lambda: _target_path(call, {}))
    content = b"".join(call.shaped(call.request.chunks()))
    media_type = call.request.headers.get("content-type", "")
    return call.answer_file(_store(call, {}, bytes(call.corrupted(content)), media_type))


def start_resumable(call: Call) -> Response:
    """Begin an upload in chunks; the answer's ``Location`` is where they go."""
    raw = call.request.read()
    call.core.meter.add_up(call.kind, len(raw))
    metadata = parse_object(raw)
    path = _target_path(call, metadata)
    call.begin(lambda: path)
    read_metadata(metadata)  # refuse nonsense now, not after the bytes
    length = call.request.headers.get("x-upload-content-length", "")
    total = int(length) if length.isdigit() else None
    file_id = call.params.get("file")
    replaced = len(call.state.get(file_id).content) if file_id else 0
    call.state.check_quota((total or 0) - replaced)
    media_type = call.request.headers.get("x-upload-content-type", "")
    upload = Upload(
        "AEmulated-" + call.state.new_id(),
        file_id,
        metadata,
        media_type,
        call.mask(),
        total,
        path,
        call.query,
    )
    call.core.uploads[upload.id] = upload
    address = BASE.replace("/drive/v3", "/upload/drive/v3/files") + (
        f"/{file_id}" if file_id else ""
    )
    location = f"{address}?uploadType=resumable&upload_id={upload.id}"
    return Response(200, b"", {"Location": location, "X-GUploader-UploadID": upload.id})


def upload_chunk(call: Call) -> Response:
    """Take one chunk, or tell how far an upload has come."""
    upload = call.core.uploads.get(call.query.get("upload_id", ""))
    call.begin(lambda: upload.path if upload else "")
    if upload is None:
        raise ApiError(404, "notFound", "No such upload.")
    if call.request.method == "DELETE":
        del call.core.uploads[upload.id]
        return Response(499)
    if upload.done is not None:
        return call.answer_file(upload.done, upload.mask)
    if _take(call, upload) or (upload.total is not None and len(upload.received) == upload.total):
        content = bytes(upload.received)
        upload.done = _store(call, upload.metadata, content, upload.mime_type, upload)
        upload.received = bytearray()
        return call.answer_file(upload.done, upload.mask)
    headers = {"X-GUploader-UploadID": upload.id}
    if upload.received:
        headers["Range"] = f"bytes=0-{len(upload.received) - 1}"
    return Response(308, b"", headers)


def _take(call: Call, upload: Upload) -> bool:
    """Read the chunk into the upload; say whether the client called it the last."""
    header = call.request.headers.get("content-range", "")
    if not header:
        upload.received.clear()
        for piece in call.shaped(call.request.chunks()):
            upload.received += piece
        return True
    found = _CONTENT_RANGE.match(header)
    if found is None:
        raise invalid(f"Content-Range: {header}")
    if found[3] != "*":
        upload.total = int(found[3])
    if found[1] is None:
        return False
    first, last = int(found[1]), int(found[2])
    if first > len(upload.received):
        raise ApiError(503, "backendError", "The chunk leaves a gap.")
    del upload.received[first:]
    chunk = bytearray()
    try:
        for piece in call.shaped(call.request.chunks()):
            chunk += piece
    except (BreakConnection, Disconnected):
        upload.received += chunk[: len(chunk) // KEPT_UNIT * KEPT_UNIT]
        raise
    if len(chunk) != last - first + 1:
        raise invalid(f"Content-Range: {header} for {len(chunk)} bytes")
    upload.received += call.corrupted(bytes(chunk))
    return False


def _store(
    call: Call,
    metadata: dict[str, Any],
    content: bytes,
    media_type: str,
    upload: Upload | None = None,
) -> DriveFile:
    file_id = upload.file_id if upload else call.params.get("file")
    query = upload.query if upload else call.query
    if file_id is None:
        return create_from(call.core, metadata, content, media_type)
    return update_from(call.core, file_id, query, metadata, content, media_type)


def _target_path(call: Call, metadata: dict[str, Any]) -> str:
    file_id = call.params.get("file")
    return call.file_path(file_id) if file_id else call.child_path(metadata)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _parts(body: bytes, mark: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Split a multipart body; a part that has not ended yet is left out."""
    parts = []
    start = body.find(mark)
    while start >= 0:
        start += len(mark)
        end = body.find(b"\r\n" + mark, start)
        if end < 0:
            break
        head, _, content = body[start:end].lstrip(b"\r\n").partition(b"\r\n\r\n")
        headers = {}
        for line in head.decode("latin-1").splitlines():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        parts.append((headers, content))
        start = end + 2
    if not parts:
        raise ApiError(400, "badContent", "The body has no part.")
    return parts


# Down


def download(call: Call) -> Response:
    """Answer ``files.get`` with the bytes of the newest revision."""
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    file = call.state.get(file_id)
    if file.head is None:
        raise ApiError(
            403,
            "fileNotDownloadable",
            "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
        )
    return serve(call, file.head.content, file.mime_type)


def download_revision(call: Call) -> Response:
    """Answer ``revisions.get`` with the bytes of an old revision."""
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    revision = find_revision(call)
    return serve(call, revision.content, revision.mime_type)


def export(call: Call) -> Response:
    """Answer ``files.export``: a Google document in another format."""
    file_id = call.params["file"]
    call.begin(lambda: call.file_path(file_id))
    file, wanted = call.state.get(file_id), call.query.get("mimeType", "")
    if wanted not in EXPORTS.get(file.mime_type, ()):
        raise ApiError(403, "fileNotExportable", "Export only supports Docs Editors files.")
    return serve(call, f"{file.name} as {wanted}".encode(), wanted)


def find_revision(call: Call) -> Any:
    """Return the revision that a call's path names, or refuse with 404."""
    wanted = call.params["revision"]
    file = call.state.get(call.params["file"])
    for revision in file.revisions:
        if revision.id == wanted or (wanted == "head" and revision is file.head):
            return revision
    raise ApiError(404, "notFound", f"Revision not found: {wanted}.")


def serve(call: Call, content: bytes, mime_type: str) -> Response:
    """Answer with bytes, or with the range of them that was asked for."""
    headers = {"Content-Type": mime_type, "Accept-Ranges": "bytes"}
    wanted = _RANGE.match(call.request.headers.get("range", ""))
    if wanted is None or wanted[0] == "bytes=-":
        return Response(200, content, headers)
    size = len(content)
    if wanted[1]:
        first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
    else:
        first, last = max(0, size - int(wanted[2])), size - 1
    if first > last:
        error = ApiError(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
        refusal = Response.json(error.body(), 416)
        refusal.headers["Content-Range"] = f"bytes */{size}"
        return refusal
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(206, memoryview(content)[first : last + 1], headers)
