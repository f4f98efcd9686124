"""Which call an address means, and the way of a call from the request to its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from . import feed, files, transfers
from .call import Call, Core
from .errors import ApiError
from .signin import SignInError
from .wire import Request, Response

API = r"/drive/v3"
_FILE = r"(?P<file>[^/]+)"
_ROUTES = [
    (method, re.compile(pattern + "$"), kind)
    for method, pattern, kind in [
        ("GET", API + r"/files", "files.list"),
        ("POST", API + r"/files", "files.create"),
        ("GET", API + r"/files/generateIds", "files.generateIds"),
        ("DELETE", API + r"/files/trash", "files.emptyTrash"),
        ("GET", API + rf"/files/{_FILE}", "files.get"),
        ("PATCH", API + rf"/files/{_FILE}", "files.update"),
        ("DELETE", API + rf"/files/{_FILE}", "files.delete"),
        ("POST", API + rf"/files/{_FILE}/copy", "files.copy"),
        ("GET", API + rf"/files/{_FILE}/export", "files.export"),
        ("GET", API + rf"/files/{_FILE}/revisions", "revisions.list"),
        ("GET", API + rf"/files/{_FILE}/revisions/(?P<revision>[^/]+)", "revisions.get"),
        ("PATCH", API + rf"/files/{_FILE}/revisions/(?P<revision>[^/]+)", "revisions.update"),
        ("DELETE", API + rf"/files/{_FILE}/revisions/(?P<revision>[^/]+)", "revisions.delete"),
        ("GET", API + r"/about", "about.get"),
        ("GET", API + r"/drives", "drives.list"),
        ("GET", API + r"/drives/(?P<drive>[^/]+)", "drives.get"),
        ("GET", API + r"/changes/startPageToken", "changes.getStartPageToken"),
        ("GET", API + r"/changes", "changes.list"),
        ("POST", rf"/upload{API}/files", "upload"),
        ("PATCH", rf"/upload{API}/files/{_FILE}", "upload"),
        ("(PUT|POST|DELETE)", rf"/upload{API}/files(/{_FILE})?", "upload"),
        ("GET", r"/o/oauth2(/v2)?/auth", "oauth.authorize"),
        ("POST", r"/tokeninfo", "oauth.tokeninfo"),
        ("POST", r"(/o/oauth2)?/token|/oauth2/v[34]/token", "oauth.token"),
        ("POST", r"(/o/oauth2)?/revoke", "oauth.revoke"),
    ]
]

HANDLERS: Mapping[str, Callable[[Call], Response]] = {
    "about.get": feed.about,
    "changes.getStartPageToken": feed.start_page_token,
    "changes.list": feed.list_changes,
    "drives.get": feed.get_drive,
    "drives.list": feed.list_drives,
    "files.copy": files.copy_file,
    "files.create": files.create_file,
    "files.delete": files.delete_file,
    "files.download": transfers.download,
    "files.emptyTrash": files.empty_trash,
    "files.export": transfers.export,
    "files.generateIds": files.generate_ids,
    "files.get": files.get_file,
    "files.list": files.list_files,
    "files.update": files.update_file,
    "revisions.delete": feed.delete_revision,
    "revisions.download": transfers.download_revision,
    "revisions.get": feed.get_revision,
    "revisions.list": feed.list_revisions,
    "revisions.update": feed.update_revision,
    "unknown": feed.unknown,
    "upload.media": transfers.upload_media,
    "upload.multipart": transfers.upload_multipart,
    "upload.resumable.chunk": transfers.upload_chunk,
    "upload.resumable.start": transfers.start_resumable,
}
"""Every kind of call to Drive; those of the sign-in service (`oauth.*`) come beside them."""


def classify(method: str, path: str, query: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Work out what is asked for, and the parts of the path.

    Returns
    -------
    tuple
        The kind (``unknown`` for an address that is none) and the named parts.
    """
    for wanted, pattern, kind in _ROUTES:
        found = pattern.match(path) if re.fullmatch(wanted, method) else None
        if found is None:
            continue
        params = {name: value for name, value in found.groupdict().items() if value}
        if query.get("alt") == "media" and kind in ("files.get", "revisions.get"):
            return kind.replace(".get", ".download"), params
        if kind == "upload":
            return _upload_kind(query), params
        return kind, params
    return "unknown", {}


def _upload_kind(query: Mapping[str, str]) -> str:
    if "upload_id" in query:
        return "upload.resumable.chunk"
    kind = query.get("uploadType", "")
    if kind == "resumable":
        return "upload.resumable.start"
    return f"upload.{kind}" if kind in ("multipart", "media") else "unknown"


def answer(core: Core, request: Request) -> tuple[Call, Response]:
    """Answer one request to Drive or to the sign-in service.

    Raises
    ------
    BreakConnection
        When a fault wants the connection broken.
    """
    kind, params = classify(request.method, request.path, request.query)
    call = Call(core, request, kind, params)
    try:
        if kind.startswith("oauth."):
            response = _sign_in(call)
        else:
            if not core.tokens.is_good(request.headers.get("authorization", "")):
                raise ApiError(401, "authError")
            call.check_sight()
            response = HANDLERS[kind](call)
        call.before_answer()
    except ApiError as error:
        response = _refusal(error)
    except SignInError as error:
        response = Response.json(error.body(), error.status)
    for _ in request.chunks():  # what a refusal has left unread
        pass
    call.logged.status = response.status
    return call, response


def _refusal(error: ApiError) -> Response:
    body = error.body()
    response = Response(error.status) if body is None else Response.json(body, error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _sign_in(call: Call) -> Response:
    form = dict(parse_qsl(call.request.read().decode("utf-8", "replace")))
    call.begin()
    if call.kind == "oauth.authorize":
        return Response(302, b"", {"Location": call.core.tokens.consent_page(call.query)})
    if call.kind == "oauth.revoke":
        call.core.tokens.forget(form.get("token", ""))
        return Response.json({})
    if call.kind == "oauth.tokeninfo":
        return Response.json({"scope": call.core.tokens.scope_of(form.get("access_token", ""))})
    authorization = call.request.headers.get("authorization", "")
    return Response.json(call.core.tokens.exchange(form, authorization))
