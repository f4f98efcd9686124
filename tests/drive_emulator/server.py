"""The listening side: a proxy that ends TLS for Google's hosts, and lets nobody else through."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
import time
from email.utils import formatdate
from typing import Any

from . import control, router
from .call import Core
from .wire import BreakConnection, Disconnected, Request, Response, Wire

HOSTS = ("www.googleapis.com", "oauth2.googleapis.com", "accounts.google.com")


class Server(socketserver.ThreadingTCPServer):
    """Serves until `stop`, one thread for each connection.

    Parameters
    ----------
    owner : DriveEmulator
        For the control endpoints.
    tls : ssl.SSLContext
        Shows a certificate for `HOSTS`.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, owner: Any, core: Core, tls: ssl.SSLContext, port: int = 0) -> None:
        self.owner = owner
        self.core = core
        self.tls = tls
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="drive-emulator", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Begin to serve, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and break every connection that is still open."""
        self.shutdown()
        self.server_close()
        self._thread.join()
        with self._lock:
            left = list(self._open)
        for sock in left:
            _hang_up(sock)

    def remember(self, sock: socket.socket) -> None:
        """Note an open connection."""
        with self._lock:
            self._open.add(sock)

    def forget(self, sock: socket.socket) -> None:
        """Note that a connection is closed."""
        with self._lock:
            self._open.discard(sock)


def _hang_up(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed by its own thread meanwhile, which is what we want


class _Connection(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        sock: socket.socket = self.request
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.remember(sock)
        try:
            self._serve(sock, inside=False)
        except Disconnected:
            return  # clients come and go
        finally:
            self.server.forget(sock)

    def _serve(self, sock: socket.socket, inside: bool) -> None:
        wire = Wire(sock)
        while (request := wire.next_request()) is not None:
            if request.method == "CONNECT" and not inside:
                host, _, port = request.target.rpartition(":")
                if host in HOSTS and port == "443":
                    self._tunnel(wire)
                    return
                self._refuse(wire, request, host)
            elif request.target.startswith("/"):
                try:
                    self._answer(wire, request, inside)
                except BreakConnection as wanted:
                    wire.break_off(wanted.reset)
                    return
            else:
                self._refuse(wire, request, request.target)

    def _tunnel(self, wire: Wire) -> None:
        wire.accept_tunnel()
        try:
            sock = self.server.tls.wrap_socket(wire.sock, server_side=True)
        except OSError as problem:
            raise Disconnected from problem
        self.server.remember(sock)
        try:
            self._serve(sock, inside=True)
        finally:
            self.server.forget(sock)
            sock.close()

    def _refuse(self, wire: Wire, request: Request, host: str) -> None:
        self.server.core.meter.refuse(host)
        for _ in request.chunks():
            pass
        body = f"The Drive emulator lets nobody through to {host}.\n".encode()
        wire.respond(Response(403, body, {"Content-Type": "text/plain"}), iter([body]))

    def _answer(self, wire: Wire, request: Request, inside: bool) -> None:
        if not inside and request.path.startswith(control.PREFIX):
            response = control.answer(self.server.owner, request)
            wire.respond(response, iter([response.body] if response.body else []))
            return
        call, response = router.answer(self.server.core, request)
        google = time.time() + self.server.core.settings.clock_ahead
        response.headers.setdefault("Date", formatdate(google, usegmt=True))
        wire.respond(response, call.outgoing(response))
