"""The half of jupyter-drive-sync that travels to a Google Colab runtime.

``connect()`` brings the project, its libraries and the guard of its checkpoints; the other names
work on what it connected. Nothing here needs more than Python's standard library, and nothing is
imported before it is asked for: this file has to be readable for any Python, so that one that is
too old gets a sentence and not a traceback.
"""

from __future__ import annotations

import sys

OLDEST = (3, 10)

_HOME = {
    "connect": "connecting",
    "pull": "connecting",
    "push": "connecting",
    "status": "connecting",
    "Connection": "connecting",
    "protect": "checkpoints",
    "checkpoint": "checkpoints",
    "finish": "ending",
    "log": "checkpoints",
    "latest": "restoring",
    "restore": "restoring",
    "CompanionError": "errors",
}

__all__ = [
    "CompanionError",
    "Connection",
    "checkpoint",
    "connect",
    "finish",
    "latest",
    "log",
    "protect",
    "pull",
    "push",
    "restore",
    "status",
]


class TooOld:
    """What ``connect()`` gives back under a Python that the companion cannot run on."""

    ok = False

    def __repr__(self) -> str:
        """Say what to do."""
        here = ".".join(map(str, sys.version_info[:2]))
        oldest = ".".join(map(str, OLDEST))
        return (
            f"Drive Sync: this runtime has Python {here}, and {oldest} or newer is needed. "
            "Choose a newer one under Runtime > Change runtime type, then run this cell again."
        )


def _too_old_to_connect(*_: object, **__: object) -> TooOld:
    """Say so aloud: the first cell keeps what it gets, and shows nothing of it."""
    answer = TooOld()
    print(answer)  # noqa: T201
    return answer


def _too_old(*_: object, **__: object) -> None:
    """Refuse: nobody is to think that a checkpoint is safe."""
    raise RuntimeError(repr(TooOld()))


def __getattr__(name: str) -> object:
    """Import what is asked for, when it is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if tuple(sys.version_info[:2]) < OLDEST:
        if name == "CompanionError":
            return RuntimeError
        return _too_old_to_connect if name == "connect" else _too_old
    from importlib import import_module

    return getattr(import_module("." + _HOME[name], __name__), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
