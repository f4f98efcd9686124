"""The plan and its steps."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from jupyter_drive_sync.ports.listing import Version


class StepKind(str, Enum):
    """What one step does to one path."""

    PUSH = "push"
    PULL = "pull"
    DELETE_LOCAL = "delete_local"
    DELETE_REMOTE = "delete_remote"
    MOVE_LOCAL = "move_local"
    MOVE_REMOTE = "move_remote"
    KEEP_BOTH = "keep_both"  # mine keeps the name, Drive's version is put beside it
    ADOPT = "adopt"  # both sides are alike already: only the baseline learns of it
    FORGET = "forget"  # gone on both sides: only the baseline learns of it
    HOLD = "hold"


DELETES = frozenset({StepKind.DELETE_LOCAL, StepKind.DELETE_REMOTE})
MOVES = frozenset({StepKind.MOVE_LOCAL, StepKind.MOVE_REMOTE})
QUIET = frozenset({StepKind.ADOPT, StepKind.FORGET, StepKind.HOLD})
"""Kinds that move no byte and change neither side."""


class HoldReason(str, Enum):
    """Why a path is set aside while everything else goes on."""

    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    BEING_WRITTEN = "being_written"
    KIND_CHANGED = "kind_changed"
    NAME_UNUSABLE = "name_unusable"
    OPEN_IN_RUNTIME = "open_in_runtime"  # Colab refuses to save over what changed under it


SILENT_RUNTIME = "silent"
"""Detail of a hold OPEN_IN_RUNTIME: the runtime fell silent, and may be gone."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to one path.

    Attributes
    ----------
    kind : StepKind
        What.
    path : str
        Which; for a move the new path.
    local, remote : Version or None
        The content that the plan saw on each side at `path` (for a move: at `old_path` on the
        side that is still to follow). None: nothing stood there.
    old_path : str or None
        For a move only.
    remote_id : str or None
        Drive's id of the file, where known.
    reason : HoldReason or None
        For a hold only.
    detail : str
        More of the reason, for a person.
    """

    kind: StepKind
    path: str
    local: Version | None = None
    remote: Version | None = None
    old_path: str | None = None
    remote_id: str | None = None
    reason: HoldReason | None = None
    detail: str = ""

    @property
    def size(self) -> int | None:
        """Bytes that the step concerns."""
        version = self.remote if self.kind is StepKind.PULL else self.local or self.remote
        return None if version is None else version.size

    @property
    def versions(self) -> str:
        """Name the two versions that the plan saw: a word that changes when either side does."""
        return _word([self.path, fingerprint(self.local), fingerprint(self.remote)])


@dataclass(frozen=True)
class Plan:
    """The pure comparison of baseline, local listing and remote listing.

    Attributes
    ----------
    steps : tuple of Step
        In the order of their paths; at most one step a path.
    equal : int
        Files that both sides have alike.
    first : bool
        Whether the baseline was empty.
    left_out : tuple of (str, str)
        Names that are never synced (links, sockets) with the reason, for the preview.
    """

    steps: tuple[Step, ...]
    equal: int = 0
    first: bool = False
    left_out: tuple[tuple[str, str], ...] = ()

    def of(self, *kinds: StepKind) -> tuple[Step, ...]:
        """Return the steps of some kinds."""
        return tuple(step for step in self.steps if step.kind in kinds)

    @cached_property
    def counts(self) -> Counter[StepKind]:
        """How many steps of each kind."""
        return Counter(step.kind for step in self.steps)

    @property
    def active(self) -> bool:
        """Whether a run has work: something to change, or to make bisync's listings forget."""
        return any(step.kind not in QUIET or step.kind is StepKind.FORGET for step in self.steps)

    @cached_property
    def work(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if step.kind not in QUIET)

    @cached_property
    def holds(self) -> tuple[Step, ...]:
        """The held paths."""
        return self.of(StepKind.HOLD)

    @cached_property
    def conflicts(self) -> tuple[Step, ...]:
        """The held paths with two versions that a person can choose between."""
        return tuple(step for step in self.holds if step.reason is HoldReason.CONFLICT)

    @cached_property
    def conflict_versions(self) -> str:
        """Name the versions of all conflicts: a word that changes when any side of any does."""
        return _word(step.versions for step in self.conflicts)

    @property
    def deletes(self) -> int:
        """How many files would be deleted; moves are not deletes."""
        return sum(self.counts[kind] for kind in DELETES)

    @cached_property
    def hash(self) -> str:
        """Name this exact plan: what consent is given to."""
        digest = hashlib.sha256()
        for step in self.steps:
            if step.kind in (StepKind.ADOPT, StepKind.FORGET):
                continue
            parts = (
                step.kind.value,
                step.path,
                step.old_path or "",
                fingerprint(step.local),
                fingerprint(step.remote),
            )
            digest.update("\0".join(parts).encode("utf-8", "surrogatepass") + b"\1")
        return digest.hexdigest()


def fingerprint(version: Version | None) -> str:
    """Name a version by its content where that is known, else by its time."""
    if version is None:
        return "-"
    return f"{version.size}:{version.md5 or version.mtime_ns}"


def _word(parts: Iterable[str]) -> str:
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
