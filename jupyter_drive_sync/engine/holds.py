"""What is said of a held path."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_drive_sync.engine.models import SILENT_RUNTIME, HoldReason, Plan, Step, StepKind
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.ports.transfer import ARRIVED_DIFFERENT, BEING_WRITTEN

if TYPE_CHECKING:
    from jupyter_drive_sync.engine.session import Run

_WORDS: dict[HoldReason, tuple[str, str]] = {
    HoldReason.CONFLICT: (
        "It is not the same on both sides. Both versions are left as they are.",
        "Choose which one to keep, or keep both.",
    ),
    HoldReason.DUPLICATE: (
        "More than one file has this name {place}.",
        "Rename or remove all but one of them {place}.",
    ),
    HoldReason.UNREADABLE: (
        "It cannot be synced as it is: {detail}.",
        "Once it can be read, it is synced by itself.",
    ),
    HoldReason.BEING_WRITTEN: (
        "It is being written.",
        "Nothing to do: it is synced when it stands still.",
    ),
    HoldReason.KIND_CHANGED: (
        "It is a file on one side and a {detail} on the other.",
        "Rename one of the two.",
    ),
    HoldReason.NAME_UNUSABLE: (
        "Its name cannot be used on both sides: {detail}.",
        "Rename it.",
    ),
    HoldReason.OPEN_IN_RUNTIME: (
        "It is open in a Colab runtime, and Colab could not save there any more if it changed "
        "on Drive now.",
        "It is pushed by itself when the runtime ends, or push it anyway.",
    ),
}


_DELETED_WHILE_OPEN = (
    "It was deleted or renamed here, and is open in a Colab runtime, which still saves to it.",
    "It is deleted on Drive when the runtime ends, if Colab has not saved it. Or delete it anyway.",
)

_MAY_BE_OPEN = (
    "It was open in a Colab runtime that fell silent. The machine is most likely gone; but if "
    "there is only no room on Drive, Colab could not save to this file any more after a push.",
    "It is pushed by itself 12 hours after that runtime's last word, or when you take the runtime "
    "off the list with Forget. Or push it anyway.",
)

_DELETED_WHILE_SILENT = (
    "It was deleted or renamed here, and was open in a Colab runtime that fell silent. The machine "
    "is most likely gone; but if there is only no room on Drive, it still saves to this file.",
    "It is deleted on Drive 12 hours after that runtime's last word, or when you take the runtime "
    "off the list with Forget. Or delete it anyway.",
)

_VOID = "One of the two versions changed after you chose, so your choice was not carried out."


def hold_words(step: Step, kind: RemoteKind, *, void: bool = False) -> tuple[str, str]:
    """Return what happened to a held path and what the person can do.

    Parameters
    ----------
    kind : RemoteKind
        What the other side is, and so what it is called.
    void : bool
        Whether a choice about this conflict could not count, because a version changed.
    """
    message, hint = _WORDS[step.reason or HoldReason.CONFLICT]
    if step.reason is HoldReason.OPEN_IN_RUNTIME:
        message, hint = _open_words(step)
    words = {"detail": step.detail or "unknown", "place": kind.place}
    message, hint = message.format(**words), hint.format(**words)
    return (f"{_VOID} {message}", hint) if void else (message, hint)


def _open_words(step: Step) -> tuple[str, str]:
    silent = step.detail == SILENT_RUNTIME
    if step.local is None:
        return _DELETED_WHILE_SILENT if silent else _DELETED_WHILE_OPEN
    return _MAY_BE_OPEN if silent else _WORDS[HoldReason.OPEN_IN_RUNTIME]


def hold_written(run: Run, plan: Plan) -> tuple[Plan, dict[str, str]]:
    """Turn failures of files that are being written into holds.

    Nothing is wrong with such a file, and whoever writes it asks for the next run. The hold's
    detail is the kind of the step that waits.

    Returns
    -------
    plan : Plan
        With those paths held.
    failures : dict of str to str
        All others.
    """
    written = {step.path for step in plan.steps if _being_written(run, step)}
    if not written:
        return plan, dict(run.failures)
    steps = tuple(
        replace(step, kind=StepKind.HOLD, reason=HoldReason.BEING_WRITTEN, detail=step.kind.value)
        if step.path in written
        else step
        for step in plan.steps
    )
    failures = {path: reason for path, reason in run.failures.items() if path not in written}
    return replace(plan, steps=steps), failures


def _being_written(run: Run, step: Step) -> bool:
    reason = run.failures.get(step.path)
    if reason != ARRIVED_DIFFERENT or step.kind is not StepKind.PUSH or step.local is None:
        return reason == BEING_WRITTEN
    # Either it was written meanwhile, or the connection spoiled it.
    entry = run.session.local.stat(step.path)
    return (
        entry is not None and entry.version is not None and not entry.version.same_stat(step.local)
    )
