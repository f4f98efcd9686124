"""Starting the guard, and finding the one that runs."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import notebooks
from ..errors import GuardFailed
from ..places import read_json, write_atomic
from ..settings import GuardSettings
from .folders import GuardFolder
from .identity import Identity

PATIENCE = 20.0


@dataclass(frozen=True)
class GuardHandle:
    """The guard of this runtime, as the kernel sees it.

    Attributes
    ----------
    folder : GuardFolder
        Its folder.
    pid : int
        Its process.
    adopted : bool
        It ran before, started by an earlier kernel or cell.
    """

    folder: GuardFolder
    pid: int
    adopted: bool

    def is_alive(self) -> bool:
        """Tell whether a guard runs."""
        return find(self.folder) is not None

    def status(self) -> dict[str, Any]:
        """Return what the guard says of itself; see docs/protocol.md."""
        return read_json(self.folder.status) or {}

    def stop(self, timeout: float = 15.0) -> None:
        """End the guard; it still says so on Drive, if it can."""
        request = self.folder.ask("stop")
        until = time.monotonic() + timeout
        while self.is_alive() and time.monotonic() < until:
            time.sleep(0.05)
        if (pid := find(self.folder)) is not None:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self.folder.taken(request)
        self.folder.answered(request)


def find(folder: GuardFolder) -> int | None:
    """Return the process of the guard that runs, or None."""
    if not folder.lock.exists():
        return None
    with folder.lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            known = Identity.read(folder.pid)
            return known.pid if known is not None and known.runs() else None
    return None


def _end_leftovers(folder: GuardFolder) -> None:
    """End the rclones of a guard that died: they hold its lock, and would write beside a new one.

    The lock is what tells that they are its own, and that nobody has its number: the number of a
    dead process's group is not given out again as long as the group has a member.
    """
    known = Identity.read(folder.pid)
    if known is None or Identity.of(known.pid) is not None:
        return
    with folder.lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with suppress(ProcessLookupError):
                os.killpg(known.pid, signal.SIGKILL)


def start(settings: GuardSettings, folder: GuardFolder | None = None) -> GuardHandle:
    """Let the guard that runs follow these settings, or start one in a session of its own.

    What `protect()` added to the same run stays protected, and the notebooks that have connected
    in this runtime are remembered.

    Raises
    ------
    GuardFailed
        It does not start.
    """
    folder = folder or GuardFolder.here()
    try:
        folder.make()
        write_atomic(folder.settings, _with_known(settings, folder).as_json().encode())
    except OSError as error:
        raise GuardFailed(f"The guard's folder cannot be written: {error}.") from error
    pid = find(folder)
    if pid is not None:
        return GuardHandle(folder, pid, adopted=True)
    return _launch(folder)


def ensure(folder: GuardFolder) -> GuardHandle:
    """Return the guard that runs; start one with the settings of the last, if there is none.

    Raises
    ------
    GuardFailed
        It does not start.
    """
    pid = find(folder)
    return GuardHandle(folder, pid, adopted=True) if pid is not None else _launch(folder)


def _with_known(settings: GuardSettings, folder: GuardFolder) -> GuardSettings:
    try:
        before = GuardSettings.read(folder.settings)
    except (OSError, ValueError):
        return settings
    if before.runtime == settings.runtime:
        known = [*settings.notebooks, before.notebook, *before.notebooks]
        settings = replace(settings, notebooks=notebooks.merged(settings.notebook, known))
    if before.run != settings.run:
        return settings
    more = [one for one in before.outputs if one not in settings.outputs]
    return replace(settings, outputs=[*settings.outputs, *more])


def _launch(folder: GuardFolder) -> GuardHandle:
    package = Path(__file__).parents[1]  # in a folder or in the bundle's zip
    if folder.lock.exists():
        _end_leftovers(folder)
    path = os.pathsep.join(filter(None, [str(package.parent), os.environ.get("PYTHONPATH")]))
    errors = folder.root / "guard.err"
    with errors.open("wb") as written:
        child = subprocess.Popen(
            [sys.executable, "-m", f"{package.name}.guard", str(folder.root)],
            cwd=folder.root,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        shown = read_json(folder.status) or {}
        if shown.get("pid") == child.pid:
            return GuardHandle(folder, child.pid, adopted=False)
        if child.poll() is not None:
            other = find(folder)  # two cells at once: the other one's guard is as good
            if other is not None:
                return GuardHandle(folder, other, adopted=True)
            break
        time.sleep(0.02)
    why = errors.read_text("utf-8", "replace").strip().splitlines()[-1:]
    raise GuardFailed(f"The guard did not start. {' '.join(why)}".strip())
