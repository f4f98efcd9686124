"""What the doctor looks at: facts that hold no secret, and who finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from jupyter_drive_sync.ports.projects import Project, Remote
from jupyter_drive_sync.ports.sides import Ignore


class Client(str, Enum):
    """Which client, or which other identity, a Drive remote signs in with."""

    OWN = "own"
    RCLONE = "rclone"  # the one that all users of rclone share
    SERVICE_ACCOUNT = "service_account"
    MACHINE = "machine"  # the credentials of the computer


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """rclone's configuration file.

    Attributes
    ----------
    exists : bool
        Whether it is there.
    mode : int or None
        Permission bits; None where they mean nothing (Windows).
    mine : bool or None
        Whether it belongs to this user; None where that cannot be told.
    writable : bool
        Whether rclone can write renewed sign-ins into it.
    remotes : tuple of str
        Names of the remotes in it.
    """

    exists: bool
    mode: int | None = None
    mine: bool | None = None
    writable: bool = True
    remotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """How a Drive remote signs in, without anything secret.

    Attributes
    ----------
    client : Client
        With what.
    client_project : str
        Number of the Google Cloud project that the client belongs to; empty if not known.
    scope : str
        What it may see, in rclone's word.
    renewable : bool or None
        Whether the sign-in can be renewed; None where there is no token.
    lasts_seconds : int or None
        For how long Google gave the sign-in, when it said so.
    shared_drive : bool
        Whether it begins in a shared drive.
    """

    client: Client
    client_project: str = ""
    scope: str = "drive"
    renewable: bool | None = None
    lasts_seconds: int | None = None
    shared_drive: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """What a remote answered.

    Attributes
    ----------
    api_enabled : bool
        False when Google took the sign-in, but its Drive API is switched off.
    free, total : int or None
        Bytes; None where there is no limit, or the backend does not say.
    """

    api_enabled: bool = True
    free: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class FarSide:
    """The other folder of a project.

    Attributes
    ----------
    exists : bool
        Whether it is there.
    marker : bytes or None
        Content of its marker.
    duplicates : tuple of str
        Names that stand for more than one file.
    trouble : str
        Why the listing is not whole; empty when it is.
    """

    exists: bool
    marker: bytes | None = None
    duplicates: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Instruments:
    """Looks at one thing each; all may raise `DriveSyncError`, and none changes anything.

    Attributes
    ----------
    configs : Callable
        Returns the configuration files that are used where nobody named one.
    remotes : Callable
        Returns the remotes in one of them.
    config : Callable
        Looks at a configuration file.
    access : Callable
        Reads how a Drive remote signs in.
    reach : Callable
        Asks a remote for its space.
    account : Callable
        Asks Google whose account a remote signs in to: an address or a name.
    clock : Callable
        Returns how many seconds this computer's clock is ahead of Google's.
    far_side : Callable
        Looks at the other folder of a project.
    near_marker : Callable
        Reads the marker on this computer.
    ignore : Callable
        Reads the project's ignore rules.
    space : Callable
        Returns the free bytes on the disk of a folder.
    keeper : Callable
        Says who works on a project; None when nobody does.
    clean : Callable
        Takes secrets out of a text.
    """

    configs: Callable[[], list[Path]]
    remotes: Callable[[Path], list[Remote]]
    config: Callable[[Path], ConfigFile]
    access: Callable[[Remote], Access]
    reach: Callable[[Remote], Reached]
    account: Callable[[Remote], str]
    clock: Callable[[], float]
    far_side: Callable[[Project], FarSide]
    near_marker: Callable[[Project], bytes | None]
    ignore: Callable[[Project], Ignore]
    space: Callable[[Path], int]
    keeper: Callable[[Project], str | None]
    clean: Callable[[str], str]
