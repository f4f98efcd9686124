"""Pieces of Go regular expressions, as rclone takes them between ``{{`` and ``}}``.

Everything special is written as a code point, so that no piece holds a brace pair, a space or
anything else that rclone or a shell would take for its own. rclone shows control characters as
symbols, so their code points are those of the symbols.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

CONTROL_SYMBOLS = (*range(0x2400, 0x2420), 0x2421)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/")
_MARK = 0x201B
_LAST = 0x10FFFF
_ALTERNATIVES, _SEQUENCE, _ATOM = range(3)


@dataclass(frozen=True, slots=True)
class Regex:
    """A piece of an expression, and how tightly it holds together."""

    text: str
    level: int

    @property
    def grouped(self) -> str:
        """The text, fit to stand in a sequence."""
        return f"(?:{self.text})" if self.level == _ALTERNATIVES else self.text


NOTHING = Regex("", -1)
"""Matches nothing at all."""

EMPTY = Regex("", _SEQUENCE)
"""Matches the empty text."""

SEGMENT = Regex("[^/]*", _ATOM)
ANYTHING = Regex(".*", _ATOM)
FOLDERS = Regex("(?:.*/)?", _ATOM)


def shown(code: int) -> int:
    """Return the code point with which rclone shows an ASCII character."""
    if code < 0x20:
        return 0x2400 + code
    return 0x2421 if code == 0x7F else code


def literal(character: str) -> Regex:
    """Match a character. Where the person wrote one of rclone's own symbols, rclone marks it."""
    code = ord(character)
    mark = _escape(_MARK) if code == _MARK or code in CONTROL_SYMBOLS else ""
    return Regex(mark + _escape(shown(code)), _SEQUENCE)


def cat(one: Regex, other: Regex) -> Regex:
    """Match one behind the other."""
    if one is NOTHING or other is NOTHING:
        return NOTHING
    if not one.text:
        return other
    if not other.text:
        return one
    return Regex(one.grouped + other.grouped, _SEQUENCE)


def alt(one: Regex, other: Regex) -> Regex:
    """Match either."""
    if one is NOTHING or one == other:
        return other
    if other is NOTHING:
        return one
    if not one.text or not other.text:
        some = one if one.text else other
        return Regex(f"(?:{some.text})?", _ATOM)
    return Regex(f"{one.text}|{other.text}", _ALTERNATIVES)


def repeat(one: Regex) -> Regex:
    """Match it any number of times."""
    if not one.text:
        return EMPTY
    if one.level == _ATOM and one.text.endswith("]"):
        return Regex(f"{one.text}*", _SEQUENCE)
    return Regex(f"(?:{one.text})*", _SEQUENCE)


def without(low: int, high: int, codes: Collection[int]) -> tuple[tuple[int, int], ...]:
    """Cut single code points out of a range."""
    ranges = []
    for code in sorted(code for code in codes if low <= code <= high):
        if low < code:
            ranges.append((low, code - 1))
        low = code + 1
    if low <= high:
        ranges.append((low, high))
    return tuple(ranges)


def char_class(ranges: Iterable[tuple[int, int]]) -> Regex:
    """Match one character of these ranges, written as what it is or as what it is not."""
    spans = _joined(ranges)
    if not spans:
        return NOTHING
    if len(spans) == 1 and spans[0][0] == spans[0][1]:
        return Regex(_escape(spans[0][0]), _SEQUENCE)
    # Control characters and the symbol of NUL never appear: include them in "is not".
    gaps = _gaps(_joined([*spans, (0, 0x1F), (0x7F, 0x7F), (0x2400, 0x2400)]))
    if not gaps:
        return Regex("[^/]|/", _ALTERNATIVES) if spans[-1][1] == _LAST else NOTHING
    positive, negative = _spans(spans), _spans(gaps)
    text = f"[^{negative}]" if len(negative) < len(positive) else f"[{positive}]"
    return Regex(text, _ATOM)


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _gaps(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    gaps, low = [], 0
    for first, last in spans:
        if low < first:
            gaps.append((low, first - 1))
        low = last + 1
    if low <= _LAST:
        gaps.append((low, _LAST))
    return gaps


def _spans(spans: list[tuple[int, int]]) -> str:
    return "".join(
        _escape(low) if low == high else f"{_escape(low)}-{_escape(high)}" for low, high in spans
    )


def _escape(code: int) -> str:
    if chr(code) in _PLAIN:
        return chr(code)
    return f"\\{chr(code)}" if chr(code) in ".-" else f"\\x{{{code:x}}}"
