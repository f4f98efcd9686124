"""A guard as a process of its own, with the emulated Drive behind it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.guard import GuardHandle, find, start
from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest as manifests
from jupyter_drive_sync.companion.drive_sync_colab.guard.folders import GuardFolder
from jupyter_drive_sync.companion.drive_sync_colab.settings import GuardSettings
from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive

RUN = "run-20261121-164000-ab12"
RUNTIME = "0123456789ab"
QUICK = ["--low-level-retries", "1"]  # rclone's own patience is not what is tested here
Found = TypeVar("Found")


def wait_for(what: Callable[[], Found], timeout: float = 30.0) -> Found:
    """Wait until something is true; return it."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {timeout:.0f} s for {what.__name__}")


@dataclass
class Runtime:
    """A runtime's folders, its project on Drive, and its guard."""

    gdrive: GDrive
    content: Path
    outputs: list[str] = field(default_factory=lambda: ["checkpoints"])
    run: str = RUN

    def __post_init__(self) -> None:
        self.project.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            self.drive.mkdir("ml/spam")

    @property
    def drive(self) -> DriveEmulator:
        return self.gdrive.drive

    @property
    def project(self) -> Path:
        return self.content / "spam"

    @property
    def folder(self) -> GuardFolder:
        return GuardFolder(self.content / ".drive-sync" / "guard")

    def settings(self, **changes: Any) -> GuardSettings:
        folder_id = self.drive.find("ml/spam").id
        made = GuardSettings(
            runtime=RUNTIME,
            run=self.run,
            folder_id=folder_id,
            project=str(self.project),
            rclone=[*self.gdrive.command(), *QUICK],
            rclone_env=self.drive.environment(),
            remote=f"{self.gdrive.name},root_folder_id={folder_id}:",
            outputs=self.outputs,
            started="2026-11-21T16:40:00Z",
        )
        return replace(made, **changes)

    def start(self, **changes: Any) -> GuardHandle:
        return start(self.settings(**changes), self.folder)

    # --- what is on Drive ----------------------------------------------------------------------

    def listed(self) -> dict[str, manifests.FileLine]:
        """Return the live lines of the manifest on Drive, by remote name."""
        try:
            text = self.drive.read(f"ml/spam/outputs/{self.run}/manifest.jsonl").decode()
        except FileNotFoundError:
            return {}
        return {line.remote: line for line in manifests.live(manifests.parse(text))}

    def listed_paths(self) -> set[str]:
        return {line.path for line in self.listed().values()}

    def check_listed(self) -> dict[str, manifests.FileLine]:
        """Fail unless all that the manifest lists is on Drive, whole; return it."""
        listed = self.listed()
        for remote, line in listed.items():
            content = self.drive.read(f"ml/spam/outputs/{self.run}/{remote}")
            assert (len(content), md5(content)) == (line.size, line.md5), remote
            there = self.drive.find(f"ml/spam/outputs/{self.run}/{remote}")
            assert line.drive_id == there.id, remote
        return listed

    def on_drive(self) -> set[str]:
        """Return what lies in the run's folder, the manifest aside."""
        with suppress(FileNotFoundError):
            found = self.drive.walk(f"ml/spam/outputs/{self.run}")
            files = {path for path, file in found if not file.is_folder}
            return files - {manifests.NAME}
        return set()

    def pulse(self) -> dict[str, Any]:
        """Return the pulse on Drive; empty before the first."""
        try:
            return json.loads(self.drive.read(f"ml/spam/.drive-sync/runtimes/{RUNTIME}.json"))
        except FileNotFoundError:
            return {}

    def status(self) -> dict[str, Any]:
        try:
            return json.loads(self.folder.status.read_text())
        except FileNotFoundError:
            return {}


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def kill_guard(folder: GuardFolder, *, children_too: bool = True) -> None:
    """End the guard as the end of the machine would."""
    pid = find(folder)
    if pid is not None:
        with suppress(ProcessLookupError):
            (os.killpg if children_too else os.kill)(pid, signal.SIGKILL)
        wait_for(lambda: find(folder) is None)


@contextmanager
def ended_at_exit(folder: GuardFolder) -> Iterator[None]:
    """Leave no guard behind."""
    try:
        yield
    finally:
        kill_guard(folder)


def put_on_drive(runtime: Runtime, name: str, content: bytes) -> manifests.FileLine:
    """Write a checkpoint as a training does, and wait until it is listed."""
    path = runtime.project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".tmp-{path.name}")
    beside.write_bytes(content)
    beside.replace(path)

    def is_listed() -> manifests.FileLine | None:
        there = [line for line in runtime.listed().values() if line.path == name]
        return next((line for line in there if line.md5 == md5(content)), None)

    return wait_for(is_listed)


@pytest.fixture
def runtime(gdrive: GDrive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """A project on Drive and its copy in a runtime; the test starts the guard."""
    made = Runtime(gdrive, tmp_path / "content")
    monkeypatch.setenv("DRIVE_SYNC_CONTENT", str(made.content))
    with ended_at_exit(made.folder):
        yield made
