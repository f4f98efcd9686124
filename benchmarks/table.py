"""The figures as tables, and their place in ``docs/performance.md``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.measure import NO_CHANGE, ONE_SAVE, FirstSync, Size
from benchmarks.plain import Cost
from benchmarks.server import Sync

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN = "<!-- figures: written by python -m benchmarks -->"
END = "<!-- end of figures -->"


def tables(sizes: Sequence[Size], firsts: Sequence[FirstSync], about: str) -> str:
    """Return all tables in Markdown."""
    parts = [
        "### One run",
        _table(
            ("files", "run", "`rclone bisync`", "with `--fast-list`", "Drive Sync", "`copyto`"),
            (_run_row(size, what) for size in sizes for what in (NO_CHANGE, ONE_SAVE)),
        ),
    ]
    if firsts:
        parts += [
            "### A first sync of many small files",
            _table(
                ("files", "direction", "`rclone copy`", "Drive Sync", "times as long"),
                (_first_row(first) for first in firsts),
            ),
        ]
    parts += [
        "### The server meanwhile",
        _table(
            (
                "files",
                "run",
                "longest beat",
                "of an idle process",
                "most processor time in a beat",
                "server's memory",
                "rclone's memory",
            ),
            (_beat_row(size, what, sync) for size in sizes for what, sync in size.ours.items()),
        ),
        about,
    ]
    return "\n\n".join(parts)


def write(text: str) -> None:
    """Put the tables into the page, in place of the former ones.

    Raises
    ------
    ValueError
        The page has lost its marks.
    """
    page = PAGE.read_text(encoding="utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"{PAGE} must hold the lines {BEGIN!r} and {END!r} once")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _run_row(size: Size, what: str) -> tuple[str, ...]:
    copyto = size.copyto if what == ONE_SAVE else None
    return (
        f"{size.files:,}",
        what,
        _cost(size.plain.get(what)),
        _cost(size.fast.get(what)),
        f"**{_cost(size.ours.get(what))}**",
        _cost(copyto),
    )


def _first_row(first: FirstSync) -> tuple[str, ...]:
    return (
        f"{first.files:,}",
        first.what,
        _cost(first.bare),
        f"**{_cost(first.ours)}**",
        f"{first.ours.seconds / first.bare.seconds:.2f}",
    )


def _beat_row(size: Size, what: str, sync: Sync) -> tuple[str, ...]:
    return (
        f"{size.files:,}",
        what,
        f"**{sync.longest_ms:.0f} ms**",
        f"{sync.elsewhere_ms:.0f} ms",
        f"{sync.own_ms:.0f} ms",
        f"{sync.server_mib:.0f} MiB",
        f"{sync.rclone_mib:.0f} MiB",
    )


def _cost(cost: Cost | Sync | None) -> str:
    return "-" if cost is None else f"{cost.calls:,} calls, {cost.seconds:.2f} s"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
