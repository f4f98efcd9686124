"""rclone's log, line by line, as values. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_drive_sync.ports.transfer import FileNote, Progress
from jupyter_drive_sync.rclone.names import from_rclone

MAX_ERRORS = 100
"""How many error messages are worth keeping of one run."""

_LONGEST_MESSAGE = 600

_ERROR_LEVELS = frozenset({"error", "critical", "alert", "emergency", "fatal", "panic"})

_PLAIN = re.compile(
    r"^(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?"
    r"(?P<level>ERROR|CRITICAL|ALERT|EMERGENCY|NOTICE|INFO|DEBUG|WARNING|Error|Fatal error|panic)"
    r"\s*:\s+(?P<message>.*)$",
    re.DOTALL,
)

_HARMLESS = (
    "hash unexpectedly blank despite Fs support",
    "Ignoring --track-renames as it doesn't work with copy or move",
)

_FILE_ACTIONS = re.compile(
    r"^(?:Copied \(|Multi-thread Copied \(|Deleted$|Moved \(|Updated modification time|"
    r"Renamed from |Duplicate object found|Can't follow symlink|"
    r"Skipping unexportable google document)"
)

_LONG_KEYS = (
    r"\b(?:access_?token|refresh_?token|id_token|client_?secret|passwd|api_?key|private_?key|"
    r"service_account_credentials)"
)
_KEYS = rf"(?:{_LONG_KEYS}|\b(?:token|password|pass|secret|assertion))"

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    # "key": "value" and key=value, also as JSON inside JSON; a bare `token:` is only prose
    (
        re.compile(
            rf"(?i)({_KEYS}(?:\\?[\"']\s*[:=]|\s*=)\s*)"
            r"(\\?\"(?:[^\"\\]|\\[^\"])*\\?\"|'[^']*'|[^\s,;&}\"']+)"
        ),
        r"\1***",
    ),
    (re.compile(rf"(?i)({_LONG_KEYS}\s*:\s+)[^\s,;&}}\"']+"), r"\1***"),
    (re.compile(r"(?i)(authorization\\?[\"']?\s*[:=]\s*)[^\r\n]+"), r"\1***"),
    (re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/=-]+"), "Bearer ***"),
    (re.compile(r"\bya29\.[A-Za-z0-9._-]+"), "***"),
    (re.compile(r"\bGOCSPX-[A-Za-z0-9_-]+"), "***"),
    (re.compile(r"\b1//[A-Za-z0-9_-]{10,}"), "***"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s\"'@]+@"), r"\1***@"),
    (re.compile(r"(\bhttps?://[^\s\"'?<>]+)\?[^\s\"'<>]*"), r"\1"),
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of rclone's log.

    Attributes
    ----------
    level : str
        rclone's word in lower case; ``text`` for a line that is not part of the log proper.
    message : str
        What was said, cleaned of secrets.
    object : str
        The path it is about; empty when it is about the run or a whole side.
    progress : Progress or None
        Set for the regular reports on transfers.
    """

    level: str
    message: str
    object: str = ""
    progress: Progress | None = None

    @property
    def is_error(self) -> bool:
        """Whether rclone counts this as an error."""
        if any(words in self.message for words in _HARMLESS):
            return False
        # The last word of a failed command is only a notice to rclone.
        return self.level in _ERROR_LEVELS or (
            self.level == "notice" and not self.object and self.message.startswith("Failed to ")
        )


def parse_line(raw: str) -> LogLine:
    """Read one line of standard error; a line that is not JSON is taken as text."""
    raw = raw.rstrip("\r\n")
    if raw.startswith("{"):
        try:
            value = json.loads(raw)
        except ValueError:
            value = None
        if isinstance(value, dict):
            return _from_json(value)
    plain = _PLAIN.match(raw)
    if plain is None:
        return LogLine("text", clean(raw))
    level = plain["level"].lower().replace("fatal error", "fatal")
    return LogLine(level, clean(plain["message"]))


def file_notes(lines: Iterable[LogLine]) -> tuple[FileNote, ...]:
    """Return what was said of single paths, in order."""
    return tuple(
        FileNote(line.object, line.message, error=line.is_error)
        for line in lines
        if line.object and (line.is_error or _FILE_ACTIONS.match(line.message))
    )


def error_messages(lines: Iterable[LogLine]) -> tuple[str, ...]:
    """Return the error-level messages, each once, at most `MAX_ERRORS`."""
    seen: dict[str, None] = {}
    for line in lines:
        if line.is_error:
            seen[f"{line.object}: {line.message}" if line.object else line.message] = None
            if len(seen) == MAX_ERRORS:
                break
    return tuple(seen)


def clean(text: str) -> str:
    """Take secrets out of a message and keep it to a readable length."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    text = text.strip()
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"


def _from_json(value: dict[str, object]) -> LogLine:
    level = str(value.get("level", "text")).lower()
    message = clean(str(value.get("msg", "")))
    about = value.get("object")
    if str(value.get("objectType", "")).endswith(".Fs"):
        about = None  # a whole side, not a path on it
    stats = value.get("stats")
    return LogLine(
        level,
        message,
        from_rclone(about) if isinstance(about, str) else "",
        _progress(stats) if isinstance(stats, dict) else None,
    )


def _progress(stats: dict[str, object]) -> Progress:
    transferring = stats.get("transferring")
    current = tuple(
        (from_rclone(item["name"]), min(100, max(0, _whole(item.get("percentage")))))
        for item in (transferring if isinstance(transferring, list) else ())
        if isinstance(item, dict) and isinstance(item.get("name"), str)
    )
    eta = stats.get("eta")
    speed = stats.get("speed")
    return Progress(
        bytes=_whole(stats.get("bytes")),
        total_bytes=_whole(stats.get("totalBytes")),
        files=_whole(stats.get("transfers")),
        total_files=_whole(stats.get("totalTransfers")),
        speed=float(speed) if isinstance(speed, (int, float)) else 0.0,
        eta_seconds=int(eta) if isinstance(eta, (int, float)) else None,
        current=current,
    )


def _whole(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
