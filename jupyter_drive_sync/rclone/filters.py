"""Filter rules, on their way to rclone. Pure.

They travel by standard input (``--filter-from -``): a long list does not fit into a Windows
command line, and unlike ``--filters-file`` bisync does not lock itself out when they change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from jupyter_drive_sync.ports.projects import PARTIAL_SUFFIX

FILTER_FLAGS = ("--filter-from", "-")

_OWN_RULES = (f"- *{PARTIAL_SUFFIX}",)

_LINE_BREAKS = {"\n": "{{\\n}}", "\r": "{{\\r}}"}
_TRAILING = re.compile(
    r"(\\?)([ \t\v\f\u0085\u00a0]|[\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])$"
)


def filter_input(rules: Iterable[str]) -> bytes:
    """Return the standard input that gives rclone these rules, our own first.

    rclone cuts such a file into lines and trims them. So a line break inside a rule becomes a
    regular expression, and a space at its end a character class.
    """
    lines = [*_OWN_RULES, *rules]
    return "".join(f"{_one_line(rule)}\n" for rule in lines).encode("utf-8", "surrogateescape")


def _one_line(rule: str) -> str:
    for character, written in _LINE_BREAKS.items():
        rule = rule.replace(f"\\{character}", written).replace(character, written)
    trailing = _TRAILING.search(rule)
    if trailing is None or rule in ("- ", "+ "):
        return rule
    return f"{rule[: trailing.start()]}[{trailing[2]}]"
