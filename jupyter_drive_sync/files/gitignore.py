"""Patterns in gitignore syntax, read the way git reads them.

git compares bytes: ``?`` and ``[!a]`` take one byte, so a letter beyond ASCII needs as many of
them as it has bytes in UTF-8. The tokens below keep that, and one more of git's habits: the part
of a pattern before its first special character is cut off before the rest is matched, so that in
``foo**/bar`` the stars count as standing at the beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jupyter_drive_sync.errors import IgnorePatternInvalid

SLASH = ord("/")

_ALL = frozenset(range(1, 128))
_OPEN = "its [ is never closed, so git would match nothing with it"


@dataclass(frozen=True, slots=True)
class Char:
    """One character as it stands."""

    value: str


@dataclass(frozen=True, slots=True)
class OneByte:
    """One byte: of these ASCII codes, and any byte beyond ASCII if `high`."""

    codes: frozenset[int]
    high: bool


@dataclass(frozen=True, slots=True)
class Star:
    """Any bytes but ``/``."""


@dataclass(frozen=True, slots=True)
class AnyPath:
    """Any bytes."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Nothing, or any bytes and a ``/``."""


Token = Char | OneByte | Star | AnyPath | Folders


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern.

    Attributes
    ----------
    line : int
        Line number from 1; 0 for the built-in ones.
    source : str
        The pattern as written.
    negated : bool
        Whether it takes names back in (``!``).
    folders_only : bool
        Whether it ended in ``/``.
    anywhere : bool
        Whether it is compared with the last part of a path only.
    tokens : tuple of Token
        What that part, or the whole path, must be.
    """

    line: int
    source: str
    negated: bool
    folders_only: bool
    anywhere: bool
    tokens: tuple[Token, ...]

    @property
    def path_tokens(self) -> tuple[Token, ...]:
        """What the whole path must be."""
        return (Folders(), *self.tokens) if self.anywhere else self.tokens


def parse(text: str, *, builtin: bool = False) -> tuple[Rule, ...]:
    """Read the content of an ignore file.

    Raises
    ------
    IgnorePatternInvalid
        A pattern that git would never match anything with, or that cannot be followed exactly.
    """
    rules = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        rule = _parse_line(line.removesuffix("\r"), 0 if builtin else number)
        if rule is not None:
            rules.append(rule)
    return tuple(rules)


def _parse_line(line: str, number: int) -> Rule | None:
    if line.startswith("#"):
        return None
    pattern = source = _without_trailing_spaces(line)
    if not pattern:
        return None

    def refuse(message: str) -> IgnorePatternInvalid:
        return IgnorePatternInvalid(message, line=number, pattern=source)

    if "\0" in pattern:
        raise refuse("it holds a NUL character")
    negated = pattern.startswith("!")
    if negated:
        pattern = pattern[1:]
    folders_only = pattern.endswith("/")
    if folders_only:
        pattern = pattern[:-1]
    anywhere = "/" not in pattern
    if not pattern:
        return None
    if pattern.startswith("/"):
        pattern = pattern[1:]
    tokens = tuple(_Reader(pattern, not anywhere, refuse).tokens())
    return Rule(number, source, negated, folders_only, anywhere, tokens)


def _without_trailing_spaces(line: str) -> str:
    end = kept = 0
    while end < len(line):
        if line[end] == "\\":
            end = min(end + 2, len(line))
            kept = end
        else:
            end += 1
            if line[end - 1] != " ":
                kept = end
    return line[:kept]


class _Reader:
    """Reads the tokens of one pattern, from left to right."""

    def __init__(
        self, pattern: str, path: bool, refuse: Callable[[str], IgnorePatternInvalid]
    ) -> None:
        self._pattern = pattern
        self._path = path
        self._refuse = refuse
        special = re.search(r"[*?\[\\]", pattern)
        self._start = special.start() if special else len(pattern)
        self._at = self._start

    def tokens(self) -> Iterator[Token]:
        """Give the tokens in order."""
        for character in self._pattern[: self._start]:
            yield Char(character)
        while self._at < len(self._pattern):
            character = self._pattern[self._at]
            self._at += 1
            match character:
                case "\\":
                    yield Char(self._escaped())
                case "?":
                    yield OneByte(_ALL - {SLASH}, high=True)
                case "*":
                    yield self._stars()
                case "[":
                    yield self._class()
                case _:
                    yield Char(character)

    def _escaped(self) -> str:
        if self._at == len(self._pattern):
            raise self._refuse("it ends in a lone backslash")
        self._at += 1
        return self._pattern[self._at - 1]

    def _stars(self) -> Token:
        begin = self._at - 1
        while self._peek() == "*":
            self._at += 1
        rest = self._pattern[self._at :]
        begins = begin == self._start or self._pattern[begin - 1] == "/"
        ends = not rest or rest.startswith(("/", "\\/"))
        if not (self._path and self._at - begin >= 2 and begins and ends):
            return Star()
        if rest.startswith("/"):
            self._at += 1
            return Folders()
        return AnyPath()

    def _class(self) -> OneByte:
        """Read ``[...]`` from behind its bracket."""
        negated = self._peek() in ("!", "^")
        if negated:
            self._at += 1
        codes: set[int] = set()
        previous = 0  # where a range could begin; 0 where none can
        first = True
        while first or self._peek() != "]":
            first = False
            character = self._take()
            if character == "-" and previous and self._peek() not in ("]", ""):
                codes.update(range(previous, ord(self._member(self._take())) + 1))
                previous = 0
            elif character == "[" and (named := self._named()) is not None:
                codes |= named
                previous = 0
            else:
                previous = ord(self._member(character))
                codes.add(previous)
        self._at += 1
        if negated:
            codes = set(_ALL) - codes
        return OneByte(frozenset(codes - {SLASH}), high=negated)

    def _named(self) -> frozenset[int] | None:
        """Read the rest of ``[:name:]``; None when this is an ordinary bracket."""
        if self._peek() != ":":
            return None
        end = self._pattern.find("]", self._at + 1)
        if end < 0:
            raise self._refuse(_OPEN)
        if end == self._at + 1 or self._pattern[end - 1] != ":":
            return None
        name = self._pattern[self._at + 1 : end - 1]
        if name not in _CLASSES:
            raise self._refuse(f"there is no class [:{name}:]")
        self._at = end + 1
        return _CLASSES[name]

    def _member(self, character: str) -> str:
        if character == "\\":
            character = self._take()
        if not character.isascii():
            raise self._refuse(
                "git takes [...] byte by byte: write letters beyond ASCII without it"
            )
        return character

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at == len(self._pattern):
            raise self._refuse(_OPEN)
        self._at += 1
        return self._pattern[self._at - 1]


def _codes(accepts: Callable[[str], bool]) -> frozenset[int]:
    return frozenset(code for code in range(1, 128) if accepts(chr(code)))


_CLASSES = {
    "alnum": _codes(str.isalnum),
    "alpha": _codes(str.isalpha),
    "blank": frozenset(b" \t"),
    "cntrl": frozenset({*range(1, 32), 127}),
    "digit": _codes(str.isdigit),
    "graph": frozenset(range(33, 127)),
    "lower": _codes(str.islower),
    "print": frozenset(range(32, 127)),
    "punct": _codes(lambda character: character.isprintable() and not character.isalnum())
    - {ord(" ")},
    "space": frozenset(b" \t\n\r"),
    "upper": _codes(str.isupper),
    "xdigit": frozenset(b"0123456789abcdefABCDEF"),
}
