"""MD5 digests of files that may change while they are read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jupyter_drive_sync.errors import Cancelled
from jupyter_drive_sync.files.reading import open_regular
from jupyter_drive_sync.ports.transfer import CancelToken

_CHUNK = 1 << 20
_THREADS = 4


def digest_file(path: Path, cancel: CancelToken | None = None) -> str | None:
    """Compute a file's md5, if it holds still.

    Parameters
    ----------
    path : Path
        A regular file; a link is not followed.
    cancel : CancelToken, optional
        Asked after each megabyte.

    Returns
    -------
    str or None
        Lower-case hex. None when the file is gone, cannot be read, is no regular file or
        changed while it was read.

    Raises
    ------
    Cancelled
        `cancel` was requested.
    """
    file = open_regular(path)
    if file is None:
        return None
    with file:
        before = os.fstat(file.fileno())
        md5 = hashlib.md5(usedforsecurity=False)
        try:
            while chunk := file.read(_CHUNK):
                if cancel is not None and cancel.requested:
                    raise Cancelled("Reading the files was cancelled.")
                md5.update(chunk)
            after, named = os.fstat(file.fileno()), path.lstat()
        except OSError:
            return None
    if _stamp(before) != _stamp(after) or not os.path.samestat(after, named):
        return None
    return md5.hexdigest()


def digest_files(
    root: Path, paths: Iterable[str], cancel: CancelToken | None = None
) -> dict[str, str | None]:
    """Compute the md5 of many files below `root`, a few at a time.

    Raises
    ------
    Cancelled
        `cancel` was requested.
    """
    wanted = list(dict.fromkeys(paths))
    if not wanted:
        return {}
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="drive-sync-md5") as pool:
        try:
            digests = list(pool.map(lambda path: digest_file(root / path, cancel), wanted))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return dict(zip(wanted, digests, strict=True))


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
