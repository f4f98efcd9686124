"""Other accounts: they see only what is shared with them, and a Drive of their own."""

from __future__ import annotations

import threading

from .model import DriveFile
from .state import DriveState


class Guests:
    """Who may see what, besides the person whose Drive this is.

    An account is named by its address; the empty one is the owner, who sees everything.
    """

    def __init__(self, state: DriveState) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._roots: dict[str, str] = {}
        self._shares: dict[str, set[str]] = {}

    def share(self, file_id: str, account: str) -> None:
        """Let an account see a file or a folder with all that is in it."""
        with self._lock:
            self._shares.setdefault(file_id, set()).add(account)

    def unshare(self, file_id: str, account: str) -> None:
        """Take that back."""
        with self._lock:
            self._shares.get(file_id, set()).discard(account)

    def root(self, account: str) -> str:
        """Return the id of an account's own My Drive."""
        if not account:
            return self._state.root_id
        with self._lock:
            if account not in self._roots:
                self._roots[account] = self._state.add_root("My Drive")
            return self._roots[account]

    def shared_with(self, account: str, file_id: str) -> bool:
        """Say whether this very file is shared with an account."""
        with self._lock:
            return account in self._shares.get(file_id, ())

    def sees(self, account: str, file: DriveFile) -> bool:
        """Say whether an account may see a file."""
        if not account:
            return True
        root = self.root(account)
        current: DriveFile | None = file
        while current is not None:
            if current.id == root or self.shared_with(account, current.id):
                return True
            current = self._state.peek(current.parent) if current.parent else None
        return False
