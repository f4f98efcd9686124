"""How a project stands: the keeper writes it, the status shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from jupyter_drive_sync.engine.models import HoldReason, Plan, Step
from jupyter_drive_sync.engine.session import Phase
from jupyter_drive_sync.engine.states import State
from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.transfer import Progress


@dataclass(frozen=True, slots=True)
class Noticed:
    """A change that was noticed here and that no run has looked at yet.

    Attributes
    ----------
    since : datetime
        When it was noticed first, in UTC.
    gone : bool
        Whether nothing stood at the path then.
    """

    since: datetime
    gone: bool = False


@dataclass(slots=True)
class Standing:
    """How a project stands.

    Attributes
    ----------
    plan : Plan or None
        The latest.
    planned : bool
        Whether the plan is of the run under way, or of the last one, and not of an earlier one.
    done : set of str
        Paths of the plan that are in step by now.
    changed : dict of str to Noticed
        What was noticed since.
    failures : tuple of (str, str)
        Paths that the last run could not do, with the reason.
    void : frozenset of str
        Conflicts about which a choice did not count, because a version changed meanwhile.
    cancelling : bool
        Whether the run under way was told to stop.
    warnings : tuple of str
        What a person should know although everything works.
    runtimes : tuple of dict
        The Colab runtimes, each a ``Runtime`` of api/openapi.yaml.
    """

    state: State = State.NEEDS_FIRST_SYNC
    since: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    cause: DriveSyncError | None = None
    next_run: datetime | None = None
    last_good_sync: datetime | None = None
    phase: Phase | None = None
    progress: Progress = field(default_factory=Progress)
    plan: Plan | None = None
    planned: bool = False
    done: set[str] = field(default_factory=set)
    changed: dict[str, Noticed] = field(default_factory=dict)
    failures: tuple[tuple[str, str], ...] = ()
    void: frozenset[str] = frozenset()
    cancelling: bool = False
    warnings: tuple[str, ...] = ()
    runtimes: tuple[dict[str, Any], ...] = ()
    revision: int = 0

    @property
    def held(self) -> tuple[Step, ...]:
        """What is held until a person, or a change of its cause, lets it go."""
        return () if self.plan is None else _held(self.plan)

    def held_versions(self) -> dict[str, Version | None]:
        """Return the versions here that are held: nothing new is to be done about them."""
        return {} if self.plan is None else {step.path: step.local for step in self.plan.holds}


_WAITING_BY_ITSELF = frozenset({HoldReason.BEING_WRITTEN, HoldReason.OPEN_IN_RUNTIME})


def needing_person(plan: Plan) -> tuple[Step, ...]:
    """Return the holds of a plan but for those that only wait."""
    return tuple(step for step in plan.holds if step.reason not in _WAITING_BY_ITSELF)


def _held(plan: Plan) -> tuple[Step, ...]:
    return tuple(step for step in plan.holds if step.reason is not HoldReason.BEING_WRITTEN)


def being_written(plan: Plan) -> tuple[Step, ...]:
    """Return the holds of files that are being written."""
    return tuple(step for step in plan.holds if step.reason is HoldReason.BEING_WRITTEN)
