"""Which checkpoints stay: the newest of each series, and the best by a metric (pure).

A series is what a training writes again and again: one path with its versions, and the files of one
folder whose names differ only in a counter (``step-100.pt``, ``step-200.pt``). A number that
belongs to a name (``resnet18.pt``) is none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

_COUNTER = re.compile(
    r"(?:(?<![A-Za-z\d])|(?<=step)|(?<=steps)|(?<=epoch)|(?<=iter)|(?<=ckpt)|(?<=checkpoint)"
    r"|(?<=batch)|(?<=round)|(?<=loss)|(?<=acc))"
    r"\d+(?:\.\d+)*(?:e[+-]?\d+)?",
    re.IGNORECASE,
)


class Kept(Protocol):
    """What retention needs to know of a file: a line of the manifest, or one that waits."""

    @property
    def unit(self) -> str:
        """What it stays or goes with: a folder's files that were taken together share it."""

    @property
    def series_name(self) -> str:
        """The series that it is one of."""

    @property
    def mtime(self) -> str:
        """When it was written; later sorts after."""

    @property
    def metrics(self) -> Mapping[str, float] | None:
        """Numbers given with it."""


File = TypeVar("File", bound=Kept)


@dataclass(frozen=True, slots=True)
class Best:
    """The metric by which one checkpoint stays however old it is; ``least`` is better or most."""

    metric: str
    least: bool

    @classmethod
    def of(cls, wanted: Sequence[str] | None) -> Best | None:
        """Read ``("loss", "min")``; anything but ``min`` means that more is better."""
        return cls(wanted[0], wanted[1] == "min") if wanted else None

    def rank(self, metrics: Mapping[str, float] | None) -> float | None:
        """Return a number that is greater the better, or None where the metric is not there."""
        value = (metrics or {}).get(self.metric)
        if value is None or not math.isfinite(value):
            return None
        return -value if self.least else value


def series(path: str) -> str:
    """Return the name that all checkpoints of one series share."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{_COUNTER.sub('#', name)}"


def surplus(entries: Iterable[File], keep: int, best: Best | None) -> list[File]:
    """Return what may go: all but the newest ``keep`` of each series and the best of each.

    Files of one unit stay or go together. With ``keep`` below 1 everything stays.
    """
    if keep < 1:
        return []
    units: dict[tuple[str, str], list[File]] = {}
    for entry in entries:
        units.setdefault((entry.series_name, entry.unit), []).append(entry)
    families: dict[str, list[list[File]]] = {}
    for (family, _), unit in units.items():
        families.setdefault(family, []).append(unit)
    gone: list[File] = []
    for members in families.values():
        members.sort(key=lambda unit: max(entry.mtime for entry in unit), reverse=True)
        ranked = [
            (rank, -at)
            for at, unit in enumerate(members)
            if (rank := _rank(unit, best)) is not None
        ]
        champion = -max(ranked)[1] if ranked else None
        for at, unit in enumerate(members):
            if at >= keep and at != champion:
                gone.extend(unit)
    return gone


def _rank(unit: Sequence[Kept], best: Best | None) -> float | None:
    return best.rank(unit[0].metrics) if best else None
