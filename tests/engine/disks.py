"""Disks that fill up and folders that cannot be changed, for real."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT_ON_LINUX = sys.platform == "linux" and os.geteuid() == 0
"""Mounting a small disk takes root; so does making a folder that root itself cannot change."""

_WITHOUT = "DRIVE_SYNC_WITHOUT_ROOT"

ROOMY = 256 * 1024 * 1024


@dataclass(frozen=True)
class SmallDisk:
    """A disk in memory, mounted at `place`."""

    place: Path

    def resize(self, size: int) -> None:
        """Make it as large as that; it must hold what is on it."""
        subprocess.run(["mount", "-o", f"remount,size={size}", self.place], check=True)

    def fill(self, left: int = 0) -> None:
        """Leave room for so many bytes and no more."""
        status = os.statvfs(self.place)
        self.resize((status.f_blocks - status.f_bfree) * status.f_frsize + left)


@contextlib.contextmanager
def small_disk(place: Path, size: int = ROOMY) -> Iterator[SmallDisk]:
    """Mount an empty disk of that size; for root on Linux."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], check=True)
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", place], check=True)


def forbid_changes(folder: Path) -> bool:
    """Let nobody, root included, make, rename or remove a name in a folder; say if that works."""
    if not ROOT_ON_LINUX:
        folder.chmod(0o555)
        return True
    return (
        subprocess.run(["chattr", "+i", folder], check=False, capture_output=True).returncode == 0
    )


def allow_changes(folder: Path) -> None:
    """Undo `forbid_changes`."""
    if ROOT_ON_LINUX:
        subprocess.run(["chattr", "-i", folder], check=True)
    else:
        folder.chmod(0o755)


def again_without_root(request: pytest.FixtureRequest) -> bool:
    """Run the asking test anew without root's power over permissions, if this is root.

    Returns
    -------
    bool
        Whether that was done: then there is nothing left to do here.
    """
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions are another matter on Windows")
    if os.geteuid() != 0 or os.environ.get(_WITHOUT) == "1":
        return False
    if shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and there is no setpriv to give that up")
    rights = "-dac_override,-dac_read_search"
    subprocess.run(
        [
            *("setpriv", f"--inh-caps={rights}", f"--bounding-set={rights}", sys.executable),
            *("-m", "pytest", "-q", "-p", "no:cacheprovider", request.node.nodeid),
        ],
        check=True,
        cwd=request.config.rootpath,
        env={**os.environ, _WITHOUT: "1"},
    )
    return True
