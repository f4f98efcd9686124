"""The server extension: settings, wiring, start and stop."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir
from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import Bool, Enum, Float, Int, List, Unicode

from jupyter_drive_sync.connections import make_connecting
from jupyter_drive_sync.engine.check import DeleteLimit
from jupyter_drive_sync.events.publisher import STATUS_SCHEMA_FILE, publisher
from jupyter_drive_sync.files.base import BaseLimits
from jupyter_drive_sync.handlers.base import SERVICE_KEY
from jupyter_drive_sync.handlers.connect import CONNECT_KEY
from jupyter_drive_sync.handlers.routes import NAMESPACE, handlers
from jupyter_drive_sync.ports.colab import ColabSettings, EnvironmentSource, WhichOutputs
from jupyter_drive_sync.ports.connecting import Client, Rules, Way
from jupyter_drive_sync.ports.records import Keep, Trigger
from jupyter_drive_sync.ports.versions import SAFE_DAYS
from jupyter_drive_sync.service.connecting import Connecting
from jupyter_drive_sync.service.heap import settle_heap
from jupyter_drive_sync.service.service import DriveSyncService
from jupyter_drive_sync.service.timing import Timing
from jupyter_drive_sync.triggers.saves import listen_to_saves
from jupyter_drive_sync.triggers.watcher import Watcher
from jupyter_drive_sync.wiring import LocalWorkbench, Settings

MEGABYTE = 1024 * 1024


class DriveSyncApp(ExtensionApp):
    """Keeps local folders and Google Drive folders in step while the server runs."""

    name = "jupyter_drive_sync"
    extension_url = f"/{NAMESPACE}"
    load_other_extensions = True
    description = __doc__ or ""

    rclone = Unicode(
        "",
        help="Path of the rclone binary. Leave it empty to use the one that is installed with "
        "this extension. It must be version 1.66 or newer.",
    ).tag(config=True)

    rclone_config = Unicode(
        "",
        help="The one rclone configuration file, from which people choose the other side and into "
        "which new remotes go. Leave it empty to use this extension's own file in Jupyter's data "
        "folder for new remotes, and to offer those of rclone's default file too.",
    ).tag(config=True)

    ways = List(
        Enum([way.value for way in Way]),
        [way.value for way in Way],
        help="The ways in which people may connect a storage; leave out those that are closed.",
    ).tag(config=True)

    client_id = Unicode(
        "",
        help="The Google OAuth client (type Desktop app) that is preset, so that people connect "
        "with one click. Empty: the environment variable JUPYTER_DRIVE_SYNC_CLIENT_ID.",
    ).tag(config=True)

    client_secret = Unicode(
        "",
        help="The secret of client_id. Empty: the environment variable "
        "JUPYTER_DRIVE_SYNC_CLIENT_SECRET.",
    ).tag(config=True)

    service_account_file = Unicode(
        "",
        help="The key file of a service account that is preset. Every person who may read it can "
        "reach all that is shared with the service account.",
    ).tag(config=True)

    drive_scope = Enum(
        ["drive", "drive.file"],
        "drive",
        help="What Google is asked for: all files, or only those that the app makes itself, which "
        "hides what Colab and Drive's web page make. With drive.file, people cannot ask for more.",
    ).tag(config=True)

    allowed_remotes = List(
        Unicode(),
        help="Patterns of `name:path`, or of folders of this computer, that people may link to; "
        "empty for all. `*` stands for anything, slashes too.",
    ).tag(config=True)

    allowed_backends = List(
        Unicode(),
        help="The rclone backends that people may connect to, for instance `drive` and `s3`; empty "
        "for all.",
    ).tag(config=True)

    plain_folders = Bool(
        True,
        help="Whether people may choose a plain folder of this computer as the other side, for "
        "instance a network disk. Switch it off where people must not see the server's folders.",
    ).tag(config=True)

    poll_seconds = Float(
        60.0,
        min=1.0,
        help="How often to look for changes on Drive, in seconds, when nothing happens here. A "
        "look that finds nothing costs one listing of the folder.",
    ).tag(config=True)

    quiet_seconds = Float(
        1.0,
        min=0.0,
        help="How long a changed file must be left alone before it is synced, in seconds.",
    ).tag(config=True)

    longest_seconds = Float(
        10.0,
        min=0.0,
        help="After how many seconds a change is synced even though changes go on.",
    ).tag(config=True)

    watch = Bool(
        True,
        help="Whether to watch project folders for changes made by kernels, terminals and git. "
        "When it is off, such changes are found at the next look at Drive.",
    ).tag(config=True)

    delete_limit_files = Int(
        10,
        min=0,
        help="A run that would delete more files than this, and more than "
        "delete_limit_percent of all, waits for a person's consent. Renames are not deletes.",
    ).tag(config=True)

    delete_limit_percent = Float(
        25.0,
        min=0.0,
        max=100.0,
        help="See delete_limit_files.",
    ).tag(config=True)

    conflicts = Enum(
        ["ask", "both"],
        "ask",
        help="What happens to a file that changed here and on Drive: `ask` leaves both versions "
        "as they are until a person chooses; `both` keeps this computer's under its name and "
        "puts Drive's beside it, for servers that nobody looks at.",
    ).tag(config=True)

    trash_days = Int(
        90,
        min=SAFE_DAYS,
        help="How long a project's trash keeps what a sync replaced or deleted, in days; at least "
        "30.",
    ).tag(config=True)

    trash_megabytes = Int(
        5120,
        min=0,
        help="While a project's trash is larger than this, its oldest files go. The only copy of "
        "anything younger than 30 days stays, however large the trash is.",
    ).tag(config=True)

    base_days = Int(
        90,
        min=SAFE_DAYS,
        help="How long copies of earlier contents are kept, in days; at least 30. A copy of what "
        "is in step now is never removed.",
    ).tag(config=True)

    base_megabytes = Int(
        1024,
        min=0,
        help="While a project's copies of earlier contents are larger than this, the oldest go, "
        "but none that is in step or was touched in the last 30 days.",
    ).tag(config=True)

    base_file_megabytes = Float(
        1.0,
        min=0.0,
        help="Files up to this size are copied when they are in step, so that they can be "
        "restored later. Notebooks are copied up to 64 MB, because merging them needs it.",
    ).tag(config=True)

    colab_outputs = Enum(
        [which.value for which in WhichOutputs],
        WhichOutputs.NEWEST.value,
        help="Which outputs of Colab's runs come down into `outputs/`: `all`; `newest`, the newest "
        "checkpoint of each run and all that is no checkpoint; or `none`.",
    ).tag(config=True)

    colab_outputs_megabytes = Int(
        2048,
        min=0,
        help="How much of each run of Colab comes down at most.",
    ).tag(config=True)

    environment_source = Enum(
        [source.value for source in EnvironmentSource],
        EnvironmentSource.KERNEL.value,
        help="Where Colab learns from which libraries a project needs: `kernel`, what the "
        "notebook's kernel has of what the project imports; or `files`, the first that is there of "
        "requirements.txt, pyproject.toml, uv.lock and environment.yml.",
    ).tag(config=True)

    stop_seconds = Float(
        10.0,
        min=0.0,
        help="How long a sync under way is given to end well when the server stops, in seconds.",
    ).tag(config=True)

    service: DriveSyncService | None = None
    connecting: Connecting | None = None

    def initialize_settings(self) -> None:
        """Make the service and give it to the handlers."""
        events = self._events()
        events.register_event_schema(STATUS_SCHEMA_FILE)
        root = Path(self._server().root_dir).resolve()
        workbench = LocalWorkbench(
            Settings(
                data_dir=Path(jupyter_data_dir()),
                root=root,
                rclone=self.rclone,
                rclone_config=self.rclone_config,
                allowed_remotes=tuple(self.allowed_remotes),
                plain_folders=self.plain_folders,
                rules=self._rules(),
                limit=DeleteLimit(self.delete_limit_files, self.delete_limit_percent / 100),
                keep=Keep.BOTH if self.conflicts == "both" else None,
                trash_days=self.trash_days,
                trash_bytes=self.trash_megabytes * MEGABYTE,
                base=BaseLimits(
                    file_bytes=int(self.base_file_megabytes * MEGABYTE),
                    keep_days=self.base_days,
                    max_bytes=self.base_megabytes * MEGABYTE,
                ),
                colab=ColabSettings(
                    outputs=WhichOutputs(self.colab_outputs),
                    bytes=self.colab_outputs_megabytes * MEGABYTE,
                    environment=EnvironmentSource(self.environment_source),
                ),
            )
        )
        timing = Timing(
            quiet=self.quiet_seconds,
            longest=self.longest_seconds,
            poll=self.poll_seconds,
            stop=self.stop_seconds,
        )
        self.service = DriveSyncService(workbench, timing, publisher(events), self._watch_projects)
        self.settings[SERVICE_KEY] = self.service
        self.connecting = make_connecting(
            workbench.find_rclone,
            workbench.configs,
            self._rules(),
            projects=workbench.projects,
            read_marker=workbench.read_marker,
            renewed=self.service.sync_soon,
        )
        self.settings[CONNECT_KEY] = self.connecting
        self._watcher = Watcher(self._changed)
        self._root = root

    def initialize_handlers(self) -> None:
        """Add the addresses below ``/jupyter-drive-sync/``."""
        self.handlers.extend(handlers(""))

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Begin to keep projects in step, once the event loop runs."""
        self._end_listening = listen_to_saves(self._events(), self._root, self._changed)
        settle_heap()
        if self.connecting is not None:
            self.connecting.begin()
        await self._service().start()
        self.log.info("Drive Sync keeps %d project(s) in step", len(self._service().keepers))

    async def stop_extension(self) -> None:
        """End all work when the server stops."""
        end_listening = getattr(self, "_end_listening", None)
        if end_listening is not None:
            end_listening()
        if self.connecting is not None:
            await self.connecting.stop()
        if self.service is not None:
            await self._watcher.stop()
            await self.service.stop()

    def current_activity(self) -> datetime | None:
        """Keep the server from being culled as idle while a sync is under way."""
        busy = self.service is not None and self.service.busy
        return datetime.now(timezone.utc) if busy else None

    def _rules(self) -> Rules:
        """Return what people may do to connect."""
        client_id = self.client_id or os.environ.get("JUPYTER_DRIVE_SYNC_CLIENT_ID", "")
        secret = self.client_secret or os.environ.get("JUPYTER_DRIVE_SYNC_CLIENT_SECRET", "")
        return Rules(
            ways=tuple(Way(word) for word in self.ways),
            client=Client(client_id, secret) if client_id and secret else None,
            service_account_file=self.service_account_file,
            scope=self.drive_scope,
            backends=tuple(self.allowed_backends),
            plain_folders=self.plain_folders,
        )

    def _changed(self, paths: Iterable[Path], trigger: Trigger) -> None:
        self._service().changed(paths, trigger)

    def _watch_projects(self, folders: Iterable[Path]) -> None:
        if self.watch:
            self._watcher.watch(folders)

    def _service(self) -> DriveSyncService:
        if self.service is None:
            raise RuntimeError("the extension is not initialized")
        return self.service

    def _events(self) -> EventLogger:
        events = self._server().event_logger
        if events is None:
            raise RuntimeError("the server has no event logger yet")
        return events

    def _server(self) -> ServerApp:
        if self.serverapp is None:
            raise RuntimeError("the extension is not linked to a server")
        return self.serverapp


main = launch_new_instance = DriveSyncApp.launch_instance
