"""One summary at the end of a soak: seeds, counts and figures of all its pieces.

A pytest plugin (``-p tests.engine.figures``). A test notes its figures with `note`; they travel
with its report, also from another process.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

Record = Callable[[str, object], None]

PREFIX = "soak: "
SEEDS = "seeds"


def note(record: Record, piece: str, counts: Mapping[str, int], seeds: str = "") -> None:
    """Note what one part of a piece has done.

    Parameters
    ----------
    record : callable
        pytest's fixture `record_property`.
    piece : str
        Under this heading the parts of a piece are added up.
    counts : Mapping of str to int
        What was counted. Words that begin with ``most`` are not added up: the largest counts.
    seeds : str
        The seeds that begin this part again.
    """
    record(PREFIX + piece, {**counts, **({SEEDS: seeds} if seeds else {})})


@dataclass
class _Piece:
    counts: Counter[str] = field(default_factory=Counter)
    seeds: list[str] = field(default_factory=list)
    seconds: float = 0.0
    passed: int = 0

    def add(self, values: Mapping[str, object]) -> None:
        for word, value in values.items():
            if isinstance(value, str):
                self.seeds.append(value)
            elif isinstance(value, int):
                most = word.startswith("most")
                self.counts[word] = (
                    max(self.counts[word], value) if most else self.counts[word] + value
                )


class Summary:
    """Collects the figures of all tests and prints them when the last one is over."""

    def __init__(self) -> None:
        self.pieces: defaultdict[str, _Piece] = defaultdict(_Piece)
        self.began = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name.startswith(PREFIX) and isinstance(value, dict):
                piece = self.pieces[name.removeprefix(PREFIX)]
                piece.add(value)
                piece.seconds += report.duration
                piece.passed += report.passed

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.pieces:
            return
        say = terminalreporter.write_line
        terminalreporter.section("soak")
        for name, piece in sorted(self.pieces.items()):
            say(f"{name} ({piece.seconds:.0f} s of one core)")
            counts = sorted(piece.counts.items(), key=lambda item: (-item[1], item[0]))
            for line in _wrapped([f"{word} {count:,}" for word, count in counts]):
                say(f"  {line}")
            if piece.seeds:
                say(f"  from seeds {', '.join(sorted(set(piece.seeds)))}")
        failed = len(terminalreporter.stats.get("failed", ()))
        took = time.monotonic() - self.began
        say(f"{took / 60:.0f} min in all, {failed} tests failed")


def _wrapped(words: list[str], width: int = 96) -> list[str]:
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += f"{', ' if lines[-1] else ''}{word}"
    return lines


def pytest_configure(config: pytest.Config) -> None:
    """Join in."""
    config.pluginmanager.register(Summary(), "drive-sync-soak")
