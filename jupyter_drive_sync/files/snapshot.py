"""Copying one version of a file that may be written meanwhile."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from jupyter_drive_sync.errors import Cancelled
from jupyter_drive_sync.files.atomic import raise_if_full
from jupyter_drive_sync.files.reading import open_regular
from jupyter_drive_sync.ports.transfer import CancelToken

_CHUNK = 1 << 20


def snapshot(source: Path, target: Path, cancel: CancelToken) -> str | None:
    """Copy a file with its time, if it holds still meanwhile.

    Parameters
    ----------
    source : Path
        A regular file; a link is not followed.
    target : Path
        A new file in an existing folder.
    cancel : CancelToken
        Asked after each megabyte.

    Returns
    -------
    str or None
        The md5 of what was copied. None, and no copy, when the file is gone, cannot be read, is
        no regular file or was changed meanwhile.

    Raises
    ------
    Cancelled
        `cancel` was requested.
    DiskFull, OSError
        The copy cannot be written. Nothing is left of it.
    """
    file = open_regular(source)
    if file is None:
        return None
    with file:
        before = os.fstat(file.fileno())
        md5 = hashlib.md5(usedforsecurity=False)
        whole = False
        try:
            with target.open("xb", buffering=0) as copy:
                while chunk := file.read(_CHUNK):
                    if cancel.requested:
                        raise Cancelled("The sync was cancelled.")
                    md5.update(chunk)
                    copy.write(chunk)
            os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
            whole = _stands(before, file.fileno(), source)
        except OSError as error:
            raise_if_full(error, target)
            raise
        finally:
            if not whole:
                target.unlink(missing_ok=True)
    return md5.hexdigest() if whole else None


def _stands(before: os.stat_result, handle: int, source: Path) -> bool:
    after = os.fstat(handle)
    try:
        named = source.lstat()
    except OSError:
        return False  # gone by now
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return same and os.path.samestat(after, named)
