"""Finding and making folders on a remote, for the folder picker."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from jupyter_drive_sync.errors import FolderInvalid
from jupyter_drive_sync.ports.projects import Remote
from jupyter_drive_sync.ports.transfer import CancelToken, RemoteFolder
from jupyter_drive_sync.rclone.bisync import DRIVE_FLAGS
from jupyter_drive_sync.rclone.entries import ListingReader
from jupyter_drive_sync.rclone.names import to_rclone
from jupyter_drive_sync.rclone.outcome import command_error
from jupyter_drive_sync.rclone.process import Finished, Runner

MOST_FOUND = 100
"""Folders that a search shows; who needs more writes more of the name."""

SEARCH_SECONDS = 20.0
"""How long a search may take: what was found by then is shown."""

_LIST_FLAGS = ("--low-level-retries", "4", "--fast-list", "--no-modtime", "--no-mimetype")


@dataclass(frozen=True, slots=True)
class FoundFolders:
    """What a search came to.

    Attributes
    ----------
    folders : tuple of RemoteFolder
        Those nearest to the top first, then by name.
    more : bool
        Whether there are, or may be, more.
    """

    folders: tuple[RemoteFolder, ...]
    more: bool


def search_folders(
    runner: Runner,
    remote: Remote,
    words: str,
    *,
    most: int = MOST_FOUND,
    seconds: float = SEARCH_SECONDS,
) -> FoundFolders:
    """Find folders anywhere below one, by a part of their name; capitals do not matter.

    Raises
    ------
    RemoteMissing
        The folder is not there.
    SignInNeeded, Offline, RateLimited, RcloneFailed
        It cannot be searched.
    """
    reader = ListingReader()
    cancel = CancelToken()
    limit = threading.Timer(seconds, cancel.request)
    limit.daemon = True
    limit.start()
    try:
        finished = replace(runner, grace=1).run(
            ["lsjson", "-R", "--dirs-only", *_LIST_FLAGS, *DRIVE_FLAGS],
            [_spec(remote)],
            on_stdout=reader.take,
            cancel=cancel,
        )
    finally:
        limit.cancel()
    if finished.exit_code != 0 and not (finished.cancelled or reader.entries):
        raise command_error(finished.exit_code, finished.lines, remote=remote.spec)
    wanted = words.strip().casefold()
    found = [
        RemoteFolder(name, _join(remote.path, path), entry.id)
        for path, entry in reader.entries.items()
        if wanted in (name := path.rpartition("/")[2]).casefold()
    ]
    found.sort(key=lambda folder: (folder.path.count("/"), folder.path.casefold()))
    return FoundFolders(tuple(found[:most]), len(found) > most or not _whole(finished))


def make_folder(runner: Runner, remote: Remote) -> RemoteFolder:
    """Make a folder and those above it. Harmless when it is there already.

    Raises
    ------
    FolderInvalid
        It has no name.
    SignInNeeded, Offline, RateLimited, RcloneFailed
        It cannot be made.
    """
    name = remote.path.rpartition("/")[2]
    if not name:
        raise FolderInvalid("The new folder has no name.", "Give it a name.")
    finished = runner.run(["mkdir", "--low-level-retries", "4", *DRIVE_FLAGS], [_spec(remote)])
    if finished.exit_code != 0:
        raise command_error(finished.exit_code, finished.lines, remote=remote.spec)
    return RemoteFolder(name, remote.path)


def _whole(finished: Finished) -> bool:
    return finished.exit_code == 0 and not any(line.is_error for line in finished.lines)


def _spec(remote: Remote) -> str:
    return f"{remote.name}:{to_rclone(remote.path)}"


def _join(parent: str, path: str) -> str:
    return f"{parent.rstrip('/')}/{path}" if parent.strip("/") else path
