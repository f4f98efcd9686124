"""Which configurations hold the remotes, and the real things behind connecting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from jupyter_drive_sync.drive.account import GoogleSignIn
from jupyter_drive_sync.errors import RemoteUnknown, WayLocked
from jupyter_drive_sync.ports.connecting import KnownRemote, Rules, Way
from jupyter_drive_sync.ports.programs import programs_here
from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind
from jupyter_drive_sync.rclone.behind import look_behind
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
    rules : Rules or None
        What the administrator of a server closes. None for the command line: whoever has a
        terminal can run rclone itself.
    """

    root: Path
    named: str = ""
    allowed: tuple[str, ...] = ()
    rules: Rules | None = None

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
        open_to = self.rules or Rules()
        return [item for item in found if self.shows(item) and open_to.allows_backend(item.type)]

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

    def check_usable(self, rclone: Rclone, remote: Remote) -> None:
        """Refuse a storage that the administrator has closed, also where it stands behind another.

        Raises
        ------
        WayLocked
        RemoteUnknown
            It may not even be seen.
        ConfigUnreadable
        """
        rules = self.rules
        if rules is None:
            return
        if remote.kind is RemoteKind.FOLDER:
            if not rules.folders_open:
                raise WayLocked("The administrator of this server allows no plain folders.")
            return
        known = known_remotes(rclone, self.files(), self.own)
        if not any(item.name == remote.name and self.shows(item) for item in known):
            raise RemoteUnknown(f"There is no remote called {remote.name}.")
        if not (rules.closes_something or self.allowed):
            return
        behind = look_behind(rclone, remote)
        if behind.folders and not rules.folders_open:
            raise WayLocked(
                f"{remote.name} leads to a folder of this computer, which the administrator of "
                "this server does not allow."
            )
        for section in behind.sections:
            type = section.get("type", "")
            if not rules.allows_backend(type):
                raise WayLocked(f"The administrator of this server does not allow {type}.")
            if programs_here(section):
                raise WayLocked(
                    f"{remote.name} makes rclone run a program on this computer, which the "
                    "administrator of this server does not allow."
                )

    def check_seen(self, remote: Remote) -> None:
        """Refuse to look into a folder that has nothing to do with what is allowed.

        Raises
        ------
        WayLocked
        """
        if not self.sees(remote):
            raise WayLocked(
                f"The administrator of this server does not allow {remote.spec}.",
                f"Choose one of: {', '.join(self.allowed)}.",
            )

    def sees(self, remote: Remote) -> bool:
        """Say whether a folder is allowed, or lies above or below one that is."""
        above = _with_those_above(remote)
        inside = f"{above[0].rstrip('/')}/" if not above[0].endswith(":") else above[0]
        return not self.allowed or any(
            any(fnmatchcase(spec, pattern) for spec in above) or _can_lead_to(inside, pattern)
            for pattern in self.allowed
        )

    def allows_some_of(self, name: str) -> bool:
        """Say whether any folder of a remote may be chosen."""
        names = [item.partition(":")[0] for item in self.allowed if ":" in item]
        return not self.allowed or any(fnmatchcase(name, item) for item in names)

    def shows(self, remote: KnownRemote) -> bool:
        """Say whether people may see a remote at all."""
        closed = self.rules is not None and Way.EXISTING not in self.rules.ways
        return self.allows_some_of(remote.name) and (remote.ours or not closed)


def _with_those_above(remote: Remote) -> list[str]:
    """Return a folder and all above it, as patterns name them."""
    if remote.kind is RemoteKind.FOLDER:
        path = Path(remote.path)
        return [str(path), *(str(folder) for folder in path.parents)]
    parts = remote.path.split("/")
    return [f"{remote.name}:{'/'.join(parts[:count])}" for count in range(len(parts), -1, -1)]


def _can_lead_to(inside: str, pattern: str) -> bool:
    """Say whether something that begins with `inside` can fit a pattern."""
    return any(fnmatchcase(inside, pattern[:end]) for end in range(len(pattern) + 1))


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
        shown=configs.shows,
        check_usable=lambda known: configs.check_usable(
            find(), Remote(known.kind, known.name, "", known.config)
        ),
        sign_in_seconds=sign_in_seconds,
    )
