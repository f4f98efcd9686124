"""Ignore rules as rclone filter rules.

In git the last pattern that matches a name decides, folder by folder from the top, and nothing
below an excluded folder comes back. In rclone the first rule that matches the whole path decides.
So two groups of rules are written:

1. For each pattern that excludes: everything below a folder that it matches, and that no later
   ``!`` pattern matches as well. The second half is a difference of two patterns, written as one
   regular expression; where no later ``!`` pattern can match the same folder, the pattern alone
   will do. All of these exclude, so their order does not matter.
2. For what is left, the patterns for the file itself, in reverse order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from jupyter_drive_sync.errors import IgnorePatternInvalid
from jupyter_drive_sync.files.automaton import TooInvolved, expression, intersect
from jupyter_drive_sync.files.gitignore import Char, Rule, Star, Token

_PLAIN = re.compile(r"[A-Za-z0-9_.~/-]")
_Result = TypeVar("_Result")
_BEHIND_FOLDERS = "(?:.*/)?"


def translate(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Write gitignore rules as rclone filter rules.

    Raises
    ------
    IgnorePatternInvalid
        A pattern, or what a ``!`` pattern leaves of an earlier one, is too involved.
    """
    below = [
        f"- {glob}/**"
        for index, rule in enumerate(rules)
        if not rule.negated and (glob := _folders(rule, rules[index + 1 :]))
    ]
    return tuple(dict.fromkeys([*below, *_files(rules)]))


def _folders(rule: Rule, later: Sequence[Rule]) -> str:
    """Write which folders a rule excludes; empty when a later rule takes all of them back."""
    taken_back = [other for other in later if other.negated and _overlap(rule, other)]
    if not taken_back:
        return _glob(rule)
    anywhere = rule.anywhere and all(other.anywhere for other in taken_back)

    def subtract() -> str:
        if anywhere:
            inner = expression(rule.tokens, [other.tokens for other in taken_back])
            return inner and _BEHIND_FOLDERS + inner
        return expression(rule.path_tokens, [other.path_tokens for other in taken_back])

    text = _attempt(taken_back[-1], subtract)
    return _braced(text)


def _files(rules: Sequence[Rule]) -> Iterator[str]:
    first = next((index for index, rule in enumerate(rules) if not rule.negated), len(rules))
    for rule in reversed(rules[first:]):
        if not rule.folders_only and (glob := _glob(rule)):
            yield f"{'+' if rule.negated else '-'} {glob}"


def _glob(rule: Rule) -> str:
    """Write one pattern: as rclone's own glob where that means the same, else as an expression."""
    plain = "".join(_plain(token) for token in rule.tokens)
    # A rule that is nothing but "*" would also keep rclone out of all folders.
    if "\0" not in plain and plain != "*":
        return plain if rule.anywhere else f"/{plain}"
    text = _attempt(rule, lambda: expression(rule.path_tokens))
    return _braced(text)


def _braced(text: str) -> str:
    # The group keeps a brace at the end of the expression apart from rclone's own.
    return text and f"/{{{{(?:{text})}}}}"


def _plain(token: Token) -> str:
    if isinstance(token, Star):
        return "*"
    if isinstance(token, Char) and _PLAIN.fullmatch(token.value):
        return token.value
    return "\0"


def _overlap(one: Rule, other: Rule) -> bool:
    """Say whether two patterns can match the same folder."""

    def overlap() -> bool:
        if one.anywhere and other.anywhere:
            return intersect(one.tokens, other.tokens)
        return intersect(one.path_tokens, other.path_tokens)

    return _attempt(other, overlap)


def _attempt(rule: Rule, act: Callable[[], _Result]) -> _Result:
    try:
        return act()
    except TooInvolved as error:
        raise IgnorePatternInvalid(
            "it is too involved to be followed exactly", line=rule.line, pattern=rule.source
        ) from error
