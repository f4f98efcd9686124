"""Opening a notebook in Colab."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.service.colab import drive_id


class ColabHandler(DriveSyncHandler):
    """``/projects/{id}/colab``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Sync one notebook and answer with its address in Colab."""
        keeper = self.keeper(project_id)
        file_id = await drive_id(keeper, self.body(bodies.COLAB)["path"])
        self.answer({"id": file_id, "url": self.service.workbench.colab_url(file_id)})
