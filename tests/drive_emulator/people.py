"""Other people at work on the same Drive: by path, at once, past all faults and counts."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from pathlib import Path

from .model import DOCUMENT, FOLDER, NOTEBOOK, DriveFile, Revision
from .state import DriveState

SLASH = "\uff0f"
"""Stands in paths for a ``/`` inside a name, as rclone shows it."""

Target = str | DriveFile
"""A Drive path such as ``project/a.ipynb``, or the file itself."""


class People:
    """What a person could do in the browser, in Colab or from another computer.

    Paths run from the top of My Drive, ``/`` between their parts; a ``/`` inside a name is
    written `SLASH`. Where two files have one name, the older one is meant. A path that is not
    there raises FileNotFoundError.
    """

    def __init__(self, state: DriveState) -> None:
        self.state = state

    # Looking

    def find_all(self, path: str) -> list[DriveFile]:
        """Return all that have this path and are not in the trash, the oldest first."""
        found = [self.state.get(self.state.root_id)]
        for part in _parts(path):
            found = [
                child
                for folder in found
                for child in self.state.children(folder.id)
                if child.name == part and not child.trashed_explicitly
            ]
        return found

    def find(self, path: Target) -> DriveFile:
        """Return the file or folder at a path."""
        if isinstance(path, DriveFile):
            return path
        found = self.find_all(path)
        if not found:
            raise FileNotFoundError(path)
        return found[0]

    def exists(self, path: str) -> bool:
        """Say whether something is there."""
        return bool(self.find_all(path))

    def read(self, path: Target) -> bytes:
        """Return a file's bytes."""
        return self.find(path).content

    def revisions(self, path: Target) -> list[Revision]:
        """Return a file's revisions, the oldest first."""
        with self.state.lock:
            return list(self.find(path).revisions)

    def path_of(self, file: DriveFile) -> str:
        """Return a file's path, also when it is in the trash."""
        return "/".join(name.replace("/", SLASH) for name in self.state.names(file))

    def walk(self, folder: Target = "") -> Iterator[tuple[str, DriveFile]]:
        """Walk all that is not in the trash, folders before what is inside them."""
        with self.state.lock:
            return iter(list(self._walk(self.find(folder), "")))

    def _walk(self, folder: DriveFile, prefix: str) -> Iterator[tuple[str, DriveFile]]:
        for child in self.state.children(folder.id):
            if not child.trashed_explicitly:
                path = prefix + child.name.replace("/", SLASH)
                yield path, child
                if child.is_folder:
                    yield from self._walk(child, path + "/")

    def tree(self, folder: Target = "") -> dict[str, bytes]:
        """Return path and bytes of all files with bytes, paths from the folder on."""
        tree: dict[str, bytes] = {}
        for path, file in self.walk(folder):
            if file.revisions:
                tree.setdefault(path, file.content)
        return tree

    def folders(self, folder: Target = "") -> set[str]:
        """Return the paths of all folders below one."""
        return {path for path, file in self.walk(folder) if file.is_folder}

    def trash_listing(self) -> list[DriveFile]:
        """Return what was put into the trash (not what lies inside trashed folders)."""
        return [file for file in self.state.files() if file.trashed_explicitly]

    # Working

    def mkdir(self, path: str) -> DriveFile:
        """Make a folder and those around it; one that is there is fine."""
        with self.state.lock:
            folder = self.state.get(self.state.root_id)
            for part in _parts(path):
                inside = [
                    child
                    for child in self.state.children(folder.id)
                    if child.name == part and child.is_folder and not child.trashed_explicitly
                ]
                folder = inside[0] if inside else self.state.create(part, FOLDER, folder.id)
            return folder

    def write(self, path: str, content: bytes, mtime: float | None = None) -> DriveFile:
        """Write a file: in place with a new revision when it is there, else new.

        Parameters
        ----------
        mtime : float, optional
            Seconds since the epoch; now if left out.
        """
        with self.state.lock:
            there = [file for file in self.find_all(path) if file.revisions]
            if there:
                return self.state.update(there[0].id, content=content, modified_ms=_ms(mtime))
            return self.add(path, content, mtime)

    def add(
        self,
        path: str,
        content: bytes | None,
        mtime: float | None = None,
        mime_type: str | None = None,
        shortcut_to: Target | None = None,
    ) -> DriveFile:
        """Make a new file, even beside one of the same name."""
        with self.state.lock:
            *around, name = _parts(path)
            folder = self.mkdir("/".join(part.replace("/", SLASH) for part in around))
            return self.state.create(
                name,
                mime_type or guess_type(name),
                folder.id,
                content=content,
                modified_ms=_ms(mtime),
                shortcut_target=None if shortcut_to is None else self.find(shortcut_to).id,
            )

    def add_document(self, path: str, mime_type: str = DOCUMENT) -> DriveFile:
        """Make a Google document, which has no bytes."""
        return self.add(path, None, mime_type=mime_type)

    def add_shortcut(self, path: str, target: Target) -> DriveFile:
        """Make a shortcut to a file or folder."""
        return self.add(path, None, shortcut_to=target)

    def rename(self, path: Target, name: str) -> DriveFile:
        """Give a file another name in its folder; it keeps its id."""
        return self.state.update(self.find(path).id, name=name.replace(SLASH, "/"))

    def move(self, path: Target, folder: Target) -> DriveFile:
        """Move a file into another folder; it keeps its id."""
        return self.state.update(self.find(path).id, parent=self.find(folder).id)

    def touch(self, path: Target, mtime: float) -> DriveFile:
        """Set a file's modification time alone."""
        return self.state.update(self.find(path).id, modified_ms=_ms(mtime))

    def trash(self, path: Target) -> DriveFile:
        """Put a file or folder into the trash."""
        return self.state.update(self.find(path).id, trashed=True)

    def untrash(self, file: DriveFile) -> DriveFile:
        """Take a file or folder out of the trash."""
        return self.state.update(file.id, trashed=False)

    def delete(self, path: Target) -> None:
        """Remove a file or folder for good."""
        self.state.delete(self.find(path).id)

    # In bulk

    def seed(self, tree: Mapping[str, bytes], mtime: float | None = None) -> None:
        """Put many new files there at once.

        Raises
        ------
        FileExistsError
            When one of the paths is taken.
        """
        with self.state.lock:
            folders: dict[tuple[str, ...], tuple[str, set[str]]] = {}
            for path, content in tree.items():
                *around, name = _parts(path)
                key = tuple(around)
                if key not in folders:
                    folder = self.mkdir("/".join(part.replace("/", SLASH) for part in around))
                    taken = {
                        child.name
                        for child in self.state.children(folder.id)
                        if not child.trashed_explicitly
                    }
                    folders[key] = (folder.id, taken)
                folder_id, names = folders[key]
                if name in names:
                    raise FileExistsError(path)
                names.add(name)
                self.state.create(
                    name, guess_type(name), folder_id, content=content, modified_ms=_ms(mtime)
                )

    def seed_folder(self, source: Path, path: str = "") -> None:
        """Copy a folder of this computer, with its modification times."""
        self.mkdir(path)
        prefix = f"{path}/" if path else ""
        for found in sorted(source.rglob("*")):
            inner = prefix + found.relative_to(source).as_posix()
            if found.is_dir():
                self.mkdir(inner)
            elif found.is_file():
                self.write(inner, found.read_bytes(), found.stat().st_mtime)


def guess_type(name: str) -> str:
    """Guess a content type as Drive's web page does."""
    if name.endswith(".ipynb"):
        return NOTEBOOK
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _parts(path: str) -> list[str]:
    return [part.replace(SLASH, "/") for part in path.split("/") if part]


def _ms(mtime: float | None) -> int | None:
    return None if mtime is None else round(mtime * 1000)
