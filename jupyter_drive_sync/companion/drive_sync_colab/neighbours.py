"""Other runtimes that work on the same project now, by their pulses on Drive."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from . import rclone
from .errors import CompanionError
from .listing import list_folder
from .places import RUNTIMES
from .settings import Transport

_LATE = 3.0  # a pulse may be late by so many of its own intervals
_SLACK = 120.0
_MOST = 5
_LARGEST = 2**20  # bytes; a pulse has some kilobytes
_LONGEST_BEAT = 3600.0
_SHOWN = 200


def others(transport: Transport, folder_id: str, own: str) -> list[str]:
    """Return a sentence for each other runtime that is alive.

    It is a courtesy: where Drive does not tell, there is none.
    """
    remote = transport.remote(folder_id) + RUNTIMES
    try:
        files = list_folder(transport, remote)
        newest = sorted(files, key=lambda file: file.mtime, reverse=True)[:_MOST]
        found = [
            rclone.run(transport, ["cat", f"{remote}/{file.path}"])
            for file in newest
            if file.path != f"{own}.json" and file.size <= _LARGEST
        ]
    except CompanionError:
        return []  # no runtime was ever here, or Drive is busy
    sentences = [sentence(text, own, datetime.now(timezone.utc)) for text in found]
    return [text for text in sentences if text]


def sentence(pulse: str, own: str, now: datetime) -> str:
    """Say what a pulse means; empty when its runtime has ended, fell silent, or is this one.

    Anyone can put a file there, so what is no pulse means nothing.
    """
    try:
        value = json.loads(pulse)
        at = datetime.fromisoformat(str(value["at"]).replace("Z", "+00:00"))
        every = min(float(value.get("every") or 0), _LONGEST_BEAT)
        silent = (now - at).total_seconds()
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return ""
    if value.get("state") != "running" or value.get("runtime") == own:
        return ""
    if not silent <= every * _LATE + _SLACK:
        return ""
    notebook = value.get("notebook")
    path = notebook.get("path") if isinstance(notebook, dict) else None
    who = f"with {path[:_SHOWN]} " if path and isinstance(path, str) else ""
    run = value.get("run")
    named = f" ({run[:_SHOWN]})" if run and isinstance(run, str) else ""
    return f"Another runtime {who}has this project too{named}. It was heard {_ago(silent)} ago."


def _ago(seconds: float) -> str:
    """Say a time span; clocks may differ a little, so it may be below zero."""
    whole = max(round(seconds), 0)
    time = (whole, "s") if whole < 120 else (round(whole / 60), "min")
    return "{}\N{NO-BREAK SPACE}{}".format(*time)
