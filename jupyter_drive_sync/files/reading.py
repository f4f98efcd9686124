"""Opening files of a person to read them, whatever they have become."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_unfollowed(path: Path) -> BinaryIO:
    """Open a file, unbuffered; a link is not followed, and a FIFO's writer not waited for.

    Raises
    ------
    OSError
        It is gone, a link, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb", buffering=0)


def open_regular(path: Path) -> BinaryIO | None:
    """Open a regular file likewise; None when it is none, is gone or cannot be read."""
    try:
        file = open_unfollowed(path)
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    return None
