"""Connecting a storage: ways in, questions and accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from jupyter_drive_sync.ports.projects import RemoteKind

GOOGLE_SCOPES = "https://www.googleapis.com/auth/"
"""What Google puts before the names of its permissions."""


class Way(str, Enum):
    """How a person can come in; the value is the stable word on the wire."""

    OWN_CLIENT = "own_client"
    PRESET = "preset"
    SERVICE_ACCOUNT = "service_account"
    ENV_AUTH = "env_auth"
    TOKEN = "token"  # noqa: S105 - a word, no secret
    EXISTING = "existing"
    FOLDER = "folder"
    OTHER = "other"


class Step(str, Enum):
    """Where a flow stands; the value is the stable word on the wire."""

    SIGN_IN = "sign_in"
    QUESTION = "question"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing follows it."""
        return self in (Step.DONE, Step.FAILED, Step.EXPIRED, Step.CANCELLED)


class QuestionType(str, Enum):
    """What kind of answer a question wants."""

    STRING = "string"
    BOOL = "bool"
    INT = "int"
    SIZE = "size"
    DURATION = "duration"
    CHOICE = "choice"
    TEXT = "text"


class ClientKind(str, Enum):
    """With whose credentials a remote signs in."""

    OWN = "own"
    PRESET = "preset"
    RCLONE = "rclone"
    SERVICE_ACCOUNT = "service_account"
    MACHINE = "machine"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a question offers."""

    value: str
    help: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a flow; the fields are those of api/openapi.yaml.

    Attributes
    ----------
    exclusive : bool
        Whether only the choices are allowed.
    secret : bool
        Whether the answer is masked and never shown again.
    position : int
        How many questions came before it.
    """

    name: str
    label: str
    help: str
    type: QuestionType
    required: bool = False
    secret: bool = False
    default: str = ""
    choices: tuple[Choice, ...] = ()
    exclusive: bool = False
    error: str | None = None
    advanced: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True)
class Backend:
    """A kind of storage that rclone can connect to."""

    type: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Client:
    """A Google OAuth client."""

    client_id: str
    client_secret: str = field(repr=False)
    project_id: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account's key.

    Attributes
    ----------
    email : str
        Its address, with which folders are shared.
    key : str
        The whole key, as one line of JSON: never to be shown or logged.
    """

    email: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Space:
    """How much room a storage has, in bytes; None where it does not say."""

    total: int | None = None
    used: int | None = None
    free: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    user: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """Whose storage a remote is; the fields are those of api/openapi.yaml."""

    remote: str
    type: str
    client: ClientKind
    user: str | None = None
    email: str | None = None
    space: Space = Space()
    scope: str | None = None
    shared_drive: str | None = None


@dataclass(frozen=True, slots=True)
class KnownRemote:
    """A remote in one of the configuration files.

    Attributes
    ----------
    config : Path
        The file in which it stands.
    ours : bool
        Whether this extension made it.
    """

    name: str
    type: str
    kind: RemoteKind
    config: Path
    ours: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A folder or shared drive by its id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the administrator allows and sets.

    Attributes
    ----------
    ways : tuple of Way
        The ways in that are open.
    client : Client or None
        The preset client.
    service_account_file : str
        The preset service account's key file; empty for none.
    scope : str
        The scope that is asked for; where it is not ``drive``, people cannot ask for more.
    backends : tuple of str
        The backends that are allowed; empty for all.
    plain_folders : bool
        Whether a plain folder may be the other side.
    """

    ways: tuple[Way, ...] = tuple(Way)
    client: Client | None = None
    service_account_file: str = ""
    scope: str = "drive"
    backends: tuple[str, ...] = ()
    plain_folders: bool = True

    def allows_backend(self, type: str) -> bool:
        """Say whether a backend may be used."""
        return not self.backends or type in self.backends

    def allows_scope(self, scope: str) -> bool:
        """Say whether Google Drive may be reached with some permissions, as rclone names them."""
        if self.scope == "drive":
            return True
        asked = scope.replace(",", " ").split()
        return bool(asked) and all(
            item in (self.scope, f"{GOOGLE_SCOPES}{self.scope}") for item in asked
        )

    @property
    def closes_something(self) -> bool:
        """Whether not every storage may be the other side."""
        return set(self.ways) != set(Way) or bool(self.backends) or not self.plain_folders

    @property
    def folders_open(self) -> bool:
        """Whether a folder of this computer may be the other side."""
        return self.plain_folders and Way.FOLDER in self.ways

    @property
    def preset(self) -> bool:
        """Whether there is something preset."""
        return self.client is not None or bool(self.service_account_file)


@dataclass(frozen=True, slots=True)
class FlowRequest:
    """What a person asks for; the fields are those of api/openapi.yaml."""

    way: Way | None = None
    name: str | None = None
    scope: str | None = None
    client: Client | None = field(default=None, repr=False)
    client_text: str | None = field(default=None, repr=False)
    service_account_text: str | None = field(default=None, repr=False)
    service_account_path: str | None = None
    token: str | None = field(default=None, repr=False)
    type: str | None = None
    remote: str | None = None
