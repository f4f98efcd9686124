"""Amounts in words for people. Pure."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """Return a number with its word, given in the singular."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def lasting(seconds: int) -> str:
    """Return a duration of more than a minute, in whole minutes or hours."""
    if seconds < 3600:
        return counted(round(seconds / 60), "minute")
    return counted(round(seconds / 3600), "hour")


def sized(size: int) -> str:
    """Return a size in bytes in a unit that people read."""
    value = float(max(0, size))
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
