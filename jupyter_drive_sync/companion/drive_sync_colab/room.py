"""How much room Drive has left, before anything is trained that it could not take."""

from __future__ import annotations

import json

from . import rclone
from .box import BAD, NOTE, Line
from .drive_api import look_up
from .errors import CompanionError, DriveFull
from .listing import show_size
from .settings import Transport

FULL = 2**20
"""Bytes; with less the run's own lists soon find no room."""

_LITTLE = 2**30
_SECONDS = 20.0


def left(transport: Transport, folder_id: str) -> int | None:
    """Return the bytes that are left; None where that is not known or there is no limit.

    A mount shows the runtime's disk, and in a shared drive nobody's own limit counts.
    """
    if not transport.verifies:
        return None
    try:
        said = rclone.run(
            transport,
            ["about", transport.remote(folder_id), "--json", *rclone.QUICK],
            timeout=_SECONDS,
        )
        free = json.loads(said).get("free")
    except (CompanionError, ValueError, AttributeError):
        return None  # a courtesy: when it matters, the guard says so too
    if not isinstance(free, int):
        return None
    if free < _LITTLE and (folder := look_up(folder_id)) is not None and folder.shared_drive:
        return None
    return free


def line(free: int | None) -> Line | None:
    """Say that there is none, or little; None where there is enough."""
    if free is None or free >= _LITTLE:
        return None
    if free < FULL:
        said = "Google Drive is full: nothing that is trained here can be saved now."
        return Line(BAD, said, f"{DriveFull.default_hint} Saving then goes on by itself.")
    return Line(NOTE, f"Google Drive has {show_size(free)} left.", DriveFull.default_hint)
