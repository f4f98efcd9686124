"""A training's curve, thinned until it fits into a pulse (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Point = tuple[int, float]

LONGEST = 60
REMEMBERED = 600


def add(points: Sequence[Point], step: int, value: float) -> list[Point]:
    """Return the curve with one more point; a step that came before is replaced by the newer value.

    A value that is no finite number is left out: JSON cannot say it, and no line goes there.
    """
    if not math.isfinite(value):
        return list(points)
    if points and step > points[-1][0]:
        longer = [*points, (step, value)]
    else:
        longer = sorted({**dict(points), step: value}.items())
    return thin(longer, REMEMBERED // 2) if len(longer) > REMEMBERED else longer


def thin(points: Iterable[Point], most: int = LONGEST) -> list[Point]:
    """Return at most ``most`` of the points, with the first, the last, the least and the greatest.

    Between them, points are taken so that each stretch of the curve keeps its most telling one: the
    farthest from the straight line between its neighbours.
    """
    points = list(points)
    if len(points) <= most:
        return points
    kept = [points[0]]
    inner = points[1:-1]
    slots = most - 2
    for slot in range(slots):
        stretch = inner[slot * len(inner) // slots : (slot + 1) * len(inner) // slots]
        after = inner[min((slot + 1) * len(inner) // slots, len(inner) - 1)]
        kept.append(max(stretch, key=lambda point: _distance(kept[-1], point, after)))
    kept.append(points[-1])
    for extreme in (min(points, key=_value), max(points, key=_value)):
        if extreme not in kept:
            _put(kept, extreme)
    return kept


def _value(point: Point) -> float:
    return point[1]


def _distance(before: Point, point: Point, after: Point) -> float:
    """Twice the area of the triangle; as good as a distance to compare with."""
    return abs(
        (before[0] - after[0]) * (point[1] - before[1])
        - (before[0] - point[0]) * (after[1] - before[1])
    )


def _put(kept: list[Point], extreme: Point) -> None:
    """Let an extreme take the place of the nearest point that is neither end nor extreme."""
    least, greatest = min(map(_value, kept)), max(map(_value, kept))
    free = [
        at for at, point in enumerate(kept[1:-1], 1) if point[1] not in (least, greatest)
    ] or list(range(1, len(kept) - 1))
    nearest = min(free, key=lambda at: abs(kept[at][0] - extreme[0]))
    kept[nearest] = extreme
    kept.sort()
