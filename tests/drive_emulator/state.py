"""A whole Drive in memory: its files, its trash, its revisions and its feed of changes.

Knows nothing of HTTP. Every public method takes the lock, so that requests and "other people"
may use it at the same time.
"""

from __future__ import annotations

import base64
import random
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, invalid, not_found
from .model import FOLDER, SHORTCUT, Clock, DriveFile, Revision

ROOT_ALIAS = "root"
MAX_REVISIONS = 100


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """One entry in the feed of changes."""

    number: int
    file_id: str
    time_ms: int


class DriveState:
    """One person's Drive.

    Parameters
    ----------
    clock : callable, optional
        Gives milliseconds since the epoch.
    seed : int
        Ids are made from it, so that a run can be repeated.
    """

    def __init__(self, clock: Clock = _now_ms, seed: int = 1) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.quota: int | None = None
        self.used = 0
        self.email = "person@example.com"
        self.shared_drives: dict[str, str] = {}
        self._random = random.Random(seed)
        self._files: dict[str, DriveFile] = {}
        self._children: dict[str, dict[str, None]] = {}
        self._changes: list[Change] = []
        self._latest: dict[str, int] = {}
        self.root_id = self._new_root("My Drive", "0A" + self._random_text(12)[:17])

    # Reading

    def get(self, file_id: str) -> DriveFile:
        """Return the file of this id (``root`` works too).

        Raises
        ------
        ApiError
            404 when there is none.
        """
        found = self.peek(file_id)
        if found is None:
            raise not_found(file_id)
        return found

    def peek(self, file_id: str) -> DriveFile | None:
        """Return the file of this id, or None."""
        return self._files.get(self.root_id if file_id == ROOT_ALIAS else file_id)

    def files(self) -> Iterator[DriveFile]:
        """Walk everything but the roots, in the order it was made."""
        with self.lock:
            return iter([file for file in self._files.values() if file.parent is not None])

    def children(self, folder_id: str) -> list[DriveFile]:
        """List a folder, the trashed included, in the order it was filled."""
        folder_id = self.root_id if folder_id == ROOT_ALIAS else folder_id
        with self.lock:
            return [self._files[file_id] for file_id in self._children.get(folder_id, ())]

    def is_trashed(self, file: DriveFile) -> bool:
        """Say whether a file or a folder around it is in the trash."""
        with self.lock:
            current: DriveFile | None = file
            while current is not None:
                if current.trashed_explicitly:
                    return True
                current = self._files.get(current.parent) if current.parent else None
            return False

    def names(self, file: DriveFile) -> tuple[str, ...]:
        """Return the names from below the root down to the file."""
        names: list[str] = []
        with self.lock:
            current: DriveFile | None = file
            while current is not None and current.parent is not None:
                names.append(current.name)
                current = self._files.get(current.parent)
        return tuple(reversed(names))

    # Writing

    def new_id(self) -> str:
        """Make an id that nothing has."""
        with self.lock:
            return "1" + self._random_text(24)

    def create(
        self,
        name: str,
        mime_type: str,
        parent: str = ROOT_ALIAS,
        *,
        content: bytes | None = None,
        modified_ms: int | None = None,
        created_ms: int | None = None,
        file_id: str | None = None,
        shortcut_target: str | None = None,
        **more: Any,
    ) -> DriveFile:
        """Make a file, even beside one of the same name.

        Raises
        ------
        ApiError
            404 for an unknown parent or target, 403 when the quota is full, 409 for a used id.
        """
        with self.lock:
            folder = self.get(parent)
            if not folder.is_folder:
                raise ApiError(403, "parentNotAFolder", "The specified parent is not a folder.")
            if file_id is not None and file_id in self._files:
                raise ApiError(409, "fileIdInUse", "A file already exists with the provided ID.")
            self.check_quota(len(content or b""))
            now = self.clock()
            target = self.get(shortcut_target) if shortcut_target else None
            file = DriveFile(
                id=file_id or self.new_id(),
                name=name,
                mime_type=SHORTCUT if target else mime_type,
                parent=folder.id,
                created_ms=now if created_ms is None else created_ms,
                modified_ms=now if modified_ms is None else modified_ms,
                shortcut_target=target.id if target else None,
                shortcut_mime_type=target.mime_type if target else "",
                **more,
            )
            if content is not None:
                self._add_revision(file, content)
            self._files[file.id] = file
            self._children[folder.id][file.id] = None
            if file.is_folder:
                self._children[file.id] = {}
            self._record(file.id)
            return file

    def update(
        self,
        file_id: str,
        *,
        content: bytes | None = None,
        modified_ms: int | None = None,
        trashed: bool | None = None,
        parent: str | None = None,
        **fields: Any,
    ) -> DriveFile:
        """Change a file in place; it keeps its id.

        Parameters
        ----------
        content : bytes, optional
            New bytes; the old ones stay as a revision.
        modified_ms : int, optional
            Left out, new bytes make it now, and anything else leaves it alone.
        parent : str, optional
            The folder to move into.
        **fields
            Other attributes of `DriveFile`, taken as they are.
        """
        with self.lock:
            file = self.get(file_id)
            if parent is not None:
                self._move(file, self.get(parent))
            for key, value in fields.items():
                setattr(file, key, value)
            if content is not None:
                if file.is_folder:
                    raise ApiError(403, "fileNotDownloadable", "A folder has no content.")
                self.check_quota(len(content) - len(file.content))
                file.modified_ms = self.clock() if modified_ms is None else modified_ms
                self._add_revision(file, content)
            elif modified_ms is not None:
                file.modified_ms = modified_ms
            if trashed is not None and trashed != file.trashed_explicitly:
                file.trashed_explicitly = trashed
                file.trashed_ms = self.clock() if trashed else 0
            file.version += 1
            self._record(file.id)
            return file

    def delete(self, file_id: str) -> None:
        """Remove a file for good, with all that is inside it."""
        with self.lock:
            file = self.get(file_id)
            if file.parent is None:
                raise ApiError(403, "insufficientFilePermissions", "The root cannot be deleted.")
            for child in self.children(file.id):
                self.delete(child.id)
            self.used -= len(file.content)
            self._children[file.parent].pop(file.id, None)
            self._children.pop(file.id, None)
            del self._files[file.id]
            self._record(file.id)

    def empty_trash(self) -> None:
        """Remove for good all that is in the trash."""
        with self.lock:
            for file in list(self.files()):
                if file.trashed_explicitly and file.id in self._files:
                    self.delete(file.id)

    def add_shared_drive(self, name: str) -> str:
        """Make a shared drive; its id is also the id of its top folder."""
        with self.lock:
            drive_id = self._new_root(name, "0A" + self._random_text(12)[:17])
            self.shared_drives[drive_id] = name
            return drive_id

    def add_root(self, name: str) -> str:
        """Make the top folder of another account; return its id."""
        with self.lock:
            return self._new_root(name, "0A" + self._random_text(12)[:17])

    def check_quota(self, more: int) -> None:
        """Refuse with 403 ``storageQuotaExceeded`` when `more` bytes have no room."""
        if self.quota is not None and more > 0 and self.used + more > self.quota:
            raise ApiError(403, "storageQuotaExceeded")

    # The feed of changes

    def start_page_token(self) -> str:
        """Return the token that stands for now."""
        with self.lock:
            return str(len(self._changes) + 1)

    def changes(self, token: str) -> list[Change]:
        """List what changed from a token on, every file once, at its latest change."""
        with self.lock:
            if not token.isdigit() or not 1 <= int(token) <= len(self._changes) + 1:
                raise invalid("pageToken")
            later = self._changes[int(token) - 1 :]
            return [change for change in later if self._latest[change.file_id] == change.number]

    # Inside

    def _random_text(self, size: int) -> str:
        return base64.urlsafe_b64encode(self._random.randbytes(size)).decode()

    def _new_root(self, name: str, file_id: str) -> str:
        now = self.clock()
        self._files[file_id] = DriveFile(file_id, name, FOLDER, None, now, now)
        self._children[file_id] = {}
        return file_id

    def _add_revision(self, file: DriveFile, content: bytes) -> None:
        self.used += len(content) - len(file.content)
        file.revisions.append(
            Revision(
                "0B" + self._random_text(24), content, file.modified_ms, file.mime_type, file.name
            )
        )
        loose = [revision for revision in file.revisions[:-1] if not revision.keep_forever]
        if len(loose) >= MAX_REVISIONS:
            file.revisions.remove(loose[0])

    def _move(self, file: DriveFile, folder: DriveFile) -> None:
        if file.parent is None or not folder.is_folder:
            raise ApiError(403, "parentNotAFolder", "The specified parent is not a folder.")
        around: DriveFile | None = folder
        while around is not None:
            if around is file:
                raise ApiError(403, "cannotMoveIntoItself", "A folder cannot go inside itself.")
            around = self._files.get(around.parent) if around.parent else None
        if folder.id != file.parent:
            self._children[file.parent].pop(file.id, None)
            self._children[folder.id][file.id] = None
            file.parent = folder.id

    def _record(self, file_id: str) -> None:
        number = len(self._changes) + 1
        self._changes.append(Change(number, file_id, self.clock()))
        self._latest[file_id] = number


def one_parent(current: str | None, add: Iterable[str], remove: Iterable[str]) -> str | None:
    """Work out the one parent after ``addParents`` and ``removeParents``; None: no move.

    Raises
    ------
    ApiError
        403 when the file would be left without a folder, or in two.
    """
    parents = ({current} - set(remove)) | set(add)  # the same folder may be in both
    if len(parents) > 1:
        raise ApiError(403, "cannotAddParent", "Increasing the number of parents is not allowed")
    if not parents:
        raise ApiError(403, "cannotRemoveLastParent", "A file needs a parent.")
    parent = parents.pop()
    return None if parent == current else parent
