"""Working out what of a plan can be done, and doing just that."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from .environment_here import needs, packages_of
from .environment_install import Answer, Installer, sort_out
from .environment_owned import pinned, protected
from .environment_plan import INSTALL, RIGHT, Plan
from .errors import EnvironmentFailed


def work_out(
    plan: Plan, here: Mapping[str, str], python: str = sys.executable
) -> tuple[Plan, dict[str, str]]:
    """Ask the installer what of a plan can be done, and what else would change with it.

    A way that changes nothing besides is taken where there is one without building anything. Else
    the runtime's own packages stay, and what is already as at home does.

    Parameters
    ----------
    here : Mapping of str to str
        Versions in the runtime by normalised name.
    python : str
        The runtime's interpreter.

    Returns
    -------
    tuple
        The plan, and the version of everything that it changes or adds, by normalised name.

    Raises
    ------
    EnvironmentFailed
        The package index cannot be reached.
    """
    path = None if python == sys.executable else packages_of(python)
    right = [item.wanted.requirement for item in plan.of(RIGHT) if item.wanted.spec]
    kept = [*protected(here, needs(path)), *right]
    asked = {item.wanted.name for item in plan.of(INSTALL)}
    still = pinned({name: version for name, version in here.items() if name not in asked})
    gentle = Installer(python, [*kept, *still], build=False)
    lines = _lines_of(plan)
    answer = gentle.try_out([line for _, line in lines])
    if answer.problem:
        try_out = _Asked(Installer(python, kept))
        good, impossible = sort_out(lines, try_out)
        plan = plan.refuse(impossible)
        if impossible:
            answer = gentle.try_out(good)
        if answer.problem:
            answer = try_out(good)
    return plan.moving(here, answer.changes), answer.changes


class _Asked:
    """Dry runs of one installer, none of them twice."""

    def __init__(self, installer: Installer) -> None:
        self._installer = installer
        self._answers: dict[tuple[str, ...], Answer] = {}

    def __call__(self, lines: Sequence[str]) -> Answer:
        key = tuple(lines)
        if key not in self._answers:
            self._answers[key] = self._installer.try_out(lines)
        return self._answers[key]


def carry_out(
    plan: Plan, here: Mapping[str, str], changes: Mapping[str, str], python: str = sys.executable
) -> Plan:
    """Install just what was worked out: no other version of anything may come with it.

    Returns
    -------
    Plan
        With what could not be built marked as impossible.

    Raises
    ------
    EnvironmentFailed, RuntimeFull
        The package index cannot be reached, or the disk is full, or nothing could be installed.
    """
    installer = Installer(python, pinned({**here, **changes}))
    problem = installer.install(plan.requirements).problem
    if not problem:
        return plan
    # a dry run builds nothing: what cannot be built must not keep the others from coming
    good, failed = sort_out(_lines_of(plan), installer.install)
    if not good:
        raise EnvironmentFailed(f"Libraries could not be installed: {problem}.")
    return plan.refuse(failed)


def _lines_of(plan: Plan) -> list[tuple[str, str]]:
    return [(item.wanted.name, item.wanted.requirement) for item in plan.of(INSTALL)]
