"""From what a person asks for to what a flow has to do. Changes nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_drive_sync.errors import (
    BodyInvalid,
    NotPossible,
    RemoteUnknown,
    ServiceAccountInvalid,
    TokenInvalid,
    WayLocked,
)
from jupyter_drive_sync.ports.connecting import (
    Client,
    FlowRequest,
    KnownRemote,
    Rules,
    Way,
)
from jupyter_drive_sync.ports.connector import Connector, Google
from jupyter_drive_sync.service.accounts import DRIVE

DRIVE_WAYS = (Way.OWN_CLIENT, Way.PRESET, Way.SERVICE_ACCOUNT, Way.ENV_AUTH, Way.TOKEN)
_TOKEN_KEYS = ("token", "env_auth", "service_account_file", "service_account_credentials")


@dataclass(frozen=True, slots=True)
class Work:
    """What a flow has to do.

    Attributes
    ----------
    settings : dict
        The settings to begin with, secrets included.
    client : Client or None
        To be checked with Google first.
    listens : bool
        Whether rclone's sign-in listener will be needed for certain.
    ask_all : bool
        Whether all of rclone's questions are asked.
    wants_token : bool
        Whether a token has to be pasted.
    asks_folder : bool
        Whether the folder has to be chosen that everything lies below.
    email : str or None
        With whom a folder has to be shared.
    again : KnownRemote or None
        The remote that gets a new sign-in.
    existing : KnownRemote or None
        The remote that was chosen.
    command : str or None
        What to type on the other computer.
    """

    way: Way
    name: str
    type: str
    settings: dict[str, str] = field(default_factory=dict, repr=False)
    client: Client | None = field(default=None, repr=False)
    listens: bool = False
    ask_all: bool = False
    wants_token: bool = False
    asks_folder: bool = False
    email: str | None = None
    again: KnownRemote | None = None
    existing: KnownRemote | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Preparing:
    """Reads requests."""

    connector: Connector
    google: Google
    rules: Rules

    def __call__(self, asked: FlowRequest) -> Work:
        """Return what is to be done.

        Raises
        ------
        InvalidInput, NotFound, NotPossible, WayLocked
            Saying what is wrong and how to get it right.
        """
        if asked.way is Way.EXISTING or (asked.remote is not None and asked.way is None):
            known = self._known(asked.remote)
            if asked.way is Way.EXISTING:
                self._check_open(Way.EXISTING, known.type)
                return Work(Way.EXISTING, known.name, known.type, existing=known)
            return self._again(asked, known)
        if asked.remote is not None:
            return self._again(asked, self._known(asked.remote))
        if asked.way is None:
            raise BodyInvalid("Neither a way nor a remote is named.")
        return self._new(asked, asked.way)

    def _new(self, asked: FlowRequest, way: Way) -> Work:
        if way is Way.FOLDER:
            self._check_open(way, "folder")
            return Work(way, "", "folder")
        type = DRIVE if way is not Way.OTHER else self._backend(asked.type)
        self._check_open(way, type)
        wanted = asked.name or ("gdrive" if type == DRIVE else type.replace(" ", "-"))
        name = self.connector.name_for(wanted, exactly=asked.name is not None)
        return self._work(asked, way, name, type)

    def _again(self, asked: FlowRequest, remote: KnownRemote) -> Work:
        old = self.connector.section(remote)
        way = asked.way or self._way_of(remote, old)
        if (way is Way.OTHER) != (remote.type != DRIVE) or way is Way.FOLDER:
            raise BodyInvalid(f"{remote.name} cannot be signed in for in this way.")
        self._check_open(way, remote.type)
        keep = {key: value for key, value in old.items() if key != "type"}
        if way is Way.OTHER:
            keep.pop("token", None)
            return Work(way, remote.name, remote.type, keep, ask_all=True, again=remote)
        for key in _TOKEN_KEYS:
            keep.pop(key, None)
        work = self._work(asked, way, remote.name, remote.type, old)
        settings = {**keep, **work.settings}
        return Work(
            way,
            remote.name,
            remote.type,
            settings,
            client=work.client,
            listens=work.listens,
            wants_token=work.wants_token,
            email=work.email,
            again=remote,
            command=work.command,
        )

    def _work(
        self,
        asked: FlowRequest,
        way: Way,
        name: str,
        type: str,
        old: dict[str, str] | None = None,
    ) -> Work:
        if way is Way.OTHER:
            return Work(way, name, type, ask_all=True)
        scope = {"scope": self._scope(asked.scope, old)}
        if way is Way.ENV_AUTH:
            missing = self.google.machine_credentials()
            if missing is not None:
                raise NotPossible(missing, "Choose another way.")
            return Work(way, name, type, {**scope, "env_auth": "true"}, asks_folder=True)
        if way is Way.SERVICE_ACCOUNT or (way is Way.PRESET and self.rules.client is None):
            credentials, email = self._service_account(asked, way, old)
            settings = {**scope, **credentials}
            return Work(way, name, type, settings, asks_folder=True, email=email)
        client = self._client(asked, way, old)
        settings = {**scope, **_client_settings(client)}
        if way is not Way.TOKEN:
            return Work(way, name, type, settings, client=client, listens=True)
        if asked.token is not None:
            settings["token"] = read_token(asked.token)
        return Work(
            way,
            name,
            type,
            settings,
            client=client,
            wants_token=asked.token is None,
            command=_command(client),
        )

    def _client(self, asked: FlowRequest, way: Way, old: dict[str, str] | None) -> Client | None:
        if way is Way.PRESET:
            if self.rules.client is None:
                raise WayLocked("On this server no Google client is set.")
            return self.rules.client
        if asked.client_text is not None:
            return self.google.read_client(asked.client_text)
        if asked.client is not None:
            return self.google.check_values(asked.client.client_id, asked.client.client_secret)
        if old is not None and old.get("client_id"):
            return Client(old["client_id"], old.get("client_secret", ""))
        if way is Way.OWN_CLIENT and old is None:
            raise BodyInvalid("The Google client is missing.", "Give its file, or its two values.")
        return None

    def _service_account(
        self, asked: FlowRequest, way: Way, old: dict[str, str] | None
    ) -> tuple[dict[str, str], str]:
        path = self.rules.service_account_file if way is Way.PRESET else asked.service_account_path
        if path:
            account = self.google.read_service_account(_read_key(path))
            return {"service_account_file": path}, account.email
        if way is Way.PRESET:
            raise WayLocked("On this server nothing is preset.")
        key = asked.service_account_text
        if key is None and old is not None:
            if old.get("service_account_file"):
                file = old["service_account_file"]
                return {"service_account_file": file}, self.google.read_service_account(
                    _read_key(file)
                ).email
            key = old.get("service_account_credentials")
        if key is None:
            raise BodyInvalid("The key of the service account is missing.")
        account = self.google.read_service_account(key)
        return {"service_account_credentials": account.key}, account.email

    def _way_of(self, remote: KnownRemote, old: dict[str, str]) -> Way:
        if remote.type != DRIVE:
            return Way.OTHER
        if old.get("env_auth") == "true":
            return Way.ENV_AUTH
        if old.get("service_account_file") or old.get("service_account_credentials"):
            preset = old.get("service_account_file") == self.rules.service_account_file
            return Way.PRESET if preset and self.rules.client is None else Way.SERVICE_ACCOUNT
        preset_client = self.rules.client
        if preset_client is not None and preset_client.client_id == old.get("client_id"):
            return Way.PRESET
        return Way.OWN_CLIENT

    def _known(self, name: str | None) -> KnownRemote:
        found = [remote for remote in self.connector.remotes() if remote.name == name]
        if not found:
            raise RemoteUnknown(f"There is no remote called {name}.")
        return found[0]

    def _backend(self, type: str | None) -> str:
        known = [backend.type for backend in self.connector.backends()]
        if type not in known:
            raise BodyInvalid(f"rclone cannot connect to {type!r}.", "Choose one that is listed.")
        return type

    def _check_open(self, way: Way, type: str) -> None:
        if way not in self.rules.ways or (way is Way.FOLDER and not self.rules.plain_folders):
            raise WayLocked("The administrator of this server has closed this way.")
        if way is not Way.FOLDER and not self.rules.allows_backend(type):
            raise WayLocked(f"The administrator of this server does not allow {type}.")

    def _scope(self, wanted: str | None, old: dict[str, str] | None) -> str:
        if wanted is None:
            return (old or {}).get("scope") or self.rules.scope
        if wanted == "drive" and self.rules.scope != "drive":
            raise WayLocked(
                "On this server, only files that the app made itself may be seen.",
                "Choose the smaller permission.",
            )
        return wanted


def read_token(text: str) -> str:
    """Return a token as rclone keeps it, on one line.

    Raises
    ------
    TokenInvalid
    """
    data = _decoded(text.strip())
    if isinstance(data.get("token"), str):  # newer ones wrap it with what else was asked
        data = _decoded(data["token"])
    if not isinstance(data.get("access_token"), str):
        raise TokenInvalid("That is not what `rclone authorize` prints.")
    if not data.get("refresh_token"):
        raise TokenInvalid(
            "This token ends within the hour: it cannot be renewed.",
            "Run the command again on the other computer.",
        )
    # Renewed at once: that shows whether it belongs to this client, and still counts.
    return json.dumps({**data, "expiry": "2000-01-01T00:00:00Z"}, separators=(",", ":"))


def _decoded(text: str) -> dict[str, Any]:
    try:
        if not text.startswith("{"):
            padded = "".join(text.split())
            padded += "=" * (-len(padded) % 4)
            text = base64.urlsafe_b64decode(padded.replace("+", "-").replace("/", "_")).decode()
        data = json.loads(text)
    except (ValueError, RecursionError, binascii.Error):
        # Not chained: the cause would carry the text.
        raise TokenInvalid("That is not what `rclone authorize` prints.") from None
    if not isinstance(data, dict):
        raise TokenInvalid("That is not what `rclone authorize` prints.")
    return data


def _read_key(path: str) -> str:
    file = Path(path).expanduser()
    if not file.is_absolute():
        raise ServiceAccountInvalid(f"{path} is no absolute path.")
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ServiceAccountInvalid(
            f"{path} cannot be read.", "Check that it is there and that you may read it."
        ) from None


def _client_settings(client: Client | None) -> dict[str, str]:
    if client is None:
        return {}
    return {"client_id": client.client_id, "client_secret": client.client_secret}


def _command(client: Client | None) -> str:
    # The secret is left to the person: it must not travel in an answer.
    if client is None:
        return 'rclone authorize "drive"'
    return f'rclone authorize "drive" "{client.client_id}" "YOUR_CLIENT_SECRET"'


def ways_in_order(rules: Rules, has_existing: bool) -> Collection[Way]:
    """Return the open ways, the one that fits best first."""
    order = [
        Way.PRESET,
        *([Way.EXISTING] if has_existing else []),
        Way.OWN_CLIENT,
        Way.SERVICE_ACCOUNT,
        Way.ENV_AUTH,
        Way.TOKEN,
        *([] if has_existing else [Way.EXISTING]),
        Way.FOLDER,
        Way.OTHER,
    ]
    closed = {way for way in Way if way not in rules.ways}
    if not rules.preset:
        closed.add(Way.PRESET)
    if not rules.plain_folders:
        closed.add(Way.FOLDER)
    if not rules.allows_backend(DRIVE):
        closed.update(DRIVE_WAYS)
    return [way for way in order if way not in closed]
