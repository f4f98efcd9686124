"""What rclone knows of its configuration and its remotes, for the doctor; never a secret."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_drive_sync.ports.health import Access, Client, ConfigFile, Reached
from jupyter_drive_sync.ports.projects import Remote, RemoteKind
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import access_section, list_remotes
from jupyter_drive_sync.rclone.outcome import Cause, command_error, find_cause
from jupyter_drive_sync.rclone.process import Runner

_SHARED_CLIENT = "202264815644"
"""Number of the Google Cloud project of the client that all users of rclone share."""


def look_at_config(rclone: Rclone, path: Path) -> ConfigFile:
    """Look at a configuration file.

    Raises
    ------
    ConfigUnreadable
        rclone cannot use it.
    """
    remotes = tuple(remote.name for remote in list_remotes(rclone, path))
    try:
        status = path.stat()
    except FileNotFoundError:
        return ConfigFile(exists=False)
    unix = os.name != "nt"
    return ConfigFile(
        exists=True,
        mode=stat.S_IMODE(status.st_mode) if unix else None,
        mine=status.st_uid == os.getuid() if unix else None,
        writable=os.access(path, os.W_OK),
        remotes=remotes,
    )


def look_at_access(runner: Runner, name: str) -> Access:
    """Read how a Drive remote signs in."""
    section = access_section(runner, name)
    token = _token(section)
    number = section.get("client_id", "").partition("-")[0].partition(".")[0]
    lasts = token.get("refresh_token_expires_in")
    return Access(
        client=_client(section, number),
        client_project=number if number.isdecimal() else "",
        scope=section.get("scope") or "drive",
        renewable=bool(token.get("refresh_token")) if token else None,
        lasts_seconds=int(lasts) if isinstance(lasts, int | float) else None,
        shared_drive=bool(section.get("team_drive")),
    )


def reach(runner: Runner, remote: Remote) -> Reached:
    """Ask a remote for its space: that needs a sign-in that is alive.

    Raises
    ------
    SignInNeeded, Offline, RateLimited, RcloneFailed
        It did not answer, for this reason.
    """
    where = f"{remote.name}:"
    finished = runner.run(["about", "--json", "--low-level-retries", "2"], [where])
    if finished.exit_code == 0:
        about = json.loads(finished.stdout)
        return Reached(free=about.get("free"), total=about.get("total"))
    cause = find_cause(finished.lines)
    if cause is Cause.API_NOT_ENABLED:
        return Reached(api_enabled=False)
    if cause is None and remote.kind is not RemoteKind.DRIVE:
        # Many backends, or the servers behind them, do not tell of their space.
        return _reach_by_listing(runner, where)
    raise command_error(finished.exit_code, finished.lines, remote=where)


def _reach_by_listing(runner: Runner, where: str) -> Reached:
    finished = runner.run(["lsjson", "--dirs-only", "--low-level-retries", "2"], [where])
    if finished.exit_code != 0:
        raise command_error(finished.exit_code, finished.lines, remote=where)
    return Reached()


def _client(section: Mapping[str, str], number: str) -> Client:
    if section.get("service_account_file") or section.get("service_account_credentials"):
        return Client.SERVICE_ACCOUNT
    if section.get("env_auth") == "true":
        return Client.MACHINE
    return Client.RCLONE if number in ("", _SHARED_CLIENT) else Client.OWN


def _token(section: Mapping[str, str]) -> dict[str, Any]:
    try:
        token = json.loads(section.get("token", "{}"))
    except ValueError:
        return {}
    return token if isinstance(token, dict) else {}
