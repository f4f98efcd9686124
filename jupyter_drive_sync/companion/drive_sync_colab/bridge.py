"""The token bridge: a metadata server on 127.0.0.1 for rclone, fed by google-auth.

Where rclone does not find the runtime's credentials by itself, this hands it those that google-auth
finds. It is a process in its own session, so it outlives the kernel; whoever needs it calls
`ensure`, which adopts a living one. Nothing it says is written anywhere.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from . import drive_api
from .errors import SignInFailed
from .places import Places, read_json, write_json

_BASE = "/computeMetadata/v1"
_FLAVOR = {"Metadata-Flavor": "Google"}


def ensure(places: Places, timeout: float = 15.0) -> str:
    """Return host and port of a bridge that has tokens, starting one if need be.

    Raises
    ------
    SignInFailed
        google-auth has no credentials, or the bridge does not start.
    """
    known = read_json(places.bridge) or {}
    address = str(known.get("address", ""))
    if address and has_token(address):
        return address
    places.make()
    log = (places.own / "bridge.log").open("ab")
    with log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.bridge", address.rpartition(":")[2] or "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": _path()},
        )
    limit = time.monotonic() + timeout
    address = _first_line(process, limit)
    while address and process.poll() is None and time.monotonic() < limit:
        if has_token(address):
            write_json(places.bridge, {"address": address, "pid": process.pid})
            return address
        time.sleep(0.2)  # credentials need a moment after the person has said yes
    process.kill()
    process.wait()
    if not address:
        raise SignInFailed(f"The token bridge did not start within {timeout:.0f} s.")
    raise SignInFailed("The token bridge found no credentials of the runtime.")


def _first_line(process: subprocess.Popen[bytes], limit: float) -> str:
    """Read what the bridge says first, until `limit` by the monotonic clock; empty if nothing."""
    said = b""
    if process.stdout is None:
        return ""
    with process.stdout as out:
        while not said.endswith(b"\n"):
            ready, _, _ = select.select([out], [], [], max(limit - time.monotonic(), 0.0))
            more = os.read(out.fileno(), 100) if ready else b""
            if not more:
                return ""
            said += more
    return said.decode("ascii", "replace").strip()


def _path() -> str:
    """Return the module path with our own folder or zip first."""
    own = str(Path(__file__).parent.parent)
    return os.pathsep.join(filter(None, [own, os.environ.get("PYTHONPATH", "")]))


def has_token(address: str) -> bool:
    """Say whether a bridge answers there and has a token."""
    request = urllib.request.Request(
        f"http://{address}{_BASE}/instance/service-accounts/default/token", headers=_FLAVOR
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=10) as answer:
            return bool(json.load(answer).get("access_token"))
    except (OSError, ValueError):
        return False


class _Handler(BaseHTTPRequestHandler):
    """Answers as Google's metadata server does, to those who send its header."""

    protocol_version = "HTTP/1.1"
    kept: ClassVar[list[Any]] = []

    def do_GET(self) -> None:
        """Answer what rclone asks for."""
        # The header cannot be sent by a page in a browser: it keeps tokens away from web sites.
        if self.headers.get("Metadata-Flavor") != "Google":
            self._send(403, b"", "text/plain")
            return
        path = self.path.partition("?")[0].rstrip("/")
        if path in ("", "/computeMetadata", _BASE):
            self._send(200, b"computeMetadata/\n", "application/text")
        elif path == f"{_BASE}/universe/universe-domain":
            self._send(200, b"googleapis.com", "application/text")
        elif path == f"{_BASE}/instance/service-accounts/default/token":
            self._token()
        else:
            self._send(404, b"", "text/plain")

    def _token(self) -> None:
        try:
            token = self._fresh()
        except Exception as error:  # google-auth may be of any version here
            print(f"no token: {type(error).__name__}", file=sys.stderr, flush=True)  # noqa: T201
            self._send(404, b"", "text/plain")
            return
        self._send(200, json.dumps(token).encode(), "application/json")

    def _fresh(self) -> dict[str, Any]:
        kept = self.kept
        if not kept or not kept[0].valid:  # google-auth calls it invalid some minutes early
            kept[:] = [drive_api.credentials()]
        expiry = kept[0].expiry  # UTC, without saying so
        left = 300.0
        if expiry is not None:
            left = (
                expiry.replace(tzinfo=timezone.utc) - datetime.now(timezone.utc)
            ).total_seconds()
        # A short life makes rclone ask again soon, so that a grant given anew is noticed.
        lifetime = int(min(max(left, 1), 300))
        return {"access_token": kept[0].token, "expires_in": lifetime, "token_type": "Bearer"}

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Metadata-Flavor", "Google")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep no record of who asked for tokens."""


def serve(port: int = 0) -> None:
    """Serve until killed; print the address once, as the first line."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    except OSError:  # the port of the one before is taken
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    print(f"127.0.0.1:{server.server_address[1]}", flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
