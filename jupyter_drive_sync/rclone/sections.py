"""Writing single remotes into an rclone configuration, whole or not at all.

rclone writes such a file too, whenever it renews a token. So a change is made under a lock of our
own, from the file as it is at that moment, is read back by rclone itself before it counts, and is
made again if the file changed meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from jupyter_drive_sync.errors import ConfigUnreadable, LockedElsewhere
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import read_sections
from jupyter_drive_sync.rclone.process import Runner

LOCK_SECONDS = 10.0
"""How long to wait for another process that changes the same file."""

_TRIES = 5
_HEADER = re.compile(r"^\s*\[(?P<name>.*)\]\s*$")

Sections = dict[str, dict[str, str]]


def change_sections(rclone: Rclone, config: Path, change: Callable[[Sections], None]) -> None:
    """Change a configuration; it is made, 0600, when it is not there.

    Parameters
    ----------
    rclone : Rclone
        Reads the file, before and after.
    config : Path
        The file.
    change : Callable
        Changes the sections in place; what it raises leaves the file as it was.

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
            target.parent.mkdir(parents=True, mode=0o700)
        with _locked(target):
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
    before = _stamp(config)
    text = config.read_text(encoding="utf-8") if before is not None else ""
    old = read_sections(Runner(rclone, config), config) if before is not None else {}
    new = {name: dict(section) for name, section in old.items()}
    change(new)
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    written = _without(text, changed)
    for name in sorted(changed & new.keys()):
        written += _block(name, new[name])
    handle, temporary = tempfile.mkstemp(prefix=".~", dir=config.parent)
    draft = Path(temporary)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        if read_sections(Runner(rclone, draft), draft) != new:
            raise ConfigUnreadable(f"rclone's configuration {config} did not take the change.")
        if _stamp(config) != before:
            return False
        os.replace(draft, config)  # noqa: PTH105
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
    return True


def _without(text: str, names: set[str]) -> str:
    kept: list[str] = []
    inside = ""
    for line in text.splitlines():
        header = _HEADER.match(line)
        if header is not None:
            inside = header["name"].strip()
        if inside not in names:
            kept.append(line)
    whole = "\n".join(kept).strip("\n")
    return f"{whole}\n\n" if whole else ""


def _block(name: str, section: Mapping[str, str]) -> str:
    lines = [f"[{name}]", *(f"{key} = {value}" for key, value in section.items())]
    return "\n".join(lines) + "\n\n"


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextlib.contextmanager
def _locked(config: Path) -> Iterator[None]:
    """Hold a lock file beside the configuration."""
    with config.with_name(f"{config.name}.lock").open("a+b") as file:
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
