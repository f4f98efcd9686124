"""Exchanging two names on one disk without a moment in which a version could be lost.

All differences between platforms and file systems live here. Linux has ``renameat2`` and macOS
``renamex_np``; where the platform or the file system cannot exchange, the standing file is first
renamed aside (which takes exactly the version that stands there, whoever wrote it) and the new
one is then put in without ever replacing anything.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

_LINUX_NOREPLACE, _LINUX_EXCHANGE, _LINUX_HERE = 1, 2, -100
_MACOS_SWAP, _MACOS_EXCL = 2, 4
_UNABLE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}
_NO_LINKS = _UNABLE | {errno.EPERM, errno.EMLINK, errno.EACCES}

_Native = Callable[[Path, Path, bool], None]


def swap(staged: Path, target: Path, aside: Callable[[int], Path]) -> tuple[Path, ...]:
    """Put `staged` at `target` and keep what stood there.

    Parameters
    ----------
    staged : Path
        The new file, on the same file system.
    target : Path
        The name it takes. Something stands there.
    aside : Callable
        Where the first, second... file is renamed to that has to make way, in an existing folder
        of the same file system. Not called where the platform can exchange.

    Returns
    -------
    tuple of Path
        Where the displaced files are now, oldest first. There can be more than one where the
        file system cannot exchange and somebody saved in between.

    Raises
    ------
    FileNotFoundError
        Nothing stands at `target`, or `staged` is gone. Nothing was changed.
    OSError
        The disk refused. Nothing was changed.
    """
    native = _native()
    if native is not None:
        try:
            native(staged, target, True)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
        else:
            return (staged,)
    return _swap_by_renames(staged, target, aside)


def place_new(staged: Path, target: Path) -> None:
    """Give a file a new name, never replacing anything.

    Raises
    ------
    FileExistsError
        Something stands at `target`. Nothing was changed.
    OSError
        The disk refused. Nothing was changed.
    """
    native = _native()
    if native is not None:
        try:
            native(staged, target, False)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
        else:
            return
    _place_by_link(staged, target)


def _swap_by_renames(staged: Path, target: Path, aside: Callable[[int], Path]) -> tuple[Path, ...]:
    """Rename the standing file aside, then put the new one in; again if one appeared meanwhile."""
    displaced: list[Path] = []
    while True:
        spare = aside(len(displaced))
        try:
            os.rename(target, spare)  # noqa: PTH104
        except FileNotFoundError:
            if not displaced:  # nothing stood there in the first place
                raise
        else:
            displaced.append(spare)
        try:
            place_new(staged, target)
        except FileExistsError:
            continue
        except OSError:
            for version in reversed(displaced):
                # Back to where it was; should yet another version stand there, it stays aside.
                if not os.path.lexists(target):
                    place_new(version, target)
            raise
        return tuple(displaced)


def _place_by_link(staged: Path, target: Path) -> None:
    if os.name == "nt":
        os.rename(staged, target)  # noqa: PTH104  (never replaces on Windows)
        return
    try:
        os.link(staged, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        staged.unlink()
        return
    # Neither an exclusive rename nor hard links (old FAT drivers, some FUSE file systems).
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    os.rename(staged, target)  # noqa: PTH104


def _native() -> _Native | None:
    return _NATIVE


def _linux() -> _Native | None:
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:  # musl before 1.2.6 and glibc before 2.28
        return None
    call.argtypes = [
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_uint,
    ]

    def rename(source: Path, target: Path, exchange: bool) -> None:
        flag = _LINUX_EXCHANGE if exchange else _LINUX_NOREPLACE
        old, new = os.fsencode(source), os.fsencode(target)
        if call(_LINUX_HERE, old, _LINUX_HERE, new, flag) != 0:
            _raise(source, target)

    return rename


def _macos() -> _Native | None:
    call = getattr(ctypes.CDLL(None, use_errno=True), "renamex_np", None)
    if call is None:
        return None
    call.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint]

    def rename(source: Path, target: Path, exchange: bool) -> None:
        flag = _MACOS_SWAP if exchange else _MACOS_EXCL
        if call(os.fsencode(source), os.fsencode(target), flag) != 0:
            _raise(source, target)

    return rename


def _raise(source: Path, target: Path) -> None:
    code = ctypes.get_errno()
    raise OSError(code, os.strerror(code), str(source), None, str(target))


def _find_native() -> _Native | None:
    if sys.platform.startswith("linux"):
        return _linux()
    if sys.platform == "darwin":
        return _macos()
    return None


_NATIVE = _find_native()
