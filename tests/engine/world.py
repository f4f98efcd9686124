"""A project with the real engine, a real folder, real rclone, and a Drive that can be disturbed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_drive_sync.engine.run import execute
from jupyter_drive_sync.engine.session import RunObserver, RunReport, RunRequest
from jupyter_drive_sync.engine.settle import Resolution, versions_of
from jupyter_drive_sync.ports.records import Keep, Trigger
from jupyter_drive_sync.ports.transfer import CancelToken
from jupyter_drive_sync.service import linking
from jupyter_drive_sync.service.workbench import OpenProject
from jupyter_drive_sync.wiring import LocalWorkbench, Settings
from tests.drive_emulator.emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive


@dataclass
class Sides:
    """Two folders that people work in: `local` here, `drive` there, below ``ml/spam``."""

    local: Path
    drive: DriveEmulator
    folder: str = "ml/spam"
    clock: int = field(default=1_700_000_000)

    def save(self, path: str, content: bytes, *, rename: bool = False) -> None:
        """Save a file here, in place or by renaming a new one over it."""
        self.clock += 5
        place = self.local / path
        place.parent.mkdir(parents=True, exist_ok=True)
        target = place.with_name(f".~{place.name}") if rename else place
        with target.open("wb") as file:
            file.write(content)
            file.flush()
            # By the open file: its name may belong to another version by now.
            os.utime(file.fileno() if os.utime in os.supports_fd else target, (self.clock,) * 2)
        if rename:
            target.replace(place)

    def colab(self, path: str, content: bytes) -> None:
        """Save a file on Drive, in place, as Colab does."""
        self.clock += 5
        self.drive.write(f"{self.folder}/{path}", content, mtime=self.clock)

    def here(self) -> dict[str, bytes]:
        """Return the person's files here."""
        return {
            path.relative_to(self.local).as_posix(): path.read_bytes()
            for path in self.local.rglob("*")
            if path.is_file() and ".drive-sync" not in path.relative_to(self.local).parts
        }

    def there(self) -> dict[str, bytes]:
        """Return the files on Drive."""
        prefix = f"{self.folder}/"
        return {
            path.removeprefix(prefix): content
            for path, content in self.drive.tree().items()
            if path.startswith(prefix) and not path.startswith(f"{prefix}.drive-sync/")
        }


@dataclass
class World(Sides):
    """One linked project, with the engine at hand."""

    opened: OpenProject = field(kw_only=True)
    workbench: LocalWorkbench = field(kw_only=True)

    def reopen(self) -> None:
        """Open the project anew from what is on disk, as a server does that starts again."""
        project = self.opened.session.project
        self.opened.close()
        self.opened = self.workbench.open(project)
        self.opened.lock.acquire(30, holder="command line")

    def sync(
        self,
        *,
        consent: str | None = None,
        keep: dict[str, Keep] | None = None,
        observer: RunObserver | None = None,
        cancel: CancelToken | None = None,
    ) -> RunReport:
        """Make one run; `keep` settles conflicts as they stand now."""
        words: dict[str, Resolution] = {}
        session = self.opened.session
        if keep:
            from jupyter_drive_sync.engine.run import preview

            held = {step.path: step for step in preview(session).plan.holds}
            words = {
                path: Resolution(choice, versions_of(held[path])) for path, choice in keep.items()
            }
        request = RunRequest(Trigger.PERSON, consent, words)
        return execute(session, request, observer, cancel)


@contextmanager
def linked(tmp_path: Path, gdrive: GDrive, files: dict[str, bytes]) -> Iterator[World]:
    """Link a project of some files with ``ml/spam`` on Drive, and make the first sync.

    The process's environment must lead rclone to the emulator; see the fixture `world`.
    """
    local = tmp_path / "spam"
    local.mkdir(exist_ok=True)
    workbench = LocalWorkbench(
        Settings(data_dir=tmp_path / "data", rclone_config=str(gdrive.config))
    )
    draft = workbench.draft(str(local), f"{gdrive.name}:ml/spam", None)
    project = linking.pair(workbench, draft)
    opened = workbench.open(project)
    opened.lock.acquire(holder="command line")
    world = World(local, gdrive.drive, opened=opened, workbench=workbench)
    try:
        for path, content in files.items():
            world.save(path, content)
        world.sync()
        yield world
    finally:
        world.opened.close()
