"""The libraries of a project in a runtime: read, plan, show, do, report."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from .box import BAD, GOOD, NOTE, Line
from .environment_install import Installer, sort_out
from .environment_plan import (
    IMPOSSIBLE,
    INSTALL,
    KEPT,
    RIGHT,
    Home,
    Item,
    Plan,
    make_plan,
    protected,
)
from .errors import CompanionError, EnvironmentFailed
from .places import ENVIRONMENT, Places, read_json, write_json
from .settings import FORMAT
from .versions import normalised

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
    plan = make_plan(home.wanted, installed(), ())
    try:
        if env == OFF:
            report.plan = _never(plan)
        else:
            report.plan = _bring(plan, places, report, show)
        if env == EXACT:
            _exact(home, places, report, show)
    except CompanionError as error:
        report.plan = report.plan or _never(plan, error.message)
        report.lines.append(Line(BAD, error.message, error.hint))
    report.lines[:0] = _lines(home, report, off=env == OFF)
    return report


def installed(path: Iterable[str] | None = None) -> dict[str, str]:
    """Return versions by normalised name; of two of one name the one that is imported."""
    found: dict[str, str] = {}
    every = metadata.distributions() if path is None else metadata.distributions(path=list(path))
    for one in every:
        name = one.metadata["Name"]
        if name:
            found.setdefault(normalised(name), one.version)
    return found


def _loaded(names: set[str]) -> set[str]:
    """Return which of these packages the kernel has imported."""
    modules = {name.partition(".")[0] for name in sys.modules}
    return {
        normalised(package)
        for module, packages in metadata.packages_distributions().items()
        if module in modules
        for package in packages
        if normalised(package) in names
    }


def _never(plan: Plan, why: str = "libraries are left alone") -> Plan:
    return plan.refuse({item.wanted.name: why for item in plan.of(INSTALL)})


def _bring(plan: Plan, places: Places, report: Settled, show: Callable[[str], None]) -> Plan:
    """Install what is missing; return the plan as it was carried out."""
    if not plan.of(INSTALL):
        return plan
    here = installed()
    known = _remembered(plan, places)
    plan = plan.refuse(known)
    asked = {item.wanted.name for item in plan.of(INSTALL)}
    if not asked:
        return plan
    plan = make_plan([item.wanted for item in plan.items], here, _loaded(asked)).refuse(known)
    show(f"Looking for libraries: {_list(plan.of(INSTALL))}")
    installer = Installer(constraints=protected(here))
    lines = [(item.wanted.name, item.wanted.requirement) for item in plan.of(INSTALL)]
    good, impossible = sort_out(lines, installer.try_out)
    plan = plan.refuse(impossible)
    _remember(plan, places)
    if good:
        show(f"Installing: {_list(plan.of(INSTALL))}")
        answer = installer.install(good)
        if answer.problem:
            raise EnvironmentFailed(f"Libraries could not be installed: {answer.problem}.")
        report.installed = [item.wanted.name for item in plan.of(INSTALL)]
    return plan


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
    said = subprocess.run(
        [str(python), "-c", "import site, json; print(json.dumps(site.getsitepackages()))"],
        capture_output=True,
        text=True,
        check=True,
    )
    plan = make_plan(home.wanted, installed(json.loads(said.stdout)))
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
    if plan.restart and done:
        names = ", ".join(item.wanted.name for item in plan.of(INSTALL) if item.restart)
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


def _one(item: Item) -> str:
    wanted = item.wanted
    if item.do == INSTALL:
        return f"{wanted.name} {wanted.shown}".strip()
    here = item.here or "not here"
    return f"{wanted.name} {here} ({wanted.shown or 'any'} at home)"
