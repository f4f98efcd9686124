"""What has to hold of a run when its machine has ended, whatever moment that was."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest
from tests.drive_emulator.fixtures import rclone_binary

from .guard_support import md5
from .training import Parts, read_journal, read_parts

SMALL = 4_000_000
"""Bytes below which a checkpoint has to be on Drive in time."""
IN_TIME = 10.0
"""Seconds from the end of writing to being listed, on a machine that has time for the guard."""
HANDED_IN = "snapshot/"
"""In the path of what the training hands in; the rest the guard finds."""
KEPT = 3
"""Checkpoints of a series that stay where nothing else is asked for."""
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
        What is listed and not on Drive just so, or was ever listed and never finished, or is of
        different saves of a folder.
    lost : str
        What was finished in time and nothing as new is listed, or was listed and let go though
        nothing took its place; empty if that is not so.
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


def newest_of(lines: Iterable[manifest.FileLine]) -> list[manifest.FileLine]:
    """Return the files of the newest checkpoint among what is listed."""
    checkpoints = [line for line in lines if line.checkpoint]
    last = max((line.unit for line in checkpoints), default="")
    return [line for line in checkpoints if line.unit == last]


def judge(drive: Cloud, folder: str, journal: Path, end: float, slowness: float) -> Verdict:
    """Hold what a run's manifest lists against Drive and against what was written.

    Parameters
    ----------
    folder : str
        The run's folder on Drive.
    journal : Path
        Of the training.
    end : float
        When the machine ended, in seconds.
    slowness : float
        From `pace`.
    """
    lines, understood = read(drive, folder)
    live = manifest.live(lines)
    ever = [line for line in lines if isinstance(line, manifest.FileLine)]
    files, folders = read_journal(journal), read_parts(journal)
    written = {(one.path, one.md5): one.finished for one in files}
    torn = [] if understood else ["the manifest itself"]
    torn += _faults(drive, folder, live)
    torn += [
        f"{line.remote}, never finished" for line in ever if (line.path, line.md5) not in written
    ]
    torn += _mixed(ever, folders) + _halves(live, folders)
    latest = end - IN_TIME * slowness
    steps = [line for line in live if "step-" in line.path]
    newest = max((written.get((line.path, line.md5), 0.0) for line in steps), default=0.0)
    in_time = [
        one for one in files if one.size < SMALL and "step-" in one.path and one.finished <= latest
    ]
    missed = [(one.path, one.finished) for one in in_time if one.finished > newest]
    known = {line.md5 for line in live if line.group}
    handed_in = [one for one in folders if HANDED_IN in next(iter(one.parts))]
    whole = [one.finished for one in handed_in if known.issuperset(one.parts.values())]
    missed += [
        (f"{len(one.parts)} parts", one.finished)
        for one in handed_in
        if max(whole, default=0.0) < one.finished <= latest
    ]
    lost = [f"{path}, finished {end - finished:.1f} s before" for path, finished in missed[-1:]]
    lost += _let_go(ever, live)
    return Verdict(
        listed=tuple(live),
        ever=len(ever),
        written=len(files),
        torn=tuple(torn),
        lost=", ".join(lost),
        due=bool(in_time),
        age=end - newest if newest else None,
        slowness=slowness,
    )


def _by_unit(lines: Iterable[manifest.FileLine]) -> dict[str, list[tuple[str, str]]]:
    """Return path and md5 of what was taken together, of folders alone."""
    units: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        if line.group:
            units.setdefault(line.unit, []).append((line.path, line.md5))
    return {unit: sorted(files) for unit, files in units.items()}


def _mixed(ever: Iterable[manifest.FileLine], folders: Iterable[Parts]) -> list[str]:
    """Name what was listed as one checkpoint and never was one."""
    saved = [sorted(one.parts.items()) for one in folders]
    return [
        f"{', '.join(path for path, _ in files)}, of different saves"
        for files in _by_unit(ever).values()
        if files not in saved
    ]


def _halves(live: Iterable[manifest.FileLine], folders: Iterable[Parts]) -> list[str]:
    """Name the folders that were found, and of which a part is listed without the rest."""
    there = {(line.path, line.md5) for line in live}
    return [
        f"{', '.join(path for path, _ in missing)}, without which others are listed"
        for one in folders
        if HANDED_IN not in next(iter(one.parts))
        if (missing := one.parts.items() - there) and len(missing) < len(one.parts)
    ]


def _let_go(ever: Sequence[manifest.FileLine], live: Sequence[manifest.FileLine]) -> list[str]:
    """Name what retention must not have let go: of steps the last ones, and no other output."""
    there = {line.path for line in live}
    gone = sorted({line.path for line in ever if not line.checkpoint} - there)
    steps = {line.path for line in ever if "step-" in line.path}
    left = len({line.path for line in live if "step-" in line.path})
    too_few = [f"all but {left} of {len(steps)} steps"] if left < min(KEPT, len(steps)) else []
    return [f"{path}, let go" for path in gone] + too_few
