"""Settling conflicts."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.ports.records import Keep


class ResolveHandler(DriveSyncHandler):
    """``/projects/{id}/resolve``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Settle one conflict, or all of them."""
        keeper = self.keeper(project_id)
        body = self.body(bodies.RESOLVE)
        keeper.resolve(body.get("path"), Keep(body["keep"]))
        self.answer(keeper.status(), 202)
