"""The history of a project."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.service.status import history_json

MOST_ROWS = 500


class HistoryHandler(DriveSyncHandler):
    """``/projects/{id}/history``."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, project_id: str) -> None:
        """Answer with what was done to which file, newest first."""
        keeper = self.keeper(project_id)
        limit = self.whole_number("limit", 50, 1, MOST_ROWS) or 50
        before = self.whole_number("before", None, 1, 2**62)
        self.answer(history_json(await keeper.history(limit, before)))
