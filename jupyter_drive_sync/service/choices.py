"""What a person chose about conflicts, until it is carried out."""

from __future__ import annotations

from collections.abc import Collection

from jupyter_drive_sync.engine.models import Plan
from jupyter_drive_sync.engine.settle import Resolution, is_conflict, versions_of
from jupyter_drive_sync.errors import NotHeld
from jupyter_drive_sync.ports.records import Keep


class Choices:
    """The choices of one project that wait for a run."""

    def __init__(self) -> None:
        self._words: dict[str, Resolution] = {}

    def take(self, plan: Plan | None, path: str | None, keep: Keep) -> None:
        """Note a choice about one conflict of a plan, or about all of them.

        Parameters
        ----------
        plan : Plan or None
            What the person was shown.
        path : str or None
            The held path; None for every conflict of the plan.
        keep : Keep
            Which version stays under its name.

        Raises
        ------
        NotHeld
            There is no such conflict.
        """
        held = [step for step in plan.holds if is_conflict(step)] if plan is not None else []
        chosen = [step for step in held if path in (None, step.path)]
        if not chosen:
            if path is None:
                raise NotHeld("Nothing is waiting for a choice between two versions.")
            raise NotHeld(f"{path} is not waiting for a choice between two versions.")
        for step in chosen:
            self._words[step.path] = Resolution(keep, versions_of(step))

    def words(self) -> dict[str, Resolution]:
        """Return the choices, for a run."""
        return dict(self._words)

    def keep_only(self, paths: Collection[str]) -> None:
        """Forget the choices but those about some paths.

        One that was carried out, or is void by now, must not meet a later conflict.
        """
        self._words = {path: word for path, word in self._words.items() if path in paths}
