"""All processes of a stand-in machine, and their end at once."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def _parents() -> dict[int, int]:
    found = {}
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if fields[0] not in "ZX":
                found[int(entry.name)] = int(fields[1])
    return found


def _marked(pid: int, marker: bytes) -> bool:
    try:
        return marker in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _inside(pid: int, folder: str) -> bool:
    """Say whether a process works below a folder: one that was started with a bare environment."""
    for link in ("cwd", "exe"):
        with suppress(OSError):
            place = os.readlink(PROC / str(pid) / link)
            if place == folder or place.startswith(folder + "/"):
                return True
    return False


def processes_of(marker: str, folder: Path) -> set[int]:
    """Return the ids of a machine's processes.

    Parameters
    ----------
    marker : str
        ``NAME=value`` that stands in the environment of the machine's first process.
    folder : Path
        The machine's disk.
    """
    parents = _parents()
    place = str(folder.resolve())
    found = {
        pid
        for pid in parents
        if pid != os.getpid() and (_marked(pid, marker.encode()) or _inside(pid, place))
    }
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def end_all(marker: str, folder: Path, timeout: float = 20.0) -> None:
    """Kill every process of a machine, whatever session it is in.

    Raises
    ------
    TimeoutError
        When new ones come faster than they go.
    """
    limit = time.monotonic() + timeout
    while found := processes_of(marker, folder):
        for pid in found:  # first stop them all, so that none can start another
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        for pid in found | processes_of(marker, folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > limit:
            raise TimeoutError(f"these processes do not end: {sorted(found)}")
        time.sleep(0.01)
