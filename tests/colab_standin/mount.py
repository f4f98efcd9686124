"""Drive as a folder in the runtime: an asynchronous cache of the emulated Drive.

What is written is visible at once and in the cloud after `lag` seconds of rest, from a thread that
dies with the machine. What changes in the cloud is not seen before `refresh`: stale reads.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.model import GOOGLE_TYPE

ID = "user.drive.id"


class CloudMount:
    """One mount.

    Parameters
    ----------
    drive : DriveEmulator
        The cloud.
    mountpoint : Path
        Where ``MyDrive`` appears.
    lag : float
        Seconds from a write to its upload.
    ids : bool
        Whether files carry Drive's ids as an extended attribute.
    """

    def __init__(
        self, drive: DriveEmulator, mountpoint: Path, lag: float = 0.3, ids: bool = True
    ) -> None:
        self.drive = drive
        self.mountpoint = mountpoint
        self.root = mountpoint / "MyDrive"
        self.lag = lag
        self.ids = ids
        self._known: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="colab-mount", daemon=True)

    def start(self) -> None:
        """Appear."""
        self.root.mkdir(parents=True)
        self.refresh()
        self._thread.start()

    def refresh(self) -> None:
        """Show what the cloud holds now."""
        with self._lock:
            for path, file in self.drive.walk():
                place = self.root / path
                if file.is_folder:
                    place.mkdir(exist_ok=True)
                elif not file.mime_type.startswith(GOOGLE_TYPE):
                    place.write_bytes(file.content)
                    os.utime(place, ns=(file.modified_ms * 10**6,) * 2)
                    self._known[path] = self._look(place)
                else:
                    continue
                if self.ids:
                    with suppress(OSError):  # a file system without extended attributes
                        os.setxattr(place, ID, file.id.encode())

    def flush(self) -> None:
        """Upload whatever is not in the cloud yet."""
        self._upload(0)

    def disconnect(self) -> None:
        """Break, as after some hours: every access fails until it is mounted anew.

        A mountpoint that leads to itself fails for every process with ELOOP, where the real one
        says ENOTCONN.
        """
        with self._lock:
            self._ended.set()
            shutil.rmtree(self.mountpoint)
            self.mountpoint.symlink_to(self.mountpoint)

    def break_file(self, path: str) -> None:
        """Let every read of a file fail with EIO."""
        place = self.root / path
        place.unlink()
        place.symlink_to("/proc/self/mem")

    def stop(self, flush: bool) -> None:
        """Go away; without `flush` what was not uploaded is lost."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        if flush:
            self.flush()

    def _look(self, place: Path) -> tuple[int, int]:
        status = place.stat()
        return status.st_size, status.st_mtime_ns

    def _work(self) -> None:
        while not self._ended.wait(min(0.1, self.lag)):
            self._upload(self.lag)

    def _upload(self, lag: float) -> None:
        with self._lock:
            if not self.root.is_dir():
                return
            for place in sorted(self.root.rglob("*")):
                path = place.relative_to(self.root).as_posix()
                with suppress(FileNotFoundError):
                    if place.is_dir():
                        self.drive.mkdir(path)
                        continue
                    if place.is_symlink() or place.name.endswith(".partial"):
                        continue
                    look = self._look(place)
                    rested = time.time() - place.stat().st_ctime >= lag
                    if look != self._known.get(path) and rested:
                        file = self.drive.write(path, place.read_bytes(), look[1] / 10**9)
                        self._known[path] = look
                        if self.ids:
                            with suppress(OSError):
                                os.setxattr(place, ID, file.id.encode())
