"""rclone by itself, as a person would run it from a terminal."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.drive import REMOTE, Drive
from jupyter_drive_sync.rclone.binary import find_rclone


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls to Drive and seconds of one command."""

    calls: int
    seconds: float


class Rclone:
    """rclone with the emulator's configuration."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive
        self._binary = find_rclone(None)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RCLONE_")}
        self._environment = {**kept, **drive.environment}

    def run(self, *arguments: str | Path) -> Cost:
        """Run a command to its end.

        Raises
        ------
        RuntimeError
            It failed; the message holds the end of its log.
        """
        self._drive.reset()
        started = time.perf_counter()
        done = subprocess.run(
            [str(self._binary.path), "--config", str(self._drive.config), *map(str, arguments)],
            env=self._environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(
                f"rclone {arguments[0]} ended with {done.returncode}: {done.stderr[-2000:]}"
            )
        return Cost(self._drive.calls(), seconds)


class PlainBisync:
    """``rclone bisync`` of two folders that are equal already."""

    def __init__(self, rclone: Rclone, local: Path, remote: str, workdir: Path) -> None:
        self._rclone = rclone
        self._local = local
        self._remote = f"{REMOTE}:{remote}"
        self._workdir = workdir

    def prepare(self) -> None:
        """Make bisync's listings, the quick way."""
        self.run("--resync", "--fast-list")
        self.run("--fast-list")

    def run(self, *flags: str) -> Cost:
        """Run it with the flags."""
        return self._rclone.run(
            "bisync", self._local, self._remote, "--workdir", self._workdir, *flags
        )

    def copyto(self, place: Path) -> Cost:
        """Copy one saved file up, by name."""
        inner = place.relative_to(self._local).as_posix()
        return self._rclone.run("copyto", place, f"{self._remote}/{inner}")
