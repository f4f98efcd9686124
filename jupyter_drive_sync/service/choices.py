"""What a person chose about conflicts, until it is carried out."""

from __future__ import annotations

from collections.abc import Collection

from jupyter_drive_sync.engine.models import HoldReason, Plan
from jupyter_drive_sync.engine.settle import Resolution
from jupyter_drive_sync.errors import NotHeld, VersionsChanged
from jupyter_drive_sync.ports.records import Keep


class Choices:
    """The choices of one project that wait for a run."""

    def __init__(self) -> None:
        self._words: dict[str, Resolution] = {}
        self._void: set[str] = set()

    def take(
        self, plan: Plan | None, path: str | None, keep: Keep, versions: str | None = None
    ) -> None:
        """Note a choice about one conflict of a plan, or about all of them.

        Parameters
        ----------
        plan : Plan or None
            How things stand, as far as is known.
        path : str or None
            The held path; None for every conflict of the plan.
        keep : Keep
            Which version stays under its name.
        versions : str or None
            What the person was shown: `versions` of the conflict, or `conflict_versions` of the
            plan. None: what the plan holds, because she is asked by whoever made it.

        Raises
        ------
        NotHeld
            There is no such conflict.
        VersionsChanged
            The plan holds other versions than she was shown. Nothing was noted.
        """
        held = plan.conflicts if plan is not None else ()
        chosen = [step for step in held if path in (None, step.path)]
        if plan is None or not chosen:
            if path is None:
                raise NotHeld("Nothing is waiting for a choice between two versions.")
            raise NotHeld(f"{path} is not waiting for a choice between two versions.")
        present = plan.conflict_versions if path is None else chosen[0].versions
        if versions is not None and versions != present:
            what = "The conflicts are not the same" if path is None else f"{path} changed"
            raise VersionsChanged(f"{what} since you looked, so nothing was done.")
        for step in chosen:
            self._words[step.path] = Resolution(keep, step.versions)
            self._void.discard(step.path)

    def words(self) -> dict[str, Resolution]:
        """Return the choices, for a run."""
        return dict(self._words)

    def review(self, plan: Plan, waiting: Collection[str]) -> frozenset[str]:
        """Look at the choices after a run: forget those that are over.

        One that was carried out must not meet a later conflict.

        Parameters
        ----------
        plan : Plan
            What the run set out to do.
        waiting : Collection[str]
            Paths that could not be done this time. A choice about one of them stays, as does one
            about a notebook that a Colab runtime has open.

        Returns
        -------
        frozenset of str
            Conflicts whose choice did not count, because a version changed after it was made,
            until there is another choice or no conflict any more.
        """
        held = {step.path for step in plan.conflicts}
        still = {step.path for step in plan.holds if step.reason is HoldReason.OPEN_IN_RUNTIME}
        self._void = (self._void | self._words.keys()) & held
        still |= set(waiting)
        self._words = {path: word for path, word in self._words.items() if path in still}
        return frozenset(self._void)
