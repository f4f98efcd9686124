"""Which Drive file a notebook is, for opening it in Colab."""

from __future__ import annotations

from jupyter_drive_sync.errors import NotOnDrive
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.ports.records import Trigger
from jupyter_drive_sync.service.keeper import ProjectKeeper


async def drive_id(keeper: ProjectKeeper, path: str) -> str:
    """Sync, and return the Drive id of a file that is on Drive as it is here.

    Raises
    ------
    NotOnDrive
        With the reason.
    DriveSyncError
        The sync ended in trouble.
    """
    if keeper.project.remote.kind is not RemoteKind.DRIVE:
        raise NotOnDrive(
            "This project is not kept on Google Drive, so Colab cannot open it.",
            "Link the project with a folder on Google Drive.",
        )
    await keeper.sync_and_wait(Trigger.PERSON)
    plan = keeper.standing.plan
    if plan is not None and any(step.path == path for step in plan.holds):
        raise NotOnDrive(
            "This file is held: it is not the same here and on Drive.",
            "Settle it in the Drive Sync sidebar first.",
        )
    failed = dict(keeper.standing.failures).get(path)
    if failed is not None:
        raise NotOnDrive(
            f"This file could not be brought to Drive: {failed}.", "Try again in a moment."
        )
    entry = await keeper.agreed(path)
    if entry is None or entry.remote_id is None:
        raise NotOnDrive(
            "This file is not on Drive.",
            "Check that it is saved and that .driveignore does not name it.",
        )
    return entry.remote_id
