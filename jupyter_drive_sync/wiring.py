"""Puts the real things behind the ports: for the server and the command line alike."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from jupyter_drive_sync import __version__
from jupyter_drive_sync.companion.maker import LocalCompanion
from jupyter_drive_sync.connections import Configs
from jupyter_drive_sync.drive.calls import DriveCalls
from jupyter_drive_sync.drive.links import colab_url, folder_url
from jupyter_drive_sync.drive.revisions import DriveVersions
from jupyter_drive_sync.engine.check import DeleteLimit
from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.errors import (
    FolderInvalid,
    RcloneUnusable,
    RemoteInvalid,
    RemoteUnknown,
    WayLocked,
)
from jupyter_drive_sync.files.base import BaseFolder, BaseLimits
from jupyter_drive_sync.files.folders import check_project_folder, subfolders
from jupyter_drive_sync.files.ignore import ProjectIgnore
from jupyter_drive_sync.files.ignore_file import FolderIgnoreFile
from jupyter_drive_sync.files.lock import ProjectLock
from jupyter_drive_sync.files.outputs import OutputsFolder
from jupyter_drive_sync.files.project_files import ProjectFiles
from jupyter_drive_sync.files.versions import TrashVersions
from jupyter_drive_sync.instruments import doctors_instruments
from jupyter_drive_sync.neighbours import check_free, check_not_nested, plain_folders_of
from jupyter_drive_sync.ports.colab import ColabSettings, ColabSide
from jupyter_drive_sync.ports.connecting import Rules
from jupyter_drive_sync.ports.health import Instruments
from jupyter_drive_sync.ports.projects import (
    MARKER_PATH,
    Project,
    ProjectFolders,
    Remote,
    RemoteKind,
)
from jupyter_drive_sync.ports.records import Keep
from jupyter_drive_sync.ports.transfer import RemoteFolder
from jupyter_drive_sync.rclone.binary import Rclone, find_rclone
from jupyter_drive_sync.rclone.bisync import DRIVE_LISTING_FLAGS, RcloneBisync, check_lengths
from jupyter_drive_sync.rclone.folders import make_folder, search_folders
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.rclone.pulses import RclonePulses
from jupyter_drive_sync.rclone.remote_files import RcloneRemote
from jupyter_drive_sync.rclone.token import access_token
from jupyter_drive_sync.service.workbench import (
    ConfiguredRemote,
    FolderList,
    OpenProject,
    RcloneInfo,
)
from jupyter_drive_sync.store.database import Database
from jupyter_drive_sync.store.registry import Registry


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator or the command line sets.

    Attributes
    ----------
    data_dir : Path
        Jupyter's data directory; state lives in ``drive-sync`` below it.
    root : Path or None
        The server's root folder, in which projects must lie. None for the command line.
    rclone : str
        Path of the rclone binary; empty for the one that comes with this package.
    rclone_config : str
        rclone's configuration file; empty for our own and rclone's default.
    allowed_remotes : tuple of str
        Patterns of ``name:path`` or folders that may be the other side; empty for all.
    plain_folders : bool
        Whether a plain folder may be the remote side.
    rules : Rules or None
        What the administrator of a server closes; None for the command line.
    limit : DeleteLimit
        How much a run may delete without consent.
    keep : Keep or None
        What is chosen for every conflict, where nobody is there to be asked; None: ask.
    trash_days, trash_bytes : int
        How long, and how much, the project's trash keeps.
    base : BaseLimits
        How many copies of what was in step are kept.
    colab : ColabSettings
        What comes home from Colab.
    """

    data_dir: Path
    root: Path | None = None
    rclone: str = ""
    rclone_config: str = ""
    allowed_remotes: tuple[str, ...] = ()
    plain_folders: bool = True
    rules: Rules | None = None
    limit: DeleteLimit = field(default_factory=DeleteLimit)
    keep: Keep | None = None
    trash_days: int = 90
    trash_bytes: int = 5 * 1024**3
    base: BaseLimits = field(default_factory=BaseLimits)
    colab: ColabSettings = field(default_factory=ColabSettings)


