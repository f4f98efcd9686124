"""`doctor`: what it says and how it ends."""

from __future__ import annotations

from collections import Counter

from jupyter_drive_sync.cli.arguments import Exit
from jupyter_drive_sync.service.diagnosis import Level
from jupyter_drive_sync.service.status import Json

_MARKS = {
    Level.OK: "ok",
    Level.WARNING: "warning",
    Level.FAILURE: "FAILURE",
    Level.SKIPPED: "skipped",
}


def doctor_lines(report: Json) -> list[str]:
    """Return a doctor's report for a person."""
    lines = []
    for check in report["checks"]:
        mark = _MARKS[Level(check["level"])]
        lines.append(f"{mark:<8} {check['title']}: {check['text']}")
        if check["hint"] and check["level"] != Level.OK.value:
            lines.append(f"{'':<8} -> {check['hint']}")
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    return [*lines, "", f"Versions: {versions}", _summary(report)]


def doctor_exit(report: Json) -> Exit:
    """Return the exit code: a failure counts most; a warning, or a line skipped, wants a look."""
    levels = _levels(report)
    if levels[Level.FAILURE]:
        return Exit.FAILED
    open_ends = levels[Level.WARNING] + levels[Level.SKIPPED]
    return Exit.NEEDS_PERSON if open_ends else Exit.IN_STEP


def _levels(report: Json) -> Counter[Level]:
    return Counter(Level(check["level"]) for check in report["checks"])


def _summary(report: Json) -> str:
    levels = _levels(report)
    parts = [
        f"{levels[level]} {word}{'' if levels[level] == 1 else 's'}"
        for level, word in ((Level.FAILURE, "failure"), (Level.WARNING, "warning"))
        if levels[level]
    ]
    if levels[Level.SKIPPED]:
        parts.append(f"{levels[Level.SKIPPED]} not looked at")
    return f"{', '.join(parts)}." if parts else "All is well."
