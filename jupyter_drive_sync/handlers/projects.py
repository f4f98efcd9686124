"""Projects: list, link, change, unlink."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler


class ProjectsHandler(DriveSyncHandler):
    """``/projects``."""

    # Asking how things stand must not keep an idle server alive.
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List every project with its status."""
        self.answer({"projects": [keeper.status() for keeper in self.service.keepers]})

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Link two folders and begin the first sync."""
        body = self.body(bodies.LINK)
        keeper = await self.service.link(
            body["local"], body["remote"], body.get("name"), body.get("ignore", ())
        )
        self.answer(keeper.status(), 201)


class PreviewLinkHandler(DriveSyncHandler):
    """``/projects/preview``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Say what linking would do."""
        body = self.body(bodies.LINK)
        self.answer(
            await self.service.preview_link(
                body["local"], body["remote"], body.get("name"), body.get("ignore", ())
            )
        )


class ProjectHandler(DriveSyncHandler):
    """``/projects/{id}``."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, project_id: str) -> None:
        """Answer with the status of one project."""
        self.answer(self.keeper(project_id).status())

    @web.authenticated
    @authorized
    async def patch(self, project_id: str) -> None:
        """Change a project's settings."""
        keeper = await self.service.change(project_id, self.body(bodies.CHANGE))
        self.answer(keeper.status())

    @web.authenticated
    @authorized
    async def delete(self, project_id: str) -> None:
        """Unlink a project."""
        await self.service.unlink(project_id)
        self.set_status(204)
        self.finish()
