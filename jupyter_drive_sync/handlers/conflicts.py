"""What is held, and settling conflicts."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.ports.records import Keep
from jupyter_drive_sync.service.status import all_held_json


class HeldHandler(DriveSyncHandler):
    """``/projects/{id}/held``."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, project_id: str) -> None:
        """List all that is held: a status shows only the first."""
        keeper = self.keeper(project_id)
        self.answer({"held": all_held_json(keeper.standing, keeper.project.remote.kind)})


class ResolveHandler(DriveSyncHandler):
    """``/projects/{id}/resolve``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Settle one conflict, or all of them."""
        keeper = self.keeper(project_id)
        body = self.body(bodies.RESOLVE)
        keeper.resolve(body.get("path"), Keep(body["keep"]), body["versions"])
        self.answer(keeper.status(), 202)
