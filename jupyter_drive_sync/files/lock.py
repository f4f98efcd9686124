"""One lock per project, so that two servers or a command line never work on it together.

The lock belongs to the open file, not to the process: an rclone child that was given the
descriptor (``pass_fds=[lock.fileno()]``) still holds it when the server has died, and it is free
as soon as the last of them is gone.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_drive_sync.errors import LockedElsewhere
from jupyter_drive_sync.ports.private import make_private

_POLL = 0.05  # seconds; the operating system cannot wait for a lock with a time limit
_WINDOWS_BYTE = 1 << 30  # msvcrt locks bytes against reading too: one far behind the content


@dataclass(frozen=True, slots=True)
class Holder:
    """Who keeps a project.

    Attributes
    ----------
    pid : int
        Process id.
    host : str
        The computer's name.
    holder : str
        ``server`` or ``command line``.
    since : str
        UTC, ISO 8601.
    url : str or None
        Address of the server, without its token.
    """

    pid: int
    host: str
    holder: str
    since: str
    url: str | None = None

    def describe(self) -> str:
        """Say it for a person."""
        who = "a Jupyter server" if self.holder == "server" else "a command line"
        where = "on this computer" if self.host == socket.gethostname() else f"on {self.host}"
        return f"{who} {where} (process {self.pid}, since {self.since})"


class ProjectLock:
    """An exclusive lock with a note of who holds it.

    Parameters
    ----------
    path : Path
        The lock file; it is made when needed and never deleted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def acquire(
        self, timeout: float = 0, *, holder: str = "server", url: str | None = None
    ) -> None:
        """Take the lock.

        Parameters
        ----------
        timeout : float
            Seconds to wait for it.
        holder : str
            ``server`` or ``command line``.
        url : str, optional
            The server's address, without its token.

        Raises
        ------
        LockedElsewhere
            Somebody else holds it; the message names them.
        """
        if self._handle is not None:
            return
        make_private(self.path.parent)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = time.monotonic() + timeout
            while not _try_lock(handle):
                self._refuse_after(deadline)
                time.sleep(_POLL)
            since = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            note = Holder(os.getpid(), socket.gethostname(), holder, since, url)
            content = json.dumps(asdict(note)).encode()
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, content)
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle

    def probe(self) -> None:
        """Say whether the lock is free, without leaving a note or keeping it.

        Raises
        ------
        LockedElsewhere
            Somebody holds it; the message names them.
        """
        if self._handle is not None or not self.path.exists():
            return
        handle = os.open(self.path, os.O_RDWR)
        try:
            if not _try_lock(handle):
                raise LockedElsewhere(self._refusal())
        finally:
            os.close(handle)

    def release(self) -> None:
        """Let go. A child that was given the descriptor keeps the lock until it ends."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        # Closing, not unlocking: unlocking would take the lock from such a child as well.
        os.close(handle)

    def fileno(self) -> int:
        """Return the descriptor, for a child process to inherit.

        Raises
        ------
        ValueError
            The lock is not held.
        """
        if self._handle is None:
            raise ValueError("The lock is not held.")
        return self._handle

    def holder(self) -> Holder | None:
        """Read who holds the lock, or held it last; None when nobody ever did."""
        try:
            return _parse(self.path.read_bytes())
        except FileNotFoundError:
            return None

    def __enter__(self) -> ProjectLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _refuse_after(self, deadline: float) -> None:
        if time.monotonic() >= deadline:
            raise LockedElsewhere(self._refusal())

    def _refusal(self) -> str:
        holder = self.holder()
        if holder is None:
            return "Another process works on this project."
        if holder.host == socket.gethostname() and not _alive(holder.pid):
            return (
                f"An rclone that was started by {holder.describe()} is still finishing its work "
                "on this project."
            )
        return f"This project is kept by {holder.describe()}."


def _parse(content: bytes) -> Holder | None:
    try:
        fields: Any = json.loads(content)
        return Holder(
            pid=int(fields["pid"]),
            host=str(fields["host"]),
            holder=str(fields["holder"]),
            since=str(fields["since"]),
            url=None if fields.get("url") is None else str(fields["url"]),
        )
    except (ValueError, KeyError, TypeError):
        return None  # it is being written just now


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, _WINDOWS_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _alive(pid: int) -> bool:
        return True  # there is no harmless way to ask there: the locks end with the process

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
