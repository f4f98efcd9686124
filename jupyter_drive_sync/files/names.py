"""Names on this disk and the form in which rclone shows them.

rclone stands in symbols for control characters, doubles its own quoting mark and replaces bytes
that are no UTF-8. A file with such a name has another path on the two sides, so it is set aside
under the path rclone uses, with the reason.
"""

from __future__ import annotations

import re

_QUOTE = "\u201b"
_SYMBOLS = {*range(0x2400, 0x2420), 0x2421}
_SPECIAL = re.compile("[\x00-\x1f\x7f\u201b\u2400-\u241f\u2421\ud800-\udfff]")


def shown_name(name: str) -> tuple[str, str | None]:
    """Return the path part that rclone shows for a name, and why it cannot be synced, or None.

    Parameters
    ----------
    name : str
        One part of a path as Python's ``os`` gives it (undecodable bytes as surrogates).
    """
    if _SPECIAL.search(name) is None:
        return name, None
    problem = f"its name holds a character that rclone keeps for itself ({_QUOTE})"
    shown = []
    for character in name:
        code = ord(character)
        if code < 0x20:
            shown.append(chr(0x2400 + code))
            problem = "its name holds a control character"
        elif code == 0x7F:
            shown.append("\u2421")
            problem = "its name holds a control character"
        elif character == _QUOTE or code in _SYMBOLS:
            shown.append(_QUOTE + character)
        elif 0xD800 <= code <= 0xDFFF:
            shown.append("\ufffd")
        else:
            shown.append(character)
    if "\ufffd" in shown:
        problem = "its name is not valid UTF-8"
    return "".join(shown), problem
