"""One attempt to connect: where it stands, what it asks, and who waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from jupyter_drive_sync.errors import Cancelled, DriveSyncError, NotAsked, QuestionChanged
from jupyter_drive_sync.ports.connecting import (
    Account,
    Question,
    Step,
    Way,
)
from jupyter_drive_sync.ports.connector import Conversation
from jupyter_drive_sync.service.status import Json, time_json


class Flow:
    """An attempt to connect. Its work is done in a thread of its own; this is thread-safe.

    Parameters
    ----------
    idle : float
        Seconds after which a question that nobody answers ends the flow.
    """

    def __init__(
        self,
        way: Way,
        name: str,
        type: str,
        *,
        again: bool = False,
        command: str | None = None,
        idle: float = 1800.0,
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.way = way
        self.name = name
        self.type = type
        self.again = again
        self.command = command
        self.ended: float | None = None
        self._idle = idle
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._changed = asyncio.Event()
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._revision = 1
        self._step = Step.CHECKING
        self._auth_url: str | None = None
        self._expires: datetime | None = None
        self._question: Question | None = None
        self._account: Account | None = None
        self._error: DriveSyncError | None = None
        self._asked_to_end: Step | None = None
        self._settled = False
        self._conversation: Conversation | None = None
        self._timer: threading.Timer | None = None

    # --- looking ---------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """Grows with every change."""
        return self._revision

    @property
    def step(self) -> Step:
        """Where it stands."""
        return self._step

    def json(self) -> Json:
        """Return the `Flow` of api/openapi.yaml."""
        with self._lock:
            return {
                "id": self.id,
                "revision": self._revision,
                "way": self.way.value,
                "name": self.name,
                "type": self.type,
                "step": self._step.value,
                "auth_url": self._auth_url,
                "expires": None if self._expires is None else time_json(self._expires),
                "command": self.command,
                "question": None if self._question is None else question_json(self._question),
                "account": None if self._account is None else account_json(self._account),
                "error": None if self._error is None else self._error.as_json(),
                "again": self.again,
            }

    async def changed(self, revision: int, seconds: float) -> None:
        """Wait until it is past a revision, is over, or the time is up."""
        deadline = self._loop.time() + seconds
        while self._revision <= revision and not self._step.over:
            event = self._changed
            left = deadline - self._loop.time()
            if left <= 0:
                return
            try:
                await asyncio.wait_for(event.wait(), left)
            except asyncio.TimeoutError:
                return

    # --- from the person -------------------------------------------------------------------

    def give(self, value: str, revision: int) -> None:
        """Answer the question that is asked at a revision.

        Raises
        ------
        NotAsked, QuestionChanged
        """
        with self._lock:
            if self._step is not Step.QUESTION or self._question is None:
                raise NotAsked("Nothing is asked just now.")
            if revision != self._revision:
                raise QuestionChanged("Another question is asked by now; the answer was not taken.")
            self._question = None
            self._step = Step.CHECKING
        self._answers.put(value)

    def deliver(self, address: str) -> None:
        """Hand over a pasted address. Blocks a moment.

        Raises
        ------
        AddressInvalid, AddressOfAnotherSignIn, CodeUsed, NotAsked
        """
        with self._lock:
            conversation = None if self._step.over else self._conversation
        if conversation is None:
            raise NotAsked("No sign-in page is open just now.")
        conversation.deliver(address)

    def end(self, step: Step) -> None:
        """Give it up, as cancelled or expired. Blocks until rclone has ended. Repeatable.

        Past the point of no return (see `settle`) nothing is given up any more.
        """
        with self._lock:
            if self._step.over or self._settled or self._asked_to_end is not None:
                return
            self._asked_to_end = step
            conversation = self._conversation
        self._answers.put(None)
        if conversation is not None:
            conversation.close()

    # --- from the work ---------------------------------------------------------------------

    def hold(self, conversation: Conversation) -> None:
        """Note the conversation that `end` has to close.

        Raises
        ------
        Cancelled
        """
        with self._lock:
            self._conversation = conversation
        self.check()

    @property
    def given_up(self) -> bool:
        """Whether somebody asked to end it, or its time is up."""
        return self._asked_to_end is not None

    def settle(self) -> None:
        """Pass the point of no return: what follows is done, and `end` comes too late.

        Raises
        ------
        Cancelled
            It was given up before.
        """
        with self._lock:
            if self._asked_to_end is None:
                self._settled = True
        self.check()

    def check(self) -> None:
        """Raise `Cancelled` if it was given up."""
        if self._asked_to_end is not None:
            raise Cancelled("Connecting was given up.")

    def show_page(self, address: str, seconds: float) -> None:
        """Ask the person to sign in on a page, within so many seconds."""
        self._stop_timer()
        self._timer = threading.Timer(seconds, self.end, (Step.EXPIRED,))
        self._timer.daemon = True
        self._timer.start()
        with self._lock:
            self._step, self._auth_url = Step.SIGN_IN, address
            self._expires = datetime.now(timezone.utc) + timedelta(seconds=seconds)
            self._revision += 1
        self.on_loop(self._wake)

    def ask(self, question: Question) -> str:
        """Ask the person and wait for the answer.

        Raises
        ------
        Cancelled
        """
        self._working(Step.QUESTION, question)
        try:
            value = self._answers.get(timeout=self._idle)
        except queue.Empty:
            with self._lock:
                if self._asked_to_end is None:
                    self._asked_to_end = Step.EXPIRED
            value = None
        if value is None:
            raise Cancelled("Connecting was given up.")
        return value

    def checking(self) -> None:
        """Say that what was given is looked at."""
        self._working(Step.CHECKING)

    def finish(self, account: Account | None) -> None:
        """Say that all is done."""
        self._over(Step.DONE, account=account)

    def fail(self, error: DriveSyncError) -> None:
        """Say why it did not work."""
        self._over(Step.FAILED, error=error)

    def gave_up(self, expired: Callable[[], DriveSyncError]) -> None:
        """Say that it was given up."""
        step = self._asked_to_end or Step.CANCELLED
        self._over(step, error=expired() if step is Step.EXPIRED else None)

    def _working(self, step: Step, question: Question | None = None) -> None:
        self.check()
        self._stop_timer()
        with self._lock:
            self._step, self._question = step, question
            self._auth_url = self._expires = None
            self._revision += 1
        self.on_loop(self._wake)

    def _over(
        self, step: Step, *, account: Account | None = None, error: DriveSyncError | None = None
    ) -> None:
        self._stop_timer()
        with self._lock:
            self._step, self._account, self._error = step, account, error
            self._auth_url = self._expires = self._question = self._conversation = None
            self.ended = time.monotonic()
            self._revision += 1
        self.on_loop(self._wake)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def on_loop(self, function: Callable[[], None]) -> None:
        """Call something on the server's loop, if that still runs."""
        with contextlib.suppress(RuntimeError):  # it was closed: nobody waits any more
            self._loop.call_soon_threadsafe(function)

    def _wake(self) -> None:
        event, self._changed = self._changed, asyncio.Event()
        event.set()


def question_json(question: Question) -> Json:
    """Return the `Question` of api/openapi.yaml."""
    return {
        "name": question.name,
        "label": question.label,
        "help": question.help,
        "type": question.type.value,
        "required": question.required,
        "secret": question.secret,
        "default": question.default,
        "choices": [{"value": item.value, "help": item.help} for item in question.choices],
        "exclusive": question.exclusive,
        "error": question.error,
        "advanced": question.advanced,
        "position": question.position,
    }


def account_json(account: Account) -> Json:
    """Return the `Account` of api/openapi.yaml."""
    return {
        "remote": account.remote,
        "type": account.type,
        "user": account.user,
        "email": account.email,
        "total": account.space.total,
        "used": account.space.used,
        "free": account.space.free,
        "scope": account.scope,
        "client": account.client.value,
        "shared_drive": account.shared_drive,
    }