class LocalWorkbench:
    """The `jupyter_drive_sync.service.workbench.Workbench` of real folders and real rclone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.registry = Registry(settings.data_dir / "drive-sync")
        self.configs = Configs(
            settings.data_dir / "drive-sync",
            settings.rclone_config,
            settings.allowed_remotes,
            settings.rules,
        )

    # --- projects --------------------------------------------------------------------------

    def projects(self) -> list[Project]:
        """Return all projects in the order in which they were linked."""
        return self.registry.projects()

    def draft(self, local: str, remote: str, name: str | None) -> Project:
        """Check what a person wants to link, and make a project of it that is not saved yet."""
        folder = self._project_folder(local)
        far = self._remote(remote)
        self.configs.check_allowed(far)
        self.configs.check_usable(self._rclone(), far)
        plain = plain_folders_of(self._rclone(), far)
        check_free(self._rclone(), folder, far, plain, self.projects())
        self._check_holds_no_state([folder, *plain])
        check_lengths(folder, far.spec, self._settings.data_dir)
        if not plain:  # those were compared as folders
            check_not_nested(self._rclone(), far, self.projects())
        return Project(
            id=str(uuid.uuid4()),
            name=name or folder.name or str(folder),
            local=folder,
            remote=far,
            auto_sync=True,
            paused=False,
            created=datetime.now(timezone.utc),
        )

    def open(self, project: Project) -> OpenProject:
        """Open a project's ports. Does not take its lock."""
        folders = self.registry.folders(project.id)
        self.registry.make_private()
        local = ProjectFiles(project.local, folders.trash)
        lock = ProjectLock(folders.lock)

        def inherited() -> int | None:
            return lock.fileno() if lock.held else None

        runner = Runner(self._rclone(), project.remote.config, lock=inherited)
        session = Session(
            project=project,
            folders=folders,
            local=local,
            remote=self._remote_files(project.remote, runner, folders.trash),
            bisync=RcloneBisync(runner, _bisync_extra(project.remote)),
            store=Database(folders.database),
            read_ignore=lambda: ProjectIgnore.read(project.local),
            lock_fd=inherited,
            limit=self._settings.limit,
            keep=self._settings.keep,
            base=BaseFolder(folders.base, self._settings.base),
            trash=TrashVersions(local.trash, self._settings.trash_days, self._settings.trash_bytes),
            far=_drive_versions(project.remote, runner),
            colab=_colab_side(project, folders, runner, self._settings.colab),
        )
        return OpenProject(session, lock, FolderIgnoreFile(project.local))

    def save(self, project: Project) -> None:
        """Remember a project, or what changed of it."""
        self.registry.save(project)

    def remove(self, project_id: str) -> None:
        """Forget a project. Touches no file of the person's."""
        self.registry.remove(project_id)

    def relative(self, local: Path) -> str | None:
        """Return a project folder as the contents API names it; None outside the root."""
        if self._settings.root is None:
            return None
        try:
            below = local.relative_to(self._settings.root.resolve())
        except ValueError:
            return None
        return "" if below == Path() else below.as_posix()

    def remote_url(self, project: Project) -> str | None:
        """Return the page of a project's folder on Drive, where it has one."""
        remote = project.remote
        if remote.kind is not RemoteKind.DRIVE or remote.folder_id is None:
            return None
        return folder_url(remote.folder_id)

    def read_marker(self, project: Project, config: Path) -> bytes | None:
        """Read a project's marker on the far side, with another configuration."""
        remote = replace(project.remote, config=config)
        return RcloneRemote(Runner(self._rclone(), config), remote).read(MARKER_PATH)

    def colab_url(self, file_id: str) -> str:
        """Return the page that opens a Drive file in Colab."""
        return colab_url(file_id)

    # --- rclone and what it knows -----------------------------------------------------------

    def rclone(self) -> RcloneInfo:
        """Look which rclone there is."""
        try:
            found = self._rclone()
        except RcloneUnusable as error:
            return RcloneInfo(None, None, error)
        return RcloneInfo(found.version, str(found.path), None, found.warning)

    def instruments(self) -> Instruments:
        """Return what the doctor looks with."""
        return doctors_instruments(self._rclone, self.configs.files, self.registry)

    def config_file(self) -> Path:
        """Return the configuration file that new remotes go into."""
        return self.configs.files()[0]

    @property
    def plain_folders_allowed(self) -> bool:
        """Whether a plain folder of this computer may be the other side."""
        return self._settings.plain_folders

    def remotes(self) -> list[ConfiguredRemote]:
        """List the configured remotes."""
        return [
            ConfiguredRemote(remote.name, remote.type, remote.kind, remote.ours)
            for remote in self.configs.remotes(self._rclone())
        ]

    def remote_folders(self, name: str, path: str, search: str = "") -> FolderList:
        """List the folders in a folder of a configured remote, or find some below it by name."""
        remote = self._configured(name, path)
        self.configs.check_seen(remote)
        runner = Runner(self._rclone(), remote.config)
        parent = remote.path.rpartition("/")[0] if remote.path else None
        if search.strip():
            found = search_folders(runner, remote, search)
            return FolderList(remote.path, parent, self._seen(remote, found.folders), found.more)
        folders = RcloneRemote(runner, replace(remote, path="")).folders(remote.path)
        return FolderList(remote.path, parent, self._seen(remote, folders))

    def new_remote_folder(self, name: str, path: str) -> RemoteFolder:
        """Make a folder on a configured remote. Harmless when it is there already."""
        remote = self._configured(name, path)
        self.configs.check_allowed(remote)
        return make_folder(Runner(self._rclone(), remote.config), remote)

    def plain_folders(self, path: str) -> FolderList:
        """List the folders in a folder of this computer; the home folder when `path` is empty."""
        self._check_plain_folders()
        folder = Path(path).expanduser() if path else Path.home()
        if not folder.is_absolute():
            raise FolderInvalid(f"{path} is not the absolute path of a folder.")
        here = Remote(RemoteKind.FOLDER, "", str(folder.resolve()))
        if not path and not self.configs.sees(here):
            folder = Path(folder.anchor)
            here = Remote(RemoteKind.FOLDER, "", str(folder))
        self.configs.check_usable(self._rclone(), here)
        self.configs.check_seen(here)
        found = [RemoteFolder(item.name, str(item)) for item in subfolders(folder)]
        parent = None if folder.parent == folder else str(folder.parent)
        return FolderList(str(folder), parent, self._seen(here, found))

    # --- helpers -----------------------------------------------------------------------------

    def find_rclone(self) -> Rclone:
        """Find rclone and check its version."""
        return self._rclone()

    def _rclone(self) -> Rclone:
        return find_rclone(self._settings.rclone or None)

    def _project_folder(self, local: str) -> Path:
        root = self._settings.root
        if root is not None:
            return check_project_folder(root, local)
        folder = Path(local).expanduser().absolute()
        return check_project_folder(
            Path(folder.anchor), folder.relative_to(folder.anchor).as_posix()
        )

    def _configured(self, name: str, path: str) -> Remote:
        if not self.configs.allows_some_of(name):
            raise WayLocked(f"The administrator of this server does not allow {name}.")
        remote = self._remote(f"{name}:{path}")
        if remote.kind is RemoteKind.FOLDER:
            raise RemoteUnknown(f"There is no remote called {name}.")
        self.configs.check_usable(self._rclone(), remote)
        return remote

    def _seen(self, parent: Remote, folders: Iterable[RemoteFolder]) -> list[RemoteFolder]:
        """Return those folders that people may look into."""
        return [item for item in folders if self.configs.sees(replace(parent, path=item.path))]

    def _remote(self, text: str) -> Remote:
        remote = self.configs.parse(self._rclone(), text)
        if remote.kind is RemoteKind.FOLDER:
            self._check_plain_folders()
            folder = Path(remote.path).expanduser().resolve()
            if folder.exists() and not folder.is_dir():
                raise FolderInvalid(f"{folder} is a file, not a folder.")
            remote = Remote(RemoteKind.FOLDER, "", str(folder))
        return remote

    def _check_holds_no_state(self, sides: Iterable[Path]) -> None:
        """Refuse a side that holds our own state: it would sync itself for ever."""
        state = (self._settings.data_dir / "drive-sync").resolve()
        for side in sides:
            if state.is_relative_to(side):
                raise FolderInvalid(
                    f"{side} holds Jupyter's own data ({state}), which must not be synced.",
                    "Choose a folder further down.",
                )

    def _check_plain_folders(self) -> None:
        if not self._settings.plain_folders:
            raise RemoteInvalid(
                "On this server a plain folder cannot be the other side.",
                "Choose one of the configured remotes.",
            )

    def _remote_files(self, remote: Remote, runner: Runner, trash: Path) -> RcloneRemote:
        if remote.kind is RemoteKind.FOLDER:
            return RcloneRemote(runner, remote, ProjectFiles(Path(remote.path), trash))
        return RcloneRemote(runner, remote)


def _drive_versions(remote: Remote, runner: Runner) -> DriveVersions | None:
    if remote.kind is not RemoteKind.DRIVE:
        return None
    return DriveVersions(
        lambda: DriveCalls(access_token(runner, remote.name)),
        lambda: RcloneRemote(runner, remote).root_id() or "root",
    )


def _colab_side(
    project: Project, folders: ProjectFolders, runner: Runner, settings: ColabSettings
) -> ColabSide | None:
    if project.remote.kind is not RemoteKind.DRIVE:
        return None
    return ColabSide(
        settings,
        LocalCompanion(project.local, __version__),
        RclonePulses(replace(runner, seconds=90), project.remote, folders.pulses),
        OutputsFolder(project.local),
    )


def _bisync_extra(remote: Remote) -> tuple[str, ...]:
    # A plain folder is listed and read the faster, the more of it happens at a time.
    return DRIVE_LISTING_FLAGS if remote.kind is RemoteKind.DRIVE else ()
