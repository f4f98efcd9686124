"""One rclone process, from its start to its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from jupyter_drive_sync.errors import Cancelled, Offline, RcloneMissing
from jupyter_drive_sync.ports.transfer import CancelToken, OnProgress, no_progress
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.environment import child_environment
from jupyter_drive_sync.rclone.log import LogLine, parse_line

GRACE = 35.0
"""Seconds for a cancelled rclone to finish its file and save its state (it takes up to 30)."""

_MOST_LINES = 200_000

_WINDOWS = os.name == "nt"


@dataclass(frozen=True, slots=True)
class Finished:
    """An rclone that has ended.

    Attributes
    ----------
    exit_code : int
        As in `subprocess`: negative for a signal.
    stdout : bytes
        Standard output, unless it went to `on_stdout`.
    lines : tuple of LogLine
        The log without the regular reports on progress.
    cancelled : bool
        Whether it was asked to stop before it had ended.
    """

    exit_code: int
    stdout: bytes
    lines: tuple[LogLine, ...]
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs one rclone binary with one configuration file.

    Attributes
    ----------
    rclone : Rclone
        The binary.
    config : Path or None
        rclone's configuration file; None for none at all.
    grace : float
        Seconds between asking a cancelled rclone to stop and killing it.
    lock : Callable
        Returns the descriptor of a lock that every rclone inherits, so that the lock outlives
        this process; None while there is none.
    seconds : float or None
        How long one run may take before it is killed; None: as long as it likes.
    """

    rclone: Rclone
    config: Path | None = None
    grace: float = GRACE
    lock: Callable[[], int | None] = lambda: None
    seconds: float | None = None

    def command(self, command: Sequence[str], positionals: Sequence[str] = ()) -> list[str]:
        """Return the whole command line; `positionals` cannot be taken for flags."""
        return [
            str(self.rclone.path),
            *command,
            "--config",
            "" if self.config is None else str(self.config),
            "--ask-password=false",
            "--color",
            "NEVER",
            "--use-json-log",
            *(["--", *positionals] if positionals else []),
        ]

    def run(
        self,
        command: Sequence[str],
        positionals: Sequence[str] = (),
        *,
        stdin: bytes = b"",
        on_progress: OnProgress = no_progress,
        on_stdout: Callable[[bytes], None] | None = None,
        cancel: CancelToken | None = None,
        lock_fd: int | None = None,
    ) -> Finished:
        """Run a command to its end.

        Parameters
        ----------
        command : sequence of str
            The command and its flags.
        positionals : sequence of str
            Remotes and folders.
        stdin : bytes
            Standard input.
        on_progress : callable
            Takes progress, from another thread.
        on_stdout : callable, optional
            Takes each line of standard output, from another thread, instead of collecting it.
        cancel : CancelToken, optional
            Stops the run: rclone may finish its file and save its state, within `grace` seconds.
        lock_fd : int, optional
            A file descriptor to be inherited instead of `lock`'s.

        Raises
        ------
        RcloneMissing
            The binary cannot be started.
        Cancelled
            Cancelling was asked for before the start.
        Offline
            It took longer than `seconds`.
        """
        if cancel is not None and cancel.requested:
            raise Cancelled("The run was cancelled.")
        inherited = self.lock() if lock_fd is None else lock_fd
        process = self._start(command, positionals, inherited)
        stop = _Stop(process, self.grace)
        forget = cancel.on_request(stop.ask) if cancel is not None else _nothing
        collected: deque[bytes] = deque()
        lines: deque[LogLine] = deque(maxlen=_MOST_LINES)

        def log(raw: bytes) -> None:
            line = parse_line(raw.decode("utf-8", "replace"))
            if line.progress is not None:
                on_progress(line.progress)
            elif line.message:
                lines.append(line)

        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise AssertionError("all three streams are pipes")
        threads = [
            _Reader(process.stdout, on_stdout or collected.append, stop),
            _Reader(process.stderr, log, stop),
        ]
        limit = threading.Timer(self.seconds or 0, stop.expire)
        limit.daemon = True
        try:
            if self.seconds is not None:
                limit.start()
            for thread in threads:
                thread.start()
            # A child that ends without reading all of its input has its reasons in the log.
            with contextlib.suppress(OSError), process.stdin as pipe:
                pipe.write(stdin)
            process.wait()
            for thread in threads:
                thread.join()
        finally:
            limit.cancel()
            forget()
            stop.over()
        if stop.expired:
            raise Offline(f"There was no answer within {self.seconds:g} seconds.")
        for thread in threads:
            if thread.failure is not None:
                raise thread.failure
        return Finished(process.returncode, b"".join(collected), tuple(lines), stop.asked)

    def _start(
        self, command: Sequence[str], positionals: Sequence[str], lock_fd: int | None
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self.command(command, positionals),
                env=child_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                close_fds=True,
                pass_fds=() if lock_fd is None or _WINDOWS else (lock_fd,),
                # Its own group: an interrupt meant for the server does not reach it.
                start_new_session=not _WINDOWS,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise RcloneMissing(
                f"rclone at {self.rclone.path} cannot be run: {error.strerror}."
            ) from error


def _nothing() -> None:
    pass


class _Reader(threading.Thread):
    """Hands a stream's lines to a callback; keeps what the callback raises."""

    def __init__(self, stream: IO[bytes], take: Callable[[bytes], None], stop: _Stop) -> None:
        super().__init__(name="rclone-output", daemon=True)
        self._stream = stream
        self._take = take
        self._stop_process = stop
        self.failure: BaseException | None = None

    def run(self) -> None:
        with self._stream as stream:
            for line in stream:
                if self.failure is not None:
                    continue  # read on, or rclone would block
                try:
                    self._take(line)
                except BaseException as error:  # re-raised by Runner.run
                    self.failure = error
                    self._stop_process.ask()


class _Stop:
    """Asks a process to stop, and kills it when it has not done so after a while."""

    def __init__(self, process: subprocess.Popen[bytes], grace: float) -> None:
        self._process = process
        self._grace = grace
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._over = False
        self.asked = False
        self.expired = False

    def ask(self) -> None:
        with self._lock:
            if self._over or self.asked or self._process.poll() is not None:
                return
            self.asked = True
            self._timer = threading.Timer(self._grace, self._kill)
            self._timer.daemon = True
            self._timer.start()
            self._signal(gracefully=True)

    def expire(self) -> None:
        """Kill it at once: its time is over."""
        with self._lock:
            if not self._over and self._process.poll() is None:
                self.expired = True
                self._signal(gracefully=False)

    def over(self) -> None:
        """Say that the process needs no more stopping; a living one is killed."""
        with self._lock:
            self._over = True
            if self._timer is not None:
                self._timer.cancel()
            alive = self._process.poll() is None
            if alive:
                self._signal(gracefully=False)
        if alive:
            self._process.wait()

    def _kill(self) -> None:
        with self._lock:
            if not self._over and self._process.poll() is None:
                self._signal(gracefully=False)

    def _signal(self, *, gracefully: bool) -> None:
        # It may end by itself between the look and the signal.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if not _WINDOWS:
                number = signal.SIGINT if gracefully else signal.SIGKILL
                os.killpg(self._process.pid, number)
            elif gracefully:
                self._process.send_signal(getattr(signal, "CTRL_BREAK_EVENT"))  # noqa: B009
            else:
                self._process.kill()
