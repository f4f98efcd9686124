"""Keeps a project in step between JupyterLab and Google Drive, and so with Google Colab."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("jupyter_drive_sync")
except PackageNotFoundError:  # imported from a checkout that is not installed
    __version__ = "0.0.0+source"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Name the built browser half, for `jupyter labextension develop`."""
    return [{"src": "labextension", "dest": "jupyter-drive-sync"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Name the server half. Imported late: the command line does not need Tornado."""
    from jupyter_drive_sync.app import DriveSyncApp  # noqa: PLC0415

    return [{"module": "jupyter_drive_sync", "app": DriveSyncApp}]
