"""The guard as a process: ``python -m drive_sync_colab.guard FOLDER``."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from ..places import write_atomic
from ..settings import GuardSettings
from .folders import GuardFolder
from .identity import Identity
from .process import Guard

NICE = 2
LAST_WORDS = 10.0
_LOG_SIZE = 2**20
_LOCK_PATIENCE = 5.0


def take_lock(path: Path) -> int | None:
    """Take the lock of the one guard; None when another keeps it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:  # noqa: PERF203 - a wait
            if time.monotonic() > until:
                os.close(handle)
                return None
            time.sleep(0.1)  # somebody may only be looking whether it is held


def main(folder: GuardFolder) -> int:
    """Guard until the run ends or a signal comes; return the exit code."""
    lock = take_lock(folder.lock)
    if lock is None:
        return 0
    os.nice(NICE)
    if (own := Identity.of(os.getpid())) is not None:
        write_atomic(folder.pid, own.as_text().encode())

    def note(text: str) -> None:
        line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n"
        # A full disk must not end the guard; the pulse tells of it.
        with contextlib.suppress(OSError):
            if folder.log.exists() and folder.log.stat().st_size > _LOG_SIZE:
                folder.log.replace(folder.log.with_suffix(".log.1"))
            with folder.log.open("a", encoding="utf-8") as file:
                file.write(line)

    guard = Guard(folder, GuardSettings.read(folder.settings), lock, note)

    def end(number: int, frame: FrameType | None) -> None:
        guard.end = guard.end or "stopped"
        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(int(LAST_WORDS))

    def give_up(number: int, frame: FrameType | None) -> None:
        guard.has_told_end = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    note(f"The guard of {guard.settings.run} runs.")
    try:
        guard.run()
    finally:
        guard.close()
        note("The guard ends.")
    return 0


if __name__ == "__main__":
    sys.exit(main(GuardFolder(Path(sys.argv[1]))))
