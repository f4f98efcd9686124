"""Work on Drive beside the guard's loop: one job at a time in each lane."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..errors import CompanionError
from .failures import pause_after, worst

Done = Callable[[Any], None]

_SHOWN_FOR = 30.0
"""Seconds after its pause in which an error still stands, if nobody tried again."""


@dataclass(slots=True)
class _Trouble:
    """Jobs of one title that failed: how many in a row, why, until when they pause."""

    failures: int
    error: CompanionError
    until: float


class Lane:
    """One job at a time.

    Jobs of one title wait for each other's failures: the pause grows until one of them succeeds,
    whatever becomes of the lane's other jobs meanwhile.

    Parameters
    ----------
    name : str
        For the log.
    note : callable
        Gets a sentence for the log.
    """

    def __init__(self, name: str, note: Callable[[str], None]) -> None:
        self.name = name
        self._note = note
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._job: tuple[str, Future[Any], Done, Callable[[], None]] | None = None
        self._troubles: dict[str, _Trouble] = {}
        self.failed: CompanionError | None = None
        """Why the job that was collected last failed; None where it did not."""

    @property
    def error(self) -> CompanionError | None:
        """What is wrong now: the gravest error of the jobs that did not succeed since."""
        now = time.monotonic()
        return worst(
            one.error
            for one in self._troubles.values()
            if self._job is not None or now < one.until + _SHOWN_FOR
        )

    def error_of(self, title: str) -> CompanionError | None:
        """Return why the last job of a title failed."""
        return self._troubles[title].error if title in self._troubles else None

    def is_free(self, title: str | None = None) -> bool:
        """Tell whether a job may start: none is under way, and the pause of its title is over."""
        now = time.monotonic()
        return self._job is None and all(
            now >= one.until for name, one in self._troubles.items() if title in (None, name)
        )

    def is_busy(self) -> bool:
        """Tell whether a job is under way."""
        return self._job is not None

    def start(
        self,
        title: str,
        work: Callable[[], Any],
        done: Done,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        """Start a job; in the loop's thread, `ended` is called first, then `done` with its result.

        After a failure only `ended` is called. `done` may call `fail`: then it did not succeed.
        """
        self._job = (title, self._pool.submit(work), done, ended)

    def collect(self) -> bool:
        """Take in a job that ended; tell whether one did."""
        if self._job is None or not self._job[1].done():
            return False
        title, future, done, ended = self._job
        self._job, self.failed = None, None
        ended()
        try:
            result = future.result()
        except CompanionError as error:
            self.fail(error, title)
            return True
        except OSError as error:
            self.fail(CompanionError(f"{title} failed: {error.strerror or error}."), title)
            return True
        except Exception as error:  # an answer that nobody foresaw: say it, and try again later
            self.fail(CompanionError(f"{title} failed unexpectedly: {error!r}."), title)
            return True
        try:
            done(result)
        finally:
            if self.failed is None:
                self.succeed(title)
        return True

    def succeed(self, title: str) -> None:
        """Note that jobs of a title work."""
        if self._troubles.pop(title, None) is not None:
            self._note(f"{self.name}: works again")

    def fail(self, error: CompanionError, title: str, about: str = "") -> None:
        """Note a failure, about what for the log; the next job starts after a pause."""
        before = self._troubles.get(title)
        failures = before.failures + 1 if before else 1
        pause = pause_after(failures, error)
        self._troubles[title] = _Trouble(failures, error, time.monotonic() + pause)
        self.failed = error
        self._note(f"{about or title}: {error.message} Next try in {pause:.0f} s.")

    def hurry(self) -> None:
        """Let the next job start at once."""
        for one in self._troubles.values():
            one.until = 0.0

    def close(self) -> None:
        """Wait for the job under way, and take no other."""
        self._pool.shutdown(cancel_futures=True)
