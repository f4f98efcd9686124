"""Runs: ask for one, cancel it, preview it."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.ports.records import Trigger
from jupyter_drive_sync.service.status import plan_json


class SyncHandler(DriveSyncHandler):
    """``/projects/{id}/sync``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Ask for a run now."""
        keeper = self.keeper(project_id)
        keeper.request(Trigger.PERSON, consent=self.body(bodies.SYNC).get("consent"))
        self.answer(keeper.status(), 202)


class CancelHandler(DriveSyncHandler):
    """``/projects/{id}/cancel``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Cancel the run under way."""
        keeper = self.keeper(project_id)
        self.body(bodies.NOTHING)
        keeper.cancel()
        self.answer(keeper.status(), 202)


class PlanHandler(DriveSyncHandler):
    """``/projects/{id}/plan``."""

    @web.authenticated
    @authorized
    async def get(self, project_id: str) -> None:
        """Say what a run would do now."""
        keeper = self.keeper(project_id)
        self.answer(plan_json(await keeper.preview(), keeper.project.remote.kind))
