"""The run's folder on Drive, through rclone: upload, verify, list, and the files in place.

Safe to use from several threads. Every rclone inherits the guard's lock, so that no second guard
begins while one that a dead guard left behind is still writing.
"""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .. import bridge
from ..errors import FolderUnknown, RcloneFailed
from ..places import OUTPUTS, OWN, RUNTIMES, Places
from ..rclone import child_environment
from ..settings import BRIDGE, MOUNT, GuardSettings
from . import manifest
from .failures import failure_of

_PATIENCE = ["--retries", "1", "--low-level-retries", "4", "--contimeout", "15s"]
_COMMON = [*_PATIENCE, "--timeout", "60s", "--stats", "0", "--log-level", "NOTICE"]
_GONE_HINT = "If it is in the trash at drive.google.com, restore it: then all goes on by itself."
_BRIDGE_AT = "GCE_METADATA_HOST"
_SMALL = 90.0  # seconds that a call without a file's bytes may take


@dataclass(frozen=True, slots=True)
class OnDrive:
    """What Drive says of a file; no md5 and no id through a mount."""

    size: int
    md5: str | None
    drive_id: str | None


class Remote:
    """Where the outputs of one run go.

    Parameters
    ----------
    settings : GuardSettings
        The way to Drive, the project's folder and the run.
    lock : int, optional
        The guard's lock, inherited by every rclone.
    places : Places, optional
        Where the token bridge is found again, if that is the way to Drive.
    """

    def __init__(
        self, settings: GuardSettings, lock: int | None = None, places: Places | None = None
    ) -> None:
        self.settings = settings
        self._environment = dict(settings.rclone_env)
        self._places = places
        self._bridging = threading.Lock()
        self._lock = lock
        self._folders: set[str] = set()
        self._making = threading.Lock()
        self._children: set[subprocess.Popen[bytes]] = set()
        self._stopped = False
        self._run_root = ""
        self._pulse_root = ""
        self._was_gone = False

    @property
    def verifies(self) -> bool:
        """Whether Drive's own md5 can be seen."""
        return self.settings.transport != MOUNT

    # --- folders -----------------------------------------------------------------------------

    def open(self) -> bool:
        """Find or make the run's folder and that of the pulses; tell whether the run's is new.

        Raises
        ------
        FolderUnknown
            The project's folder was there, and is not now: what would be made in its stead would
            stand beside it when it comes back from the trash.
        CompanionError
            Drive cannot be asked.
        """
        if self._run_root and self._folder_id(self.settings.remote, OWN) is None:
            self._was_gone = True
            raise FolderUnknown("The project's folder on Drive is gone.", _GONE_HINT)
        run = f"{OUTPUTS}/{self.settings.run}"
        root, is_new = self._open(run)
        self._pulse_root, _ = self._open(RUNTIMES)
        self._folders.clear()
        self._run_root = root
        self._was_gone = self._was_gone and not self._merge_twins()
        return is_new

    def _merge_twins(self) -> bool:
        """Make one of what was written a second time while the first was in the trash.

        Outputs go up all the same where that fails: it is tried again when the folder is next
        opened. Return whether it is done.
        """
        if not self.verifies:
            return True  # a mount shows no twins
        pulse = f"{self.settings.runtime}.json"
        try:
            self.run("dedupe", "--dedupe-mode", "skip", self._run_root)
            for root, name in ((self._run_root, manifest.NAME), (self._pulse_root, pulse)):
                self.run("dedupe", "--dedupe-mode", "newest", "--include", f"/{name}", root)
        except RcloneFailed as error:
            if type(error) is not RcloneFailed:
                raise  # Drive is away, or asks to slow down
            return False
        return True

    def _open(self, folder: str) -> tuple[str, bool]:
        """Return the folder as a root of its own: then no call is spent on the way to it."""
        project = self.settings.remote
        parent, name = str(PurePosixPath(folder).parent), PurePosixPath(folder).name
        found = self._folder_id(f"{project}{parent}", name)
        is_new = found is None
        if is_new:
            self.run("mkdir", f"{project}{folder}")
            found = self._folder_id(f"{project}{parent}", name)
        if not found or f"root_folder_id={self.settings.folder_id}" not in project:
            return f"{project}{folder}/", is_new
        own = f"root_folder_id={found}"
        return project.replace(f"root_folder_id={self.settings.folder_id}", own), is_new

    def _folder_id(self, parent: str, name: str) -> str | None:
        """Return a folder's id, empty where there are none, or None where it is not there."""
        try:
            listed = json.loads(self.run("lsjson", "--dirs-only", parent))
        except FolderUnknown:
            return None
        return next((str(one.get("ID", "")) for one in listed if one["Name"] == name), None)

    def _make_folders(self, names: Iterable[str]) -> None:
        """Make the folders of these files, one after the other.

        Two rclone at once would each make a folder, and Drive keeps both.
        """
        wanted = {str(PurePosixPath(name).parent) for name in names} - {"."}
        with self._making:
            for folder in sorted(wanted - self._folders):
                self.run("mkdir", f"{self._run_root}{folder}")
                self._folders.add(folder)

    # --- files -------------------------------------------------------------------------------

    def upload(self, source: Path, names: Sequence[str]) -> None:
        """Copy files below `source` to where they go in the run's folder.

        Raises
        ------
        CompanionError
            Not all of them arrived; `look` tells which.
        """
        self._make_folders(names)
        chunks = ["--drive-chunk-size", "32M", "--transfers", "4"]
        listed = ["--files-from-raw", "-", "--no-check-dest"]
        self.run(
            "copy", *chunks, *listed, str(source), self._run_root, stdin=_lines(names), limit=None
        )

    def look(self, names: Sequence[str]) -> dict[str, OnDrive]:
        """Ask Drive anew what it has under these names."""
        hashes = ["--hash", "--hash-type", "md5"] if self.verifies else []
        text = self.run(
            "lsjson", "-R", "--files-only", *hashes, "--files-from-raw", "-", self._run_root,
            stdin=_lines(names),
        )  # fmt: skip
        return {
            one["Path"]: OnDrive(
                int(one["Size"]), one.get("Hashes", {}).get("md5"), one.get("ID") or None
            )
            for one in json.loads(text)
        }

    def delete(self, names: Sequence[str]) -> None:
        """Delete files of this run for good: in Drive's bin they would still fill the Drive.

        Where only the bin is allowed, as for some members of a shared drive, they go there.
        """
        listed = ["--files-from-raw", "-", self._run_root]
        try:
            self.run("delete", "--drive-use-trash=false", *listed, stdin=_lines(names))
        except RcloneFailed as error:
            if type(error) is not RcloneFailed:
                raise  # Drive is away, or asks to slow down
            self.run("delete", *listed, stdin=_lines(names))

    def read_manifest(self) -> str:
        """Return the manifest as Drive has it; empty where there is none."""
        try:
            return self.run("cat", f"{self._run_root}{manifest.NAME}")
        except FolderUnknown:
            return ""

    def write_manifest(self, text: str) -> None:
        """Write the manifest in place, without needing the disk."""
        self._write(f"{self._run_root}{manifest.NAME}", text)

    def write_pulse(self, text: str) -> None:
        """Write this runtime's pulse in place: two calls."""
        self._write(f"{self._pulse_root}{self.settings.runtime}.json", text)

    def _write(self, place: str, text: str) -> None:
        self.run("rcat", "--streaming-upload-cutoff", "64M", place, stdin=text)

    # --- rclone ------------------------------------------------------------------------------

    def run(self, *command: str, stdin: str = "", limit: float | None = _SMALL) -> str:
        """Run rclone; return what it printed.

        Raises
        ------
        CompanionError
            It failed, took longer than `limit` seconds, or was stopped.
        """
        self._see_to_bridge()
        program, *own = self.settings.rclone
        argv = [program, *_COMMON, *own, *command]
        with subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(self._environment),
            pass_fds=() if self._lock is None else (self._lock,),
        ) as child:
            self._children.add(child)
            if self._stopped:
                child.kill()
            try:
                out, err = child.communicate(stdin.encode(), timeout=limit)
            except subprocess.TimeoutExpired:
                child.kill()
                out, err = child.communicate()
                err += b"\ni/o timeout: no answer in time"
            finally:
                self._children.discard(child)
        if child.returncode:
            raise failure_of(err.decode("utf-8", "replace"))
        return out.decode("utf-8", "replace")

    def _see_to_bridge(self) -> None:
        """Start the token bridge anew if it died: rclone would ask it for minutes.

        Raises
        ------
        SignInFailed
            There are no credentials any more.
        """
        address = self._environment.get(_BRIDGE_AT)
        if self.settings.transport != BRIDGE or self._places is None or address is None:
            return
        with self._bridging:
            host, _, port = address.rpartition(":")
            try:
                socket.create_connection((host, int(port)), timeout=2).close()
            except OSError:
                self._environment[_BRIDGE_AT] = bridge.ensure(self._places)

    def stop(self) -> None:
        """End what runs, and let nothing else begin."""
        self._stopped = True
        for child in list(self._children):
            child.kill()


def _lines(names: Iterable[str]) -> str:
    return "".join(f"{name}\n" for name in names)
