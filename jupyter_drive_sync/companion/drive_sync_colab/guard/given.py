"""Steps and metrics as callers give them, of whatever library."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentInvalid
from .manifest import MOST
from .scan import is_unusable


def as_metrics(given: Mapping[str, Any] | None) -> dict[str, float] | None:
    """Return metrics as finite numbers; what is none is left out.

    Numbers of numpy, PyTorch and TensorFlow say themselves what they are as a float.

    Raises
    ------
    ArgumentInvalid
        It is no mapping.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise ArgumentInvalid(
            "The metrics are no mapping.", 'Give numbers by name, such as {"loss": 0.1}.'
        )
    numbers: dict[str, float] = {}
    for name, value in given.items():
        number = _number(value)
        if number is not None and not is_unusable(str(name)):
            numbers[str(name)] = number
    return numbers or None


def _number(given: Any) -> float | None:  # noqa: ANN401 - a caller's
    try:
        number = float(given)
    except Exception:  # each library says with another error that it is none
        return None
    return number if math.isfinite(number) else None


def as_step(given: Any) -> int | None:  # noqa: ANN401 - a caller's
    """Return a step as a whole number; numpy's and a float without a fraction are such, too.

    Raises
    ------
    ArgumentInvalid
        It is no whole number, or one beyond 2**53.
    """
    if given is None:
        return None
    try:
        step = _whole(given)
    except Exception as error:  # each library says with another error that it is none
        raise _no_step() from error
    if abs(step) > MOST:
        raise _no_step()
    return step


def _whole(given: Any) -> int:  # noqa: ANN401 - a caller's
    try:
        return operator.index(given)
    except TypeError:
        if isinstance(given, (str, bytes)):
            raise
        number = float(given)
        if not number.is_integer():
            raise
        return int(number)


def _no_step() -> ArgumentInvalid:
    return ArgumentInvalid("The step is no whole number.", "Give a number such as step=100.")


def step_or_none(noted: object) -> int | None:
    """Return a step; an odd one is no reason to lose the checkpoint."""
    try:
        return as_step(noted)
    except ArgumentInvalid:
        return None


def metrics_or_none(noted: object) -> dict[str, float] | None:
    """Return metrics; odd ones are no reason to lose the checkpoint."""
    return as_metrics(noted) if isinstance(noted, Mapping) else None
