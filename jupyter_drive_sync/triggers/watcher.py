"""Changes made by kernels, terminals, git and other programs: the file watcher."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from watchfiles import DefaultFilter, awatch

from jupyter_drive_sync.ports.projects import MARKER_FOLDER
from jupyter_drive_sync.ports.records import Trigger

log = logging.getLogger(__name__)

OnChange = Callable[[Iterable[Path], Trigger], None]
RETRY_SECONDS = 30.0


_FILTER = DefaultFilter(
    ignore_dirs=(
        ".git",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        ".ipynb_checkpoints",
        MARKER_FOLDER,
    ),
    ignore_entity_patterns=(r"^\.~", r"\.DS_Store$"),
)
"""Leaves out what is never synced anyway, so that it costs nothing."""


class Watcher:
    """Watches the folders of all projects, each in its own task.

    A folder that cannot be watched (it is gone, or the system's limit of watches is reached) is
    tried again; until then the timer finds its changes.
    """

    def __init__(self, on_change: OnChange) -> None:
        self._on_change = on_change
        self._tasks: dict[Path, asyncio.Task[None]] = {}

    def watch(self, folders: Iterable[Path]) -> None:
        """Watch exactly these folders from now on."""
        wanted = set(folders)
        for gone in self._tasks.keys() - wanted:
            self._tasks.pop(gone).cancel()
        for new in wanted - self._tasks.keys():
            self._tasks[new] = asyncio.create_task(self._watch(new), name=f"drive-sync-watch-{new}")

    async def stop(self) -> None:
        """Watch nothing any more."""
        tasks = list(self._tasks.values())
        self.watch(())
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, folder: Path) -> None:
        while True:
            try:
                async for changes in awatch(folder, watch_filter=_FILTER, debounce=400, step=100):
                    self._on_change([Path(path) for _, path in changes], Trigger.WATCHER)
            except Exception as error:
                # Whatever the system's watcher says: the timer still finds what changes.
                log.warning("Drive Sync: %s cannot be watched: %r", folder, error)
            await asyncio.sleep(RETRY_SECONDS)
