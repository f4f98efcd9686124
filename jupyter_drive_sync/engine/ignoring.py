"""Lines that a person wants left out from the first sync on. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_drive_sync.errors import IgnorePatternInvalid


def with_lines(content: bytes | None, lines: Sequence[str]) -> bytes:
    """Return the content of ``.driveignore`` with some lines at its end.

    A line that stands there already is not repeated. The file's own line ends are kept.

    Raises
    ------
    IgnorePatternInvalid
        A line holds a line break, or is no text.
    """
    before = content or b""
    end = b"\r\n" if b"\r\n" in before else b"\n"
    known = {line.removesuffix(b"\r") for line in before.split(b"\n")}
    after = before if not before or before.endswith(b"\n") else before + end
    for number, line in enumerate(lines, start=1 + after.count(b"\n")):
        new = _encoded(line, number)
        if new.strip() and new not in known:
            known.add(new)
            after += new + end
    return before if after == before + end else after


def _encoded(line: str, number: int) -> bytes:
    def refuse(message: str) -> IgnorePatternInvalid:
        return IgnorePatternInvalid(message, line=number, pattern=repr(line)[1:-1])

    if "\n" in line or "\r" in line:
        raise refuse("it holds a line break: give one pattern a line")
    try:
        return line.encode()
    except UnicodeEncodeError:
        raise refuse("it is no text") from None
