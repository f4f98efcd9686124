"""What is said of Drive, said of the other side that there is. Pure.

The engine does not ask what the other side is, and speaks of Drive, as nearly everybody's is. Where
it is a plain folder or another remote, its words are put right here, on their way to a person.
"""

from __future__ import annotations

import re
from dataclasses import replace

from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.service.standing import Standing

_OTHER = {
    "The folder on Drive": "The other folder",
    "the folder on Drive": "the other folder",
    "on Drive": "in the other folder",
    "to Drive": "to the other folder",
    "from Drive": "from the other folder",
    "at Drive": "at the other folder",
    "Drive cannot": "The other folder cannot",
    "Drive asks": "The other side asks",
}

# Not inside of names and paths, nor of "Google Drive" and "Drive Sync".
_SAID = re.compile(r"(?<![\w/\\.-])(" + "|".join(_OTHER) + r")(?![\w/\\.-]\S| Sync)")


def said_of(kind: RemoteKind, text: str) -> str:
    """Return a text with the other side called what it is."""
    if kind is RemoteKind.DRIVE:
        return text
    return _SAID.sub(lambda found: _OTHER[found[1]], text)


def error_of(kind: RemoteKind, error: DriveSyncError) -> DriveSyncError:
    """Let an error's texts call the other side what it is; returns the same error."""
    error.message, error.hint = said_of(kind, error.message), said_of(kind, error.hint)
    return error


def standing_of(kind: RemoteKind, standing: Standing) -> Standing:
    """Return a standing whose texts call the other side what it is."""
    if kind is RemoteKind.DRIVE:
        return standing
    failures = tuple((path, said_of(kind, reason)) for path, reason in standing.failures)
    cause = None if standing.cause is None else error_of(kind, standing.cause)
    return replace(standing, failures=failures, cause=cause)
