"""The libraries of a project in a runtime: read, plan, show, do, report."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .box import BAD, GOOD, NOTE, Line
from .environment_here import installed, loaded, packages_of
from .environment_install import PLAN_SECONDS, Installer, sort_out
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
from .running import run_for
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
    stopped = False
    try:
        if env == OFF:
            report.plan = _never(plan)
        else:
            report.plan = _bring(plan, here, places, report, show)
        if env == EXACT:
            _exact(home, places, report, show)
    except CompanionError as error:
        missing = "" if report.plan else f" Missing: {_asked(plan.of(INSTALL))}."
        report.plan = report.plan or _never(plan, error.message)
        report.lines.append(Line(BAD, error.message + missing, error.hint))
        stopped = bool(missing)
    report.lines[:0] = _lines(home, report, off=env == OFF, stopped=stopped)
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
    show(f"Looking for libraries: {_asked(plan.of(INSTALL))}")
    plan, changes = work_out(plan, here)
    _remember(plan, places)
    if not plan.of(INSTALL):
        return plan
    asked = {item.wanted.name for item in plan.of(INSTALL)}
    used = loaded(asked | {move.name for move in plan.moves})
    plan = plan.in_use(used)
    show(f"Installing: {_asked(plan.of(INSTALL))}")
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
        show(f"Installing into the separate environment: {_asked(missing)}")
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
    try:
        return run_for(arguments, PLAN_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


# Words


def _lines(home: Home, report: Settled, *, off: bool, stopped: bool = False) -> list[Line]:
    """Say what came of the plan.

    Parameters
    ----------
    off : bool
        Nobody wanted anything installed.
    stopped : bool
        Nothing could be installed, for one reason that has a line of its own.
    """
    plan = report.plan
    if plan is None:
        return []
    lines = []
    right, done = len(plan.of(RIGHT)), report.installed
    if off:
        lines.append(Line(NOTE, "Libraries were left alone, as asked."))
    elif done:
        as_here = f"{right} as at home, " if right else ""
        names = ", ".join(done[:6]) + (", …" if len(done) > 6 else "")
        lines.append(Line(GOOD, f"Libraries: {as_here}{len(done)} installed ({names})."))
    elif right and not stopped:
        lines.append(Line(GOOD, f"Libraries: {right} as at home, nothing to install."))
    elif not plan.drift:
        lines.append(Line(GOOD, "Libraries: nothing to install."))
    if kept := [item for item in plan.of(KEPT) if item.here]:
        lines.append(Line(NOTE, f"Kept, because the runtime owns them: {_list(kept)}."))
    if left := [item for item in plan.of(KEPT) if not item.here]:
        lines.append(
            Line(NOTE, f"Not installed, because only the runtime may bring them: {_list(left)}.")
        )
    if not off and not stopped and (impossible := plan.of(IMPOSSIBLE)):
        lines.append(Line(NOTE, f"Not possible here: {_some(map(_hindered, impossible))}."))
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
    if absent := {name: why for name, why in home.skipped.items() if not _is_here(name)}:
        each = (f"{name}: {why}" if why else name for name, why in absent.items())
        lines.append(Line(NOTE, f"Not brought: {_some(each)}."))
    return lines


def _is_here(name: str) -> bool:
    """Say whether the runtime has what home could not put on its list: a module, or a package."""
    if name.isidentifier():
        try:
            if importlib.util.find_spec(name) is not None:
                return True
        except (ImportError, ValueError):  # half there, so of no use
            return False
    try:
        importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return False
    return True


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _some(texts: Iterable[str]) -> str:
    """Join the first six; each may hold commas."""
    all_of_them = list(texts)
    more = f" and {len(all_of_them) - 6} more" if len(all_of_them) > 6 else ""
    return "; ".join(all_of_them[:6]) + more


def _list(items: Sequence[Item]) -> str:
    """Say what differs, in words that are true at home and in Colab."""
    return _some(map(_differs, items))


def _differs(item: Item) -> str:
    home = f", {item.wanted.shown} at home" if item.wanted.shown else ""
    here = f"{item.wanted.name} {item.here}" if item.here else f"no {item.wanted.name}"
    return f"{here} in Colab{home}"


def _asked(items: Sequence[Item]) -> str:
    shown = ", ".join(map(_wish, items[:6]))
    return f"{shown} and {len(items) - 6} more" if len(items) > 6 else shown


def _wish(item: Item) -> str:
    return f"{item.wanted.name} {item.wanted.shown}".strip()


def _hindered(item: Item) -> str:
    stays = f", so {item.here} stays" if item.here else ""
    return f"{_wish(item)}: {item.why}{stays}"


def _moves(moves: Sequence[Move]) -> str:
    shown = ", ".join(map(str, moves[:8]))
    return f"{shown} and {len(moves) - 8} more" if len(moves) > 8 else shown
