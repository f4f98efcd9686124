"""Every version a person ever wrote, and all the places in which it may be found again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.engine.world import World


def name_of(content: bytes) -> str:
    """Return the md5 of a version: bytes themselves would make failures unreadable."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@dataclass
class Ledger:
    """Remembers what people wrote, with a word on where and when."""

    written: dict[str, str] = field(default_factory=dict)

    def add(self, content: bytes, note: str) -> None:
        """Write one version down."""
        self.written.setdefault(name_of(content), note)

    def on_drive(self, world: World, content: bytes) -> bool:
        """Say whether Drive has, or had, this version."""
        return any(
            revision.content == content
            for file in world.drive.state.files()
            for revision in file.revisions
        )

    def missing(self, world: World, state: Path) -> dict[str, str]:
        """Return the versions that are nowhere, with their notes."""
        found = {name_of(content) for content in everything(world, state)}
        return {note: version for version, note in self.written.items() if version not in found}


def everything(world: World, state: Path) -> Iterator[bytes]:
    """Yield all versions that a person could still get at.

    Parameters
    ----------
    world : World
        The project: its folder, Drive's folder, Drive's trash and its revisions.
    state : Path
        Our own state: trash and base copies.
    """
    yield from world.here().values()
    for file in world.drive.state.files():
        for revision in file.revisions:
            yield revision.content
    for place in state.rglob("*"):
        parts = place.relative_to(state).parts
        if ("trash" in parts or "base" in parts) and place.is_file():
            yield place.read_bytes()
