"""HTTP/1.1 on one connection: requests in, answers out, and connections broken on purpose."""

from __future__ import annotations

import json
import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

CHUNK = 256 * 1024


class Disconnected(Exception):
    """The client is gone."""


class BreakConnection(Exception):
    """We break off here, on purpose; `reset` tells how."""

    def __init__(self, reset: bool = True) -> None:
        self.reset = reset
        super().__init__("broken off on purpose")


@dataclass(slots=True)
class Response:
    """An answer.

    Attributes
    ----------
    body : bytes or memoryview
        Sent with its length.
    """

    status: int = 200
    body: bytes | memoryview = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Response:
        """Answer with JSON."""
        body = json.dumps(value, separators=(",", ":")).encode()
        return cls(status, body, {"Content-Type": "application/json; charset=UTF-8"})


class Request:
    """A request whose body is still on the wire."""

    def __init__(self, wire: Wire, event: h11.Request) -> None:
        self._wire = wire
        self._ended = False
        self.method = event.method.decode("ascii")
        self.target = event.target.decode("latin-1")
        self.headers = {
            key.decode("ascii"): value.decode("latin-1") for key, value in event.headers
        }

    @cached_property
    def path(self) -> str:
        """The path without its query."""
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's parameters; the last one of a name counts."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def chunks(self) -> Iterator[bytes]:
        """Read the body piece by piece."""
        while not self._ended:
            event = self._wire.next_event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._ended = True
            else:
                raise Disconnected

    def read(self) -> bytes:
        """Read what is left of the body."""
        return b"".join(self.chunks())


class Wire:
    """One connection, for as many requests as the client sends."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._http = h11.Connection(h11.SERVER)

    def next_request(self) -> Request | None:
        """Wait for a request; None when the client has closed.

        Raises
        ------
        Disconnected
            When the client broke off or does not speak HTTP.
        """
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        elif self._http.our_state is not h11.IDLE:
            return None
        event = self.next_event()
        return Request(self, event) if isinstance(event, h11.Request) else None

    def next_event(self) -> Any:
        """Return h11's next event, reading as needed."""
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as problem:
                raise Disconnected from problem
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                self._send(h11.InformationalResponse(status_code=100, headers=[]))
            try:
                self._http.receive_data(self.sock.recv(CHUNK))
            except OSError as problem:
                raise Disconnected from problem

    def respond(self, response: Response, pieces: Iterator[bytes | memoryview]) -> None:
        """Send an answer whose body comes in pieces (they may break off).

        Raises
        ------
        Disconnected
            When the client does not listen any more.
        """
        headers: Mapping[str, str] = {
            "Content-Length": str(len(response.body)),
            **response.headers,
        }
        self._send(h11.Response(status_code=response.status, headers=list(headers.items())))
        for piece in pieces:
            self._send(h11.Data(data=piece))  # type: ignore[arg-type]
        self._send(h11.EndOfMessage())

    def accept_tunnel(self) -> None:
        """Say yes to ``CONNECT``; what follows on the socket is the tunnel's."""
        self._send(h11.Response(status_code=200, headers=[]))

    def break_off(self, reset: bool) -> None:
        """Close at once; with `reset` the client sees a connection reset."""
        if reset:
            linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            try:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            except OSError as problem:
                raise Disconnected from problem
        self.sock.close()

    def _send(self, event: Any) -> None:
        try:
            for piece in self._http.send_with_data_passthrough(event) or ():
                if len(piece):
                    self.sock.sendall(piece)
        except (OSError, h11.LocalProtocolError) as problem:
            raise Disconnected from problem
