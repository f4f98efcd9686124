"""What an ended rclone means. Pure.

Causes are recognised by words that were measured with real rclone; where several fit, the one
that says what a person has to do wins over the one that only says what broke.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum

from jupyter_drive_sync.errors import (
    ConfigUnreadable,
    DiskFull,
    DriveSyncError,
    Offline,
    QuotaFull,
    RateLimited,
    RcloneFailed,
    RemoteMissing,
    RemoteUnknown,
    SignInNeeded,
)
from jupyter_drive_sync.ports.transfer import BisyncOutcome, BisyncResult, FileNote
from jupyter_drive_sync.rclone.log import LogLine, error_messages, file_notes
from jupyter_drive_sync.rclone.names import from_rclone

EXIT_USAGE = 2
EXIT_NOT_FOUND = (3, 4)


class Cause(Enum):
    """Why rclone could not do its work, whatever the command."""

    QUOTA_FULL = "quota_full"
    DISK_FULL = "disk_full"
    API_NOT_ENABLED = "api_not_enabled"
    SIGN_IN = "sign_in"
    RATE_LIMITED = "rate_limited"
    OFFLINE = "offline"
    CONFIG = "config"
    REMOTE_UNKNOWN = "remote_unknown"


_CAUSES: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (
        Cause.QUOTA_FULL,
        re.compile(
            r"storageQuotaExceeded|Received upload limit error|teamDriveFileLimitExceeded|"
            r"Drive storage quota has been exceeded"
        ),
    ),
    (
        Cause.DISK_FULL,
        re.compile(
            r"no space left on device|file too big for remaining disk space|disk quota exceeded|"
            r"not enough space on the disk"
        ),
    ),
    (
        Cause.API_NOT_ENABLED,
        re.compile(r"accessNotConfigured|SERVICE_DISABLED|API has not been used in project"),
    ),
    (
        Cause.SIGN_IN,
        re.compile(
            r"invalid_grant|invalid_client|unauthorized_client|Error 401|response code 401|"
            r"Invalid Credentials|"
            r"empty token found|no refresh token|insufficient authentication scopes"
        ),
    ),
    (
        Cause.RATE_LIMITED,
        re.compile(
            r"userRateLimitExceeded|\brateLimitExceeded|RATE_LIMIT_EXCEEDED|dailyLimitExceeded|"
            r"Error 429|response code 429|[Tt]oo [Mm]any [Rr]equests|sharingRateLimitExceeded"
        ),
    ),
    (
        Cause.OFFLINE,
        re.compile(
            r"dial tcp|no such host|connection refused|connection reset by peer|i/o timeout|"
            r"network is unreachable|no route to host|TLS handshake|tls: |x509: |"
            r"proxyconnect|Proxy Authentication Required|server misbehaving|broken pipe|"
            r"name resolution|context deadline exceeded|unexpected EOF|: EOF\b|"
            r"http2: |net/http: |Error 50\d|response code 50\d|\bbackendError\b|wsarecv|connectex"
        ),
    ),
    (Cause.REMOTE_UNKNOWN, re.compile(r"didn't find section in config file")),
    (
        Cause.CONFIG,
        re.compile(
            r"Failed to load config file|unable to decrypt configuration|"
            r"Couldn't decrypt configuration|[Uu]nable to read config"
        ),
    ),
)

_BISYNC_OF_CAUSE = {
    Cause.QUOTA_FULL: BisyncResult.QUOTA_FULL,
    Cause.DISK_FULL: BisyncResult.DISK_FULL,
    Cause.API_NOT_ENABLED: BisyncResult.API_NOT_ENABLED,
    Cause.SIGN_IN: BisyncResult.SIGN_IN,
    Cause.RATE_LIMITED: BisyncResult.RATE_LIMITED,
    Cause.OFFLINE: BisyncResult.OFFLINE,
    Cause.CONFIG: BisyncResult.FAILED,
    Cause.REMOTE_UNKNOWN: BisyncResult.FAILED,
}

_REFUSED: tuple[tuple[BisyncResult, re.Pattern[str]], ...] = (
    (BisyncResult.LOCKED, re.compile(r"prior lock file found")),
    (
        BisyncResult.TOO_MANY_DELETES,
        re.compile(r"too many deletes \(>\d+%|^Failed to bisync: too many deletes"),
    ),
    (
        BisyncResult.ALL_CHANGED,
        re.compile(r"Safety abort: all files were changed|all files were changed$"),
    ),
    (BisyncResult.FILTERS_CHANGED, re.compile(r"filters file (?:has changed|md5 hash not found)")),
    (BisyncResult.NEEDS_RESYNC, re.compile(r"cannot find prior Path1 or Path2 listings")),
)

_MISSING: tuple[tuple[BisyncResult, re.Pattern[str]], ...] = (
    (
        BisyncResult.LOCAL_MISSING,
        re.compile(
            r"error reading source root directory: directory not found|"
            r"Empty (?:current|prior) Path1 listing|Access test failed: Path1 count 0\b"
        ),
    ),
    (
        BisyncResult.REMOTE_MISSING,
        re.compile(
            r"error reading destination root directory: directory not found|"
            r"Empty (?:current|prior) Path2 listing|Access test failed: Path1 count [1-9]|"
            r"check file check failed"
        ),
    ),
)

_LOCKED_OUT = re.compile(r"Must run --resync to recover|run --resync to recover")
_GRACEFUL = "Graceful shutdown completed successfully."
_SUCCESS = "Bisync successful"
_BOTH_CHANGED = re.compile(r"New or changed in both paths\s+- (?P<path>.*)$", re.DOTALL)
_BOTH_EQUAL = re.compile(r"^Files are equal! Skipping: (?P<path>.*)$", re.DOTALL)
_CONFLICT_COPY = re.compile(
    r"(?:Moved|Renamed|Copied) .*?to: (?P<path>.*\.conflict\d+[^/]*)$", re.DOTALL
)
_DEGRADED = re.compile(
    r"search result INCOMPLETE|Duplicate (?:object|directory) found in|Can't follow symlink|"
    r"Skipping unexportable google document"
)
_BAD_USAGE = re.compile(r"unknown flag|unknown shorthand flag|Failed to initialise global options")


def bisync_outcome(
    exit_code: int, lines: Sequence[LogLine], *, cancelled: bool = False, locked_out: bool = False
) -> BisyncOutcome:
    """Say how a bisync run ended.

    Parameters
    ----------
    exit_code : int
        As in `subprocess`: negative for a signal.
    lines : sequence of LogLine
        Its log.
    cancelled : bool
        Whether it was asked to stop.
    locked_out : bool
        Whether its listings are missing now.
    """
    result = _bisync_result(exit_code, lines, cancelled)
    needs_resync = result in (BisyncResult.NEEDS_RESYNC, BisyncResult.FILTERS_CHANGED)
    notes = file_notes(lines)
    in_conflict = conflicts(lines)
    return BisyncOutcome(
        result=result,
        exit_code=exit_code,
        locked_out=locked_out or needs_resync,
        notes=(
            *notes,
            *(FileNote(path, "New or changed in both paths") for path in in_conflict),
        ),
        errors=error_messages(lines),
        copies={
            note.path: from_rclone(copy["path"])
            for note in notes
            if note.path in in_conflict and (copy := _CONFLICT_COPY.match(note.message))
        },
    )


def _bisync_result(exit_code: int, lines: Sequence[LogLine], cancelled: bool) -> BisyncResult:
    messages = [line.message for line in lines]
    # A graceful stop also says "Bisync successful": what it did is booked, the rest waits.
    stopped = any(_GRACEFUL in message for message in messages)
    if exit_code == 0:
        return BisyncResult.CANCELLED if stopped else _finished_result(lines)
    # 8: the stop cut the queue; 130 and 143: a signal that left no time for more.
    if cancelled or exit_code in (130, 143) or (exit_code == 8 and stopped):
        return BisyncResult.CANCELLED
    if exit_code < 0:
        return BisyncResult.KILLED
    return _failed_result(exit_code, lines)


def _finished_result(lines: Sequence[LogLine]) -> BisyncResult:
    if not any(_SUCCESS in line.message for line in lines):
        return BisyncResult.FAILED
    if conflicts(lines):
        return BisyncResult.CONFLICT
    if any(line.is_error or _DEGRADED.search(line.message) for line in lines):
        return BisyncResult.DEGRADED
    return BisyncResult.FINE


def _failed_result(exit_code: int, lines: Sequence[LogLine]) -> BisyncResult:
    said = [line.message for line in lines if line.level not in ("info", "debug")]
    if exit_code == EXIT_USAGE or any(_BAD_USAGE.search(message) for message in said):
        return BisyncResult.USAGE
    for result, pattern in _REFUSED:
        if any(pattern.search(message) for message in said):
            return result
    cause = find_cause(lines)
    if cause is not None:
        return _BISYNC_OF_CAUSE[cause]
    for result, pattern in _MISSING:
        if any(pattern.search(message) for message in said):
            return result
    if any(_LOCKED_OUT.search(message) for message in said):
        return BisyncResult.NEEDS_RESYNC
    return BisyncResult.FAILED


def conflicts(lines: Iterable[LogLine]) -> tuple[str, ...]:
    """Return the paths that bisync found changed on both sides and not equal."""
    found: dict[str, None] = {}
    for line in lines:
        both = _BOTH_CHANGED.search(line.message)
        if both is not None:
            found[from_rclone(both["path"])] = None
            continue
        equal = _BOTH_EQUAL.match(line.message)
        if equal is not None:
            found.pop(from_rclone(equal["path"]), None)
    return tuple(found)


def find_cause(lines: Iterable[LogLine]) -> Cause | None:
    """Return the cause that a failed command's messages name, or None."""
    said = [line.message for line in lines if line.level not in ("info", "debug")]
    for cause, pattern in _CAUSES:
        if any(pattern.search(message) for message in said):
            return cause
    return None


