"""Two folders, a marker on both and real rclone between them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_drive_sync.ports.projects import MARKER_PATH
from jupyter_drive_sync.ports.transfer import (
    BisyncOutcome,
    BisyncRequest,
    CancelToken,
    OnProgress,
    no_progress,
)
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.bisync import RcloneBisync
from jupyter_drive_sync.rclone.process import Runner

START = time.time_ns() - 3600 * 10**9


def put(root: Path, path: str, content: str | bytes, *, age: int = 0) -> Path:
    """Write a file whose time is `age` steps of two seconds after the test began.

    bisync compares times; steps make every edit surely newer without waiting for it.
    """
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    moment = START + age * 2 * 10**9
    os.utime(file, ns=(moment, moment))
    return file


def tree(root: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


@dataclass
class Ignoring:
    """Ignore rules as the adapters see them."""

    filters: tuple[str, ...] = ()

    def ignores(self, path: str, *, folder: bool = False) -> bool:
        raise AssertionError("not asked by these adapters")


@dataclass
class Pair:
    """Two sides of one project in a temporary folder."""

    root: Path
    config: Path | None = None
    remote_spec: str = ""
    extra: tuple[str, ...] = ()
    grace: float = 35.0
    filters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.local.mkdir()
        self.remote.mkdir()
        for side in (self.local, self.remote):
            put(side, MARKER_PATH, '{"project": "one"}')

    @property
    def local(self) -> Path:
        return self.root / "local"

    @property
    def remote(self) -> Path:
        return self.root / "remote"

    @property
    def workdir(self) -> Path:
        return self.root / "work"

    @property
    def runner(self) -> Runner:
        return Runner(find_rclone(), self.config, self.grace)

    @property
    def bisync(self) -> RcloneBisync:
        return RcloneBisync(self.runner, self.extra)

    def request(self, **changes: object) -> BisyncRequest:
        request = BisyncRequest(
            local=self.local,
            remote=self.remote_spec or str(self.remote),
            workdir=self.workdir,
            filters=self.filters,
            max_delete_percent=25,
        )
        return replace(request, **changes)

    def run(
        self,
        *,
        on_progress: OnProgress = no_progress,
        cancel: CancelToken | None = None,
        **changes: object,
    ) -> BisyncOutcome:
        return self.bisync.run(self.request(**changes), on_progress, cancel or CancelToken())

    def first(self) -> None:
        """Make the listings."""
        outcome = self.run(resync=True)
        assert outcome.result.ok, outcome


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds that no event tells of."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
