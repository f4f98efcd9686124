"""Reading the words with which a person names a remote.

rclone itself takes far more than ``name:path``: ``:sftp,ssh=/path/prog:`` runs a local program and
``:local:/etc`` reads any file. So only names that stand in the configuration are taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from jupyter_drive_sync.errors import RemoteInvalid, RemoteUnknown
from jupyter_drive_sync.ports.projects import Remote, RemoteKind
from jupyter_drive_sync.rclone.config import ConfiguredRemote

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_folder(text: str, *, windows: bool = os.name == "nt") -> bool:
    """Say whether a remote is written as an absolute folder of this computer."""
    if windows:
        return PureWindowsPath(text).is_absolute()
    return PurePosixPath(text).is_absolute()


def parse_remote(
    text: str,
    *,
    config: Path,
    remotes: Sequence[ConfiguredRemote],
    windows: bool = os.name == "nt",
) -> Remote:
    """Read ``name:path`` or an absolute folder.

    Parameters
    ----------
    text : str
        As the person wrote it.
    config : Path
        rclone's configuration file.
    remotes : sequence of ConfiguredRemote
        The remotes that it holds.
    windows : bool
        Whether drive letters name folders.

    Raises
    ------
    RemoteInvalid
        It is neither, or holds something that could mean something else to rclone.
    RemoteUnknown
        The configuration holds no remote of that name.
    """
    if not text.strip():
        raise RemoteInvalid("The remote is empty.")
    if _CONTROL.search(text):
        raise RemoteInvalid("The remote holds a line break or another control character.")
    if text.count('"') % 2:
        # bisync takes it for a mistake in quoting and refuses to run.
        raise RemoteInvalid(f"{text} holds a single quotation mark.")
    if text.startswith(("-", ":")):
        raise RemoteInvalid(f"A remote cannot begin with {text[0]}.")
    if is_folder(text, windows=windows):
        return Remote(RemoteKind.FOLDER, "", _folder(text, windows))
    if "," in text:
        raise RemoteInvalid(f"{text} holds a comma: connection strings are not taken.")
    name, colon, path = text.partition(":")
    if not colon or "/" in name or "\\" in name:
        raise RemoteInvalid(f"{text} is neither name:path nor the absolute path of a folder.")
    if windows and len(name) == 1:
        raise RemoteInvalid(f"{text} names a drive but no absolute folder on it.")
    configured = next((remote for remote in remotes if remote.name == name), None)
    if configured is None:
        known = ", ".join(remote.name for remote in remotes) or "none"
        raise RemoteUnknown(
            f"There is no remote named {name} in {config}. Configured remotes: {known}."
        )
    return Remote(configured.kind, name, _below(path, configured.kind), config)


def _folder(text: str, windows: bool) -> str:
    path = PureWindowsPath(text) if windows else PurePosixPath(text)
    if ".." in path.parts:
        raise RemoteInvalid(f"{text} holds `..`.", "Give the folder's own path.")
    return str(path)


def _below(path: str, kind: RemoteKind) -> str:
    parts = path.split("/")
    if ".." in parts:
        raise RemoteInvalid(f"{path} holds `..`.", "Give the path below the remote's root.")
    # A leading slash means something to backends with a file system behind them only.
    absolute = path.startswith("/") and kind is not RemoteKind.DRIVE
    return ("/" if absolute else "") + "/".join(part for part in parts if part not in ("", "."))
