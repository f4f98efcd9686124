"""Earlier versions of a file."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.errors import BodyInvalid
from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.service.restoring import bring_back, older_versions


class VersionsHandler(DriveSyncHandler):
    """``/projects/{id}/versions``."""

    @web.authenticated
    @authorized
    async def get(self, project_id: str) -> None:
        """List the earlier versions of one file, the newest first."""
        keeper = self.keeper(project_id)
        path = self.get_query_argument("path", "", strip=False)
        if not path:
            raise BodyInvalid("path must name a file of the project.")
        self.answer(await older_versions(keeper, path))


class RestoreHandler(DriveSyncHandler):
    """``/projects/{id}/restore``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Put an earlier version back, or beside the file."""
        keeper = self.keeper(project_id)
        body = self.body(bodies.RESTORE)
        as_copy = body.get("as_copy", False)
        await bring_back(keeper, body["path"], body["version"], as_copy=as_copy)
        self.answer(keeper.status(), 202)
