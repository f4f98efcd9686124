"""Filter rules, on their way to rclone. Pure.

They travel by standard input (``--filter-from -``): a long list does not fit into a Windows
command line, and unlike ``--filters-file`` bisync does not lock itself out when they change.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from jupyter_drive_sync.ports.projects import PARTIAL_SUFFIX
from jupyter_drive_sync.rclone.names import to_rclone

FILTER_FLAGS = ("--filter-from", "-")

# rclone lists a file whose name holds U+201B, but cannot open it: it looks for another name. One
# such file would stop every run. In rclone's spelling the character stands twice.
_OWN_RULES = ("- *\u201b\u201b*", "- *\u201b\u201b*/**")
_PARTIAL_RULES = (f"- *{PARTIAL_SUFFIX}",)

# A space at the end of a rule, escaped or not: rclone would trim it away.
_LAST_SPACE = re.compile(r"(?<!\\)((?:\\\\)*)\\?(\s)$")


def filter_input(
    rules: Iterable[str], *, unopenable: bool = False, windows: bool = os.name == "nt"
) -> bytes:
    """Return the standard input that gives rclone these rules, our own first.

    Parameters
    ----------
    rules : iterable of str
        In rclone's syntax, the first match decides.
    unopenable : bool
        Whether names are listed too that rclone cannot open.
    windows : bool
        How this computer's disk spells names.

    Notes
    -----
    The rules spell names as this computer's disk does; rclone compares them with its own
    spelling, which knows no line breaks, so that every rule is one line.
    """
    lines = (_line(rule, windows) for rule in (*_PARTIAL_RULES, *rules))
    own = () if unopenable else _OWN_RULES
    return "".join(f"{line}\n" for line in (*own, *lines)).encode("utf-8", "surrogateescape")


def _line(rule: str, windows: bool) -> str:
    sign, pattern = rule[:2], rule[2:]
    if windows:
        # On the disk these stand for characters that would be wildcards in a rule.
        pattern = re.sub("[\uff0a\uff1f\uff3c]", lambda found: f"\\{found[0]}", pattern)
    pattern = to_rclone(pattern, windows=windows)
    return sign + _LAST_SPACE.sub(r"\1[\2]", pattern)
