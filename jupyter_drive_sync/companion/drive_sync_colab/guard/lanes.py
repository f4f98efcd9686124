"""Work on Drive beside the guard's loop: one job at a time in each lane."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..errors import CompanionError
from .failures import pause_after

Done = Callable[[Any], None]


class Lane:
    """One job at a time.

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
        self._failures = 0
        self._next = 0.0
        self.error: CompanionError | None = None
        """Why the last job failed; None after one that did not."""

    def is_free(self) -> bool:
        """Tell whether a job may start: none is under way, and the pause is over."""
        return self._job is None and time.monotonic() >= self._next

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

        After a failure only `ended` is called.
        """
        self._job = (title, self._pool.submit(work), done, ended)

    def collect(self) -> bool:
        """Take in a job that ended; tell whether one did."""
        if self._job is None or not self._job[1].done():
            return False
        title, future, done, ended = self._job
        self._job = None
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
        self.succeed()
        done(result)
        return True

    def succeed(self) -> None:
        """Note that it works."""
        if self.error is not None:
            self._note(f"{self.name}: works again")
        self._failures, self._next, self.error = 0, 0.0, None

    def fail(self, error: CompanionError, title: str) -> None:
        """Note a failure; the next job starts after a pause."""
        self._failures += 1
        pause = pause_after(self._failures, error)
        self._next, self.error = time.monotonic() + pause, error
        self._note(f"{title}: {error.message} Next try in {pause:.0f} s.")

    def hurry(self) -> None:
        """Let the next job start at once."""
        self._next = 0.0

    def close(self) -> None:
        """Wait for the job under way, and take no other."""
        self._pool.shutdown(cancel_futures=True)
