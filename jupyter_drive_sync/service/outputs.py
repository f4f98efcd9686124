"""Which outputs of a run come home. Pure: the formats are in docs/protocol.md."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from jupyter_drive_sync.ports.colab import WhichOutputs

MANIFEST = "manifest.jsonl"
_FORMAT = 1
_UNIT = re.compile(r"[0-9a-z-]{1,64}")
_MD5 = re.compile(r"[0-9a-f]{32}")
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LARGEST = 2**63
_LONGEST_PATH, _LONGEST_NAME = 2000, 255


@dataclass(frozen=True, slots=True)
class Output:
    """A file that is on Drive, whole.

    Attributes
    ----------
    seq : int
        Number of its line.
    remote : str
        Its path below the run's folder, alike on both sides.
    size : int
        Bytes.
    md5 : str
        Its digest.
    step : float or None
        Step of the training.
    checkpoint : bool
        Whether it is a checkpoint, or belongs to one.
    verified : bool
        Whether Drive's own md5 was seen to agree, by the runtime or from here.
    unit : str
        What it makes a checkpoint together with. What was taken later has one that sorts after.
    """

    seq: int
    remote: str
    size: int
    md5: str
    step: float | None
    checkpoint: bool
    verified: bool
    unit: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says.

    Attributes
    ----------
    outputs : tuple of Output
        What it lists and has not removed, in the order of its lines.
    unusable : int
        How many of its lines name a file that cannot come: the path leads out of the run's folder
        or cannot be written here, or a number is none.
    """

    outputs: tuple[Output, ...]
    unusable: int = 0


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest. Torn lines, other versions and other kinds are passed over."""
    found: dict[str, Output] = {}
    unusable = 0
    units = _Units()
    # Names may hold what else ends a line for Python; what follows the last end is torn.
    for line in content.decode("utf-8", "replace").split("\n")[:-1]:
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(data, dict) or data.get("v") != _FORMAT:
            continue
        remote, kind = data.get("remote"), data.get("kind")
        if kind == "removed" and isinstance(remote, str):
            found.pop(remote, None)
        elif kind == "file":
            output = _output(remote, data, units)
            if output is None:
                unusable += 1
            else:
                found[output.remote] = output
    return Manifest(tuple(found.values()), unusable)


def _output(remote: object, data: dict[str, Any], units: _Units) -> Output | None:
    seq, size, md5, step = (data.get(name) for name in ("seq", "size", "md5", "step"))
    if not isinstance(remote, str) or not _is_below(remote):
        return None
    if not _is_whole(size) or not _is_whole(seq):
        return None
    if not isinstance(md5, str) or not _MD5.fullmatch(md5):
        return None
    verified = data.get("verified")
    return Output(
        seq=seq,
        remote=remote,
        size=size,
        md5=md5,
        step=step if _is_number(step) else None,
        checkpoint=data.get("checkpoint") is True,
        verified=isinstance(verified, str),
        unit=units.of(seq, data),
    )


class _Units:
    """Tells what belongs together, also where a manifest's lines do not say it themselves.

    An older companion's do not. What it listed together are neighbours of one group, until a path
    comes again.
    """

    def __init__(self) -> None:
        self._unit = ""
        self._next: tuple[object, ...] = ()
        self._paths: set[object] = set()

    def of(self, seq: int, data: Mapping[str, Any]) -> str:
        """Return the unit of a line, in the order of the lines."""
        told = data.get("unit")
        if isinstance(told, str) and _UNIT.fullmatch(told):
            self._next = ()
            return told
        shared = (data.get("group"), data.get("step"), data.get("verified"))
        if (
            not data.get("group")
            or self._next != (seq, *shared)
            or str(data.get("path")) in self._paths
        ):
            self._unit, self._paths = f"{seq:020d}", set()
        self._next = (seq + 1, *shared)
        self._paths.add(str(data.get("path")))
        return self._unit


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _LARGEST  # not so for what is no number


def _is_below(remote: str) -> bool:
    parts = remote.split("/")
    return (
        not any(part in ("", ".", "..") for part in parts)
        and not _UNUSABLE.search(remote)  # so it can be encoded
        and len(remote.encode()) <= _LONGEST_PATH
        and all(len(part.encode()) <= _LONGEST_NAME for part in parts)
        and remote != MANIFEST
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to come now, and a sentence about what is not; empty where there is nothing to say.

    Attributes
    ----------
    take : tuple of Output
        In the order of their worth.
    """

    take: tuple[Output, ...]
    detail: str = ""


def choose(
    outputs: Collection[Output],
    known: Collection[str],
    which: WhichOutputs,
    *,
    most: int,
    here: int,
    over: bool,
) -> Choice:
    """Choose what comes home.

    Parameters
    ----------
    outputs : collection of Output
        What the manifest lists.
    known : collection of str
        What came already, by `Output.remote`: whatever became of it here, it comes no second time.
    which : WhichOutputs
        What a person wants to come.
    most : int
        How many bytes of a run stand here at most.
    here : int
        How many stand here.
    over : bool
        Whether nothing more is to be expected of the run. Then its newest checkpoint comes even
        where older ones fill the place, if it fits into the limit by itself.
    """
    if which is WhichOutputs.NONE:
        return Choice(
            (), "Outputs stay on Drive: so it is set by colab_outputs." if outputs else ""
        )
    newest = _newest(outputs)
    wanted = [
        one
        for one in outputs
        if one.verified
        and one.remote not in known
        and (which is WhichOutputs.ALL or not one.checkpoint or one.unit == newest)
    ]
    # The newest checkpoint first, then the others from the newest on, last what is none.
    wanted.sort(key=lambda one: (one.unit, one.seq), reverse=True)
    wanted.sort(key=lambda one: (one.unit != newest, not one.checkpoint))
    take: list[Output] = []
    for unit, members in _by_unit(wanted):
        size = sum(one.size for one in members)
        alone = over and unit == newest and size <= most
        fits = here + size <= most
        if alone or fits:
            take += members
            here += size if fits else 0
    left = len(wanted) - len(take)
    unsure = sum(not one.verified for one in outputs)
    if left:
        detail = (
            f"{_files(left)} of this run stay on Drive: with them it would be more here than "
            f"{most / 1024**2:,.0f} MB, the limit that is set by colab_outputs_megabytes."
        )
    elif unsure:
        detail = (
            f"{_files(unsure)} of this run stay on Drive: written through the mounted Drive, and "
            "not there yet as the runtime wrote them."
        )
    else:
        detail = ""
    return Choice(tuple(take), detail)


def _newest(outputs: Iterable[Output]) -> str | None:
    # Not the last line: of what waits, the guard brings the newest first.
    return max((one.unit for one in outputs if one.checkpoint and one.verified), default=None)


def _by_unit(outputs: Iterable[Output]) -> list[tuple[str, list[Output]]]:
    units: dict[str, list[Output]] = {}
    for one in outputs:
        units.setdefault(one.unit, []).append(one)
    return list(units.items())


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
