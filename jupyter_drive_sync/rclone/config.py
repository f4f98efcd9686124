"""rclone's configuration file: which remotes it holds, never what is secret in them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_drive_sync.errors import ConfigUnreadable
from jupyter_drive_sync.ports.connecting import KnownRemote
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.outcome import essential_message
from jupyter_drive_sync.rclone.process import Runner

_ENCRYPTED = ("RCLONE_ENCRYPT_V", "# Encrypted rclone configuration")

MADE_BY = ("made_by", "jupyter-drive-sync")
"""The setting that says which remotes are ours; rclone keeps it, and ignores it."""


@dataclass(frozen=True, slots=True)
class ConfiguredRemote:
    """One remote of the configuration.

    Attributes
    ----------
    name : str
        Its name.
    type : str
        rclone's word for the backend, for instance ``drive``.
    ours : bool
        Whether this extension made it.
    """

    name: str
    type: str
    ours: bool = False

    @property
    def kind(self) -> RemoteKind:
        """What stands behind it."""
        return RemoteKind.DRIVE if self.type == "drive" else RemoteKind.OTHER


def default_config_path(
    binary: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    windows: bool = os.name == "nt",
) -> Path:
    """Return the file that rclone uses by itself, whether or not it exists.

    rclone is not asked, because it would make the folder on the way. ``RCLONE_CONFIG`` is not
    looked at.
    """
    environ = os.environ if environ is None else environ
    home = environ.get("USERPROFILE" if windows else "HOME")
    home_folder = Path(home) if home else Path.home()
    appdata = environ.get("APPDATA") if windows else None
    xdg = environ.get("XDG_CONFIG_HOME")
    places: list[Path] = []
    if binary is not None:
        places.append(binary.parent / "rclone.conf")
    if appdata:
        places.append(Path(appdata) / "rclone" / "rclone.conf")
    if xdg:
        places.append(Path(xdg) / "rclone" / "rclone.conf")
    places.append(home_folder / ".config" / "rclone" / "rclone.conf")
    places.append(home_folder / ".rclone.conf")
    for place in places:
        if place.exists():
            return place
    if appdata:
        return Path(appdata) / "rclone" / "rclone.conf"
    if xdg and not windows:
        return Path(xdg) / "rclone" / "rclone.conf"
    return home_folder / ".config" / "rclone" / "rclone.conf"


def list_remotes(rclone: Rclone, config: Path) -> tuple[ConfiguredRemote, ...]:
    """Return the remotes of a configuration file, by name; none when the file is not there.

    Raises
    ------
    ConfigUnreadable
        It is a folder, may not be read, is encrypted, or is no configuration.
    """
    _check_readable(config)
    if not config.exists():
        return ()
    dump = read_sections(Runner(rclone, config), config)
    return tuple(
        ConfiguredRemote(name, str(section["type"]), section.get(MADE_BY[0]) == MADE_BY[1])
        for name, section in sorted(dump.items())
        if section.get("type")
    )


def known_remotes(rclone: Rclone, configs: Sequence[Path], own: Path) -> list[KnownRemote]:
    """Return the remotes of several files; where two have one name, the first file's counts.

    Parameters
    ----------
    rclone : Rclone
        Reads the files.
    configs : sequence of Path
        The files, the one of new remotes first.
    own : Path
        Our own file: whatever stands in it is ours.

    Raises
    ------
    ConfigUnreadable
        A file cannot be read, and those before it hold no remote.
    """
    found: dict[str, KnownRemote] = {}
    for config in configs:
        try:
            remotes = list_remotes(rclone, config)
        except ConfigUnreadable:
            if not found:
                raise
            continue  # what it holds cannot be chosen; the doctor says why
        for remote in remotes:
            ours = remote.ours or config == own
            known = KnownRemote(remote.name, remote.type, remote.kind, config, ours)
            found.setdefault(remote.name, known)
    return list(found.values())


def configured_folder_id(runner: Runner, name: str) -> str | None:
    """Return the id of the folder at which a Drive remote is set to begin, if it is."""
    if runner.config is None:
        return None
    section = read_sections(runner, runner.config).get(name, {})
    return section.get("root_folder_id") or section.get("team_drive") or None


def access_section(runner: Runner, name: str) -> dict[str, str]:
    """Return a remote's settings, secrets included: never to be shown, logged or kept."""
    return {} if runner.config is None else read_sections(runner, runner.config).get(name, {})


def read_sections(runner: Runner, config: Path) -> dict[str, dict[str, str]]:
    """Return all remotes' settings, secrets included: never to be shown, logged or kept.

    Raises
    ------
    ConfigUnreadable
        rclone cannot read it.
    """
    finished = runner.run(["config", "dump"])
    if finished.exit_code != 0:
        reason = essential_message(finished.lines) or f"exit code {finished.exit_code}"
        raise ConfigUnreadable(f"rclone cannot read its configuration {config}: {reason}")
    try:
        dump: dict[str, dict[str, str]] = json.loads(finished.stdout)
    except ValueError:
        # Not chained: the cause would carry the text.
        raise ConfigUnreadable(f"rclone cannot read its configuration {config}.") from None
    return dump


def _check_readable(config: Path) -> None:
    try:
        with config.open(encoding="utf-8", errors="replace") as file:
            start = file.read(4096)
    except FileNotFoundError:
        return
    except IsADirectoryError as error:
        raise ConfigUnreadable(f"rclone's configuration {config} is a folder.") from error
    except PermissionError as error:
        # Windows reports a folder in this way too.
        what = "is a folder" if config.is_dir() else "may not be read by you"
        raise ConfigUnreadable(f"rclone's configuration {config} {what}.") from error
    except OSError as error:
        raise ConfigUnreadable(
            f"rclone's configuration {config} cannot be read: {error.strerror}."
        ) from error
    if any(mark in start for mark in _ENCRYPTED):
        raise ConfigUnreadable(
            f"rclone's configuration {config} is encrypted with a password.",
            "Name another configuration file, or remove the password with `rclone config`.",
        )
