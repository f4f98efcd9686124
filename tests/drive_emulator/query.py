"""The search language of ``files.list``: parsed into a tree, then into a predicate."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import invalid
from .model import DriveFile, from_rfc3339
from .state import ROOT_ALIAS, DriveState

Predicate = Callable[[DriveFile], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<op><=|>=|!=|=|<|>)|(?P<paren>[()])|(?P<word>[\w.]+))"
)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Compare:
    """``field operator value``."""

    field: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class In:
    """``'value' in collection``."""

    value: str
    collection: str


@dataclass(frozen=True, slots=True)
class Not:
    """``not part``."""

    part: Node


@dataclass(frozen=True, slots=True)
class Every:
    """Parts joined by ``and``."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Parts joined by ``or``."""

    parts: tuple[Node, ...]


Node = Compare | In | Not | Every | Some


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise invalid(f"q: {text!r} at {position}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        self.tokens.append(("end", ""))

    def parse(self) -> Node:
        node = self.some()
        self.take("end")
        return node

    def take(self, kind: str, word: str | None = None) -> str:
        found, text = self.tokens[0]
        if found != kind or (word is not None and text != word):
            raise invalid(f"q: {text!r} where {word or kind} was expected")
        del self.tokens[0]
        return text

    def next_is(self, kind: str, word: str) -> bool:
        if self.tokens[0] == (kind, word):
            del self.tokens[0]
            return True
        return False

    def some(self) -> Node:
        parts = [self.every()]
        while self.next_is("word", "or"):
            parts.append(self.every())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def every(self) -> Node:
        parts = [self.one()]
        while self.next_is("word", "and"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def one(self) -> Node:
        if self.next_is("word", "not"):
            return Not(self.one())
        if self.next_is("paren", "("):
            node = self.some()
            self.take("paren", ")")
            return node
        if self.tokens[0][0] == "text":
            value = self.value()
            self.take("word", "in")
            return In(value, self.take("word"))
        field = self.take("word")
        op = self.take("word", "contains") if self.tokens[0][0] == "word" else self.take("op")
        return Compare(field, op, self.value())

    def value(self) -> str:
        kind, text = self.tokens[0]
        if kind not in ("text", "word"):
            raise invalid(f"q: {text!r} is not a value")
        del self.tokens[0]
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "text" else text


def parse(text: str) -> Node:
    """Parse a ``q`` parameter.

    Raises
    ------
    ApiError
        400 when it is not in the language.
    """
    return _Parser(text).parse()


def parents_in(node: Node) -> frozenset[str] | None:
    """Return the only folders whose children can match; None when any may."""
    match node:
        case In(value, "parents"):
            return frozenset([value])
        case Every(parts):
            known = [found for part in parts if (found := parents_in(part)) is not None]
            return frozenset.intersection(*known) if known else None
        case Some(parts):
            all_known = [parents_in(part) for part in parts]
            if None in all_known:
                return None
            return frozenset().union(*(found for found in all_known if found is not None))
        case _:
            return None


def compile_query(node: Node, state: DriveState) -> Predicate:
    """Turn a tree into a predicate over the files of one Drive, for one use."""
    match node:
        case Not(part):
            inner = compile_query(part, state)
            return lambda file: not inner(file)
        case Every(parts):
            every = [compile_query(part, state) for part in parts]
            return lambda file: all(check(file) for check in every)
        case Some(parts):
            if all(isinstance(part, In) and part.collection == "parents" for part in parts):
                folders = {_folder(part.value, state) for part in parts if isinstance(part, In)}
                return lambda file: file.parent in folders
            some = [compile_query(part, state) for part in parts]
            return lambda file: any(check(file) for check in some)
        case In(value, "parents"):
            folder = _folder(value, state)
            return lambda file: file.parent == folder
        case In(value, "owners" | "writers" | "readers"):
            mine = value in ("me", state.email)
            return lambda file: mine
        case Compare(field, op, value):
            return _compare(field, op, value, state)
        case In(_, collection):
            raise invalid(f"q: {collection}")


def _folder(value: str, state: DriveState) -> str:
    return state.root_id if value == ROOT_ALIAS else value


def _compare(field: str, op: str, value: str, state: DriveState) -> Predicate:
    if op == "contains":
        wanted = value.lower()
        if field in ("name", "fullText"):
            return lambda file: wanted in file.name.lower()
        if field == "mimeType":
            return lambda file: wanted in file.mime_type.lower()
        raise invalid(f"q: {field} contains")
    compare = _OPERATORS[op]
    if field == "name":
        return lambda file: compare(file.name, value)
    if field == "mimeType":
        return lambda file: compare(file.mime_type, value)
    if field in ("modifiedTime", "createdTime"):
        try:
            moment = from_rfc3339(value)
        except ValueError as problem:
            raise invalid(f"q: {field} {value!r}") from problem
        if field == "modifiedTime":
            return lambda file: compare(file.modified_ms, moment)
        return lambda file: compare(file.created_ms, moment)
    if field in ("trashed", "starred", "sharedWithMe"):
        if value not in ("true", "false"):
            raise invalid(f"q: {field} {value!r}")
        return _flag(field, compare, value == "true", state)
    if field == "visibility":
        private = compare("limited", value)
        return lambda file: private
    raise invalid(f"q: {field}")


def _flag(
    field: str, compare: Callable[[Any, Any], bool], wanted: bool, state: DriveState
) -> Predicate:
    if field == "starred":
        return lambda file: compare(file.starred, wanted)
    if field == "sharedWithMe":
        return lambda file: compare(False, wanted)
    known: dict[str | None, bool] = {}

    def trashed(file: DriveFile) -> bool:
        around = known.get(file.parent)
        if around is None:
            parent = state.peek(file.parent) if file.parent else None
            around = known[file.parent] = parent is not None and state.is_trashed(parent)
        return compare(file.trashed_explicitly or around, wanted)

    return trashed
