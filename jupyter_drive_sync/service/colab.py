"""Which Drive file a notebook is, for opening it in Colab, and the cell with which it connects."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jupyter_drive_sync.engine.models import HoldReason
from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.errors import NotOnDrive
from jupyter_drive_sync.ports.colab import COMPANION_PATH
from jupyter_drive_sync.ports.listing import EntryKind
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.ports.records import Trigger
from jupyter_drive_sync.service.colab_files import companion_version, put_in_place, worth_writing
from jupyter_drive_sync.service.keeper import ProjectKeeper


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell with which a notebook connects.

    Attributes
    ----------
    source : str
        Its text.
    tag : str
        By which it is found again.
    version : str
        Of the package that it fetches.
    """

    source: str
    tag: str
    version: str


async def drive_id(keeper: ProjectKeeper, path: str) -> str:
    """Sync, and return the Drive id of a file that is on Drive as it is here.

    What is held because a runtime has it open is only to be looked at there: it need not be alike.

    Raises
    ------
    NotOnDrive
        With the reason.
    DriveSyncError
        The sync ended in trouble.
    """
    _check_drive(keeper)
    await keeper.sync_and_wait(Trigger.PERSON)
    plan = keeper.standing.plan
    for step in plan.holds if plan is not None else ():
        open_there = step.reason is HoldReason.OPEN_IN_RUNTIME
        if step.path == path and open_there and step.remote_id is not None:
            return step.remote_id
    return await _id_in_step(keeper, path)


async def make_cell(keeper: ProjectKeeper, notebook: str) -> Cell:
    """Bring what Colab needs to Drive, and return the cell of a notebook.

    Raises
    ------
    NotOnDrive
        With the reason.
    DriveSyncError
        The sync ended in trouble.
    """
    _check_drive(keeper)
    await keeper.ask(lambda session: _check_notebook(session, notebook))
    if await keeper.ask(lambda session: worth_writing(session, notebook)):
        # Another computer may have put newer ones on Drive, and those are not to be met by ours.
        await keeper.sync_and_wait(Trigger.PERSON)
        files = await keeper.ask(lambda session: worth_writing(session, notebook))
        await keeper.alone(lambda session: put_in_place(session, files))
    await keeper.sync_and_wait(Trigger.PERSON)
    companion_id = await _id_in_step(keeper, COMPANION_PATH)
    folder_id = await _folder_id(keeper)
    name = keeper.project.name
    known = await keeper.agreed(notebook)
    notebook_id = known.remote_id if known is not None else None

    def make(session: Session) -> Cell:
        if session.colab is None:
            raise _not_drive()
        maker = session.colab.maker
        source = maker.cell(
            name=name,
            folder_id=folder_id,
            companion_id=companion_id,
            notebook=notebook,
            notebook_id=notebook_id,
        )
        return Cell(source, maker.tag, companion_version(session))

    return await keeper.ask(make)


def _not_drive() -> NotOnDrive:
    return NotOnDrive(
        "This project is not kept on Google Drive, so Colab cannot open it.",
        "Link the project with a folder on Google Drive.",
    )


def _check_drive(keeper: ProjectKeeper) -> None:
    if keeper.project.remote.kind is not RemoteKind.DRIVE:
        raise _not_drive()


def _check_notebook(session: Session, path: str) -> None:
    entry = session.local.stat(path)
    if entry is None or entry.kind is not EntryKind.FILE or not path.endswith(".ipynb"):
        raise NotOnDrive(f"{path} is no notebook of this project.", "Save it in the project first.")
    if session.read_ignore().ignores(path):
        raise NotOnDrive(
            f"{path} is not synced, so Colab cannot open it.",
            "Check that .driveignore does not name it.",
        )


async def _folder_id(keeper: ProjectKeeper) -> str:
    known = keeper.project.remote.folder_id
    if known is not None:
        return known
    found = await keeper.ask(lambda session: session.remote.root_id())
    if found is None:
        raise NotOnDrive("Drive does not tell the id of this project's folder.", "Try again.")
    remote = replace(keeper.project.remote, folder_id=found)
    await keeper.set_project(replace(keeper.project, remote=remote))
    return found


async def _id_in_step(keeper: ProjectKeeper, path: str) -> str:
    """Return the Drive id of a file, if the last run left it alike on both sides."""
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
