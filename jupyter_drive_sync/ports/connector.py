"""What connecting asks of the outside: rclone, and Google."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from jupyter_drive_sync.ports.connecting import (
    Backend,
    Client,
    KnownRemote,
    Named,
    Person,
    Question,
    ServiceAccount,
    Space,
)

Section = Mapping[str, str]
"""The settings of one remote, secrets included: never to be shown or logged."""


class Conversation(Protocol):
    """One rclone of its own that is asked to make one remote, in a temporary configuration.

    All calls block and may be ended by `close` from another thread, which makes them raise
    `Cancelled`. Nothing outside the temporary configuration changes before `commit`.
    """

    def begin(self, settings: Section, *, ask_all: bool) -> Question | None:
        """Begin with some settings; return rclone's first question, or None when it has none.

        Raises
        ------
        DriveSyncError
            What rclone, or the storage, refuses.
        """
        ...

    def answer(self, value: str) -> Question | None:
        """Answer the latest question; return the next one."""
        ...

    def deliver(self, address: str) -> None:
        """Hand over the address at which the sign-in page ended.

        Raises
        ------
        AddressInvalid, AddressOfAnotherSignIn, CodeUsed, NotAsked
        """
        ...

    def section(self) -> dict[str, str]:
        """Return the settings so far."""
        ...

    def change(self, **settings: str | None) -> None:
        """Change settings; None removes one."""
        ...

    def shared_drives(self) -> list[Named]:
        """Return the shared drives that can be seen."""
        ...

    def shared_folders(self) -> list[Named]:
        """Return the folders that others share with this account."""
        ...

    def can_list(self) -> None:
        """List the remote's top once.

        Raises
        ------
        DriveSyncError
            It cannot be reached.
        """
        ...

    def space(self) -> Space:
        """Ask how much room there is; unknown for storages that do not say."""
        ...

    def config(self) -> Path:
        """Return the temporary configuration."""
        ...

    def close(self) -> None:
        """End rclone and remove the temporary configuration. Harmless when repeated."""
        ...


class Connector(Protocol):
    """rclone's side of connecting. All calls block."""

    def config_file(self) -> Path:
        """Return the configuration file that new remotes go into."""
        ...

    def config_files(self) -> Sequence[Path]:
        """Return all configuration files, the one of new remotes first."""
        ...

    def remotes(self) -> list[KnownRemote]:
        """Return the remotes of all files; where two have one name, the first file's counts."""
        ...

    def section(self, remote: KnownRemote) -> dict[str, str]:
        """Return a remote's settings."""
        ...

    def space(self, remote: KnownRemote) -> Space:
        """Ask how much room a configured remote has."""
        ...

    def access_token(self, remote: KnownRemote) -> str:
        """Return a good access token: never to be shown or logged."""
        ...

    def backends(self) -> list[Backend]:
        """Return the backends that a person can connect to, Google Drive first."""
        ...

    def credentials(self, type: str) -> frozenset[str]:
        """Return the names of all settings of a backend that sign in, or hold a secret."""
        ...

    def name_for(self, wanted: str, *, exactly: bool) -> str:
        """Return a name for a new remote: the wanted one, or, unless `exactly`, a free one.

        Raises
        ------
        NameInvalid
        RemoteExists
        """
        ...

    def converse(self, name: str, type: str, on_page: Callable[[str], None]) -> Conversation:
        """Start an rclone for one flow; `on_page` takes the sign-in page, from any thread."""
        ...

    def sweep(self) -> None:
        """Remove temporary configurations that a killed server left behind.

        Raises
        ------
        ConfigUnreadable
            Some cannot be removed.
        """
        ...

    def keep(self, name: str, section: Section) -> KnownRemote:
        """Put a new remote into the file of new remotes.

        Raises
        ------
        RemoteExists
        """
        ...

    def replace(self, remote: KnownRemote, changes: Mapping[str, str | None]) -> None:
        """Change some settings of a remote where it stands; None removes one."""
        ...

    def remove(self, remote: KnownRemote) -> None:
        """Take a remote out of its file."""
        ...


class Google(Protocol):
    """Google's side of connecting. All calls block."""

    def read_client(self, text: str) -> Client:
        """Read a client secret file.

        Raises
        ------
        ClientInvalid
        """
        ...

    def check_values(self, client_id: str, client_secret: str) -> Client:
        """Return a client made of its two values.

        Raises
        ------
        ClientInvalid
        """
        ...

    def read_service_account(self, text: str) -> ServiceAccount:
        """Read a service account's key.

        Raises
        ------
        ServiceAccountInvalid
        """
        ...

    def check_client(self, client: Client) -> None:
        """Ask Google whether it knows a client.

        Raises
        ------
        ClientRefused
        Offline
        """
        ...

    def machine_credentials(self) -> str | None:
        """Say why this machine has no Google credentials; None when it seems to have some."""
        ...

    def person(self, access_token: str) -> Person:
        """Ask who is signed in."""
        ...

    def granted(self, access_token: str) -> str:
        """Ask Google what a token allows; return the scopes, with spaces between them.

        Raises
        ------
        Offline
        """
        ...

    def revoke(self, token: str) -> str | None:
        """Ask Google to forget a sign-in; return why it did not, or None."""
        ...
