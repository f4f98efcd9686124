"""One call on its way through: counted, delayed, and met by whatever faults are in force."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError, invalid, not_found
from .faults import Action, Answer, Corrupt, Cut, Delay, Faults, Hold, LoseAnswer, Reset
from .guests import Guests
from .meter import LoggedCall, Meter
from .model import DriveFile
from .resource import DEFAULT_FILE, Mask, file_writer, parse_fields
from .signin import Tokens
from .state import DriveState
from .wire import CHUNK, BreakConnection, Request, Response

MAX_CURSORS = 1000


@dataclass
class Settings:
    """How the emulator behaves as long as nobody says otherwise.

    Attributes
    ----------
    latency : float
        Seconds added to every call.
    throttle : float
        Bytes a second of every transfer, up and down; 0: as fast as it goes.
    incomplete_search : bool
        Say of every listing that it may be partial.
    flip_order : bool
        List in the opposite order, so that the other one of two twins comes first.
    hide_new_files : bool
        Hide from listings what is made through the API from now on.
    clock_ahead : float
        Seconds by which its clock is ahead of this computer's.
    """

    latency: float = 0.0
    throttle: float = 0.0
    incomplete_search: bool = False
    flip_order: bool = False
    hide_new_files: bool = False
    clock_ahead: float = 0.0


@dataclass
class Upload:
    """A resumable upload on its way."""

    id: str
    file_id: str | None
    metadata: dict[str, Any]
    mime_type: str
    mask: Mask
    total: int | None
    path: str
    query: dict[str, str]
    received: bytearray = field(default_factory=bytearray)
    done: DriveFile | None = None


class Core:
    """All that the requests share."""

    def __init__(self, state: DriveState) -> None:
        self.state = state
        self.tokens = Tokens()
        self.guests = Guests(state)
        self.faults = Faults()
        self.meter = Meter()
        self.settings = Settings()
        self.hidden: set[str] = set()
        self.stopped = threading.Event()
        self.uploads: dict[str, Upload] = {}
        self._cursors: OrderedDict[str, tuple[list[str], int]] = OrderedDict()

    def keep_cursor(self, ids: list[str], position: int) -> str:
        """Keep where a listing stopped; return its page token."""
        with self.state.lock:
            token = "~!!~" + self.state.new_id()
            self._cursors[token] = (ids, position)
            if len(self._cursors) > MAX_CURSORS:
                self._cursors.popitem(last=False)
            return token

    def cursor(self, token: str) -> tuple[list[str], int]:
        """Return where the listing of this page token goes on."""
        with self.state.lock:
            if token not in self._cursors:
                raise invalid("pageToken")
            return self._cursors[token]


class Call:
    """A request that has been understood, while it is answered.

    Attributes
    ----------
    kind : str
        What is asked for, such as ``files.list``.
    params : dict of str to str
        The parts of the path: ``file``, ``revision``, ``drive``.
    viewer : str
        The address of the account that asks; empty for the owner.
    """

    def __init__(self, core: Core, request: Request, kind: str, params: Mapping[str, str]) -> None:
        self.core = core
        self.state = core.state
        self.request = request
        self.query = request.query
        self.kind = kind
        self.params = dict(params)
        self.viewer = core.tokens.account_of(request.headers.get("authorization", ""))
        self.logged = LoggedCall(kind, request.method, request.target)
        self._effects: list[Action] = []
        core.meter.count(self.logged)

    @property
    def is_upload(self) -> bool:
        """Whether the bytes that matter go up."""
        return self.kind.startswith("upload.")

    def check_sight(self) -> None:
        """Hide from a guest what is not shared with it.

        Raises
        ------
        ApiError
        """
        if not self.viewer:
            return
        guests = self.core.guests
        if self.params.get("file") == "root":
            self.params["file"] = guests.root(self.viewer)
        name = self.params.get("file") or self.params.get("drive")
        file = None if name is None else self.state.peek(name)
        if file is not None and not guests.sees(self.viewer, file):
            raise not_found(file.id)

    def begin(self, file: Callable[[], str] = lambda: "") -> None:
        """Wait out the latency and meet the faults that come before any work.

        Parameters
        ----------
        file : callable
            Works out the Drive path of the file that the call is about.

        Raises
        ------
        ApiError, BreakConnection
            As the faults want it.
        """
        core = self.core
        if core.settings.latency:
            core.stopped.wait(core.settings.latency)
        if core.faults.by_file:
            self.logged.file = file()
        logged = self.logged
        for action in core.faults.meet(self.kind, logged.method, logged.target, logged.file):
            match action:
                case Delay(seconds):
                    core.stopped.wait(seconds)
                case Hold(gate, None, False):
                    gate.pass_through()
                case Answer(status, reason, message, retry_after):
                    raise ApiError(status, reason, message, retry_after)
                case Reset():
                    raise BreakConnection
                case _:
                    self._effects.append(action)

    def before_answer(self) -> None:
        """Meet the faults that come between the work and its answer."""
        for action in self._effects:
            match action:
                case Hold(gate, _, True):
                    gate.pass_through()
                case LoseAnswer():
                    raise BreakConnection

    def shaped(self, pieces: Iterable[bytes | memoryview], passed: int = 0) -> Iterator[Any]:
        """Let a body pass: counted, throttled, held, and cut where a fault wants it.

        Parameters
        ----------
        passed : int
            Bytes of this body that have already gone by.
        """
        marks = sorted(
            (
                (action.after, order, action)
                for order, action in enumerate(self._effects)
                if isinstance(action, (Cut, Hold)) and action.after is not None
            ),
            key=lambda mark: mark[:2],
        )
        for piece in pieces:
            rest = piece
            while marks and marks[0][0] <= passed + len(rest):
                mark, _, action = marks.pop(0)
                head, rest = rest[: max(0, mark - passed)], rest[max(0, mark - passed) :]
                passed += len(head)
                yield from self._passing(head)
                if isinstance(action, Cut):
                    raise BreakConnection(action.reset)
                if isinstance(action, Hold):
                    action.gate.pass_through()
            passed += len(rest)
            yield from self._passing(rest)

    def _passing(self, piece: bytes | memoryview) -> Iterator[bytes | memoryview]:
        if not len(piece):
            return
        add = self.core.meter.add_up if self.is_upload else self.core.meter.add_down
        add(self.kind, len(piece))
        throttle = self.core.settings.throttle
        if throttle:
            self.core.stopped.wait(len(piece) / throttle)
        yield piece

    def outgoing(self, response: Response) -> Iterator[bytes | memoryview]:
        """Give an answer's body in pieces, shaped when the bytes that matter go down."""
        throttle = self.core.settings.throttle
        step = max(1024, min(CHUNK, int(throttle / 20))) if throttle else CHUNK
        if self.request.method == "HEAD":
            return
        if self.is_upload:
            self.core.meter.add_down(self.kind, len(response.body))
            if response.body:
                yield response.body
            return
        whole = memoryview(self.corrupted(response.body))
        yield from self.shaped(whole[at : at + step] for at in range(0, len(whole), step))

    def corrupted(self, content: bytes | memoryview) -> bytes | memoryview:
        """Return the bytes with the bits flipped that faults ask for."""
        for action in self._effects:
            if isinstance(action, Corrupt) and len(content):
                changed = bytearray(content)
                changed[min(action.offset, len(changed) - 1)] ^= 0x01
                content = bytes(changed)
        return content

    def json_body(self) -> dict[str, Any]:
        """Read the request's JSON object; empty when there is no body.

        Raises
        ------
        ApiError
            400 when it is something else.
        """
        raw = self.request.read()
        self.core.meter.add_up(self.kind, len(raw))
        return parse_object(raw)

    def mask(self, default: Mask = DEFAULT_FILE) -> Mask:
        """Return the fields that were asked for."""
        fields = self.query.get("fields", "")
        return parse_fields(fields) if fields else default

    def answer_file(self, file: DriveFile, mask: Mask | None = None) -> Response:
        """Answer with one file."""
        with self.state.lock:
            shown = file_writer(self.state, self.mask() if mask is None else mask)(file)
        return Response.json(shown)

    def file_path(self, file_id: str) -> str:
        """Return the Drive path of an id; empty for one that is not there."""
        file = self.state.peek(file_id)
        return "/".join(self.state.names(file)) if file else ""

    def child_path(self, metadata: Mapping[str, Any]) -> str:
        """Return the Drive path that a file with this metadata would get."""
        parents = metadata.get("parents") or [self.state.root_id]
        folder = self.file_path(str(parents[0]))
        name = str(metadata.get("name", "Untitled"))
        return f"{folder}/{name}" if folder else name

    def number(self, name: str, default: int, limit: int) -> int:
        """Read a whole number of the query, between 1 and a limit."""
        text = self.query.get(name, str(default))
        if not text.isdigit() or not 1 <= int(text) <= limit:
            raise invalid(f"{name}: {text!r}")
        return int(text)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Parse a JSON object.

    Raises
    ------
    ApiError
        400 when it is something else.
    """
    try:
        value = json.loads(raw or b"{}")
    except ValueError as problem:
        raise ApiError(400, "parseError", "Parse Error") from problem
    if value is None:  # as rclone sends it where it only moves a file
        return {}
    if not isinstance(value, dict):
        raise ApiError(400, "parseError", "Parse Error")
    return value
