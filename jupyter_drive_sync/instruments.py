"""What the doctor looks with: the real things, each with a time limit of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from jupyter_drive_sync.drive.health import account, clock_ahead
from jupyter_drive_sync.errors import LockedElsewhere
from jupyter_drive_sync.files.ignore import ProjectIgnore
from jupyter_drive_sync.files.lock import ProjectLock
from jupyter_drive_sync.files.project_files import ProjectFiles
from jupyter_drive_sync.ports.health import FarSide, Instruments
from jupyter_drive_sync.ports.projects import MARKER_PATH, Project, Remote, RemoteKind
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import list_remotes
from jupyter_drive_sync.rclone.health import look_at_access, look_at_config, reach
from jupyter_drive_sync.rclone.log import clean
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.rclone.remote_files import RcloneRemote
from jupyter_drive_sync.rclone.token import access_token
from jupyter_drive_sync.store.registry import Registry

RCLONE_SECONDS = 25.0
"""How long one rclone may take: less than the doctor waits, so that none is left behind."""


def doctors_instruments(
    find: Callable[[], Rclone], configs: Callable[[], list[Path]], registry: Registry
) -> Instruments:
    """Put the real things behind the doctor's looks.

    Parameters
    ----------
    find : Callable
        Finds rclone; may raise `RcloneUnusable`.
    configs : Callable
        Returns the configuration files that are used where nobody named one.
    registry : Registry
        Knows where a project's lock is.
    """

    def runner(config: Path | None) -> Runner:
        return Runner(find(), config, grace=1, seconds=RCLONE_SECONDS)

    def remotes_in(config: Path) -> list[Remote]:
        return [Remote(one.kind, one.name, "", config) for one in list_remotes(find(), config)]

    def far_side(project: Project) -> FarSide:
        remote = project.remote
        trash = registry.folders(project.id).trash
        plain = ProjectFiles(Path(remote.path), trash) if remote.kind is RemoteKind.FOLDER else None
        side = RcloneRemote(runner(remote.config), remote, plain)
        listing = side.list({}, ProjectIgnore.read(project.local))
        if not listing.exists:
            return FarSide(exists=False)
        twins = tuple(sorted(listing.duplicates))
        return FarSide(True, side.read(MARKER_PATH), twins, listing.trouble)

    def keeper(project: Project) -> str | None:
        lock = ProjectLock(registry.folders(project.id).lock)
        if not lock.path.exists():
            return None
        try:
            lock.probe()
        except LockedElsewhere as error:
            return error.message
        return None

    return Instruments(
        configs=configs,
        remotes=remotes_in,
        config=lambda path: look_at_config(find(), path),
        access=lambda remote: look_at_access(runner(remote.config), remote.name),
        reach=lambda remote: reach(runner(remote.config), remote),
        account=lambda remote: account(access_token(runner(remote.config), remote.name)),
        clock=clock_ahead,
        far_side=far_side,
        near_marker=lambda project: _near(project, registry).read(MARKER_PATH),
        ignore=lambda project: ProjectIgnore.read(project.local),
        space=lambda folder: shutil.disk_usage(folder).free,
        keeper=keeper,
        clean=clean,
    )


def _near(project: Project, registry: Registry) -> ProjectFiles:
    return ProjectFiles(project.local, registry.folders(project.id).trash)
