"""The ways from a runtime to the project's folder on Drive, tried in order.

Each one that does not work leaves a reason behind, so that the status can say why another was
taken. A folder that is not there is no reason to try another way: it is the same folder by all.
"""

from __future__ import annotations

import errno
import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from . import bridge, colab, rclone
from .drive_api import look_up
from .errors import (
    CompanionError,
    ConsentRefused,
    FolderTrashed,
    FolderUnknown,
    NotAProject,
    Offline,
    RateLimited,
    RcloneFailed,
    RcloneMissing,
    RuntimeFull,
    SignInFailed,
    SignInLost,
    TransportMissing,
)
from .places import MARKER, OWN, Places, write_atomic
from .settings import BRIDGE, DIRECT, MOUNT, SECRET, Transport

ORDER = (DIRECT, BRIDGE, MOUNT, SECRET)
AUTO = "auto"

_LOOK_SECONDS = 45.0
_MOST_FOLDERS = 3000  # looked through on a mount, where every look may be a call
_ID = "user.drive.id"

_WORDS = {
    DIRECT: "with the runtime's own sign-in",
    BRIDGE: "through the token bridge",
    MOUNT: "through the Drive mount",
    SECRET: f"with the Colab secret {colab.SECRET}",
}


def words_for(name: str) -> str:
    """Say a way to Drive in words."""
    return _WORDS[name]


def choose(places: Places, folder_id: str, wanted: str = AUTO, name: str = "") -> Transport:
    """Find a way that works, asking for consent once.

    Parameters
    ----------
    wanted : str
        `AUTO`, or the only one to try.
    name : str
        The folder's name, if known: it finds the folder on a mount sooner.

    Raises
    ------
    FolderProblem
        Drive was reached, and the folder is not what it should be.
    ConsentRefused
        The person said no, and there is no secret to go on with.
    TransportMissing
        None works; says why for each.
    """
    if wanted not in (AUTO, *ORDER):
        raise TransportMissing(
            f"transport={wanted!r} is not known.",
            f"Use one of: {', '.join((AUTO, *ORDER))}.",
        )
    if not _drive_answers():  # rclone itself takes long to give up
        raise Offline("Drive cannot be reached.")
    reasons: list[str] = []
    refused: ConsentRefused | None = None
    for way in ORDER if wanted == AUTO else (wanted,):
        if refused is not None and way != SECRET:
            continue  # who said no to the first dialog is not asked by another
        try:
            found = _TRIES[way](places, folder_id, name)
        except ConsentRefused as error:
            refused = error
            reasons.append(f"{way}: {error.message}")
        except _FINAL:
            raise
        except CompanionError as error:
            if wanted != AUTO:
                said = f"transport={way!r} does not work here. {error.message}"
                raise TransportMissing(said, error.hint) from error
            reasons.append(f"{way}: {error.message}")
        else:
            return Transport(found.name, found.argv, found.env, found.spec, " ".join(reasons))
    if refused is not None:
        raise refused
    raise TransportMissing(
        "No way to Drive works. " + " ".join(reasons),
        f"Run this cell again; if it stays so, try another runtime. {colab.SECRET_HINT}",
    )


def again(places: Places, folder_id: str, name: str, folder_name: str = "") -> Transport | None:
    """Return the way that worked before, without asking anything; None if it no longer does."""
    try:
        if name == MOUNT and colab.is_mounted(_mountpoint(places)):
            return _try_mount(places, folder_id, folder_name)
        make = {DIRECT: _direct, BRIDGE: _bridged, SECRET: _with_config}.get(name)
        if make is None or (name == SECRET and not _config(places).is_file()):
            return None
        return _looked(make(places), folder_id)
    except CompanionError:
        return None  # the usual way says what is wrong


# The four ways


def _try_direct(places: Places, folder_id: str, _: str) -> Transport:
    colab.sign_in()  # first of all: the person is in front of the cell now
    return _looked(_direct(places), folder_id)


def _try_bridge(places: Places, folder_id: str, _: str) -> Transport:
    colab.sign_in()
    return _looked(_bridged(places), folder_id)


def _direct(places: Places) -> Transport:
    return Transport(DIRECT, [str(rclone.ensure(places)), "--config", ""])


def _bridged(places: Places) -> Transport:
    argv = [str(rclone.ensure(places)), "--config", ""]
    return Transport(BRIDGE, argv, {"GCE_METADATA_HOST": bridge.ensure(places)})


def _try_mount(places: Places, folder_id: str, name: str) -> Transport:
    argv = [str(rclone.ensure(places)), "--config", ""]
    mountpoint = _mountpoint(places)
    colab.mount(mountpoint)
    try:
        found = find_on_mount(mountpoint, folder_id, name)
    except OSError as error:
        raise SignInFailed(
            f"The mount of Drive broke off ({os.strerror(error.errno or 0)})."
        ) from (error)
    if found is None:
        raise FolderUnknown("The project's folder was not found on the mounted Drive.")
    return Transport(MOUNT, argv, {}, f"{found}/")


