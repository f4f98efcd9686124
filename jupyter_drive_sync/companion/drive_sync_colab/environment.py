"""The libraries of a project in a runtime: read, plan, show, do, report."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .box import BAD, GOOD, NOTE, Line
from .environment_here import installed, loaded, packages_of
from .environment_install import Installer, sort_out
from .environment_plan import (
    IMPOSSIBLE,
    INSTALL,
    KEPT,
    RIGHT,
    Home,
    Item,
    Move,
    Plan,
    make_plan,
)
from .environment_work import carry_out, work_out
from .errors import CompanionError, EnvironmentFailed
from .places import ENVIRONMENT, Places, read_json, write_json
from .settings import FORMAT

AUTO, EXACT, OFF = "auto", "exact", "off"


@dataclass
class Settled:
    """What came of it.

    Attributes
    ----------
    plan : Plan or None
        None where home recorded nothing.
    lines : list of Line
        For the status box.
    installed : list of str
        Names of what was installed now.
    """

    plan: Plan | None = None
    lines: list[Line] = field(default_factory=list)
    installed: list[str] = field(default_factory=list)

    def for_pulse(self) -> dict[str, Any] | None:
        """Return what home shows of it; None where nothing is known."""
        if self.plan is None:
            return None
        drift = self.plan.drift
        return {"drift": len(drift), "text": _list(drift) if drift else "as at home"}


def settle(folder: Path, places: Places, env: str, show: Callable[[str], None]) -> Settled:
    """Bring the runtime's libraries as near to home's as they may come.

    Trouble with libraries is said in the lines, and never stops the rest.

    Parameters
    ----------
    folder : Path
        The project's copy.
    env : str
        `AUTO`, `EXACT` or `OFF`.
    show : callable
        Says what is going on.
    """
    report = Settled()
    if env not in (AUTO, EXACT, OFF):
        report.lines.append(
            Line(BAD, f"env={env!r} is not known.", 'Use "auto", "exact" or "off".')
        )
        return report
    value = read_json(folder / ENVIRONMENT)
    if value is None:
        report.lines.append(
            Line(NOTE, "No libraries are recorded for this project, so none were installed.")
        )
        return report
    try:
        home = Home.parse(value)
    except ValueError:
        report.lines.append(
            Line(
                NOTE,
                "The list of libraries is of another version of jupyter-drive-sync.",
                "Sync the project in JupyterLab, then run this cell again.",
            )
        )
        return report
    here = installed()
    plan = make_plan(home.wanted, here)
    try:
        if env == OFF:
            report.plan = _never(plan)
        else:
            report.plan = _bring(plan, here, places, report, show)
        if env == EXACT:
            _exact(home, places, report, show)
    except CompanionError as error:
        report.plan = report.plan or _never(plan, error.message)
        report.lines.append(Line(BAD, error.message, error.hint))
    report.lines[:0] = _lines(home, report, off=env == OFF)
    return report


def _never(plan: Plan, why: str = "libraries are left alone") -> Plan:
    return plan.refuse({item.wanted.name: why for item in plan.of(INSTALL)})


def _bring(
    plan: Plan,
    here: Mapping[str, str],
    places: Places,
    report: Settled,
    show: Callable[[str], None],
) -> Plan:
    """Install what is missing; return the plan as it was carried out."""
    if not plan.of(INSTALL):
        return plan
    known = _remembered(plan, places)
    plan = plan.refuse(known)
    if not plan.of(INSTALL):
        return plan
    show(f"Looking for libraries: {_list(plan.of(INSTALL))}")
    plan, changes = work_out(plan, here)
    _remember(plan, places)
    if not plan.of(INSTALL):
        return plan
    asked = {item.wanted.name for item in plan.of(INSTALL)}
    used = loaded(asked | {move.name for move in plan.moves})
    plan = plan.in_use(used)
    show(f"Installing: {_list(plan.of(INSTALL))}")
    if plan.moves:
        show(f"This also changes: {_moves(plan.moves)}")
    if plan.restart:
        show(f"The session has to be restarted afterwards, for {', '.join(plan.restart)}")
    plan = carry_out(plan, here, changes)
    _remember(plan, places)
    report.installed = [item.wanted.name for item in plan.of(INSTALL)]
    return plan.moving(here, installed()).in_use(used)


def _memory(places: Places) -> Path:
    return places.own / "impossible.json"


def _key(plan: Plan) -> str:
    """Name a list of wishes: what was impossible for it stays so in this runtime."""
    wishes = sorted(item.wanted.requirement for item in plan.items)
    return hashlib.sha256(json.dumps([sys.version, wishes]).encode()).hexdigest()


def _remembered(plan: Plan, places: Places) -> dict[str, str]:
    value = read_json(_memory(places)) or {}
    found = value.get("impossible") if value.get("key") == _key(plan) else None
    return found if isinstance(found, dict) else {}


def _remember(plan: Plan, places: Places) -> None:
    impossible = {item.wanted.name: item.why for item in plan.of(IMPOSSIBLE)}
    write_json(_memory(places), {"v": FORMAT, "key": _key(plan), "impossible": impossible})


def _exact(home: Home, places: Places, report: Settled, show: Callable[[str], None]) -> None:
    """Make the separate environment with home's versions."""
    python = places.venv / "bin" / "python"
    if not python.exists():
        show("Making an environment of its own…")
        uv = shutil.which("uv")
        own = [uv, "venv", "--quiet", "--python", home.python] if uv and home.python else []
        done = uv and own and _ran([*own, str(places.venv)])
        if not done:  # no such Python here and none to be had: this one
            shutil.rmtree(places.venv, ignore_errors=True)
            made = _ran([sys.executable, "-m", "venv", str(places.venv)]) or (
                uv is not None and _ran([uv, "venv", "--quiet", str(places.venv)])
            )
            if not made:
                raise EnvironmentFailed("The separate environment could not be made.")
    plan = make_plan(home.wanted, installed(packages_of(str(python))))
    missing = [item for item in plan.items if item.do in (INSTALL, KEPT)]
    impossible: dict[str, str] = {}
    if missing:
        show(f"Installing into the separate environment: {_list(missing)}")
        installer = Installer(str(python))
        lines = [(item.wanted.name, item.wanted.requirement) for item in missing]
        good, impossible = sort_out(lines, installer.try_out)
        problem = installer.install(good).problem
        if problem:
            raise EnvironmentFailed(f"The separate environment is incomplete: {problem}.")
    report.lines.append(Line(GOOD, f"Scripts run with home's versions: !{python} train.py"))
    if impossible:
        left = ", ".join(f"{name} ({why})" for name, why in impossible.items())
        report.lines.append(Line(NOTE, f"Not in the separate environment: {left}."))


