"""Running a program that must not keep a cell waiting for ever."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress


def run_for(argv: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and collect what it says.

    It gets a group of its own, which ends with it when it takes too long or the cell is
    interrupted: what it started may hold its output open as well.

    Raises
    ------
    subprocess.TimeoutExpired
        It took longer than `seconds`, and was ended.
    OSError
        It cannot be started.
    """
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(list(argv), process.returncode, out, err)
