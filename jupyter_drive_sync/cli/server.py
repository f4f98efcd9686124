"""The REST interface of a Jupyter server on this computer, as its client."""

from __future__ import annotations

import http.client
import ipaddress
import json
import secrets
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_runtime_dir

from jupyter_drive_sync.errors import DriveSyncError, LockedElsewhere
from jupyter_drive_sync.files.lock import Holder
from jupyter_drive_sync.service.status import Json

CALL_SECONDS = 600.0
"""Longest time for one answer: a preview lists both sides."""


class ServerError(DriveSyncError):
    """An error as the server told it."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(str(data["message"]), str(data.get("hint", "")))
        self._data = data

    def as_json(self) -> dict[str, str]:
        """Return the wire form, with the server's own code."""
        return {"code": str(self._data["code"]), "message": self.message, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class ServerClient:
    """Calls one server.

    Attributes
    ----------
    url : str
        Its base address, ending in ``/``.
    token : str
        Its token; empty where it has none.
    name : str
        For people, for instance ``the Jupyter server (process 123)``.
    """

    url: str
    token: str
    name: str

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call one address and return the answer's JSON; ``{}`` when it has none.

        Parameters
        ----------
        path : str
            Below ``/jupyter-drive-sync/``.

        Raises
        ------
        ServerError
            The server refused, with its reason.
        LockedElsewhere
            The server cannot be reached, or does not let this program in.
        """
        parts = urlsplit(self.url)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - see `_opener`
            f"{self.url}jupyter-drive-sync/{path}", data=data, method=method
        )
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"token {self.token}")
        else:
            # A server without a token asks for proof that no web page is behind the call.
            proof = secrets.token_hex(16)
            request.add_header("Cookie", f"_xsrf={proof}")
            request.add_header("X-XSRFToken", proof)
        try:
            with _opener(parts.scheme, parts.hostname or "").open(
                request, timeout=CALL_SECONDS
            ) as answer:
                return _json(answer.read())
        except urllib.error.HTTPError as error:
            raise self._refused(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise LockedElsewhere(
                f"This project is kept by {self.name}, which does not answer: {reason}."
            ) from error

    def _refused(self, error: urllib.error.HTTPError) -> DriveSyncError:
        with error:
            content = error.read()
        try:
            data = json.loads(content)
        except ValueError:
            data = None
        if error.code in (401, 403) or (error.code == 302 and not data):
            return LockedElsewhere(
                f"This project is kept by {self.name}, which does not let the command line in.",
                "Work in its sidebar, or stop it.",
            )
        if isinstance(data, dict) and {"code", "message"} <= data.keys():
            return ServerError(data)
        return LockedElsewhere(
            f"This project is kept by {self.name}, which answers with {error.code}."
        )


def find_server(holder: Holder) -> ServerClient | None:
    """Return the running server that holds a lock; None when it cannot be found.

    A Jupyter server leaves its address and token in a file of its owner's runtime folder. The
    file is read directly: `jupyter_server.serverapp.list_running_servers` reads the same ones,
    but importing it takes longer than most commands do.
    """
    file = Path(jupyter_runtime_dir()) / f"jpserver-{holder.pid}.json"
    try:
        info = json.loads(file.read_text(encoding="utf-8"))
        url, token = str(info["url"]), str(info["token"] or "")
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it runs for another person or with other folders, or is just starting
    if urlsplit(url).scheme not in ("http", "https"):
        return None  # it listens on a socket file
    name = f"the Jupyter server at {url} (process {holder.pid})"
    return ServerClient(url.rstrip("/") + "/", token, name)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect leads to a sign-in page, of no use here."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - urllib's
        return None


@cache
def _opener(scheme: str, host: str) -> urllib.request.OpenerDirector:
    """Return what opens addresses of a server: directly, never by way of a proxy."""
    direct = (urllib.request.ProxyHandler({}), _NoRedirect())
    if scheme == "http":
        return urllib.request.build_opener(*direct)
    context = ssl.create_default_context()
    if _loopback(host):
        # Servers here sign their own certificates, and nobody stands in between.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return urllib.request.build_opener(*direct, urllib.request.HTTPSHandler(context=context))


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _json(content: bytes) -> Json:
    data = json.loads(content) if content else {}
    return data if isinstance(data, dict) else {"answer": data}
