"""Runs one program that must not outlive the one who started it.

Started as a program of its own: ``python leash.py COMMAND...``. It starts the command, reads its
own standard input to the end, and then kills the command. The input ends when the starter closes
it, and also when the starter is killed: so no listener and no secret is left behind. It uses the
standard library only, so that it starts quickly.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    """Run the command until it ends or the input does; return its exit code."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
    )
    watch = threading.Thread(target=_kill_at_end_of_input, args=(child,), daemon=True)
    watch.start()
    return child.wait()


def _kill_at_end_of_input(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):
        pass
    with contextlib.suppress(OSError):  # it may have ended by itself
        child.kill()


def _die_with_parent() -> None:
    # Should this process be killed too, the system ends the command (Linux alone can do that).
    import ctypes  # noqa: PLC0415 - only in the child, and only here

    set_parent_death_signal, kill = 1, 9
    ctypes.CDLL(None).prctl(set_parent_death_signal, kill)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
