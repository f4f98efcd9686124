"""A project's own ignore file, and what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from jupyter_drive_sync.ports.sides import Ignore

IGNORE_FILE = ".driveignore"
"""Where a project keeps its own patterns, at its top."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the ignore rules leave out on this computer.

    Attributes
    ----------
    files, bytes : int
        Files, those in folders that are left out whole included.
    folders : int
        Folders that are left out whole; those inside them are not counted.
    complete : bool
        False when there is more: counting stops after a while.
    """

    files: int = 0
    folders: int = 0
    bytes: int = 0
    complete: bool = True


class IgnoreFile(Protocol):
    """The ``.driveignore`` of a folder on this computer."""

    def content(self) -> bytes | None:
        """Return what it holds; None when there is none."""
        ...

    def parse(self, content: bytes) -> Ignore:
        """Read rules that are not written anywhere yet.

        Raises
        ------
        IgnorePatternInvalid
            A line cannot be followed exactly.
        """
        ...

    def write(self, content: bytes) -> None:
        """Put new content in place, atomically."""
        ...

    def left_out(self, ignore: Ignore) -> LeftOut:
        """Count what some rules leave out, without walking huge trees to their end."""
        ...
