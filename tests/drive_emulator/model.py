"""What Drive keeps: files with their revisions. No behaviour beyond reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property, lru_cache

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
DOCUMENT = "application/vnd.google-apps.document"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
NOTEBOOK = "application/vnd.google.colaboratory"
GOOGLE_TYPE = "application/vnd.google-apps."

Clock = Callable[[], int]
"""Milliseconds since the epoch."""


@dataclass
class Revision:
    """One version of a file's bytes."""

    id: str
    content: bytes
    modified_ms: int
    mime_type: str
    original_name: str
    keep_forever: bool = False

    @cached_property
    def md5(self) -> str:
        """Lower-case hex digest."""
        return hashlib.md5(self.content).hexdigest()

    @cached_property
    def sha1(self) -> str:
        """Lower-case hex digest."""
        return hashlib.sha1(self.content).hexdigest()

    @cached_property
    def sha256(self) -> str:
        """Lower-case hex digest."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class DriveFile:
    """A file, folder, shortcut or Google document.

    Attributes
    ----------
    revisions : list of Revision
        Oldest first; empty for whatever has no bytes of its own.
    trashed_explicitly : bool
        Trashed itself, not merely inside a trashed folder.
    version : int
        Grows with every change.
    """

    id: str
    name: str
    mime_type: str
    parent: str | None
    created_ms: int
    modified_ms: int
    revisions: list[Revision] = field(default_factory=list)
    trashed_explicitly: bool = False
    trashed_ms: int = 0
    shortcut_target: str | None = None
    shortcut_mime_type: str = ""
    description: str = ""
    starred: bool = False
    properties: dict[str, str] = field(default_factory=dict)
    app_properties: dict[str, str] = field(default_factory=dict)
    version: int = 1

    @property
    def is_folder(self) -> bool:
        """Whether other files can be inside."""
        return self.mime_type == FOLDER

    @property
    def head(self) -> Revision | None:
        """The newest revision."""
        return self.revisions[-1] if self.revisions else None

    @property
    def content(self) -> bytes:
        """The newest bytes; empty for whatever has none."""
        return self.revisions[-1].content if self.revisions else b""


@lru_cache(maxsize=100_000)  # listings show the same times over and over
def to_rfc3339(milliseconds: int) -> str:
    """Write a time as Drive does: UTC, milliseconds, ``Z``."""
    seconds, rest = divmod(milliseconds, 1000)
    moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def from_rfc3339(text: str) -> int:
    """Read a time into milliseconds since the epoch, cutting what is finer.

    Raises
    ------
    ValueError
        When the text is not an RFC 3339 time.
    """
    text = text.strip()
    body, zone = (text[:-1], "+00:00") if text[-1:] in "zZ" else (text, "")
    if not zone and len(body) > 19 and body[-6] in "+-" and body[-3] == ":":
        body, zone = body[:-6], body[-6:]
    whole, _, fraction = body.partition(".")
    if fraction and not fraction.isdigit():
        raise ValueError(f"not a time: {text!r}")
    moment = datetime.fromisoformat(whole + (zone or "+00:00"))
    return round(moment.timestamp()) * 1000 + int((fraction + "000")[:3])
