"""What people see of an error."""

from __future__ import annotations

import logging

from jupyter_drive_sync.errors import DriveSyncError

log = logging.getLogger(__name__)


def shown(error: Exception, project: str) -> DriveSyncError:
    """Return what people see of an error; a fault of ours is in the log with its traceback.

    Parameters
    ----------
    project : str
        The project's name, for the log.
    """
    if isinstance(error, DriveSyncError):
        return error
    log.error("Drive Sync: the work on %s failed", project, exc_info=error)
    return DriveSyncError(
        f"Something went wrong: {type(error).__name__}.",
        "It is tried again by itself; the details are in the server's log.",
    )
