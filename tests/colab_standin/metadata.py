"""The machine around a kernel: metadata, the page's answers, Jupyter's sessions, and its end.

One plain HTTP server on 127.0.0.1 plays all of them, as they are reached by address alone.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.drive_emulator import DriveEmulator, EmulatorElsewhere

SCOPES = ("https://www.googleapis.com/auth/drive", "email")
ACCOUNT = "someone@example.com"


class Metadata:
    """Google's metadata server, whose tokens the Drive emulator knows.

    Attributes
    ----------
    consent : bool
        Whether the person has allowed access; before that there is no account: 404.
    revoked : bool
        Whether the grant was taken back: no token any more, and those given are worthless.
    lifetime : float
        Seconds that a token is good for.
    served : int
        Tokens handed out.
    hidden : bool
        Play a machine on which nothing answers at this address, though it is there.
    """

    def __init__(self, drive: DriveEmulator | EmulatorElsewhere) -> None:
        self.drive = drive
        self.consent = False
        self.revoked = False
        self.lifetime = 3599.0
        self.served = 0
        self.hidden = False

    def revoke(self) -> None:
        """Take the grant back, as on the page of one's account."""
        self.revoked = True
        self.drive.tokens.revoke()

    def answer(self, path: str) -> tuple[int, bytes, str]:
        """Return status, body and content type for a path below ``/``."""
        if self.hidden:
            return 404, b"", "text/plain"
        path = urlsplit(path).path.rstrip("/")
        if path in ("", "/computeMetadata", "/computeMetadata/v1"):
            return 200, b"computeMetadata/\n", "application/text"
        if path.startswith("/computeMetadata/v1/instance/service-accounts"):
            return self._account(path)
        if path == "/computeMetadata/v1/universe/universe-domain":
            return 200, b"googleapis.com", "application/text"
        return 404, b"", "text/html"

    def _account(self, path: str) -> tuple[int, bytes, str]:
        if not self.consent or self.revoked:
            return 404, b"no account", "text/html"
        name = path.rpartition("/")[2]
        if name == "token":
            self.served += 1
            token = {
                "access_token": self.drive.tokens.new_access(self.lifetime),
                "expires_in": int(self.lifetime),
                "token_type": "Bearer",
            }
            return 200, json.dumps(token).encode(), "application/json"
        if name == "scopes":
            return 200, "\n".join(SCOPES).encode(), "application/text"
        if name == "email":
            return 200, ACCOUNT.encode(), "application/text"
        about = {"aliases": ["default"], "email": ACCOUNT, "scopes": list(SCOPES)}
        return 200, json.dumps(about).encode(), "application/json"


Control = Callable[[str, dict[str, Any]], dict[str, Any]]


class MachineServer(ThreadingHTTPServer):
    """Serves until `stop`.

    Parameters
    ----------
    metadata : Metadata
        Answers GET.
    control : callable
        Answers POST: the path's last part and the JSON body in, a JSON object out.

    Attributes
    ----------
    sessions : list of dict or None
        What the machine's Jupyter server tells at ``/api/sessions``; None: it tells nothing.
    """

    daemon_threads = True

    def __init__(self, metadata: Metadata, control: Control) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.metadata = metadata
        self.control = control
        self.sessions: list[dict[str, Any]] | None = None
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="colab-standin", daemon=True
        )

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those who were killed while they asked; anything else is a defect here."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Stop serving."""
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: MachineServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/api/sessions":
            known = self.server.sessions is not None
            told = json.dumps(self.server.sessions).encode()
            self._send(200 if known else 404, told, "application/json")
            return
        if self.headers.get("Metadata-Flavor") != "Google" and self.path != "/":
            self._send(403, b"Missing Metadata-Flavor:Google header.", "text/html")
            return
        self._send(*self.server.metadata.answer(self.path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        reply = self.server.control(self.path.rpartition("/")[2], json.loads(body or b"{}"))
        self._send(200, json.dumps(reply).encode(), "application/json")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Metadata-Flavor", "Google")
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return  # the machine ended while it was asking

    def log_message(self, *_: Any) -> None:
        """Say nothing: tests look at counters."""