def _mountpoint(places: Places) -> Path:
    return places.content / "drive"


def _try_secret(places: Places, folder_id: str, _: str) -> Transport:
    text = colab.secret()
    if text is None:
        raise SignInFailed(
            f"There is no Colab secret {colab.SECRET} that this notebook may see.",
            colab.SECRET_HINT,
        )
    places.make()
    write_atomic(_config(places), text.encode(), mode=0o600)
    return _looked(_with_config(places), folder_id)


def _config(places: Places) -> Path:
    return places.own / "rclone.conf"


def _with_config(places: Places) -> Transport:
    argv = [str(rclone.ensure(places)), "--config", str(_config(places))]
    plain = Transport(SECRET, argv, {}, "")
    try:
        remotes = json.loads(rclone.run(plain, ["config", "dump"]))
    except (RcloneFailed, ValueError) as error:
        raise SignInFailed(
            f"The Colab secret {colab.SECRET} is no rclone configuration.", colab.SECRET_HINT
        ) from error
    names = [name for name, about in remotes.items() if about.get("type") == "drive"]
    if not names:
        raise SignInFailed(
            f"The Colab secret {colab.SECRET} holds no Drive remote.", colab.SECRET_HINT
        )
    return Transport(SECRET, argv, {}, f"{names[0]},root_folder_id={{id}}:")


# The same by every way: no reason to try another.
_FINAL = (
    FolderUnknown,
    FolderTrashed,
    NotAProject,
    Offline,
    RateLimited,
    RcloneMissing,
    RuntimeFull,
)

_TRIES: dict[str, Callable[[Places, str, str], Transport]] = {
    DIRECT: _try_direct,
    BRIDGE: _try_bridge,
    MOUNT: _try_mount,
    SECRET: _try_secret,
}


# Looking


def _looked(way: Transport, folder_id: str) -> Transport:
    """Return the way if the project's marker can be read by it."""
    try:
        text = rclone.run(
            way, ["cat", way.remote(folder_id) + MARKER, *rclone.QUICK], timeout=_LOOK_SECONDS
        )
    except FolderUnknown as error:
        raise _missing(folder_id) from error
    except Offline as error:
        # Drive answers, so it is the sign-in that does not, and another way may have one.
        raise SignInLost("rclone does not reach the runtime's sign-in.") from error
    if not text.strip():
        raise _missing(folder_id)
    return way


def _drive_answers() -> bool:
    """Say whether Drive itself answers, whoever asks."""
    import urllib.error
    import urllib.request

    try:
        urllib.request.urlopen("https://www.googleapis.com/drive/v3/about", timeout=10).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _missing(folder_id: str) -> CompanionError:
    """Say why the marker is not there, as exactly as Drive will tell."""
    folder = look_up(folder_id)
    if folder is None:
        return FolderUnknown(
            "The project's folder is not on Drive under this id, or is in Drive's trash."
        )
    if not folder.found:
        return FolderUnknown(
            "There is no folder with this id on Drive, or this account may not see it."
        )
    if folder.trashed:
        return FolderTrashed(f"The project's folder '{folder.name}' is in Drive's trash.")
    if not folder.is_folder:
        return FolderUnknown(f"'{folder.name}' on Drive is a file, not a project's folder.")
    return NotAProject(f"The folder '{folder.name}' on Drive is not linked to a project.")


def find_on_mount(mountpoint: Path, folder_id: str, name: str = "") -> Path | None:
    """Find the project's folder below a mounted Drive.

    By its id, which the mount shows as an extended attribute; where it does not, the only project
    of that name.

    Raises
    ------
    OSError
        The mount does not work.
    """
    candidates = []
    for folder in _projects(mountpoint, name):
        shown = _id_of(folder)
        if shown == folder_id:
            return folder
        if shown is None:
            candidates.append(folder)
    named = [folder for folder in candidates if not name or folder.name == name]
    return named[0] if len(named) == 1 else None


def _projects(mountpoint: Path, name: str) -> Iterator[Path]:
    """Yield folders that hold a marker, those near the top first."""
    next(mountpoint.iterdir(), None)  # a broken mount says so here
    pending = deque(path for part in ("MyDrive", "Shareddrives") if (path := mountpoint / part))
    first = mountpoint / "MyDrive" / name
    if name and (first / MARKER).is_file():
        yield first
    for _ in range(_MOST_FOLDERS):
        if not pending:
            return
        folder = pending.popleft()
        if (folder / MARKER).is_file():
            yield folder
            continue
        try:
            with os.scandir(folder) as entries:
                pending += [
                    Path(entry.path)
                    for entry in entries
                    if entry.name != OWN and entry.is_dir(follow_symlinks=False)
                ]
        except OSError as error:
            if error.errno == errno.ENOTCONN:
                raise


def _id_of(folder: Path) -> str | None:
    try:
        return os.getxattr(folder, _ID).decode()
    except (OSError, AttributeError):  # not shown, or a system without extended attributes
        return None
