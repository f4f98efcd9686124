"""The run's manifest as this machine knows it, and how much of it Drive has."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..places import read_json, write_atomic, write_json
from . import manifest
from .manifest import FileLine, Line, RemovedLine
from .spool import Item

_DELETED_AGAIN = 100
"""Files whose removal is repeated when a guard starts: the last one may not have come to it."""


class Book:
    """All lines of the run, on the local disk first and then on Drive.

    Parameters
    ----------
    path : Path
        The local copy.
    known : Path
        Where the files that came from Drive are noted.
    """

    def __init__(self, path: Path, known: Path) -> None:
        self._path = path
        self._known_path = known
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        self.lines: list[Line] = manifest.parse(text)
        self._is_whole = text == manifest.as_text(self.lines)
        self.on_drive = 0
        """How many of the lines Drive has."""
        self.to_delete = set(manifest.removed(self.lines)[-_DELETED_AGAIN:])
        """Names that are listed no more and may still lie on Drive."""
        self._known: dict[str, Any] = read_json(known) or {}
        self._live: tuple[int, list[FileLine]] = (-1, [])
        self._versions: tuple[int, set[tuple[str, int, str]]] = (-1, set())
        self._units: dict[tuple[str, int, str], str] = {}

    def live(self) -> list[FileLine]:
        """Return the files that are listed."""
        if self._live[0] != len(self.lines):
            self._live = (len(self.lines), manifest.live(self.lines))
        return self._live[1]

    def names(self) -> set[str]:
        """Return every name ever listed: none is used a second time."""
        return {line.remote for line in self.lines}

    def next_seq(self) -> int:
        """Return the number of the next line."""
        return manifest.next_seq(self.lines)

    def is_published(self) -> bool:
        """Tell whether Drive has every line."""
        return self.on_drive == len(self.lines)

    def text(self) -> str:
        """Return what Drive should have."""
        return manifest.as_text(self.lines)

    def merge(self, text: str) -> None:
        """Take in what Drive has: lines that were lost here count as well.

        Raises
        ------
        OSError
            They could not be written down here; they are kept in memory.
        """
        theirs = manifest.parse(text)
        mine = {(line.seq, line.remote) for line in self.lines}
        lost = [line for line in theirs if (line.seq, line.remote) not in mine]
        if lost:
            self.lines = sorted([*self.lines, *lost], key=lambda line: line.seq)
            self._is_whole = False
            self._write([])
        self.on_drive = len(self.lines) if theirs == self.lines else 0

    def add(self, lines: Iterable[Line]) -> None:
        """Add lines; their numbers are given here.

        Raises
        ------
        ValueError
            A line cannot be written as text; none was added.
        OSError
            They could not be written down here; they are kept in memory and go to Drive.
        """
        first = self.next_seq()
        added: list[Line] = [replace(line, seq=seq) for seq, line in enumerate(lines, first)]
        manifest.as_text(added).encode()  # one bad line would spoil the whole text from now on
        self.lines.extend(added)
        self.to_delete.update(line.remote for line in added if isinstance(line, RemovedLine))
        self._write(added)

    def _write(self, added: Sequence[Line]) -> None:
        if not self._is_whole:
            write_atomic(self._path, self.text().encode())
            self._is_whole = True
            return
        self._is_whole = False
        with self._path.open("ab") as file:
            file.write(manifest.as_text(added).encode())
            file.flush()
            os.fsync(file.fileno())
        self._is_whole = True

    def listed(
        self, versions: Collection[tuple[str, int, int]], group: str | None
    ) -> dict[str, FileLine]:
        """Return the lines of the checkpoint that has just these versions, by path; else none.

        Parameters
        ----------
        versions : collection of (str, int, int)
            Path, bytes and time (ns) of each of its files.
        group : str or None
            The folder whose files they are.
        """
        wanted = {(path, size, manifest.exact_moment(at)) for path, size, at in versions}
        units: dict[str, dict[str, FileLine]] = {}
        for line in self.live():
            if line.checkpoint and line.group == group:
                units.setdefault(line.unit, {})[line.path] = line
        for unit in units.values():
            if {(line.path, line.size, line.mtime) for line in unit.values()} == wanted:
                return unit
        return {}

    # --- what need not go up -------------------------------------------------------------------

    def knows(self, path: str, size: int, mtime_ns: int) -> bool:
        """Tell whether this version need not go up: it was listed, overtaken, or came from Drive.

        What was removed from the list is known as well: else a guard that starts anew would bring
        old checkpoints again.
        """
        noted = self._known.get(path, [])
        if noted[:2] == [size, mtime_ns] and noted[3:] != [False]:
            return True
        return (path, size, manifest.exact_moment(mtime_ns)) in self._ever_listed()

    def unit_of(self, path: str, size: int, mtime_ns: int) -> str | None:
        """Return the id of the item that this version was, if it was taken before."""
        noted = self._known.get(path, [])
        if noted[:2] == [size, mtime_ns] and len(noted) > 2:
            return str(noted[2])
        self._ever_listed()
        return self._units.get((path, size, manifest.exact_moment(mtime_ns)))

    def _ever_listed(self) -> set[tuple[str, int, str]]:
        """Return the versions that were listed since nothing was: then the run's folder was new."""
        if self._versions[0] != len(self.lines):
            there: set[str] = set()
            versions: set[tuple[str, int, str]] = set()
            for line in self.lines:
                if isinstance(line, FileLine):
                    version = line.path, line.size, line.mtime
                    there.add(line.remote)
                    versions.add(version)
                    self._units[version] = line.unit
                    continue
                there.discard(line.remote)
                if not there:  # retention never removes everything: the folder was gone
                    versions.clear()
            self._versions = len(self.lines), versions
        return self._versions[1]

    def note_known(self, path: str, size: int, mtime_ns: int) -> None:
        """Note that a file of the project came from Drive as it is."""
        self._known[path] = [size, mtime_ns]
        write_json(self._known_path, self._known)

    def note_overtaken(self, item: Item, *, is_known: bool) -> None:
        """Note the id of an item that was let go before it was up.

        Parameters
        ----------
        is_known : bool
            Newer ones are on Drive, so that it need not be offered again.

        Raises
        ------
        OSError
            It could not be written down here; it is kept in memory.
        """
        for file in item.files:
            self._known[file.path] = [file.size, file.mtime_ns, item.id, is_known]
        write_json(self._known_path, self._known)

    def forget_overtaken(self) -> None:
        """Let what newer ones made superfluous be offered again: they are gone from Drive.

        Raises
        ------
        OSError
            It could not be written down here; it is kept in memory.
        """
        for path, noted in self._known.items():
            self._known[path] = [*noted[:3], *(False for _ in noted[3:])]
        write_json(self._known_path, self._known)
