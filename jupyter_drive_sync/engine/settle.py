"""Settling conflicts: a person's word on exact versions turns a hold into steps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jupyter_drive_sync.engine.models import SILENT_RUNTIME, HoldReason, Plan, Step, StepKind
from jupyter_drive_sync.ports.colab import OpenNotebook
from jupyter_drive_sync.ports.listing import Listing
from jupyter_drive_sync.ports.records import Keep


@dataclass(frozen=True, slots=True)
class Resolution:
    """A person's word on one conflict.

    Attributes
    ----------
    keep : Keep
        What she chose.
    versions : str
        The two versions that she was shown; another edit meanwhile makes the word void.
    """

    keep: Keep
    versions: str


_STEPS = {
    Keep.MINE: StepKind.PUSH,
    Keep.DRIVE: StepKind.PULL,
    Keep.BOTH: StepKind.KEEP_BOTH,
}


def is_conflict(step: Step) -> bool:
    """Say whether a step holds two versions that a person can choose between."""
    return step.kind is StepKind.HOLD and step.reason is HoldReason.CONFLICT


def versions_of(step: Step) -> str:
    """Name the two versions of a conflict: a word that changes when either side does."""
    return step.versions


def settle(plan: Plan, resolutions: Mapping[str, Resolution], automatic: Keep | None) -> Plan:
    """Replace the conflicts that were settled by the steps that carry the choice out.

    Parameters
    ----------
    plan : Plan
        With its conflicts held.
    resolutions : Mapping[str, Resolution]
        By path.
    automatic : Keep or None
        What is chosen for all other conflicts; None leaves them held.
    """
    if automatic is None and not resolutions:
        return plan
    steps = tuple(_settled(step, resolutions.get(step.path), automatic) for step in plan.steps)
    return replace(plan, steps=steps)


def _settled(step: Step, resolution: Resolution | None, automatic: Keep | None) -> Step:
    if not is_conflict(step):
        return step
    keep = automatic
    if resolution is not None and resolution.versions == versions_of(step):
        keep = resolution.keep
    return step if keep is None else replace(step, kind=_STEPS[keep], reason=None)


_TOUCHING = frozenset({StepKind.PUSH, StepKind.KEEP_BOTH, StepKind.DELETE_REMOTE})
"""What writes over a file on Drive, or takes it away. A rename does neither: the file stays."""


def leave_open(
    plan: Plan,
    remote: Listing,
    open_elsewhere: frozenset[OpenNotebook],
    anyway: Mapping[str, str],
) -> Plan:
    """Hold what would write over a file that a Colab runtime has open, or delete it.

    A file is known by Drive's id, whatever it is called by now, here or on Drive. The path where
    it was counts only where no id was told, or none that the project has.

    Parameters
    ----------
    remote : Listing
        The remote side, of which the plan was made.
    anyway : Mapping of str to str
        By path, the versions of which a person wants that done all the same.
    """
    if not open_elsewhere:
        return plan
    there = {entry.id for entry in remote.entries.values()} - {None}
    # A living runtime says more than one that fell silent.
    ids, paths = {}, {}
    for one in sorted(open_elsewhere, key=lambda one: not one.silent):
        if one.file_id in there:
            ids[one.file_id] = one
        elif one.path is not None:
            paths[one.path] = one

    def settled(step: Step) -> Step:
        holder = ids.get(step.remote_id) or paths.get(step.path)
        if (
            holder is None
            or step.kind not in _TOUCHING
            or step.remote is None
            or anyway.get(step.path) == step.versions
        ):
            return step
        detail = SILENT_RUNTIME if holder.silent else ""
        return replace(step, kind=StepKind.HOLD, reason=HoldReason.OPEN_IN_RUNTIME, detail=detail)

    return replace(plan, steps=tuple(map(settled, plan.steps)))
