"""What had better stay behind: lines for ``.driveignore`` that would spare much. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from jupyter_drive_sync.engine.models import Plan, StepKind

MEGABYTE = 1_000_000
LONGEST_PATTERN = 1000
"""Characters; a longer line is not offered."""


class Reason(str, Enum):
    """Why something had better stay behind; the value is the stable word on the wire."""

    ENVIRONMENT = "environment"
    CACHE = "cache"
    HUGE = "huge"
    DATA = "data"
    CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line for ``.driveignore``.

    Attributes
    ----------
    pattern : str
        The line.
    reason : Reason
        What it looks like.
    files, bytes : int
        What it would spare.
    """

    pattern: str
    reason: Reason
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which size on something is called huge.

    Attributes
    ----------
    file_bytes : int
        A single file, a folder of data, or all weights of one kind together.
    folder_bytes : int
        A folder with all that is in it.
    most : int
        Suggestions at most.
    """

    file_bytes: int = 100 * MEGABYTE
    folder_bytes: int = 1000 * MEGABYTE
    most: int = 20


_FEW = 3
"""A folder that is huge because of so few files only is not suggested; the files are."""

_ANYWHERE = {
    **dict.fromkeys((".venv", "venv", "node_modules", ".tox", ".nox"), Reason.ENVIRONMENT),
    **dict.fromkeys(
        (
            "__pycache__",
            ".ipynb_checkpoints",
            ".cache",
            ".pytest_cache",
            ".mypy_cache",
            ".ruff_cache",
        ),
        Reason.CACHE,
    ),
    **dict.fromkeys(("wandb", "mlruns", "lightning_logs"), Reason.CHECKPOINTS),
    **dict.fromkeys((".git", ".hg", ".svn"), Reason.DATA),
}
"""Folders that programs make, and nobody writes by hand, wherever they are."""

_NUMBERED = re.compile(r"checkpoint-[0-9]+")
_NUMBERED_PATTERN = "checkpoint-[0-9]*/"
_DATA = frozenset({"data", "dataset", "datasets"})
_WEIGHTS = (".pt", ".pth", ".ckpt", ".safetensors")
_SPECIAL = re.compile(r"([\\*?\[\]])")


def suggest_for(plan: Plan) -> tuple[Suggestion, ...]:
    """Return the lines that would spare much of what a plan carries over."""
    moved = plan.of(StepKind.PUSH, StepKind.PULL)
    return suggest({step.path: step.size or 0 for step in moved})


def suggest(
    sizes: Mapping[str, int], thresholds: Thresholds | None = None
) -> tuple[Suggestion, ...]:
    """Return the lines that would spare much, the one that spares most first.

    Each file counts for one line only.

    Parameters
    ----------
    sizes : Mapping of str to int
        What would be carried over: bytes by path.
    """
    limits = thresholds or Thresholds()
    sums = _Sums(sizes)
    roots = _environments(sizes)
    for path in sizes:
        claim = _by_folder(path, roots)
        if claim is not None:
            sums.claim(*claim, [path])
    for pattern, reason, paths in _data_folders(sums.left(), limits):
        sums.claim(pattern, reason, paths)
    for suffix in _WEIGHTS:
        paths = [path for path in sums.left() if path.lower().endswith(suffix)]
        if sums.bytes(paths) >= limits.file_bytes:
            sums.claim(f"*{suffix}", Reason.CHECKPOINTS, [p for p in paths if p.endswith(suffix)])
    for pattern, reason, paths in _huge_folders(sums.left(), limits):
        sums.claim(pattern, reason, paths)
    for path, size in sums.left().items():
        if size >= limits.file_bytes:
            sums.claim(exactly(path), Reason.HUGE, [path])
    return sums.suggestions()[: limits.most]


def exactly(path: str, *, folder: bool = False) -> str | None:
    """Return the line that means this one path; None where no line can.

    A line break cannot be written in a line, nor a name that is no text.
    """
    if not path.isprintable():
        return None
    pattern = "/" + _SPECIAL.sub(r"\\\1", path)
    if folder:
        return f"{pattern}/"
    kept = pattern.rstrip(" ")
    return kept + r"\ " * (len(pattern) - len(kept))


class _Sums:
    """What each line would spare; a file that is claimed is gone from what is left."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._left = dict(sizes)
        self._lines: dict[tuple[str, Reason], list[int]] = {}

    def left(self) -> dict[str, int]:
        return dict(self._left)

    def bytes(self, paths: Iterable[str]) -> int:
        return sum(self._left[path] for path in paths)

    def claim(self, pattern: str | None, reason: Reason, paths: Iterable[str]) -> None:
        if pattern is None or len(pattern) > LONGEST_PATTERN:
            return
        for path in paths:
            line = self._lines.setdefault((pattern, reason), [0, 0])
            line[0] += 1
            line[1] += self._left.pop(path)

    def suggestions(self) -> tuple[Suggestion, ...]:
        found = [
            Suggestion(pattern, reason, files, size)
            for (pattern, reason), (files, size) in self._lines.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.bytes, -one.files, one.pattern)))


def _environments(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that a file in them gives away as an environment of Python or conda."""
    roots = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name == "pyvenv.cfg":
            roots.add(folder)
        above, _, last = folder.rpartition("/")
        if last == "conda-meta":
            roots.add(above)
    return frozenset(roots - {""})


def _folders(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the topmost first."""
    at = path.find("/")
    while at != -1:
        yield path[:at]
        at = path.find("/", at + 1)


def _by_folder(path: str, environments: frozenset[str]) -> tuple[str | None, Reason] | None:
    for folder in _folders(path):
        name = folder.rpartition("/")[2]
        if name in _ANYWHERE:
            return f"{name}/", _ANYWHERE[name]
        if folder in environments:
            return exactly(folder, folder=True), Reason.ENVIRONMENT
        if _NUMBERED.fullmatch(name):
            return _NUMBERED_PATTERN, Reason.CHECKPOINTS
        if name == "checkpoints":
            return exactly(folder, folder=True), Reason.CHECKPOINTS
    return None


_Line = tuple[str | None, Reason, list[str]]


def _data_folders(left: Mapping[str, int], limits: Thresholds) -> Iterator[_Line]:
    found: dict[str, list[str]] = {}
    for path in left:
        for folder in _folders(path):
            if folder.rpartition("/")[2].lower() in _DATA:
                found.setdefault(folder, []).append(path)
                break
    for folder, paths in found.items():
        if sum(left[path] for path in paths) >= limits.file_bytes:
            yield exactly(folder, folder=True), Reason.DATA, paths


def _huge_folders(left: Mapping[str, int], limits: Thresholds) -> Iterator[_Line]:
    """Yield the innermost folders that are huge by more than a few files."""
    inside: dict[str, list[str]] = {}
    for path in left:
        for folder in _folders(path):
            inside.setdefault(folder, []).append(path)
    huge = {
        folder: paths
        for folder, paths in inside.items()
        if sum(left[path] for path in paths) >= limits.folder_bytes
        and not 0 < sum(left[path] >= limits.file_bytes for path in paths) <= _FEW
    }
    outer = {above for folder in huge for above in _folders(folder)}
    for folder, paths in huge.items():
        if folder not in outer:
            yield exactly(folder, folder=True), Reason.HUGE, paths
