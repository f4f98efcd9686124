"""Progress, cancelling and the outcome of work that rclone does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from jupyter_drive_sync.ports.listing import Entry


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is.

    Attributes
    ----------
    bytes, total_bytes : int
        Moved so far and to be moved.
    files, total_files : int
        Finished so far and to be done.
    speed : float
        Bytes a second.
    eta_seconds : int or None
        Estimated time left; None while it cannot be told.
    current : tuple of (str, int)
        Paths under way, with percent done.
    """

    bytes: int = 0
    total_bytes: int = 0
    files: int = 0
    total_files: int = 0
    speed: float = 0.0
    eta_seconds: int | None = None
    current: tuple[tuple[str, int], ...] = ()


BEING_WRITTEN = "it is being written"
"""The reason of a file that could not be copied because it changed while it was read."""

ARRIVED_DIFFERENT = "it changed while it was copied"
"""The reason of a file that was copied, but not as it stands at its source."""

OnProgress = Callable[[Progress], None]
"""Called from the worker thread, at most a few times a second."""


class CancelToken:
    """Lets one thread ask another's rclone to stop.

    The worker polls `requested` or registers a callback with `on_request`.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def requested(self) -> bool:
        """Whether cancelling was asked for."""
        return self._event.is_set()

    def request(self) -> None:
        """Ask for the work to stop. Harmless when repeated."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def on_request(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` once when cancelling is asked for, at once if it was already.

        Returns
        -------
        Callable[[], None]
            Takes the callback back.
        """
        with self._lock:
            already = self._event.is_set()
            if not already:
                self._callbacks.append(callback)
        if already:
            callback()

        def forget() -> None:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return forget


class BisyncResult(str, Enum):
    """How a bisync run ended; one word for each row of the exit-code table."""

    FINE = "fine"
    DEGRADED = "degraded"
    CONFLICT = "conflict"
    NEEDS_RESYNC = "needs_resync"
    FILTERS_CHANGED = "filters_changed"
    REMOTE_MISSING = "remote_missing"
    LOCAL_MISSING = "local_missing"
    TOO_MANY_DELETES = "too_many_deletes"
    ALL_CHANGED = "all_changed"
    LOCKED = "locked"
    CANCELLED = "cancelled"
    SIGN_IN = "sign_in"
    QUOTA_FULL = "quota_full"
    DISK_FULL = "disk_full"
    API_NOT_ENABLED = "api_not_enabled"
    RATE_LIMITED = "rate_limited"
    OFFLINE = "offline"
    USAGE = "usage"
    KILLED = "killed"
    FAILED = "failed"

    @property
    def ok(self) -> bool:
        """Whether bisync finished and brought its listings up to date."""
        return self in (BisyncResult.FINE, BisyncResult.DEGRADED, BisyncResult.CONFLICT)


@dataclass(frozen=True, slots=True)
class FileNote:
    """One thing rclone said about one path (a copy, a delete, an error)."""

    path: str
    message: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class BisyncOutcome:
    """What one bisync run came to.

    Attributes
    ----------
    result : BisyncResult
        The row of the table.
    exit_code : int
        rclone's exit code; negative for a signal, as in `subprocess`.
    locked_out : bool
        Whether the next run needs ``--resync``.
    notes : tuple of FileNote
        What was said of single paths, in order.
    errors : tuple of str
        Error-level messages, cleaned of secrets, at most a hundred.
    copies : Mapping of str to str
        Paths that were changed on both sides at once, with the name that it gave the other version.
    """

    result: BisyncResult
    exit_code: int
    locked_out: bool = False
    notes: tuple[FileNote, ...] = ()
    errors: tuple[str, ...] = ()
    copies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BisyncRequest:
    """One bisync run.

    Attributes
    ----------
    local : Path
        Path1.
    remote : str
        Path2, as rclone takes it.
    workdir : Path
        Own folder of this project for bisync's listings.
    filters : tuple of str
        rclone filter rules in order, for instance ``- /.git/**``.
    max_delete_percent : int
        What the plan agreed to, 0 to 100.
    resync : bool
        Make the listings anew. Only when both sides are equal, or the local side wins by plan.
    lock_fd : int or None
        The project's lock, for the child to inherit.
    """

    local: Path
    remote: str
    workdir: Path
    filters: tuple[str, ...]
    max_delete_percent: int
    resync: bool = False
    lock_fd: int | None = None


@dataclass(frozen=True, slots=True)
class CopyResult:
    """What a bulk copy came to.

    Attributes
    ----------
    done : tuple of str
        Paths that arrived.
    failed : Mapping of str to str
        Those that did not, with the reason.
    shown : Mapping of str to Entry
        What the target shows of paths that arrived, where nobody has compared it with the source.
        Empty where the copy was verified.
    """

    done: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """One folder in a folder picker."""

    name: str
    path: str
    id: str | None = None


def no_progress(_: Progress) -> None:
    """Take progress and do nothing with it."""


Paths = Sequence[str]
