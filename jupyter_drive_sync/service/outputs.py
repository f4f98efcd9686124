"""Which outputs of a run come home. Pure: the formats are in docs/protocol.md."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from jupyter_drive_sync.ports.colab import WhichOutputs

MANIFEST = "manifest.jsonl"
_FORMAT = 1
_MD5 = re.compile(r"[0-9a-f]{32}")
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f]")


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
        Whether Drive's own md5 was seen to agree.
    unit : str
        What it makes a checkpoint together with.
    """

    seq: int
    remote: str
    size: int
    md5: str
    step: float | None
    checkpoint: bool
    verified: bool
    unit: str


def read_manifest(content: bytes) -> tuple[Output, ...]:
    """Return what a manifest lists and has not removed, in the order of its lines.

    Torn lines, other versions and other kinds are passed over, and so are paths that lead out of
    the run's folder.
    """
    found: dict[str, Output] = {}
    for line in content.decode("utf-8", "replace").splitlines(keepends=True):
        if not line.endswith("\n"):
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(data, dict) or data.get("v") != _FORMAT:
            continue
        remote = data.get("remote")
        if not isinstance(remote, str):
            continue
        if data.get("kind") == "removed":
            found.pop(remote, None)
        elif data.get("kind") == "file" and _is_below(remote):
            output = _output(remote, data)
            if output is not None:
                found[remote] = output
    return tuple(found.values())


def _output(remote: str, data: dict[str, Any]) -> Output | None:
    seq, size, md5, step = (data.get(name) for name in ("seq", "size", "md5", "step"))
    if not isinstance(size, int) or size < 0 or not isinstance(seq, int):
        return None
    if not isinstance(md5, str) or not _MD5.fullmatch(md5):
        return None
    verified, group = data.get("verified"), data.get("group")
    return Output(
        seq=seq,
        remote=remote,
        size=size,
        md5=md5,
        step=step if isinstance(step, int | float) and not isinstance(step, bool) else None,
        checkpoint=data.get("checkpoint") is True,
        verified=isinstance(verified, str),
        unit=f"{group}@{verified}" if group else remote,
    )


def _is_below(remote: str) -> bool:
    parts = remote.split("/")
    return (
        not any(part in ("", ".", "..") for part in parts)
        and not _UNUSABLE.search(remote)
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
    wanted.sort(key=lambda one: (one.unit != newest, not one.checkpoint, -one.seq))
    take: list[Output] = []
    for unit, members in _by_unit(wanted):
        size = sum(one.size for one in members)
        alone = over and unit == newest and size <= most
        if alone or here + size <= most:
            take += members
            here += 0 if alone else size
    left = len(wanted) - len(take)
    unsure = sum(not one.verified for one in outputs)
    if left:
        detail = (
            f"{_files(left)} of this run stay on Drive: with them it would be more here than "
            f"{most / 1024**2:,.0f} MB, the limit that is set by colab_outputs_megabytes."
        )
    elif unsure:
        detail = (
            f"{_files(unsure)} of this run stay on Drive: through the mounted Drive it could not "
            "be verified that they are whole."
        )
    else:
        detail = ""
    return Choice(tuple(take), detail)


def _newest(outputs: Iterable[Output]) -> str | None:
    checkpoints = [one for one in outputs if one.checkpoint and one.verified]
    return max(checkpoints, key=lambda one: one.seq).unit if checkpoints else None


def _by_unit(outputs: Iterable[Output]) -> list[tuple[str, list[Output]]]:
    units: dict[str, list[Output]] = {}
    for one in outputs:
        units.setdefault(one.unit, []).append(one)
    return list(units.items())


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
