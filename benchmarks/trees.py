"""Trees of many small files, the same bytes and times on both sides."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

FILES_A_FOLDER = 20
MTIME = 1_760_000_000
"""Seconds since the epoch: whole, so that every side can keep it."""

_ENDINGS = ("ipynb", "py", "csv", "txt", "json")


def tree(files: int, size: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each file, no two alike.

    Parameters
    ----------
    files : int
        How many.
    size : int, optional
        Bytes of each; without it a few hundred, not all the same.
    """
    for number in range(files):
        folder, place = divmod(number, FILES_A_FOLDER)
        ending = _ENDINGS[place % len(_ENDINGS)]
        head = f"file {number} of the benchmark\n".encode()
        content = head * (8 + number % 12) if size is None else (head * size)[:size]
        yield f"part-{folder:05}/file-{place:02}.{ending}", content


def write_tree(root: Path, files: int) -> None:
    """Write the tree into a folder."""
    made: set[Path] = set()
    for path, content in tree(files):
        place = root / path
        if place.parent not in made:
            place.parent.mkdir(parents=True, exist_ok=True)
            made.add(place.parent)
        place.write_bytes(content)
        os.utime(place, (MTIME, MTIME))


def save(root: Path, files: int, number: int) -> Path:
    """Save one file of the tree, as a person does; `number` makes each time another content."""
    paths = [path for path, _ in tree(files)]
    place = root / paths[len(paths) // 2]
    place.write_bytes(f"saved, time {number}\n".encode() * (10 + number))
    # Whole seconds and well apart: some file systems and remotes keep no more than that.
    os.utime(place, (MTIME + 1000 * (number + 1), MTIME + 1000 * (number + 1)))
    return place
