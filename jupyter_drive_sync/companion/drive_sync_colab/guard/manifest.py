"""The manifest of a run: what is on Drive, whole and verified. One JSON object a line.

Lines are only ever added. A file's line is added after the file was verified on Drive; the line
that it was removed stands on Drive before the file is deleted there. So whatever moment the
machine ends at, what the manifest lists is there. The format is in docs/protocol.md.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import PurePosixPath
from typing import Any

from . import finished
from .retention import series

VERSION = 1
NAME = "manifest.jsonl"
MOST = 2**53
"""The greatest whole number that every reader of JSON tells from its neighbours."""

LONGEST_NAME = 255
"""Bytes that the name of a file or folder may have on the runtime's disk."""

_LONGEST_ENDING = 50
_UNIT = re.compile(r"[0-9a-z-]{1,64}")
_EARLIEST = -62_135_596_800 * 10**9
_LATEST = 253_402_300_799 * 10**9


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file that is on Drive.

    Attributes
    ----------
    seq : int
        Number of the line in this run, from 1.
    path : str
        Where it lay in the project, with ``/``.
    remote : str
        Where it lies below ``outputs/<run>/``.
    size : int
        Bytes.
    md5 : str
        Of these bytes, in hexadecimal digits.
    drive_id : str or None
        Drive's id; None where the transport does not tell.
    mtime : str
        When it was written, ISO 8601 in UTC.
    step : int or None
        Step of the training.
    metrics : Mapping or None
        Numbers by name, as given with the checkpoint.
    checkpoint : bool
        A checkpoint, under retention; else any other output.
    verified : str or None
        When Drive's own md5 was seen to agree; None where the transport cannot show it.
    group : str or None
        The folder, in the project, whose files make one checkpoint together.
    unit : str
        What it stays or goes with: the id of the item that it was taken with, which sorts by the
        time of taking. Empty in a line of an older companion; `live` fills it then.
    """

    seq: int
    path: str
    remote: str
    size: int
    md5: str
    drive_id: str | None
    mtime: str
    step: int | None
    metrics: Mapping[str, float] | None
    checkpoint: bool
    verified: str | None
    group: str | None = None
    unit: str = ""

    @property
    def series_name(self) -> str:
        """The series that it is one of."""
        return series(self.group or self.path, checkpoint=self.checkpoint)

    @property
    def is_checked(self) -> bool:
        """Whether its format would have shown that it is torn."""
        return finished.says_its_end(self.path)

    def as_json(self) -> dict[str, Any]:
        """Return the object of the line; what cannot be verified says ``false``."""
        line: dict[str, Any] = {
            "v": VERSION,
            "seq": self.seq,
            "kind": "file",
            "path": self.path,
            "remote": self.remote,
            "size": self.size,
            "md5": self.md5,
            "drive_id": self.drive_id,
            "mtime": self.mtime,
            "step": self.step,
            "metrics": dict(self.metrics) if self.metrics is not None else None,
            "checkpoint": self.checkpoint,
            "verified": self.verified or False,
        }
        if self.group:
            line["group"] = self.group
        if self.unit:
            line["unit"] = self.unit
        return line


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A file that is about to go from Drive, or has gone: nothing may count on it any more."""

    seq: int
    path: str
    remote: str
    at: str

    def as_json(self) -> dict[str, Any]:
        """Return the object of the line."""
        return {
            "v": VERSION,
            "seq": self.seq,
            "kind": "removed",
            "path": self.path,
            "remote": self.remote,
            "at": self.at,
        }


Line = FileLine | RemovedLine


