"""All projects of one server."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from jupyter_drive_sync.errors import ProjectUnknown
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.ports.records import Trigger
from jupyter_drive_sync.service import linking
from jupyter_drive_sync.service.keeper import ProjectKeeper
from jupyter_drive_sync.service.status import Json, plan_json, progress_json
from jupyter_drive_sync.service.timing import Timing
from jupyter_drive_sync.service.workbench import Workbench

log = logging.getLogger(__name__)
T = TypeVar("T")

RESCAN_SECONDS = 5.0
"""How often projects linked or unlinked by the command line are looked for."""


START_SECONDS = 30.0
"""How long a request waits for the projects to be known."""


class DriveSyncService:
    """Every project of one server, each with its keeper.

    Parameters
    ----------
    workbench : Workbench
        Validates, opens and remembers projects.
    timing : Timing
        When runs are made.
    publish : Callable[[Json], None]
        Takes the payload of a ``status/v1`` event, on the loop's thread.
    watch : Callable[[Iterable[Path]], None]
        Takes the folders to be watched, whenever projects come or go.
    """

    def __init__(
        self,
        workbench: Workbench,
        timing: Timing,
        publish: Callable[[Json], None],
        watch: Callable[[Iterable[Path]], None],
    ) -> None:
        self.workbench = workbench
        self._timing = timing
        self._publish = publish
        self._watch = watch
        self._keepers: dict[str, ProjectKeeper] = {}
        self._executor = ThreadPoolExecutor(max_workers=16, thread_name_prefix="drive-sync")
        self._rescan: asyncio.Task[None] | None = None
        self._linking = asyncio.Lock()
        self._started = asyncio.Event()

    async def start(self) -> None:
        """Begin to keep every project in step."""
        try:
            await self._try_to_match()
        finally:
            self._started.set()
        self._rescan = asyncio.create_task(self._rescan_for_ever(), name="drive-sync-rescan")

    async def started(self) -> None:
        """Wait until the projects are known: a server answers before its extensions have begun.

        Raises
        ------
        asyncio.TimeoutError
            It took more than `START_SECONDS`.
        """
        if not self._started.is_set():
            await asyncio.wait_for(self._started.wait(), START_SECONDS)

    async def stop(self) -> None:
        """End all work, giving runs under way a while to end well."""
        if self._rescan is not None:
            self._rescan.cancel()
            await asyncio.gather(self._rescan, return_exceptions=True)
        await asyncio.gather(*(keeper.stop() for keeper in self._keepers.values()))
        self._keepers.clear()
        self._executor.shutdown(wait=False, cancel_futures=True)

    @property
    def keepers(self) -> list[ProjectKeeper]:
        """The keepers, in the order in which their projects were linked."""
        return sorted(
            self._keepers.values(), key=lambda keeper: (keeper.project.created, keeper.project.id)
        )

    @property
    def busy(self) -> bool:
        """Whether any project has a run under way, or outputs of Colab coming down."""
        return any(keeper.busy or keeper.colab.busy for keeper in self._keepers.values())

    def keeper(self, project_id: str) -> ProjectKeeper:
        """Return the keeper of a project.

        Raises
        ------
        ProjectUnknown
        """
        try:
            return self._keepers[project_id.lower()]
        except KeyError:
            raise ProjectUnknown("There is no project of that id.") from None

    async def preview_link(
        self, local: str, remote: str, name: str | None, ignore: Sequence[str] = ()
    ) -> Json:
        """Return the ``Plan`` of what linking would do. Changes nothing on either side."""
        draft = await self.in_thread(self.workbench.draft, local, remote, name)
        look = await self.in_thread(linking.preview, self.workbench, draft, ignore)
        return plan_json(look.preview, draft.remote.kind, look.left_out, look.suggestions)

    async def link(
        self, local: str, remote: str, name: str | None, ignore: Sequence[str] = ()
    ) -> ProjectKeeper:
        """Pair two folders and begin the first sync, with lines added to ``.driveignore``."""
        async with self._linking:
            draft = await self.in_thread(self.workbench.draft, local, remote, name)
            project = await self.in_thread(linking.pair, self.workbench, draft, ignore)
            return await self._take_up(project, Trigger.PERSON)

    async def unlink(self, project_id: str) -> None:
        """Forget a project. Touches no file of the person's."""
        async with self._linking:
            keeper = self.keeper(project_id)
            await keeper.stop(patient=True)
            await self.in_thread(self.workbench.remove, keeper.project.id)
            self._drop(keeper)

    async def change(self, project_id: str, changes: dict[str, Any]) -> ProjectKeeper:
        """Change a project's ``name``, ``auto_sync`` or ``paused``."""
        async with self._linking:  # what is being unlinked must not be written down again
            keeper = self.keeper(project_id)
            await keeper.set_project(replace(keeper.project, **changes))
            return keeper

    def sync_soon(self, projects: Iterable[Project]) -> None:
        """Ask for a run of some projects now, because their sign-in changed."""
        for project in projects:
            keeper = self._keepers.get(project.id)
            if keeper is not None:
                keeper.request(Trigger.RECONNECT)

    def changed(self, paths: Iterable[Path], trigger: Trigger) -> None:
        """Hear that files may have changed on this computer. Absolute, resolved paths."""
        names = [str(path) for path in paths]
        for keeper in self._keepers.values():
            relative = list(_below(keeper.project.local, names))
            if relative:
                keeper.changed(relative, trigger)

    async def in_thread(self, function: Callable[..., T], *args: object) -> T:
        """Call what blocks in a worker thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, function, *args)

    async def _take_up(self, project: Project, trigger: Trigger = Trigger.START) -> ProjectKeeper:
        keeper = ProjectKeeper(
            project,
            self.workbench,
            timing=self._timing,
            executor=self._executor,
            publish=self._publish_status,
        )
        if trigger is not Trigger.START:
            keeper.request(trigger)
        await keeper.start()
        self._keepers[project.id] = keeper
        self._watch_all()
        self._publish_status(keeper)
        return keeper

    def _drop(self, keeper: ProjectKeeper) -> None:
        self._keepers.pop(keeper.project.id, None)
        self._watch_all()
        self._publish(
            {
                "project": keeper.project.id,
                "revision": keeper.standing.revision + 1,
                "state": "unlinked",
                "progress": None,
            }
        )

    def _watch_all(self) -> None:
        self._watch([keeper.project.local for keeper in self._keepers.values()])

    def _publish_status(self, keeper: ProjectKeeper) -> None:
        self._publish(
            {
                "project": keeper.project.id,
                "revision": keeper.standing.revision,
                "state": keeper.standing.state.value,
                "progress": progress_json(keeper.standing),
            }
        )

    async def _rescan_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RESCAN_SECONDS)
            await self._try_to_match()

    async def _try_to_match(self) -> None:
        try:
            await self._match_registry()
        except Exception:
            log.exception("Drive Sync: the list of projects could not be read")

    async def _match_registry(self) -> None:
        """Take up projects that the command line linked, and drop those that it unlinked."""
        async with self._linking:
            projects = {
                project.id: project for project in await self.in_thread(self.workbench.projects)
            }
            for project in projects.values():
                if project.id not in self._keepers:
                    await self._take_up(project)
            for keeper in [k for k in self._keepers.values() if k.project.id not in projects]:
                await keeper.stop()
                self._drop(keeper)


def _below(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield the names that lie in a folder, relative to it.

    A checkout can change ten thousand files at once, and the event loop waits: path objects would
    take four times as long as text.
    """
    root = str(folder)
    start = os.path.normcase(root if root.endswith(os.sep) else root + os.sep)
    for name in names:
        if os.path.normcase(name).startswith(start):
            yield name[len(start) :].replace(os.sep, "/")
        elif name == root:
            yield "."
