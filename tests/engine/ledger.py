"""Every version a person ever wrote, and all the places in which it may be found again."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.engine.world import Sides

_COPY = re.compile(r" \((Drive|this computer), \d{4}-")


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

    def on_drive(self, world: Sides, content: bytes) -> bool:
        """Say whether Drive has, or had, this version."""
        return any(
            revision.content == content
            for file in world.drive.state.files()
            for revision in file.revisions
        )

    def missing(self, world: Sides, state: Path) -> dict[str, str]:
        """Return the versions that are nowhere, with their notes."""
        found = {name_of(content) for _, content in everything(world, state)}
        return {note: version for version, note in self.written.items() if version not in found}

    def found(self, world: Sides, state: Path) -> Counter[str]:
        """Count in which place each version is found first, in the order of `everything`."""
        places: dict[str, str] = {}
        for place, content in everything(world, state):
            places.setdefault(name_of(content), place)
        return Counter(f"found {places.get(version, 'nowhere')}" for version in self.written)


def everything(world: Sides, state: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all versions that a person could still get at, and where they are.

    Parameters
    ----------
    world : Sides
        The project: its folder, Drive's folder, Drive's trash and its revisions.
    state : Path
        Our own state: trash and base copies.
    """
    for path, content in world.here().items():
        yield ("in a copy beside" if _COPY.search(path) else "here"), content
    yield from (("on Drive", content) for content in world.there().values())
    drive = world.drive.state
    for file in drive.files():
        place = "in Drive's trash" if drive.is_trashed(file) else "in Drive's revisions"
        yield from ((place, revision.content) for revision in file.revisions)
    for kind in ("trash", "base"):
        for kept in state.rglob("*"):
            if kind in kept.relative_to(state).parts and kept.is_file():
                yield f"in the project's {kind}", kept.read_bytes()
