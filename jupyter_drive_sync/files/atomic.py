"""Writing a file whole or not at all, and what the disk says when it cannot."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from jupyter_drive_sync.errors import DiskFull

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def write_atomic(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file's content in one step that survives a crash.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    content : bytes
        The new content.
    mode : int
        Permission bits of the file.

    Raises
    ------
    DiskFull
        No space is left.
    OSError
        Anything else the disk refuses. The old content stands then.
    """
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".~", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException as error:
        if temporary:
            with contextlib.suppress(FileNotFoundError):
                Path(temporary).unlink()
        raise_if_full(error, path)
        raise
    fsync_folder(path.parent)


def fsync_file(path: Path) -> None:
    """Make a file's content survive a power cut."""
    # Windows flushes only handles that were opened for writing.
    flags = os.O_RDWR if os.name == "nt" else os.O_RDONLY
    handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut, where the platform can do that."""
    if os.name == "nt":  # folders cannot be opened there
        return
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:  # one may write into it, but not read it
        return
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network and FUSE file systems cannot flush folders: nothing more can be done there.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}:
            raise
    finally:
        os.close(handle)


def raise_if_full(error: BaseException, path: Path) -> None:
    """Raise `DiskFull` if that is what an error of the operating system means."""
    if isinstance(error, OSError) and error.errno in _FULL:
        raise DiskFull(f"No space is left on the disk for {path.name}.") from error
