"""Which configurations hold the remotes, and the real things behind connecting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from jupyter_drive_sync.drive.account import GoogleSignIn
from jupyter_drive_sync.errors import WayLocked
from jupyter_drive_sync.ports.connecting import KnownRemote, Rules
from jupyter_drive_sync.ports.projects import Project, Remote
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import (
    ConfiguredRemote,
    default_config_path,
    known_remotes,
)
from jupyter_drive_sync.rclone.connector import RcloneConnector
from jupyter_drive_sync.rclone.remote_spec import parse_remote
from jupyter_drive_sync.service.connecting import SIGN_IN_SECONDS, Connecting


@dataclass(frozen=True, slots=True)
class Configs:
    """The configuration files from which people choose the other side.

    Attributes
    ----------
    root : Path
        ``<Jupyter's data directory>/drive-sync``.
    named : str
        The file that an administrator or a person named; empty for none.
    allowed : tuple of str
        Patterns of ``name:path`` or folders that may be the other side; empty for all.
    """

    root: Path
    named: str = ""
    allowed: tuple[str, ...] = ()

    @property
    def own(self) -> Path:
        """Our own configuration file."""
        return self.root / "rclone.conf"

    def files(self) -> list[Path]:
        """Return the files, the one of new remotes first."""
        if self.named:
            return [Path(self.named).expanduser().absolute()]
        return [self.own, default_config_path()]

    def remotes(self, rclone: Rclone) -> list[KnownRemote]:
        """Return the remotes that may be chosen."""
        found = known_remotes(rclone, self.files(), self.own)
        return [remote for remote in found if self.allows_some_of(remote.name)]

    def parse(self, rclone: Rclone, text: str) -> Remote:
        """Read ``name:path`` or an absolute folder, as a person wrote it.

        Raises
        ------
        RemoteInvalid, RemoteUnknown, ConfigUnreadable
        """
        known = {remote.name: remote for remote in known_remotes(rclone, self.files(), self.own)}
        plain = [ConfiguredRemote(remote.name, remote.type) for remote in known.values()]
        remote = parse_remote(text, config=self.files()[-1], remotes=plain)
        return replace(remote, config=known[remote.name].config) if remote.name else remote

    def check_allowed(self, remote: Remote) -> None:
        """Refuse a side that the administrator does not allow.

        Raises
        ------
        WayLocked
        """
        if self.allowed and not any(fnmatchcase(remote.spec, item) for item in self.allowed):
            raise WayLocked(
                f"The administrator of this server does not allow {remote.spec}.",
                f"Choose one of: {', '.join(self.allowed)}.",
            )

    def allows_some_of(self, name: str) -> bool:
        """Say whether any folder of a remote may be chosen."""
        names = [item.partition(":")[0] for item in self.allowed if ":" in item]
        return not self.allowed or any(fnmatchcase(name, item) for item in names)


def make_connecting(
    find: Callable[[], Rclone],
    configs: Configs,
    rules: Rules,
    *,
    projects: Callable[[], list[Project]],
    read_marker: Callable[[Project, Path], bytes | None],
    renewed: Callable[[Sequence[Project]], None],
    sign_in_seconds: float = SIGN_IN_SECONDS,
) -> Connecting:
    """Put the real rclone and the real Google behind connecting."""
    return Connecting(
        RcloneConnector(find, configs.files, configs.own, configs.root / "connecting"),
        GoogleSignIn(),
        rules,
        projects=projects,
        read_marker=read_marker,
        renewed=renewed,
        shown=configs.allows_some_of,
        sign_in_seconds=sign_in_seconds,
    )
