"""Colab: open a notebook there, make its cell, and what a person can do about runtimes."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.service.colab import drive_id, make_cell


class ColabHandler(DriveSyncHandler):
    """``/projects/{id}/colab``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Sync one notebook and answer with its address in Colab."""
        keeper = self.keeper(project_id)
        file_id = await drive_id(keeper, self.body(bodies.COLAB)["path"])
        self.answer({"id": file_id, "url": self.service.workbench.colab_url(file_id)})


class CellHandler(DriveSyncHandler):
    """``/projects/{id}/colab/cell``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Bring what the cell needs to Drive and answer with the cell."""
        keeper = self.keeper(project_id)
        cell = await make_cell(keeper, self.body(bodies.COLAB)["path"])
        self.answer({"source": cell.source, "tag": cell.tag, "version": cell.version})


class RuntimeHandler(DriveSyncHandler):
    """``/projects/{id}/runtimes/{runtime}``."""

    @web.authenticated
    @authorized
    async def delete(self, project_id: str, runtime: str) -> None:
        """Take a runtime off the list."""
        await self.keeper(project_id).colab.forget(runtime)
        self.set_status(204)
        self.finish()


class PushHandler(DriveSyncHandler):
    """``/projects/{id}/push``."""

    @web.authenticated
    @authorized
    async def post(self, project_id: str) -> None:
        """Push a notebook although a runtime has it open."""
        keeper = self.keeper(project_id)
        keeper.colab.push_anyway(self.body(bodies.COLAB)["path"])
        self.answer(keeper.status(), 202)
