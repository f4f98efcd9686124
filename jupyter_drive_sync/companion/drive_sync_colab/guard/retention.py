"""Which checkpoints stay: the newest of each series, and the best by a metric (pure).

A series is what a training writes again and again: one path with its versions, and the checkpoints
of one folder whose names differ only in what counts the training's progress (``step-100.pt``,
``epoch=3-val_loss=0.25.ckpt``). Any other number tells two things apart (``fold-1.pt``,
``resnet-18.pt``, ``rank_3.pt``), and of what is no checkpoint only versions of one path make a
series: where a name leaves a doubt, everything stays.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

_NUMBER = r"\d+(?:\.\d+)*(?:e[+-]?\d+)?"
_COUNTED = r"(?:global_?)?steps?|epochs?|iter(?:ation)?s?|ckpt|checkpoint"
_MEASURED = (
    r"loss|acc|accuracy|error|err|score|f1|auc|auroc|precision|recall|iou|map|dice|psnr|ppl"
    r"|perplexity|bleu|wer|cer|mse|rmse|mae|reward|metric"
)
_COUNTER = re.compile(
    rf"(?<![A-Za-z])((?:{_COUNTED})[-_=.]?){_NUMBER}(?![A-Za-z\d])", re.IGNORECASE
)
_MEASURE = re.compile(
    rf"(?<![A-Za-z])((?:{_MEASURED})[-_=.]?)-?{_NUMBER}(?![A-Za-z\d])", re.IGNORECASE
)
_OF_KERAS = re.compile(
    r"^((?:weights|model|ckpt|checkpoint)[-_.])\d+-\d+\.\d+(?=(?:\.weights)?\.h5$|\.keras$)",
    re.IGNORECASE,
)
"""``weights.03-0.25.keras``, as its documentation suggests: an epoch and a loss without words."""

_LEAST_UNCHECKED = 2


class Kept(Protocol):
    """What retention needs to know of a file: a line of the manifest, or one that waits."""

    @property
    def unit(self) -> str:
        """What it stays or goes with; the unit of what was taken later sorts after."""

    @property
    def series_name(self) -> str:
        """The series that it is one of."""

    @property
    def metrics(self) -> Mapping[str, float] | None:
        """Numbers given with it."""

    @property
    def is_checked(self) -> bool:
        """Whether its format would have shown that it is torn."""


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


def series(path: str, *, checkpoint: bool) -> str:
    """Return the name that all of one series share.

    Parameters
    ----------
    path : str
        Of the file, or of the folder whose files make one checkpoint together.
    checkpoint : bool
        Whether it is a checkpoint; what is none makes a series of its own path alone.
    """
    if not checkpoint:
        return path
    folder, slash, name = path.rpartition("/")
    counted = _COUNTER.sub(r"\1#", _OF_KERAS.sub(r"\1#", name))
    if counted != name:  # a measure alone counts nothing: it may be a limit that was set
        counted = _MEASURE.sub(r"\1#", counted)
    return f"{folder}{slash}{counted}"


def is_counted(name: str) -> bool:
    """Tell whether a file's name counts the training's progress, as ``step-100.pt`` does."""
    return _COUNTER.search(name) is not None


def surplus(entries: Iterable[File], keep: int, best: Best | None) -> list[File]:
    """Return what may go: all but the newest ``keep`` of each series and the best of each.

    Files of one unit stay or go together. With ``keep`` below 1 everything stays. A format that
    does not show whether it is torn is never the only one that stays: at least two do then.
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
        members.sort(key=lambda unit: unit[0].unit, reverse=True)
        is_sure = any(all(entry.is_checked for entry in unit) for unit in members[:keep])
        stay = keep if is_sure else max(keep, _LEAST_UNCHECKED)
        ranked = [
            (rank, -at)
            for at, unit in enumerate(members)
            if (rank := _rank(unit, best)) is not None
        ]
        champion = -max(ranked)[1] if ranked else None
        for at, unit in enumerate(members):
            if at >= stay and at != champion:
                gone.extend(unit)
    return gone


def _rank(unit: Sequence[Kept], best: Best | None) -> float | None:
    return best.rank(unit[0].metrics) if best else None