def as_text(lines: Iterable[Line]) -> str:
    """Return the lines as the file holds them."""
    return "".join(
        json.dumps(line.as_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        + "\n"
        for line in lines
    )


def parse(text: str) -> list[Line]:
    """Read a manifest; a torn last line and what is not understood are passed over."""
    lines: list[Line] = []
    # Not splitlines(): a name may hold what Unicode counts as the end of a line.
    for written in text.split("\n")[:-1]:
        try:
            line = _line(json.loads(written))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            continue
        if line is not None:
            lines.append(line)
    return lines


def _line(found: dict[str, Any]) -> Line | None:
    if found["v"] != VERSION:
        return None
    seq, path, remote = _count(found["seq"]), _text(found["path"]), _text(found["remote"])
    if not is_inside(path) or not is_inside(remote):
        return None
    if found["kind"] == "removed":
        return RemovedLine(seq, path, remote, _text(found["at"]))
    if found["kind"] != "file":
        return None
    drive_id, group = found.get("drive_id"), found.get("group")
    if group and not (is_inside(_text(group)) and path.startswith(f"{group}/")):
        return None
    return FileLine(
        seq=seq,
        path=path,
        remote=remote,
        size=_count(found["size"]),
        md5=_text(found["md5"]),
        drive_id=None if drive_id is None else _text(drive_id),
        mtime=_text(found["mtime"]),
        step=_step(found.get("step")),
        metrics=_metrics(found.get("metrics")),
        checkpoint=bool(found.get("checkpoint")),
        verified=_text(found["verified"]) if found.get("verified") else None,
        group=group or None,
        unit=_unit(found.get("unit")),
    )


def _unit(found: object) -> str:
    """Return the id of an item; what is none costs no file its line."""
    return found if isinstance(found, str) and _UNIT.fullmatch(found) else ""


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError("no text")
    found.encode()  # half a character is none, and could not be written again
    return found


def _count(found: object) -> int:
    if not isinstance(found, int) or not 0 <= found <= MOST:
        raise TypeError("no number of things")
    return found


def _step(found: object) -> int | None:
    """Return a step; what is none costs no file its line."""
    if not isinstance(found, (int, float)) or not abs(found) <= MOST or found != int(found):
        return None
    return int(found)


def _metrics(found: Mapping[str, Any] | None) -> dict[str, float] | None:
    if not found:
        return None
    metrics = {_text(name): float(value) for name, value in found.items()}
    if not all(map(math.isfinite, metrics.values())):
        raise ValueError("no finite number")
    return metrics


def is_inside(path: str) -> bool:
    """Tell whether a path stays below where it is put: no way up, no absolute path."""
    parts = path.split("/")
    return bool(path) and "\0" not in path and not {"", ".", ".."} & set(parts)


def live(lines: Iterable[Line]) -> list[FileLine]:
    """Return the files that are on Drive: added and not removed, in the order of their lines.

    Each has its ``unit``, and what was taken later has one that sorts after.
    """
    found: dict[str, FileLine] = {}
    for line in _with_units(lines):
        found.pop(line.remote, None)
        if isinstance(line, FileLine):
            found[line.remote] = line
    return list(found.values())


def _with_units(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines with the unit that one of an older companion lacks, made of a number of a line.

    What was listed together then are neighbours of one group, until a path comes again.
    """
    before: FileLine | None = None
    paths: set[str] = set()
    for line in lines:
        if isinstance(line, RemovedLine) or line.unit:
            before = None
            yield line
            continue
        if before is None or not _are_neighbours(before, line) or line.path in paths:
            unit, paths = f"{line.seq:020d}", set()
        else:
            unit = before.unit
        before = replace(line, unit=unit)
        paths.add(line.path)
        yield before


def _are_neighbours(before: FileLine, line: FileLine) -> bool:
    return line.group is not None and (line.group, line.seq, line.step, line.verified) == (
        before.group,
        before.seq + 1,
        before.step,
        before.verified,
    )


def removed(lines: Iterable[Line]) -> list[str]:
    """Return the names that are no longer listed, the latest last; the files may still be there."""
    lines = list(lines)
    there = {line.remote for line in live(lines)}
    return [
        line.remote for line in lines if isinstance(line, RemovedLine) and line.remote not in there
    ]


def next_seq(lines: Iterable[Line]) -> int:
    """Return the number of the next line."""
    return max((line.seq for line in lines), default=0) + 1


def remote_name(path: str, seq: int, taken: Iterable[str]) -> str:
    """Return where a version of a file goes, where these names are taken; see `Names.claim`."""
    return Names(taken).claim(path, seq)


class Names:
    """Names below the run's folder that are taken, and the folders that they lie in.

    Parameters
    ----------
    taken : iterable of str
        The names.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._files = {NAME}
        self._folders: set[str] = set()
        for name in taken:
            self._add(name)

    def claim(self, path: str, seq: int) -> str:
        """Take and return a version's name: its path, or ``name~seq.ext`` where that is taken.

        A version that is listed is never written over, so the next one stands beside it.
        """
        *above, last = PurePosixPath(path).parts
        place = PurePosixPath()
        for part in above:  # a folder cannot stand where a file does, nor the other way about
            place = _free(place / part, seq, self._files)
        name = str(_free(place / last, seq, self._files, self._folders))
        self._add(name)
        return name

    def _add(self, name: str) -> None:
        self._files.add(name)
        folder = name.rpartition("/")[0]
        while folder and folder not in self._folders:
            self._folders.add(folder)
            folder = folder.rpartition("/")[0]


def _free(place: PurePosixPath, seq: int, *taken: set[str]) -> PurePosixPath:
    """Return a place, or ``name~seq.ext`` beside it where it is taken, or more of the kind."""
    free, number = _fitting(place, ""), 0
    while any(str(free) in names for names in taken):
        more = f"~{number}" if number else ""
        free = _fitting(place, f"~{seq}{more}")
        number += 1
    return free


def _fitting(place: PurePosixPath, mark: str) -> PurePosixPath:
    """Return a place with a mark before its ending, cut so that a disk can have the name."""
    ending = place.suffix if len(place.suffix.encode()) <= _LONGEST_ENDING else ""
    stem = place.name.removesuffix(ending)
    room = LONGEST_NAME - len(f"{mark}{ending}".encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode(errors="ignore")
    return place.with_name(f"{stem}{mark}{ending}")


def moment(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def exact_moment(mtime_ns: int) -> str:
    """Return a file's time as ISO 8601 in UTC, to the microsecond."""
    mtime_ns = max(_EARLIEST, min(mtime_ns, _LATEST))  # beyond it there is no year to name
    whole, rest = divmod(mtime_ns, 10**9)
    return f"{datetime.fromtimestamp(whole, timezone.utc):%Y-%m-%dT%H:%M:%S}.{rest // 1000:06d}Z"
