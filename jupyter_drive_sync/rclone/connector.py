"""rclone's side of connecting: which remotes there are, and how new ones come."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from jupyter_drive_sync.errors import ConfigUnreadable, RemoteExists, RemoteUnknown
from jupyter_drive_sync.ports.connecting import (
    Backend,
    KnownRemote,
    Space,
)
from jupyter_drive_sync.ports.connector import Section
from jupyter_drive_sync.ports.private import make_private, take_from_others
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import MADE_BY, access_section, known_remotes
from jupyter_drive_sync.rclone.config_text import Sections
from jupyter_drive_sync.rclone.conversation import RcloneConversation, ask_space
from jupyter_drive_sync.rclone.guarded import GuardedConversation
from jupyter_drive_sync.rclone.outcome import essential_message
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.rclone.questions import check_name, free_name
from jupyter_drive_sync.rclone.secret_options import credentials
from jupyter_drive_sync.rclone.sections import change_sections
from jupyter_drive_sync.rclone.token import access_token

STALE_SECONDS = 24 * 3600.0
"""Temporary configurations older than this were left behind by a server that was killed."""

_NOT_ALONE = frozenset(
    # Backends that wrap others, this computer's own disk, and what holds nothing for long.
    {
        "alias",
        "archive",
        "cache",
        "chunker",
        "combine",
        "compress",
        "crypt",
        "hasher",
        "http",
        "doi",
        "local",
        "memory",
        "union",
    }
)


class RcloneConnector:
    """The `jupyter_drive_sync.ports.connector.Connector` of a real rclone.

    Parameters
    ----------
    find : Callable
        Finds rclone; may raise `RcloneUnusable`.
    configs : Callable
        Returns the configuration files, the one of new remotes first.
    own : Path
        Our own configuration: whatever stands in it is ours.
    work : Path
        A folder for temporary configurations; made when it is needed.
    """

    def __init__(
        self,
        find: Callable[[], Rclone],
        configs: Callable[[], Sequence[Path]],
        own: Path,
        work: Path,
    ) -> None:
        self._find = find
        self._configs = configs
        self._own = own
        self._work = work
        self._locks = own.parent / "locks"
        self._providers: dict[str, list[dict[str, Any]]] = {}

    def config_file(self) -> Path:
        """Return the configuration file that new remotes go into."""
        return self._configs()[0]

    def config_files(self) -> Sequence[Path]:
        """Return all configuration files, the one of new remotes first."""
        return self._configs()

    def remotes(self) -> list[KnownRemote]:
        """Return the remotes of all files; where two have one name, the first file's counts."""
        return known_remotes(self._find(), self._configs(), self._own)

    def section(self, remote: KnownRemote) -> dict[str, str]:
        """Return a remote's settings."""
        return access_section(self._runner(remote.config), remote.name)

    def space(self, remote: KnownRemote) -> Space:
        """Ask how much room a configured remote has."""
        return ask_space(self._runner(remote.config), remote.name)

    def access_token(self, remote: KnownRemote) -> str:
        """Return a good access token: never to be shown or logged."""
        return access_token(self._runner(remote.config), remote.name)

    def backends(self) -> list[Backend]:
        """Return the backends that a person can connect to, Google Drive first."""
        return _backends(self._described())

    def credentials(self, type: str) -> frozenset[str]:
        """Return the names of all settings of a backend that sign in, or hold a secret."""
        options = [item["Options"] or [] for item in self._described() if item["Name"] == type]
        return credentials(chain.from_iterable(options))

    def name_for(self, wanted: str, *, exactly: bool) -> str:
        """Return a name for a new remote: the wanted one, or, unless `exactly`, a free one."""
        taken = [remote.name for remote in self.remotes()]
        free = free_name(check_name(wanted), taken)
        if exactly and free != wanted:
            raise RemoteExists(f"There is a remote called {wanted} already.")
        return free

    def converse(
        self,
        name: str,
        type: str,
        on_page: Callable[[str], None],
    ) -> GuardedConversation:
        """Start an rclone for one flow."""
        rclone = self._find()
        check_name(name)
        try:
            make_private(self._work)
            take_from_others(self._work.parent)
            folder = Path(tempfile.mkdtemp(dir=self._work))
        except OSError as error:
            raise ConfigUnreadable(
                f"{self._work} cannot be written: {error.strerror}.",
                "Check Jupyter's data folder, and the space on its disk.",
            ) from error
        try:
            return GuardedConversation(RcloneConversation(rclone, folder, name, type, on_page))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def sweep(self) -> None:
        """Remove temporary configurations that a killed server left behind."""
        try:
            for folder in self._work.iterdir() if self._work.exists() else ():
                with contextlib.suppress(FileNotFoundError):  # another server was quicker
                    if time.time() - folder.stat().st_mtime > STALE_SECONDS:
                        shutil.rmtree(folder)
        except OSError as error:
            raise ConfigUnreadable(
                f"What an earlier server left in {self._work} cannot be removed: {error.strerror}.",
                "Remove that folder: it may hold secrets.",
            ) from error

    def keep(self, name: str, section: Section) -> KnownRemote:
        """Put a new remote into the file of new remotes."""
        config = self.config_file()
        others = {remote.name.casefold() for remote in self.remotes()}

        def add(sections: Sections) -> None:
            if name.casefold() in others or name in sections:
                raise RemoteExists(f"There is a remote called {name} already.")
            sections[name] = {**section, MADE_BY[0]: MADE_BY[1]}

        change_sections(self._find(), config, add, locks=self._locks)
        return next(remote for remote in self.remotes() if remote.name == name)

    def replace(self, remote: KnownRemote, changes: Mapping[str, str | None]) -> None:
        """Change some settings of a remote where it stands; None removes one."""

        def change(sections: Sections) -> None:
            if remote.name not in sections:
                raise RemoteUnknown(f"There is no remote called {remote.name} any more.")
            section = sections[remote.name]
            for key, value in changes.items():
                section.pop(key, None)
                if value is not None:
                    section[key] = value

        change_sections(self._find(), remote.config, change, locks=self._locks)

    def remove(self, remote: KnownRemote) -> None:
        """Take a remote out of its file."""

        def take_out(sections: Sections) -> None:
            sections.pop(remote.name, None)

        change_sections(self._find(), remote.config, take_out, locks=self._locks)

    def _described(self) -> list[dict[str, Any]]:
        rclone = self._find()
        if rclone.version not in self._providers:
            self._providers[rclone.version] = _ask_providers(Runner(rclone, None))
        return self._providers[rclone.version]

    def _runner(self, config: Path) -> Runner:
        return Runner(self._find(), config, grace=1.0, seconds=60.0)


def _ask_providers(runner: Runner) -> list[dict[str, Any]]:
    finished = runner.run(["config", "providers"])
    if finished.exit_code != 0:
        raise ConfigUnreadable(
            f"rclone does not name its backends: {essential_message(finished.lines)}"
        )
    return list(json.loads(finished.stdout))


def _backends(providers: list[dict[str, Any]]) -> list[Backend]:
    found = [
        Backend(str(item["Name"]), _title(str(item["Description"])), str(item["Description"]))
        for item in providers
        if not item.get("Hide") and item["Name"] not in _NOT_ALONE
    ]
    return sorted(found, key=lambda backend: (backend.type != "drive", backend.name.casefold()))


def _title(description: str) -> str:
    """Return the name at the beginning of a backend's description."""
    return description.partition(" including ")[0].partition(" (")[0].strip()