def is_not_found(exit_code: int, lines: Sequence[LogLine]) -> bool:
    """Say whether a command failed because what it was pointed at is not there."""
    if exit_code not in EXIT_NOT_FOUND or find_cause(lines) is not None:
        return False
    return not any(line.object and line.is_error and "not found" in line.message for line in lines)


def command_error(exit_code: int, lines: Sequence[LogLine], *, remote: str = "") -> DriveSyncError:
    """Turn a failed plain command (lsjson, copy, ...) into the error that fits.

    Parameters
    ----------
    exit_code : int
        As in `subprocess`.
    lines : sequence of LogLine
        Its log.
    remote : str
        The remote's name, for the hints.
    """
    cause = find_cause(lines)
    if cause is not None:
        return _error_of_cause(cause, lines, remote)
    if is_not_found(exit_code, lines):
        return RemoteMissing(f"{remote or 'The remote folder'} is not there.")
    if exit_code < 0:
        return RcloneFailed("rclone was ended from outside.")
    return RcloneFailed(f"rclone failed: {essential_message(lines) or f'exit code {exit_code}'}")


def _error_of_cause(cause: Cause, lines: Sequence[LogLine], remote: str) -> DriveSyncError:
    name = remote.partition(":")[0]
    errors: dict[Cause, DriveSyncError] = {
        Cause.QUOTA_FULL: QuotaFull("There is no space left on Drive."),
        Cause.DISK_FULL: DiskFull("There is no space left on this computer's disk."),
        Cause.API_NOT_ENABLED: RcloneFailed(
            "The Google Drive API is not enabled in the Google Cloud project of your client id.",
            "Enable the Google Drive API in the Google Cloud console, wait a minute and try again.",
        ),
        Cause.SIGN_IN: SignInNeeded(
            "Google Drive no longer accepts the saved sign-in.",
            f"Press Sign in again; without a browser, use `rclone config reconnect {name}:`."
            if name
            else None,
        ),
        Cause.RATE_LIMITED: RateLimited("Google Drive asks to slow down."),
        Cause.OFFLINE: Offline("The remote cannot be reached."),
        Cause.CONFIG: ConfigUnreadable(
            f"rclone's configuration cannot be read: {essential_message(lines)}"
        ),
        Cause.REMOTE_UNKNOWN: RemoteUnknown(f"rclone knows no remote of the name {name}."),
    }
    return errors[cause]


def essential_message(lines: Sequence[LogLine]) -> str:
    """Return the one message that best says why a command failed; empty when there is none."""
    errors = [line for line in lines if line.is_error and not line.message.startswith("Attempt ")]
    if not errors:
        texts = [line.message for line in lines if line.level == "text" and line.message]
        return texts[0] if texts else ""
    first = errors[0]
    return f"{first.object}: {first.message}" if first.object else first.message
