"""Bulk work on named paths: what goes in and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jupyter_drive_sync.ports.transfer import ARRIVED_DIFFERENT, BEING_WRITTEN, CopyResult
from jupyter_drive_sync.rclone.log import LogLine
from jupyter_drive_sync.rclone.names import to_rclone
from jupyter_drive_sync.rclone.outcome import Cause, command_error, essential_message, find_cause

FEW_TO_COPY = 2
"""Up to so many paths are looked up one by one by a copy; it only lists the folders they are in,
so that more are cheaper to find by listing."""

FEW_TO_FIND = 40
"""The same for commands that list all folders, whatever they look for."""

_GONE = "it is not there any more"
_PREFIXES = ("Failed to copy: ", "Couldn't delete: ", "Failed to ")
_REASONS = (
    ("source file is being updated", BEING_WRITTEN),
    ("permission denied", "it may not be read or written (permission denied)"),
    ("file name too long", "its name is too long"),
    ("corrupted on transfer", ARRIVED_DIFFERENT),
    ("is a directory", "a folder of this name is in the way"),
)
_REASON_OF_CAUSE = {
    Cause.QUOTA_FULL: "there is no space left on Drive",
    Cause.DISK_FULL: "there is no space left on this computer's disk",
    Cause.SIGN_IN: "Google Drive no longer accepts the saved sign-in",
    Cause.RATE_LIMITED: "Google Drive asks to slow down",
    Cause.OFFLINE: "the connection broke off",
}


def paths_input(paths: Collection[str]) -> bytes:
    """Return the standard input for ``--files-from-raw -``."""
    return "".join(f"{to_rclone(path)}\n" for path in paths).encode("utf-8", "surrogateescape")


def paths_flags(paths: Collection[str], few: int) -> list[str]:
    """Return the flags that make rclone read its paths and find them at the least cost."""
    how = "--no-traverse" if len(paths) <= few else "--fast-list"
    return ["--files-from-raw", "-", how]


def copy_result(
    asked: Sequence[str],
    exit_code: int,
    lines: Sequence[LogLine],
    *,
    surely_done: Collection[str] | None = None,
    remote: str = "",
) -> CopyResult:
    """Say which paths are done.

    Parameters
    ----------
    asked : sequence of str
        The paths that rclone was given.
    exit_code : int
        rclone's.
    lines : sequence of LogLine
        Its log.
    surely_done : collection of str, optional
        Paths that were found done by another look. Without it, a run that failed is believed
        only for the paths that it names.
    remote : str
        For messages.

    Raises
    ------
    DriveSyncError
        Nothing at all was done, for a reason that is not that of one path.
    """
    reasons: dict[str, str] = {}
    spoken_for = set(asked)
    for line in lines:
        if line.is_error and line.object in spoken_for:
            reasons[line.object] = _reason(line)
    if exit_code != 0:
        done_by_name = {line.object for line in lines if line.object and not line.is_error}
        believed = done_by_name if surely_done is None else surely_done
        rest = _rest_reason(exit_code, lines)
        for path in asked:
            if path not in believed:
                reasons.setdefault(path, rest)
    done = tuple(path for path in asked if path not in reasons)
    if asked and not done and exit_code != 0:
        told_apart = all(
            any(line.object == path and line.is_error for line in lines) for path in asked
        )
        if find_cause(lines) is not None or not told_apart:
            raise command_error(exit_code, lines, remote=remote)
    return CopyResult(done, reasons)


def without_missing(result: CopyResult, there: Collection[str]) -> CopyResult:
    """Count what is not there as failed: rclone passes over it without a word."""
    gone = {path: _GONE for path in result.done if path not in there}
    done = tuple(path for path in result.done if path in there)
    return CopyResult(done, {**result.failed, **gone})


def is_folder(lines: Sequence[LogLine]) -> bool:
    """Say whether rclone found a folder where a file was meant."""
    return any("is a directory not a file" in line.message for line in lines)


def _reason(line: LogLine) -> str:
    for words, reason in _REASONS:
        if words in line.message:
            return reason
    cause = find_cause([line])
    if cause in _REASON_OF_CAUSE:
        return _REASON_OF_CAUSE[cause]
    for prefix in _PREFIXES:
        if line.message.startswith(prefix):
            return line.message[len(prefix) :]
    return line.message


def _rest_reason(exit_code: int, lines: Sequence[LogLine]) -> str:
    cause = find_cause(lines)
    if cause in _REASON_OF_CAUSE:
        return _REASON_OF_CAUSE[cause]
    return essential_message(lines) or f"rclone stopped before it (exit code {exit_code})"
