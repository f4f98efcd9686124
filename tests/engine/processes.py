"""The engine in a process of its own, and its rclones; looks into /proc."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.engine.trouble import ROOT
from tests.engine.world import World


def children(parent: int) -> list[int]:
    """Return the rclone processes that a process has started."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = place.read_text().partition("(")[2].rpartition(")")
            if name == "rclone" and int(rest.split()[1]) == parent:
                found.append(int(place.parent.name))
    return found


def command_line(world: World, tmp_path: Path, config: Path) -> subprocess.Popen[bytes]:
    """Start a run in a process of its own: the engine as the command line has it."""
    return subprocess.Popen(
        [sys.executable, "-m", "jupyter_drive_sync.cli", "sync", str(world.local)],
        env={
            **os.environ,
            "JUPYTER_DATA_DIR": str(tmp_path / "data"),
            "RCLONE_CONFIG": str(config),
        },
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def most_memory(engine: subprocess.Popen[bytes]) -> dict[str, int]:
    """Watch a process to its end; return the most memory of it and of one rclone, in KB."""
    most = {"the engine": 0, "rclone": 0}
    while True:
        for pid, name in (
            (engine.pid, "the engine"),
            *((n, "rclone") for n in children(engine.pid)),
        ):
            with contextlib.suppress(OSError):
                found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
                most[name] = max(most[name], int(found[1]) if found else 0)
        with contextlib.suppress(subprocess.TimeoutExpired):
            engine.wait(0.1)
            return most
