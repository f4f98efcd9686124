"""Projects lie beside each other: what is linked already, or overlaps it, is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_drive_sync.drive.calls import DriveCalls
from jupyter_drive_sync.errors import (
    AlreadyLinked,
    ConfigUnreadable,
    FolderNested,
    NotPossible,
    VersionGone,
)
from jupyter_drive_sync.files.folders import nested_in
from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind
from jupyter_drive_sync.rclone.behind import folders_behind
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import configured_folder_id
from jupyter_drive_sync.rclone.markers import project_above, project_below
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.rclone.token import access_token


def plain_folders_of(rclone: Rclone, remote: Remote) -> list[Path]:
    """Return the folders of this computer that a remote is, or leads to."""
    if remote.kind is RemoteKind.FOLDER:
        return [Path(remote.path)]
    if remote.kind is RemoteKind.DRIVE:
        return []
    return folders_behind(rclone, remote)


def check_free(
    rclone: Rclone, folder: Path, remote: Remote, plain: list[Path], projects: Sequence[Project]
) -> None:
    """Refuse folders that a project uses already, on either side, or that overlap one.

    Parameters
    ----------
    plain : list of Path
        The folders of this computer that the remote is, or leads to.

    Raises
    ------
    AlreadyLinked, FolderNested
    """
    if nested_in(folder, plain) is not None:
        raise FolderNested(
            "The two folders are the same, or one lies inside the other.",
            "Choose two folders that lie beside each other.",
        )
    for project in projects:
        taken = [project.local]
        with contextlib.suppress(ConfigUnreadable):  # then that project cannot sync either
            taken += plain_folders_of(rclone, project.remote)
        _check_apart(folder, taken, project, "The project folder")
        for side in plain:
            _check_apart(side, taken, project, "The other folder")
        if _same_remote(remote, project.remote):
            raise AlreadyLinked(
                f"{remote.spec} overlaps the other side of the project {project.name}."
            )


def check_not_nested(rclone: Rclone, remote: Remote, projects: Sequence[Project]) -> None:
    """Refuse a storage's folder that lies inside or around a project, whoever linked that.

    The names of remotes say nothing of it: two can reach the same account, or begin at different
    folders of it. So the markers are looked for, and Drive's own ids.

    Raises
    ------
    FolderNested
    DriveSyncError
        The storage cannot be looked at.
    """
    runner = Runner(rclone, remote.config)
    place = project_above(runner, remote)
    if place is not None:
        raise FolderNested(f"{remote.spec} lies inside {place}, which is a project's.", _NESTED)
    place = project_below(runner, remote)
    if place is not None:
        raise FolderNested(f"{remote.spec} lies around {place}, which is a project's.", _NESTED)
    top = configured_folder_id(runner, remote.name) if remote.kind is RemoteKind.DRIVE else None
    known = {item.remote.folder_id: item for item in projects if item.remote.folder_id is not None}
    if top is not None and known:
        for folder in _upwards(runner, remote.name, top):
            if folder in known:
                raise FolderNested(
                    f"{remote.spec} lies inside the other side of the project "
                    f"{known[folder].name}.",
                    "Choose a folder beside it.",
                )


_NESTED = (
    "Choose a folder beside it. If nobody keeps that project in step any more, delete the folder "
    ".drive-sync in it."
)


def _upwards(runner: Runner, name: str, folder: str) -> Iterator[str]:
    """Yield a Drive folder's id and those of the folders above it, as far as they can be seen."""
    try:
        calls = DriveCalls(access_token(runner, name))
        for _ in range(_DEEPEST):
            yield folder
            found = calls.get("files", folder, fields="parents", supportsAllDrives="true")
            parents = found.get("parents") or []
            if not parents:
                return
            folder = str(parents[0])
    except (NotPossible, VersionGone):
        return  # a service account, or the top of what is shared with this one


_DEEPEST = 100
"""Drive allows no more folders in each other."""


def _check_apart(folder: Path, taken: list[Path], project: Project, what: str) -> None:
    hit = nested_in(folder, taken)
    if hit is None:
        return
    if hit.resolve() == folder.resolve():
        raise AlreadyLinked(f"{what} {folder} is linked already, as {project.name}.")
    raise FolderNested(f"{what} {folder} lies inside or around {hit}, which is linked already.")


def _same_remote(one: Remote, other: Remote) -> bool:
    if one.kind is RemoteKind.FOLDER:
        return False  # compared as folders
    if (one.kind, one.name, one.config) != (other.kind, other.name, other.config):
        return False
    here, there = f"{one.path.strip('/')}/", f"{other.path.strip('/')}/"
    return here.startswith(there) or there.startswith(here) or "/" in (here, there)
