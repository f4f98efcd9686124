"""The doctor."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.service.doctor import examine, report_json


class DoctorHandler(DriveSyncHandler):
    """``/doctor``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Check everything that connecting and syncing needs."""
        number = self.get_query_argument("project", "")
        project = self.keeper(number).project if number else None
        report = await self.service.in_thread(examine, self.service.workbench, project)
        self.answer(report_json(report))
