"""Points of a run, by its calls to Drive, at which a process is killed or suspended.

A few points normally, 20 with `DRIVE_SYNC_SOAK=1`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.drive_emulator.emulator import DriveEmulator
from tests.drive_emulator.faults import Gate, Hold
from tests.engine.figures import Record, note
from tests.engine.ledger import Ledger
from tests.engine.trouble import SOAK

POINTS = 20 if SOAK else 3


@contextlib.contextmanager
def when_called(drive: DriveEmulator, call: int, act: Callable[[], object]) -> Iterator[None]:
    """Act while the n-th call to Drive is held, if it comes to it."""
    gate = Gate()
    rule = drive.faults.add(Hold(gate), skip=call)
    over = threading.Event()

    def wait() -> None:
        try:
            while not gate.reached.wait(0.01):
                if over.is_set():
                    return
            act()
        finally:
            drive.faults.remove(rule)

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@dataclass
class Point:
    """The n-th try, and the call to Drive at which something happens; whether it did."""

    number: int
    call: int
    met: bool = False


def points(record: Record, piece: str, ledger: Ledger) -> Iterator[Point]:
    """Give points that are spread over a run, until so many of them were met in a run.

    How many calls a run makes is learnt on the way: one that is over too soon is tried anew.
    """
    met, calls = 0, 30.0
    for number in range(3 * POINTS):
        point = Point(number, round((met + 0.5) * calls / POINTS))
        yield point
        met += point.met
        if met == POINTS:
            break
        if not point.met:
            calls *= 0.8
    assert met == POINTS, f"only {met} of {POINTS} points were in a run"
    note(record, piece, {"points": met, "versions written": len(ledger.written), "lost": 0})
