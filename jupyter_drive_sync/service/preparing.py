"""From what a person asks for to what a flow has to do. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from jupyter_drive_sync.errors import (
    BodyInvalid,
    NotPossible,
    RemoteUnknown,
    WayLocked,
)
from jupyter_drive_sync.ports.connecting import (
    Client,
    FlowRequest,
    KnownRemote,
    Rules,
    Way,
)
from jupyter_drive_sync.ports.connector import Connector, Google, Section
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.service.accounts import DRIVE, token_of
from jupyter_drive_sync.service.pasted import account_in, read_token

DRIVE_WAYS = (Way.OWN_CLIENT, Way.PRESET, Way.SERVICE_ACCOUNT, Way.ENV_AUTH, Way.TOKEN)
_BY_QUESTIONS = (Way.OWN_CLIENT, Way.SERVICE_ACCOUNT, Way.ENV_AUTH, Way.TOKEN)
"""The ways to Google Drive that rclone's own questions offer too."""

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
    """Reads requests.

    Attributes
    ----------
    shown : Callable
        Says whether a remote is one that people may see here.
    check_usable : Callable
        Raises `WayLocked` for a remote that the administrator has closed.
    """

    connector: Connector
    google: Google
    rules: Rules
    shown: Callable[[KnownRemote], bool]
    check_usable: Callable[[KnownRemote], None]

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
        config = self.connector.config_file()
        if not self.shown(KnownRemote(name, type, RemoteKind.OTHER, config, ours=True)):
            raise WayLocked(
                f"The administrator of this server does not allow a remote called {name}.",
                "Choose another name, or sign in again for a remote that is there.",
            )
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
            return {"service_account_file": path}, account_in(self.google, path).email
        if way is Way.PRESET:
            raise WayLocked("On this server nothing is preset.")
        key = asked.service_account_text
        if key is None and old is not None:
            if old.get("service_account_file"):
                file = old["service_account_file"]
                return {"service_account_file": file}, account_in(self.google, file).email
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
        if not found or not self.shown(found[0]):
            raise RemoteUnknown(f"There is no remote called {name}.")
        self.check_usable(found[0])
        return found[0]

    def _backend(self, type: str | None) -> str:
        known = [backend.type for backend in self.connector.backends()]
        if type not in known:
            raise BodyInvalid(f"rclone cannot connect to {type!r}.", "Choose one that is listed.")
        return type

    def offers(self, type: str) -> bool:
        """Say whether a backend may be connected by rclone's questions.

        Google Drive has ways of its own. Where one of them, or the permission, is locked, those
        questions would lead around it.
        """
        locked = self.rules.scope != DRIVE or not set(_BY_QUESTIONS) <= set(self.rules.ways)
        return self.rules.allows_backend(type) and not (type == DRIVE and locked)

    def _check_open(self, way: Way, type: str) -> None:
        if way not in self.rules.ways or (way is Way.FOLDER and not self.rules.plain_folders):
            raise WayLocked("The administrator of this server has closed this way.")
        if way is not Way.FOLDER and not self.rules.allows_backend(type):
            raise WayLocked(f"The administrator of this server does not allow {type}.")
        if way is Way.OTHER and not self.offers(type):
            raise WayLocked(
                f"On this server, {type} is not connected by rclone's questions.",
                "Choose one of the ways to Google Drive that are shown.",
            )

    def _scope(self, wanted: str | None, old: dict[str, str] | None) -> str:
        scope = wanted or (old or {}).get("scope") or self.rules.scope
        if wanted is None and not self.rules.allows_scope(scope):
            return self.rules.scope
        if not self.rules.allows_scope(scope):
            raise WayLocked(
                "On this server, only files that the app made itself may be seen.",
                "Choose the smaller permission.",
            )
        return scope

    def check_finished(self, type: str, section: Section) -> None:
        """Refuse new settings by which Google Drive would open more than the server allows.

        Raises
        ------
        WayLocked
        Offline
            Google cannot be asked what it allowed.
        """
        if type != DRIVE or self.rules.scope == DRIVE:
            return
        granted = section.get("scope", "")
        token = token_of(section).get("access_token")
        if self.rules.allows_scope(granted) and isinstance(token, str):
            # The settings say what is asked for, the token what Google gave: it may be another's.
            granted = self.google.granted(token)
        if not self.rules.allows_scope(granted):
            raise WayLocked(
                "This sign-in opens more of Google Drive than this server allows.",
                f"Sign in anew, and allow `{self.rules.scope}` only; on another computer, run "
                "the command that is shown.",
            )


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
