"""Patterns as finite automata over characters, to subtract some from another.

The result is a regular expression of Go. git matches bytes and rclone characters: an edge for a
character of several bytes is found by going that many byte steps; only single-byte wildcards and
stars can take part in those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jupyter_drive_sync.files import goregex
from jupyter_drive_sync.files.gitignore import (
    SLASH,
    AnyPath,
    Char,
    Folders,
    OneByte,
    Star,
    Token,
)
from jupyter_drive_sync.files.goregex import NOTHING, Regex

_LAST_ASCII = 127
_MOST_STATES = 1500
_LONGEST = 6000

_States = frozenset[int]


class TooInvolved(Exception):
    """The expression would be too large to hand to rclone."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Characters that all patterns at hand treat alike: their code points as ranges."""

    code: int  # one of them
    ranges: tuple[tuple[int, int], ...]

    @property
    def bytes(self) -> int:
        """How many bytes each of them has in UTF-8."""
        return len(chr(self.code).encode())


def closed(tokens: Sequence[Token], states: Iterable[int]) -> _States:
    """Add the states that are reached without a further byte.

    States are positions between the tokens of a pattern. State ``len(tokens) + 1 + i`` is inside
    the `Folders` token at position ``i``.
    """
    end = len(tokens)
    found: set[int] = set()
    pending = list(states)
    while pending:
        state = pending.pop()
        if state in found:
            continue
        found.add(state)
        if state < end:
            token = tokens[state]
            if isinstance(token, Star | AnyPath | Folders):
                pending.append(state + 1)
            if isinstance(token, Folders):
                pending.append(end + 1 + state)
    return frozenset(found)


def after_byte(tokens: Sequence[Token], states: Iterable[int], byte: int | None) -> set[int]:
    """Return the states after one more byte; None is one beyond ASCII that is in no `Char`."""
    end = len(tokens)
    after: set[int] = set()
    for state in states:
        if state == end:
            continue
        if state > end:  # inside Folders
            after.add(state)
            if byte == SLASH:
                after.add(state - end)
            continue
        match tokens[state]:
            case Char(value):
                if ord(value) == byte:
                    after.add(state + 1)
            case OneByte(codes, high):
                if high if byte is None or byte > _LAST_ASCII else byte in codes:
                    after.add(state + 1)
            case Star():
                if byte != SLASH:
                    after.add(state)
            case AnyPath():
                after.add(state)
            case Folders():
                pass
    return after


