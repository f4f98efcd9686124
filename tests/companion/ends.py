"""What has to hold of a run when its machine has ended, whatever moment that was."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest
from tests.drive_emulator.fixtures import rclone_binary

from .guard_support import md5
from .training import Written

SMALL = 4_000_000
"""Bytes below which a checkpoint has to be on Drive in time."""
IN_TIME = 10.0
"""Seconds from the end of writing to being listed, on a machine that has time for the guard."""
USUAL_START = 0.15
"""Seconds that a program takes to start on such a machine."""


class WithId(Protocol):
    """What has an id of Drive."""

    @property
    def id(self) -> str: ...


class Cloud(Protocol):
    """Drive, as far as it is looked at here."""

    def read(self, path: str, /) -> bytes: ...

    def find(self, path: str, /) -> WithId: ...


@dataclass(frozen=True)
class Verdict:
    """How a run stood when its machine had ended.

    Attributes
    ----------
    listed : tuple of FileLine
        What its manifest lists.
    ever : int
        How many files it has ever listed, those included that it let go again.
    written : int
        How many checkpoints the training had finished.
    torn : tuple of str
        What is listed and not on Drive just so, or was ever listed and never finished.
    lost : str
        What was finished in time and nothing as new is listed; empty if that is not so.
    due : bool
        Whether anything had been finished in time.
    age : float or None
        Seconds from the end of writing the newest that is listed to the end of the machine.
    slowness : float
        How many times longer than `IN_TIME` "in time" was.
    """

    listed: tuple[manifest.FileLine, ...]
    ever: int
    written: int
    torn: tuple[str, ...]
    lost: str
    due: bool
    age: float | None
    slowness: float

    def __str__(self) -> str:
        """Say it in one line."""
        age = f"the newest {self.age:.1f} s old" if self.age is not None else "none listed yet"
        return (
            f"{len(self.listed)} listed of {self.written} written, {age}, "
            f"on a machine {self.slowness:.1f} times slower than usual"
        )


def read(drive: Cloud, folder: str) -> tuple[list[manifest.Line], bool]:
    """Return the lines of the manifest in a run's folder, and whether all of it is understood."""
    try:
        text = drive.read(f"{folder}/{manifest.NAME}").decode()
    except FileNotFoundError:
        return [], True
    lines = manifest.parse(text)
    return lines, len(lines) == text.count("\n") and text.endswith("\n")


def _fault(drive: Cloud, folder: str, line: manifest.FileLine) -> str | None:
    """Return what is wrong with a listed file on Drive; None where nothing is."""
    place = f"{folder}/{line.remote}"
    try:
        content, found = drive.read(place), drive.find(place).id
    except FileNotFoundError:
        return f"{line.remote}, not on Drive"
    if (len(content), md5(content)) != (line.size, line.md5):
        return f"{line.remote}, other bytes on Drive than listed"
    if found != line.drive_id:
        return f"{line.remote}, another id on Drive than listed"
    return None if line.verified else f"{line.remote}, not verified"


def _faults(drive: Cloud, folder: str, lines: list[manifest.FileLine]) -> list[str]:
    return [fault for line in lines if (fault := _fault(drive, folder, line)) is not None]


def listed(drive: Cloud, folder: str) -> list[manifest.FileLine]:
    """Return what the manifest in a run's folder lists, all of which must be on Drive."""
    lines, understood = read(drive, folder)
    assert understood
    live = manifest.live(lines)
    assert _faults(drive, folder, live) == []
    return live


def pace() -> float:
    """Return how many times slower than usual this machine starts a program now, 1 at least.

    Ten seconds are meant on a machine that has time for the guard; here other tests run as well.
    """
    began = time.monotonic()
    subprocess.run([rclone_binary(), "version"], check=True, capture_output=True)
    return max(1.0, (time.monotonic() - began) / USUAL_START)


def judge(
    drive: Cloud, folder: str, journal: Sequence[Written], end: float, slowness: float
) -> Verdict:
    """Hold what a run's manifest lists against Drive and against what was written.

    Parameters
    ----------
    folder : str
        The run's folder on Drive.
    journal : sequence of Written
        What the training had finished.
    end : float
        When the machine ended, in seconds.
    slowness : float
        From `pace`.
    """
    lines, understood = read(drive, folder)
    live = manifest.live(lines)
    ever = [line for line in lines if isinstance(line, manifest.FileLine)]
    written = {(one.path, one.md5): one.finished for one in journal}
    torn = [] if understood else ["the manifest itself"]
    torn += _faults(drive, folder, live)
    torn += [
        f"{line.remote}, never finished" for line in ever if (line.path, line.md5) not in written
    ]
    steps = [line for line in live if "step-" in line.path]
    newest = max((written.get((line.path, line.md5), 0.0) for line in steps), default=0.0)
    in_time = [
        one
        for one in journal
        if one.size < SMALL and "step-" in one.path and one.finished <= end - IN_TIME * slowness
    ]
    missed = [one for one in in_time if one.finished > newest]
    lost = f"{missed[-1].path}, finished {end - missed[-1].finished:.1f} s before" if missed else ""
    return Verdict(
        listed=tuple(live),
        ever=len(ever),
        written=len(journal),
        torn=tuple(torn),
        lost=lost,
        due=bool(in_time),
        age=end - newest if newest else None,
        slowness=slowness,
    )
