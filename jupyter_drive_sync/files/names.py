"""Names that cannot be synced, in a form that can be shown and stored."""

from __future__ import annotations

import re

_UNDECODABLE = re.compile("[\ud800-\udfff]")
_MARK = "\u201b"


def readable(name: str) -> tuple[str, str | None]:
    """Return a name as text, and why it cannot be synced, or None.

    Parameters
    ----------
    name : str
        One part of a path as Python's ``os`` gives it: bytes that are no UTF-8 stand in it as
        lone surrogates. Each becomes U+FFFD, as in the names that rclone shows.
    """
    text, broken = _UNDECODABLE.subn("\ufffd", name)
    if broken:
        return text, "its name is not valid UTF-8"
    # rclone marks characters with it in its own spelling, and then looks for another name.
    return text, f"rclone cannot open a name with {_MARK} (U+201B) in it" if _MARK in text else None
