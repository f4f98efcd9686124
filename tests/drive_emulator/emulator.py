"""The emulator as tests hold it: a Drive, a server in front of it, and the ways to disturb it."""

from __future__ import annotations

import configparser
import json
import os
import ssl
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import trustme

from .call import Core, Settings
from .faults import Answer, Faults, Gate, Rule
from .meter import LoggedCall
from .people import People, Target
from .server import HOSTS, Server
from .signin import Tokens
from .state import DriveState

FAR = 10 * 365 * 24 * 3600


class DriveEmulator(People):
    """Google Drive on 127.0.0.1, for rclone's own ``drive`` backend.

    Parameters
    ----------
    port : int
        0 takes a free one.
    latency : float
        Seconds added to every call.
    state : DriveState, optional
        A Drive to serve; a new, empty one if left out.

    Attributes
    ----------
    faults : Faults
        Rules for what goes wrong.
    settings : Settings
        Latency, throttle, incomplete or flipped listings.
    tokens : Tokens
        The sign-in service.
    gates : dict of str to Gate
        Gates by name, for the control endpoint.

    Examples
    --------
    >>> with DriveEmulator() as drive:  # doctest: +SKIP
    ...     drive.write("project/a.txt", b"hello")
    ...     config = drive.write_config(folder / "rclone.conf")
    ...     subprocess.run(["rclone", "--config", config, "ls", "gdrive:"],
    ...                    env={**os.environ, **drive.environment()})
    """

    def __init__(
        self, port: int = 0, latency: float = 0.0, state: DriveState | None = None
    ) -> None:
        super().__init__(state or DriveState())
        self._folder = tempfile.TemporaryDirectory(prefix="drive-emulator-")
        authority = trustme.CA()
        self.ca_file = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*HOSTS).configure_cert(tls)
        self.core = Core(self.state)
        self.settings.latency = latency
        self.gates: dict[str, Gate] = {}
        self._server = Server(self, self.core, tls, port)

    # Life

    def start(self) -> DriveEmulator:
        """Begin to serve."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop serving; whatever is held is let go and cut off."""
        self.core.stopped.set()
        self.faults.clear()
        self._server.stop()
        self._folder.cleanup()

    def __enter__(self) -> DriveEmulator:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Reaching it

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return self._server.port

    @property
    def url(self) -> str:
        """The address of the proxy, of the control endpoints and of a plain sign-in service."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return the variables that lead a process here: proxy and certificate."""
        local = "127.0.0.1,localhost,::1"
        return {
            "HTTPS_PROXY": self.url,
            "https_proxy": self.url,
            "NO_PROXY": local,
            "no_proxy": local,
            "SSL_CERT_FILE": str(self.ca_file),
        }

    def token(self, expires_in: float = FAR) -> str:
        """Make a token as rclone keeps it; less than 0 s: one that has to be refreshed first."""
        expiry = datetime.now(timezone.utc) + timedelta(seconds=expires_in)
        return json.dumps(
            {
                "access_token": self.tokens.new_access(expires_in),
                "token_type": "Bearer",
                "refresh_token": self.tokens.new_refresh(),
                "expiry": expiry.isoformat(),
            }
        )

    def write_config(
        self,
        path: Path | str,
        name: str = "gdrive",
        *,
        expires_in: float = FAR,
        options: Mapping[str, str] | None = None,
    ) -> Path:
        """Write an rclone configuration (0600) with one signed-in remote; return its path."""
        config = configparser.RawConfigParser()
        config[name] = {
            "type": "drive",
            "client_id": self.tokens.client_id,
            "client_secret": self.tokens.client_secret,
            "scope": "drive",
            "token": self.token(expires_in),
            **(options or {}),
        }
        path = Path(path)
        path.unlink(missing_ok=True)
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            config.write(file)
        return path

    def share(self, path: Target, account: str) -> None:
        """Share a file or folder with another account, by its address."""
        self.core.guests.share(self.find(path).id, account)

    def share_drive(self, drive_id: str, account: str) -> None:
        """Make another account a member of a shared drive."""
        self.core.guests.share(drive_id, account)

    def add_service_account(self, name: str = "robot") -> dict[str, str]:
        """Make a service account; return its key as Google's console lets one download it."""
        return self.tokens.add_service_account(name)

    def write_client_file(self, path: Path | str) -> Path:
        """Write the OAuth client as Google's console lets one download it."""
        client = {
            "client_id": self.tokens.client_id,
            "project_id": "emulator",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
            "client_secret": self.tokens.client_secret,
            "redirect_uris": ["http://localhost"],
        }
        path = Path(path)
        path.write_text(json.dumps({"installed": client}), encoding="utf-8")
        return path

    # Counts

    @property
    def calls(self) -> Counter[str]:
        """Calls by kind since the last reset."""
        return self.core.meter.calls

    @property
    def api_calls(self) -> int:
        """All calls to Drive since the last reset, sign-in left out."""
        return self.core.meter.api_calls

    @property
    def bytes_up(self) -> Counter[str]:
        """Bytes of request bodies by kind of call."""
        return self.core.meter.bytes_up

    @property
    def bytes_down(self) -> Counter[str]:
        """Bytes of answers' bodies by kind of call."""
        return self.core.meter.bytes_down

    @property
    def log(self) -> list[LoggedCall]:
        """The calls since the last reset, in order."""
        return list(self.core.meter.log)

    @property
    def refused_hosts(self) -> list[str]:
        """Hosts that clients were not let through to."""
        return list(self.core.meter.refused_hosts)

    def reset_counts(self) -> None:
        """Count from zero."""
        self.core.meter.reset()

    # Disturbing it

    @property
    def faults(self) -> Faults:
        """The rules for what goes wrong."""
        return self.core.faults

    @property
    def settings(self) -> Settings:
        """How it behaves as long as no rule says otherwise."""
        return self.core.settings

    @property
    def tokens(self) -> Tokens:
        """The sign-in service."""
        return self.core.tokens

    def hide(self, path: Target) -> None:
        """Leave a file out of every listing; by its id it is still found."""
        self.core.hidden.add(self.find(path).id)

    def show_hidden(self) -> None:
        """List again whatever was hidden."""
        self.settings.hide_new_files = False
        self.core.hidden.clear()

    def set_quota(self, limit: int | None) -> None:
        """Give the account so many bytes in all; None: no limit."""
        self.state.quota = limit

    def disable_api(self) -> Rule:
        """Answer every call as for a Cloud project whose Drive API is not enabled."""
        return self.faults.add(Answer(403, "accessNotConfigured"), times=None)

    def calm(self) -> None:
        """End every disturbance: faults, latency, hidden files, refusals, quota."""
        self.faults.clear()
        self.core.settings = Settings()
        self.core.hidden.clear()
        self.tokens.refuse_refresh = False
        self.tokens.consent = True
        self.tokens.account = ""
        self.state.quota = None

    def describe(self) -> dict[str, Any]:
        """Return the counts, as the control endpoint shows them."""
        return {
            "calls": dict(self.calls),
            "api_calls": self.api_calls,
            "bytes_up": dict(self.bytes_up),
            "bytes_down": dict(self.bytes_down),
            "refused_hosts": self.refused_hosts,
        }
