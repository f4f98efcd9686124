"""Which address is answered by which handler."""

from __future__ import annotations

import re

from jupyter_server.utils import url_path_join

from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.handlers.colab import (
    CellHandler,
    ColabHandler,
    PushHandler,
    RuntimeHandler,
)
from jupyter_drive_sync.handlers.conflicts import HeldHandler, ResolveHandler
from jupyter_drive_sync.handlers.connect import (
    BackendsHandler,
    ClientHandler,
    ConnectHandler,
    FlowAddressHandler,
    FlowAnswerHandler,
    FlowHandler,
    FlowsHandler,
    RemoteAccountHandler,
    RemoteHandler,
)
from jupyter_drive_sync.handlers.doctor import DoctorHandler
from jupyter_drive_sync.handlers.history import HistoryHandler
from jupyter_drive_sync.handlers.projects import (
    PreviewLinkHandler,
    ProjectHandler,
    ProjectsHandler,
)
from jupyter_drive_sync.handlers.remotes import (
    FoldersHandler,
    RemoteFoldersHandler,
    RemotesHandler,
    VersionHandler,
)
from jupyter_drive_sync.handlers.sync import CancelHandler, PlanHandler, SyncHandler
from jupyter_drive_sync.handlers.versions import RestoreHandler, VersionsHandler

NAMESPACE = "jupyter-drive-sync"
_WORD = r"([^/]+)"  # any word: what is no id of a project is answered with our own 404
_PARAMETER = re.compile(r"\{\w+\}")

ROUTES: dict[str, type[DriveSyncHandler]] = {
    "/version": VersionHandler,
    "/projects": ProjectsHandler,
    "/projects/preview": PreviewLinkHandler,
    "/projects/{id}": ProjectHandler,
    "/projects/{id}/sync": SyncHandler,
    "/projects/{id}/held": HeldHandler,
    "/projects/{id}/resolve": ResolveHandler,
    "/projects/{id}/cancel": CancelHandler,
    "/projects/{id}/plan": PlanHandler,
    "/projects/{id}/history": HistoryHandler,
    "/projects/{id}/versions": VersionsHandler,
    "/projects/{id}/restore": RestoreHandler,
    "/projects/{id}/colab": ColabHandler,
    "/projects/{id}/colab/cell": CellHandler,
    "/projects/{id}/runtimes/{runtime}": RuntimeHandler,
    "/projects/{id}/push": PushHandler,
    "/remotes": RemotesHandler,
    "/remotes/{name}/folders": RemoteFoldersHandler,
    "/folders": FoldersHandler,
    "/doctor": DoctorHandler,
    "/connect": ConnectHandler,
    "/connect/client": ClientHandler,
    "/connect/backends": BackendsHandler,
    "/connect/flows": FlowsHandler,
    "/connect/flows/{flow}": FlowHandler,
    "/connect/flows/{flow}/address": FlowAddressHandler,
    "/connect/flows/{flow}/answer": FlowAnswerHandler,
    "/connect/remotes/{name}": RemoteHandler,
    "/connect/remotes/{name}/account": RemoteAccountHandler,
}
"""By the paths of api/openapi.yaml."""


def handlers(base_url: str) -> list[tuple[str, type[DriveSyncHandler]]]:
    """Return the routes for Tornado, below the server's base URL."""
    return [
        (
            url_path_join(base_url, NAMESPACE, _PARAMETER.sub(_WORD, path)),
            handler,
        )
        for path, handler in ROUTES.items()
    ]
