"""The guard's own folder in a runtime, below ``/content/.drive-sync/guard``."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..places import Places, read_json, write_json

VERSION = 1

_ID = re.compile(r"\d{20}-[0-9a-f]{6}")
_latest = 0


@dataclass(frozen=True, slots=True)
class GuardFolder:
    """Where what is.

    Attributes
    ----------
    root : Path
        The folder; everything else is below it.
    """

    root: Path

    @classmethod
    def here(cls) -> GuardFolder:
        """Return this runtime's."""
        return cls(Places.here().guard)

    @property
    def settings(self) -> Path:
        """What the guard is to do (`GuardSettings`)."""
        return self.root / "settings.json"

    @property
    def lock(self) -> Path:
        """Held by the one guard, and by every rclone that it runs."""
        return self.root / "lock"

    @property
    def pid(self) -> Path:
        """Process of the guard that holds the lock."""
        return self.root / "pid"

    @property
    def status(self) -> Path:
        """What the guard says of itself, written when it changes."""
        return self.root / "status.json"

    @property
    def log(self) -> Path:
        """What the guard did, for people."""
        return self.root / "guard.log"

    @property
    def manifest(self) -> Path:
        """The run's manifest; Drive has a copy of it."""
        return self.root / "manifest.jsonl"

    @property
    def known(self) -> Path:
        """Files that came from Drive and need not go back."""
        return self.root / "known.json"

    @property
    def inbox(self) -> Path:
        """Requests to the guard, one file each."""
        return self.root / "inbox"

    @property
    def done(self) -> Path:
        """Its answers, by the request's id."""
        return self.root / "done"

    @property
    def spool(self) -> Path:
        """Files on their way to Drive."""
        return self.root / "spool"

    def make(self) -> None:
        """Make all folders, for this user alone."""
        for folder in (self.root, self.inbox, self.done, self.spool):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    # --- requests ----------------------------------------------------------------------------

    def ask(self, kind: str, request: str | None = None, **body: object) -> str:
        """Put a request into the inbox; return its id.

        Raises
        ------
        OSError
            The disk is full, or the folder is not there.
        """
        request = request or new_id()
        write_json(
            self.inbox / f"{request}.json", {"v": VERSION, "id": request, "kind": kind, **body}
        )
        return request

    def requests(self) -> Iterator[dict[str, Any]]:
        """Yield what is in the inbox, in the order in which it was asked."""
        for path in sorted(self.inbox.glob("[!.]*.json")):
            found = read_json(path)
            if found is None or found.get("v") != VERSION or found.get("id") != path.stem:
                path.unlink(missing_ok=True)  # not written by us: ours come whole
                continue
            yield found

    def is_asked(self, request: str) -> bool:
        """Tell whether a request is still in the inbox: who takes it back waits no more."""
        return (self.inbox / f"{request}.json").exists()

    def taken(self, request: str) -> None:
        """Take a request out of the inbox."""
        (self.inbox / f"{request}.json").unlink(missing_ok=True)

    def answer(self, request: str, **body: object) -> None:
        """Answer a request."""
        write_json(self.done / f"{request}.json", {"v": VERSION, "id": request, **body})

    def answered(self, request: str) -> dict[str, Any] | None:
        """Return the answer, if it is there, and put it away."""
        path = self.done / f"{request}.json"
        found = read_json(path)
        if found is not None:
            path.unlink(missing_ok=True)
        return found

    def forget_answers(self, older_than: float) -> None:
        """Remove answers that nobody waits for any more (seconds since they were given)."""
        limit = time.time() - older_than
        for path in self.done.iterdir():
            if path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)


def new_id(at: int | None = None) -> str:
    """Return an id that sorts by a time (ns since 1970), by default that at which it was made.

    In one process the latter is so also where the clock is put back.
    """
    if at is not None and 0 <= at < time.time_ns():
        return f"{at:020d}-{secrets.token_hex(3)}"
    global _latest  # noqa: PLW0603 - one a process is meant
    _latest = max(_latest + 1, time.time_ns())
    return f"{_latest:020d}-{secrets.token_hex(3)}"


def is_id(text: str) -> bool:
    """Tell whether a text is an id of ours."""
    return _ID.fullmatch(text) is not None
