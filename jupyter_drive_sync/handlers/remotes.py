"""Choosing the other side: configured remotes and folders."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync import __version__
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.service.status import Json
from jupyter_drive_sync.service.workbench import FolderList

API_VERSION = 1
"""Grows when the interface changes in a way that an older browser half cannot follow."""


class VersionHandler(DriveSyncHandler):
    """``/version``."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the versions of this extension, of the API and of rclone."""
        info = await self.service.in_thread(self.service.workbench.rclone)
        self.answer(
            {
                "version": __version__,
                "api": API_VERSION,
                "rclone": {
                    "version": info.version,
                    "path": info.path,
                    "problem": info.problem.as_json() if info.problem else None,
                },
            }
        )


class RemotesHandler(DriveSyncHandler):
    """``/remotes``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the configured remotes."""
        workbench = self.service.workbench
        remotes = await self.service.in_thread(workbench.remotes)
        self.answer(
            {
                "config": str(workbench.config_file()),
                "plain_folders": workbench.plain_folders_allowed,
                "remotes": [
                    {"name": remote.name, "type": remote.type, "kind": remote.kind.value}
                    for remote in remotes
                ],
            }
        )


class RemoteFoldersHandler(DriveSyncHandler):
    """``/remotes/{name}/folders``."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """List the folders in a folder of a remote."""
        path = self.get_query_argument("path", "")
        workbench = self.service.workbench
        self.answer(
            _folders_json(await self.service.in_thread(workbench.remote_folders, name, path))
        )


class FoldersHandler(DriveSyncHandler):
    """``/folders``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the folders in a folder of this computer."""
        path = self.get_query_argument("path", "")
        workbench = self.service.workbench
        self.answer(_folders_json(await self.service.in_thread(workbench.plain_folders, path)))


def _folders_json(found: FolderList) -> Json:
    return {
        "path": found.path,
        "parent": found.parent,
        "folders": [{"name": folder.name, "path": folder.path} for folder in found.folders],
    }
