"""Writing single remotes into an rclone configuration, whole or not at all.

rclone writes such a file too, whenever it renews a token. So a change is made under a lock of our
own, from the file as it is at that moment, is read back by rclone itself before it counts, and is
made again if the file changed meanwhile.

rclone knows nothing of our lock. A token that it renews between the last look at the file and its
replacement, far less than a millisecond, is lost; rclone renews it once more then, with what it had
before, or the storage asks to sign in again where that does not count any more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from jupyter_drive_sync.errors import ConfigUnreadable, LockedElsewhere
from jupyter_drive_sync.ports.private import make_private
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import read_sections
from jupyter_drive_sync.rclone.config_text import Sections, edited, refused
from jupyter_drive_sync.rclone.process import Runner

LOCK_SECONDS = 10.0
"""How long to wait for another process that changes the same file."""

_TRIES = 5


def change_sections(
    rclone: Rclone, config: Path, change: Callable[[Sections], None], *, locks: Path
) -> None:
    """Change a configuration; it is made, 0600, when it is not there.

    Parameters
    ----------
    rclone : Rclone
        Reads the file, before and after.
    config : Path
        The file.
    change : Callable
        Changes the sections in place; what it raises leaves the file as it was.
    locks : Path
        A folder of ours for the lock: nothing is left beside a person's own file.

    Raises
    ------
    ConfigUnreadable
        It cannot be read or written, or does not come out as it should.
    LockedElsewhere
        Another process changes it all the time.
    """
    try:
        target = config.resolve()
        if not target.parent.is_dir():
            make_private(target.parent)
        with _locked(target, locks):
            for _ in range(_TRIES):
                if _changed_once(rclone, target, change):
                    return
    except OSError as error:
        raise ConfigUnreadable(
            f"rclone's configuration {config} cannot be written: {error.strerror}.",
            "Check that you may write it and its folder.",
        ) from error
    raise LockedElsewhere(f"{config} is changed by another program all the time.", "Try again.")


def _changed_once(rclone: Rclone, config: Path, change: Callable[[Sections], None]) -> bool:
    before = _bytes(config)
    old = read_sections(Runner(rclone, config), config) if before is not None else {}
    new = {name: dict(section) for name, section in old.items()}
    change(new)
    # What is no UTF-8 goes back as it came: a person's comment, or a value that stays.
    written = edited((before or b"").decode(errors="surrogateescape"), old, new)
    handle, temporary = tempfile.mkstemp(prefix=".~", dir=config.parent)
    draft = Path(temporary)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(written.encode(errors="surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        _check_taken(config, new, read_sections(Runner(rclone, draft), draft))
        if _bytes(config) != before:
            return False
        os.replace(draft, config)  # noqa: PTH105
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
    return True


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _check_taken(config: Path, new: Sections, read: Sections) -> None:
    for name, section in new.items():
        for key, value in section.items():
            if read.get(name, {}).get(key) != value:
                raise refused(name, key)
    if read != new:
        raise ConfigUnreadable(f"rclone's configuration {config} did not take the change.")


@contextlib.contextmanager
def _locked(config: Path, locks: Path) -> Iterator[None]:
    """Hold the lock of a configuration, which is known by where it stands."""
    make_private(locks)
    name = hashlib.sha256(os.fsencode(config)).hexdigest()[:32]
    handle = os.open(locks / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise LockedElsewhere(f"Another program changes {config}.", "Try again.")
            time.sleep(0.05)  # the system offers no waiting with an end
        yield


if os.name == "nt":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
