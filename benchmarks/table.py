"""The figures as tables, and their place in ``docs/performance.md``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.measure import BULK_BYTES, NO_CHANGE, ONE_SAVE, Bulk, Size
from benchmarks.plain import Cost
from benchmarks.server import Sync

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
RUNS = "figures"
BULK = "figures of many files"


def runs(sizes: Sequence[Size], about: str) -> str:
    """Return the tables of single runs in Markdown."""
    parts = [
        "### One run",
        _table(
            ("files", "run", "`rclone bisync`", "with `--fast-list`", "Drive Sync", "`copyto`"),
            (_run_row(size, what) for size in sizes for what in (NO_CHANGE, ONE_SAVE)),
        ),
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


def bulk(done: Sequence[Bulk], about: str) -> str:
    """Return the table of many files at once in Markdown."""
    head = ("files", "what", "a call", "`rclone copy`", "Drive Sync", "times as long", "target")
    return "\n\n".join(
        (
            f"### Many files of {BULK_BYTES // 1024} KB at once",
            _table(head, (_bulk_row(one) for one in done)),
            about,
        )
    )


def write(section: str, text: str) -> None:
    """Put a section's tables into the page, in place of the former ones.

    Raises
    ------
    ValueError
        The page has lost its marks.
    """
    begin = f"<!-- {section}: written by python -m benchmarks -->"
    end = f"<!-- end of {section} -->"
    page = PAGE.read_text(encoding="utf-8")
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"{PAGE} must hold the lines {begin!r} and {end!r} once")
    before, rest = page.split(begin)
    _, after = rest.split(end)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


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


def _bulk_row(done: Bulk) -> tuple[str, ...]:
    if done.most is None:
        judged = "-"
    else:
        judged = f"{done.most} at most: {'met' if done.times <= done.most else 'missed'}"
    return (
        f"{done.files:,}",
        done.what,
        f"{done.latency_ms} ms",
        _cost(done.bare),
        f"**{_cost(done.ours)}**",
        f"**{done.times:.2f}**",
        judged,
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