def _ran(arguments: list[str]) -> bool:
    return subprocess.run(arguments, capture_output=True, check=False).returncode == 0


# Words


def _lines(home: Home, report: Settled, *, off: bool) -> list[Line]:
    plan = report.plan
    if plan is None:
        return []
    lines = []
    right, done = len(plan.of(RIGHT)), report.installed
    if off:
        lines.append(Line(NOTE, "Libraries were left alone, as asked."))
    elif done:
        lines.append(
            Line(
                GOOD,
                f"Libraries: {right} as at home, {len(done)} installed ({', '.join(done[:6])}"
                f"{', …' if len(done) > 6 else ''}).",
            )
        )
    elif right or not plan.drift:
        lines.append(Line(GOOD, f"Libraries: {right} as at home, nothing to install."))
    if kept := plan.of(KEPT):
        lines.append(Line(NOTE, f"Kept, because the runtime owns them: {_list(kept)}."))
    if impossible := [item for item in plan.of(IMPOSSIBLE) if not off]:
        shown = ", ".join(f"{_one(item)}: {item.why}" for item in impossible[:6])
        more = f" and {len(impossible) - 6} more" if len(impossible) > 6 else ""
        lines.append(Line(NOTE, f"Not possible here: {shown}{more}."))
    if done and plan.moves:
        lines.append(Line(NOTE, f"Changed along with these: {_moves(plan.moves)}."))
    if done and plan.restart:
        names = ", ".join(plan.restart)
        lines.append(
            Line(
                NOTE,
                f"Another version of {names} is in use in this session.",
                "Choose Runtime > Restart session, then run this cell again.",
            )
        )
    if home.python and _minor(home.python) != _minor(platform.python_version()):
        lines.append(
            Line(NOTE, f"Python is {platform.python_version()} here and {home.python} at home.")
        )
    if home.skipped:
        names = ", ".join(list(home.skipped)[:4])
        lines.append(Line(NOTE, f"Not on a package index, so not brought: {names}."))
    return lines


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _list(items: list[Item]) -> str:
    shown = ", ".join(map(_one, items[:6]))
    return f"{shown} and {len(items) - 6} more" if len(items) > 6 else shown


def _moves(moves: Sequence[Move]) -> str:
    shown = ", ".join(map(str, moves[:8]))
    return f"{shown} and {len(moves) - 8} more" if len(moves) > 8 else shown


def _one(item: Item) -> str:
    wanted = item.wanted
    if item.do == INSTALL:
        return f"{wanted.name} {wanted.shown}".strip()
    here = item.here or "not here"
    return f"{wanted.name} {here} ({wanted.shown or 'any'} at home)"
