"""What ``connect()`` is told, looked at before anything is done."""

from __future__ import annotations

import os

from .errors import ArgumentInvalid

_LONGEST = 200  # characters of what is shown of an argument


def checked(
    outputs: object, include: object, keep: object, best: object
) -> tuple[list[str], list[str] | None]:
    """Refuse what would be misunderstood later; one name alone is a list of one."""
    if not isinstance(keep, int) or isinstance(keep, bool):
        raise ArgumentInvalid(f"keep={keep!r} is no whole number.", "Write it so: keep=3.")
    if keep < 1:
        raise ArgumentInvalid(f"keep={keep} would keep no checkpoint.", "Use 1 or more.")
    if best is not None and not (
        isinstance(best, (tuple, list))
        and len(best) == 2
        and isinstance(best[0], str)
        and best[1] in ("min", "max")
    ):
        raise ArgumentInvalid(
            f"best={best!r} is not understood.", 'Use a metric and its good end: ("loss", "min").'
        )
    return _names("outputs", outputs), None if include is None else _names("include", include)


def _names(argument: str, given: object) -> list[str]:
    """Return the paths of an argument."""
    listed = [given] if isinstance(given, (str, os.PathLike)) else given
    if isinstance(listed, (list, tuple, set, frozenset)):
        names = [os.fspath(one) for one in listed if isinstance(one, (str, os.PathLike))]
        if len(names) == len(listed) and not any("\0" in str(name) for name in names):
            return [str(name) for name in names]
    raise ArgumentInvalid(
        f"{argument}={given!r} is not understood."[:_LONGEST],
        f'Use a list of files and folders: {argument}=["checkpoints/"].',
    )
