"""What a project leaves out: gitignore patterns, as the half at home reads them.

A small, byte-wise reader of the same language: the tests hold it against the one at home. A line
that the half at home would refuse is left out here, and named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

FILE = ".driveignore"

BUILT_IN = """\
.ipynb_checkpoints/
.git
.venv/
venv/
node_modules/
__pycache__/
.DS_Store
.~*
/outputs/run-????????-??????-????/
"""
"""Always there; a ``!`` pattern in ``.driveignore`` takes names back in."""

_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": r"\x01-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r"\t\n\x0b\x0c\r ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


@dataclass(frozen=True)
class _Rule:
    negated: bool
    folders_only: bool
    anywhere: bool
    pattern: re.Pattern[bytes]


class _Refused(ValueError):
    """A pattern that matches nothing, or that cannot be followed."""


class Rules:
    """Patterns, the last that matches decides.

    Parameters
    ----------
    text : str
        One pattern a line.
    built_in : bool
        Whether `BUILT_IN` goes before it.

    Attributes
    ----------
    left_out : list of str
        Lines that could not be understood.
    """

    def __init__(self, text: str = "", *, built_in: bool = True) -> None:
        self.left_out: list[str] = []
        self._rules: list[_Rule] = []
        whole = (BUILT_IN if built_in else "") + text.removeprefix("\ufeff")
        for line in whole.split("\n"):
            self._read(line)
        self._folders: dict[str, bool] = {}

    def _read(self, line: str) -> None:
        try:
            rule = _parse(line.removesuffix("\r"))
        except _Refused:
            self.left_out.append(line)
        else:
            self._rules += [rule] if rule else []

    def ignores(self, path: str, *, folder: bool = False) -> bool:
        """Say whether a path is left out, by itself or with a folder above it."""
        if not path:
            return False
        if folder and path in self._folders:
            return self._folders[path]
        parent, _, name = path.rpartition("/")
        found = (bool(parent) and self.ignores(parent, folder=True)) or self._decide(
            path, name, folder
        )
        if folder:
            self._folders[path] = found
        return found

    def _decide(self, path: str, name: str, folder: bool) -> bool:
        whole, last = (text.encode("utf-8", "surrogateescape") for text in (path, name))
        for rule in reversed(self._rules):
            if rule.folders_only and not folder:
                continue
            if rule.pattern.fullmatch(last if rule.anywhere else whole):
                return not rule.negated
        return False


class Wanted:
    """What ``include=`` names: a file, a folder with all that is in it, or a pattern.

    Parameters
    ----------
    patterns : sequence of str
        Gitignore patterns; none: everything is wanted.
    """

    def __init__(self, patterns: Sequence[str] | None) -> None:
        self._rules = None if patterns is None else Rules("\n".join(patterns), built_in=False)

    def __contains__(self, path: object) -> bool:
        """Say whether a file is wanted."""
        return self._rules is None or (isinstance(path, str) and self._rules.ignores(path))


def _parse(line: str) -> _Rule | None:
    if line.startswith("#"):
        return None
    pattern = _trimmed(line)
    if not pattern:
        return None
    if "\0" in pattern:
        raise _Refused
    negated = pattern.startswith("!")
    pattern = pattern[1:] if negated else pattern
    folders_only = pattern.endswith("/")
    pattern = pattern[:-1] if folders_only else pattern
    anywhere = "/" not in pattern
    if not pattern:
        return None
    pattern = pattern.removeprefix("/")
    expression = _Translator(pattern, path=not anywhere).expression()
    return _Rule(negated, folders_only, anywhere, re.compile(expression, re.DOTALL))


def _trimmed(line: str) -> str:
    """Take trailing spaces off, but for one behind a backslash."""
    end = kept = 0
    while end < len(line):
        step = 2 if line[end] == "\\" else 1
        end = min(end + step, len(line))
        if step == 2 or line[end - 1] != " ":
            kept = end
    return line[:kept]


class _Translator:
    """One pattern as a regular expression over bytes."""

    def __init__(self, pattern: str, *, path: bool) -> None:
        self._pattern = pattern
        self._path = path
        special = re.search(r"[*?\[\\]", pattern)
        # git cuts off what stands before the first special character: stars there begin anew
        self._start = special.start() if special else len(pattern)
        self._at = self._start

    def expression(self) -> bytes:
        parts = [re.escape(self._pattern[: self._start].encode())]
        while self._at < len(self._pattern):
            character = self._pattern[self._at]
            self._at += 1
            if character == "\\":
                parts.append(re.escape(self._next().encode()))
            elif character == "?":
                parts.append(b"[^/]")
            elif character == "*":
                parts.append(self._stars())
            elif character == "[":
                parts.append(self._bracket())
            else:
                parts.append(re.escape(character.encode()))
        return b"".join(parts)

    def _next(self) -> str:
        if self._at >= len(self._pattern):
            raise _Refused
        self._at += 1
        return self._pattern[self._at - 1]

    def _stars(self) -> bytes:
        begin = self._at - 1
        while self._pattern[self._at : self._at + 1] == "*":
            self._at += 1
        rest = self._pattern[self._at :]
        begins = begin == self._start or self._pattern[begin - 1] == "/"
        ends = not rest or rest.startswith(("/", "\\/"))
        if not (self._path and self._at - begin >= 2 and begins and ends):
            return b"[^/]*"
        if rest.startswith("/"):
            self._at += 1
            return b"(?:.*/)?"
        return b".*"

    def _bracket(self) -> bytes:
        negated = self._pattern[self._at : self._at + 1] in ("!", "^")
        self._at += negated
        inside, first, previous = "", True, ""
        while first or self._pattern[self._at : self._at + 1] != "]":
            first = False
            character = self._next()
            following = self._pattern[self._at : self._at + 1]
            if character == "[" and following == ":" and (name := self._class_name()) is not None:
                inside += _NAMED[name]
                previous = ""
            elif character == "-" and previous and following not in ("]", ""):
                end = self._member(self._next())
                # a range that runs backwards holds nothing but its beginning
                inside += f"{_code(previous)}-{_code(end)}" if previous <= end else ""
                previous = ""
            else:
                previous = self._member(character)
                inside += _code(previous)
        self._at += 1
        if negated:
            return b"[^/%s]" % inside.encode()
        return b"(?!/)[%s]" % inside.encode()

    def _class_name(self) -> str | None:
        end = self._pattern.find("]", self._at + 1)
        if end < 0:
            raise _Refused
        if end == self._at + 1 or self._pattern[end - 1] != ":":
            return None
        name = self._pattern[self._at + 1 : end - 1]
        if name not in _NAMED:
            raise _Refused
        self._at = end + 1
        return name

    def _member(self, character: str) -> str:
        if character == "\\":
            character = self._next()
        if not character.isascii():
            raise _Refused
        return character


def _code(character: str) -> str:
    return f"\\x{ord(character):02x}"
