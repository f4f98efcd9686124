"""Step and metrics, as names of checkpoints tell them (pure)."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_STEP = re.compile(
    r"(?:^|[^A-Za-z])(?:global_?step|steps?|iter|checkpoint|ckpt)[-_=]?(\d+)", re.IGNORECASE
)
_EPOCH = re.compile(r"(?:^|[^A-Za-z])epoch[-_=]?(\d+)", re.IGNORECASE)
_METRIC = re.compile(r"([A-Za-z][A-Za-z_/]*)=(-?\d+\.\d+(?:e[+-]?\d+)?)", re.IGNORECASE)


def step_of(path: str) -> int | None:
    """Return the step in a name such as ``epoch=3-step=120.ckpt``, else the epoch."""
    name = PurePosixPath(path).name
    found = _STEP.search(name) or _EPOCH.search(name)
    return int(found[1]) if found else None


def metrics_of(path: str) -> dict[str, float] | None:
    """Return the metrics in a name such as ``epoch=3-val_loss=0.25.ckpt``."""
    found = _METRIC.findall(PurePosixPath(path).stem + ".")
    return {name.lstrip("_"): float(value) for name, value in found} or None
