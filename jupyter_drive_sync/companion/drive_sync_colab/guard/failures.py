"""What rclone said, as an error of ours, and when to try again (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import (
    CompanionError,
    DriveFull,
    FolderUnknown,
    Offline,
    RateLimited,
    RcloneFailed,
    RuntimeFull,
    SignInLost,
)

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0

_SECRET = re.compile(r"(ya29\.|1//|Bearer\s+|GOCSPX-)[\w.\-/=+]*")

_RULES: list[tuple[type[CompanionError], str, str]] = [
    (DriveFull, r"storageQuotaExceeded|teamDriveFileLimitExceeded|storage quota has been exceeded",
     "Google Drive is full."),
    (RuntimeFull, r"no space left on device|disk quota exceeded|not enough space",
     "The runtime's disk is full."),
    (SignInLost, r"invalid_grant|invalid_token|token expired and|Error 401|authError"
     r"|Invalid Credentials|couldn't fetch token|cannot fetch token|oauth2:|compute: Received 40"
     r"|metadata: .*not defined|could not find default credentials|insufficientPermissions",
     "Drive no longer accepts this runtime's sign-in."),
    (RateLimited, r"rateLimitExceeded|userRateLimitExceeded|Error 429|quotaExceeded|Quota exceeded"
     r"|sharingRateLimitExceeded|Error 403: .*limit",
     "Drive asks to slow down."),
    (Offline, r"no such host|connection refused|connection reset|network is unreachable|i/o timeout"
     r"|TLS handshake timeout|no route to host|proxyconnect|unexpected EOF|deadline exceeded"
     r"|Transport endpoint is not connected|Error 50\d|backendError|internalError|timeout awaiting"
     r"|server misbehaving",
     "Drive cannot be reached."),
    (FolderUnknown, r"directory not found|Error 404|File not found: |notFound",
     "The project's folder on Drive is not there any more."),
]  # fmt: skip
"""First match wins: a full Drive also answers 403, and a lost sign-in also looks offline."""


def failure_of(stderr: str) -> CompanionError:
    """Read why rclone failed from what it wrote."""
    for kind, pattern, message in _RULES:
        if re.search(pattern, stderr, re.IGNORECASE):
            return kind(message)
    return RcloneFailed(f"rclone failed: {last_words(stderr)}")


def last_words(stderr: str) -> str:
    """Return rclone's last line without its time, its level and anything secret."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    line = re.sub(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\s+\w+\s*:\s*", "", lines[-1] if lines else "")
    return _SECRET.sub("(secret)", line.strip())[:300] or "it gave no reason."


def pause_after(failures: int, error: CompanionError) -> float:
    """Return the seconds until the next try, after so many failures in a row (from 1)."""
    slower = 4.0 if isinstance(error, (RateLimited, DriveFull)) else 1.0
    return float(min(FIRST_PAUSE * slower * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE * slower))


def worst(errors: Iterable[CompanionError | None]) -> CompanionError | None:
    """Return the error that a person should hear of first."""
    order = [kind for kind, _, _ in _RULES]
    there = [error for error in errors if error is not None]
    return min(
        there,
        key=lambda error: order.index(type(error)) if type(error) in order else len(order),
        default=None,
    )
