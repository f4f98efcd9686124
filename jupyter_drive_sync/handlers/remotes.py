"""Choosing the other side: configured remotes and folders."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync import __version__
from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.service.status import Json
from jupyter_drive_sync.service.workbench import FolderList

API_VERSION = 2
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
                    {
                        "name": remote.name,
                        "type": remote.type,
                        "kind": remote.kind.value,
                        "ours": remote.ours,
                    }
                    for remote in remotes
                ],
            }
        )


class RemoteFoldersHandler(DriveSyncHandler):
    """``/remotes/{name}/folders``."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """List the folders in a folder of a remote, or find some below it by name."""
        path, search = self.get_query_argument("path", ""), self.get_query_argument("search", "")
        look = self.service.workbench.remote_folders
        self.answer(_folders_json(await self.service.in_thread(look, name, path, search)))

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Make a new folder on a remote."""
        path = self.body(bodies.NEW_FOLDER)["path"]
        workbench = self.service.workbench
        made = await self.service.in_thread(workbench.new_remote_folder, name, path)
        self.answer({"name": made.name, "path": made.path}, 201)


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
        "more": found.more,
    }
