"""Which folders can be projects, and choosing folders of this computer."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from jupyter_drive_sync.errors import FolderInvalid, FolderMissing, FolderOutsideRoot


def check_project_folder(root_dir: Path, relative: str) -> Path:
    """Find the folder that a path of the contents API names.

    Parameters
    ----------
    root_dir : Path
        The folder in which Jupyter was started.
    relative : str
        Relative to it, ``/`` between the parts; one leading ``/`` does no harm.

    Returns
    -------
    Path
        Absolute and resolved.

    Raises
    ------
    FolderOutsideRoot
        It lies outside `root_dir`, also by way of a link.
    FolderMissing
        Nothing of that name is there.
    FolderInvalid
        It is no folder, cannot be opened, or the name is none.
    """
    if "\0" in relative:
        raise FolderInvalid("That is not the name of a folder.")
    root = root_dir.resolve()
    wanted = root / relative.removeprefix("/")
    lexical = Path(os.path.normpath(wanted))
    if not lexical.is_relative_to(root):
        raise FolderOutsideRoot(f"{relative} lies outside {display(root)}.")
    try:
        folder = wanted.resolve(strict=True)
    except FileNotFoundError:
        raise FolderMissing(f"There is no folder {relative} in {display(root)}.") from None
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError before 3.13
        raise FolderInvalid(f"{relative} cannot be opened: {_reason(error)}.") from error
    if not folder.is_relative_to(root):
        raise FolderOutsideRoot(f"{relative} leads outside {display(root)}, by a link.")
    if not folder.is_dir():
        raise FolderInvalid(f"{relative} is a file, not a folder.")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise FolderInvalid(
            f"{relative} cannot be read and written by you.",
            "Change its permissions or choose another folder.",
        )
    return folder


def nested_in(path: Path, others: Iterable[Path]) -> Path | None:
    """Return the first of `others` that is `path`, lies inside it or lies around it."""
    own = path.resolve()
    for other in others:
        there = other.resolve()
        if own == there or own.is_relative_to(there) or there.is_relative_to(own):
            return other
    return None


def subfolders(path: Path) -> list[Path]:
    """Return the folders in a folder, for choosing one: hidden ones left out, sorted by name.

    Raises
    ------
    FolderInvalid
        `path` is relative, is no folder or may not be looked into.
    FolderMissing
        It is not there.
    """
    if not path.is_absolute() or "\0" in str(path):
        raise FolderInvalid(f"{path} is not an absolute path.")
    try:
        with os.scandir(path) as items:
            folders = [Path(item.path) for item in items if _choosable(item)]
    except FileNotFoundError:
        raise FolderMissing(f"There is no folder {display(path)}.") from None
    except NotADirectoryError:
        raise FolderInvalid(f"{display(path)} is a file, not a folder.") from None
    except PermissionError:
        raise FolderInvalid(
            f"You may not look into {display(path)}.",
            "Choose another folder or change its permissions.",
        ) from None
    except OSError as error:
        raise FolderInvalid(f"{display(path)} cannot be opened: {_reason(error)}.") from error
    return sorted(folders, key=lambda folder: (folder.name.casefold(), folder.name))


def display(path: Path) -> str:
    """Write a path for a person, with ``~`` for the home folder."""
    home = Path.home()
    if path == home:
        return "~"
    if path.is_relative_to(home) and home != Path(home.anchor):
        return str(Path("~") / path.relative_to(home))
    return str(path)


def _choosable(item: os.DirEntry[str]) -> bool:
    if item.name.startswith("."):
        return False
    try:
        status = item.stat()
    except OSError:  # a link to nowhere, or gone meanwhile
        return False
    hidden = getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN
    return stat.S_ISDIR(status.st_mode) and not hidden


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
