"""What a pull and a push did, in lines for the status box."""

from __future__ import annotations

from collections.abc import Sequence

from .aside import IN_THE_WAY
from .box import BAD, GOOD, NOTE, Box, Line
from .listing import show_size
from .results import Pulled, Pushed


def _few(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:3])
    return f"{shown} and {len(paths) - 3} more" if len(paths) > 3 else shown


def _count(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"


def pulled_lines(done: Pulled, where: str = "") -> list[Line]:
    """Say what a pull did; `where` the project is, the first time."""
    box = Box()
    place = f" in {where}" if where else ""
    brought = (
        f"{_count(len(done.files))} ({show_size(done.size)}) brought" if done.files else "no news"
    )
    box.add(GOOD, f"The project, {_count(done.total)}, is here{place}: {brought}.")
    if done.beside:
        box.add(NOTE, f"Changed here and on Drive; Drive's version is beside: {_few(done.beside)}.")
    if done.kept:
        box.add(
            NOTE, f"Changed here, not on Drive: {_few(done.kept)}.", 'push("path") sends a file.'
        )
    if done.gone:
        box.add(NOTE, f"No longer on Drive, kept here: {_few(done.gone)}.")
    if done.twins:
        box.add(
            NOTE,
            f"Two files of one name on Drive, not brought: {_few(done.twins)}.",
            "Rename one of them on Drive.",
        )
    if done.left_out:
        box.add(NOTE, f"Not understood in .driveignore: {_few(done.left_out)}.")
    if done.failed:
        again = "Call pull() to try again."
        if any(IN_THE_WAY in path for path in done.failed):
            again = "Rename or remove what is in the way here, then call pull()."
        box.add(BAD, f"Could not be brought: {_few(done.failed)}.", again)
    return box.lines


def pushed_lines(done: Pushed) -> list[Line]:
    """Say what a push did."""
    box = Box()
    if done.files:
        how = "on Drive and verified" if done.verified else "handed to the Drive mount"
        box.add(GOOD, f"{_few(done.files)}: {how}.")
    if done.same:
        box.add(GOOD, f"Already on Drive: {_few(done.same)}.")
    for path, other in done.beside.items():
        box.add(
            NOTE,
            f"{path} was changed on Drive meanwhile, so yours is there as {other}.",
            "pull() brings Drive's version.",
        )
    for path, why in done.refused.items():
        box.add(NOTE, f"{path} was not pushed. {why}")
    return box.lines