class Nfa:
    """One pattern as an automaton over characters; see `closed` for its states."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tuple(tokens)
        self.end = len(self.tokens)
        self._steps: dict[tuple[_States, Symbol], _States] = {}

    def start(self) -> _States:
        """Return the states before the first character."""
        return closed(self.tokens, {0})

    def step(self, states: _States, symbol: Symbol) -> _States:
        """Return the states after one more character."""
        known = self._steps.get((states, symbol))
        if known is None:
            known = self._steps[states, symbol] = self._after(states, symbol)
        return known

    def _after(self, states: _States, symbol: Symbol) -> _States:
        if symbol.bytes == 1:
            return closed(self.tokens, after_byte(self.tokens, states, symbol.code))
        literal = {
            state + 1
            for state in states
            if state < self.end and self.tokens[state] == Char(chr(symbol.code))
        }
        current = states
        for _ in range(symbol.bytes):
            current = closed(self.tokens, after_byte(self.tokens, current, None))
        return closed(self.tokens, literal) | current


def symbols_of(patterns: Iterable[Sequence[Token]]) -> tuple[Symbol, ...]:
    """Divide all characters into groups that none of the patterns tells apart."""
    sets: list[frozenset[int]] = [frozenset({SLASH})]
    letters: set[int] = set()
    for pattern in patterns:
        for token in pattern:
            if isinstance(token, OneByte):
                sets.append(token.codes)
            elif isinstance(token, Char):
                code = ord(token.value)
                if code < 128:
                    sets.append(frozenset({code}))
                else:
                    letters.add(code)
    groups: dict[tuple[bool, ...], list[int]] = {}
    distinct = list(dict.fromkeys(sets))
    for code in range(1, 128):
        groups.setdefault(tuple(code in one for one in distinct), []).append(code)
    symbols = [
        Symbol(codes[0], tuple((goregex.shown(code),) * 2 for code in codes))
        for codes in groups.values()
    ]
    symbols += [Symbol(code, ((code, code),)) for code in sorted(letters)]
    for low, high in ((0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, 0x10FFFF)):
        taken = letters | set(goregex.CONTROL_SYMBOLS)
        ranges = goregex.without(low, high, taken)
        symbols.append(Symbol(ranges[0][0], ranges))
    return tuple(symbols)


def intersect(one: Sequence[Token], other: Sequence[Token]) -> bool:
    """Say whether some path matches both."""
    symbols = symbols_of((one, other))
    first, second = Nfa(one), Nfa(other)
    begin = (first.start(), second.start())
    seen, pending = {begin}, [begin]
    while pending:
        left, right = pending.pop()
        if first.end in left and second.end in right:
            return True
        for symbol in symbols:
            after = (first.step(left, symbol), second.step(right, symbol))
            if after[0] and after[1] and after not in seen:
                _check(len(seen))
                seen.add(after)
                pending.append(after)
    return False


def expression(tokens: Sequence[Token], minus: Sequence[Sequence[Token]] = ()) -> str:
    """Write what matches `tokens` and none of `minus` as a regular expression of Go.

    Returns
    -------
    str
        Without anchors; empty when nothing matches.

    Raises
    ------
    TooInvolved
        It would be too large.
    """
    result = _difference(tokens, minus) if minus else _plain(tokens)
    text = "" if result is NOTHING else result.grouped
    if len(text) > _LONGEST:
        raise TooInvolved
    return text


def _plain(tokens: Sequence[Token]) -> Regex:
    """Translate token by token; only runs with single-byte wildcards need an automaton."""
    result = goregex.EMPTY
    at = 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and isinstance(tokens[end], OneByte | Star | AnyPath):
            end += 1
        run = tokens[at:end]
        if any(isinstance(token, OneByte) and token.high for token in run):
            result = goregex.cat(result, _difference(run, ()))
        else:
            for token in run or tokens[at : at + 1]:
                result = goregex.cat(result, _simple(token))
        at = max(end, at + 1)
        if len(result.text) > _LONGEST:
            raise TooInvolved
    return result


def _simple(token: Token) -> Regex:
    match token:
        case Char(value):
            return goregex.literal(value)
        case OneByte(codes, _):
            return goregex.char_class([(goregex.shown(code),) * 2 for code in codes])
        case Star():
            return goregex.SEGMENT
        case AnyPath():
            return goregex.ANYTHING
        case Folders():
            return goregex.FOLDERS


def _difference(tokens: Sequence[Token], minus: Sequence[Sequence[Token]]) -> Regex:
    """Build the deterministic automaton, make it small and write it as an expression."""
    symbols = symbols_of((tokens, *minus))
    wanted, others = Nfa(tokens), [Nfa(pattern) for pattern in minus]
    begin = (wanted.start(), *(other.start() for other in others))
    numbers = {begin: 0}
    pending = [begin]
    edges: list[list[int]] = []  # by state, then by symbol; -1 leads nowhere
    accepting: list[bool] = []
    while pending:
        states = pending.pop(0)
        taken = any(other.end in there for other, there in zip(others, states[1:], strict=True))
        accepting.append(wanted.end in states[0] and not taken)
        row = []
        for symbol in symbols:
            after = wanted.step(states[0], symbol)
            if not after:
                row.append(-1)
                continue
            key = (
                after,
                *(o.step(s, symbol) for o, s in zip(others, states[1:], strict=True)),
            )
            if key not in numbers:
                _check(len(numbers))
                numbers[key] = len(numbers)
                pending.append(key)
            row.append(numbers[key])
        edges.append(row)
    edges, accepting = _useful(edges, accepting)
    if not edges:
        return NOTHING
    edges, accepting = _merged(edges, accepting)
    return _eliminated(edges, accepting, symbols)


def _useful(edges: list[list[int]], accepting: list[bool]) -> tuple[list[list[int]], list[bool]]:
    """Drop states from which nothing is accepted any more."""
    useful = {state for state, good in enumerate(accepting) if good}
    grew = True
    while grew:
        grew = False
        for state, row in enumerate(edges):
            if state not in useful and any(after in useful for after in row):
                useful.add(state)
                grew = True
    if 0 not in useful:
        return [], []
    number = {state: index for index, state in enumerate(sorted(useful))}
    return (
        [[number.get(after, -1) for after in edges[state]] for state in sorted(useful)],
        [accepting[state] for state in sorted(useful)],
    )


def _merged(edges: list[list[int]], accepting: list[bool]) -> tuple[list[list[int]], list[bool]]:
    """Make states one that nothing can tell apart. State 0 stays the first."""
    block = [int(good) for good in accepting]
    while True:
        signatures: dict[tuple[int, ...], int] = {}
        refined = []
        for state, row in enumerate(edges):
            key = (block[state], *(-1 if after < 0 else block[after] for after in row))
            refined.append(signatures.setdefault(key, len(signatures)))
        if len(signatures) == len(set(block)):
            break
        block = refined
    order = list(dict.fromkeys(block))
    number = {one: index for index, one in enumerate(order)}
    member = [block.index(one) for one in order]
    return (
        [[-1 if after < 0 else number[block[after]] for after in edges[one]] for one in member],
        [accepting[one] for one in member],
    )


def _eliminated(edges: list[list[int]], accepting: list[bool], symbols: Sequence[Symbol]) -> Regex:
    """Take the states out one by one, the cheapest first, writing what went through them."""
    start, final = -1, -2
    paths: dict[tuple[int, int], Regex] = {(start, 0): goregex.EMPTY}
    for state, row in enumerate(edges):
        ranges: dict[int, list[tuple[int, int]]] = {}
        for symbol, after in zip(symbols, row, strict=True):
            if after >= 0:
                ranges.setdefault(after, []).extend(symbol.ranges)
        for after, spans in ranges.items():
            paths[state, after] = goregex.char_class(spans)
        if accepting[state]:
            paths[state, final] = goregex.EMPTY
    left = set(range(len(edges)))
    while left:
        state = min(left, key=lambda one: _cost(one, paths))
        left.remove(state)
        loop = goregex.repeat(paths.pop((state, state), NOTHING))
        before = [(key[0], paths.pop(key)) for key in list(paths) if key[1] == state]
        behind = [(key[1], paths.pop(key)) for key in list(paths) if key[0] == state]
        for source, head in before:
            for target, tail in behind:
                through = goregex.cat(goregex.cat(head, loop), tail)
                both = goregex.alt(paths.get((source, target), NOTHING), through)
                if len(both.text) > _LONGEST:
                    raise TooInvolved
                paths[source, target] = both
    return paths.get((start, final), NOTHING)


def _cost(state: int, paths: dict[tuple[int, int], Regex]) -> int:
    """Estimate how much longer the expression gets when a state is taken out."""
    loop = before = behind = ins = outs = 0
    for (source, target), regex in paths.items():
        if source == target == state:
            loop = len(regex.text)
        elif target == state:
            ins, before = ins + 1, before + len(regex.text)
        elif source == state:
            outs, behind = outs + 1, behind + len(regex.text)
    return before * (outs - 1) + behind * (ins - 1) + loop * (ins * outs - 1)


def _check(states: int) -> None:
    if states > _MOST_STATES:
        raise TooInvolved
