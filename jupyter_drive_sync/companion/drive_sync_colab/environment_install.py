"""Installing packages into the runtime: by uv, or by pip where there is no uv.

Every change is asked for first (a dry run), under constraints that keep the runtime's own packages.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .environment_owned import KEPT_OUT
from .errors import EnvironmentFailed, RuntimeFull
from .running import run_for
from .versions import normalised

_OFFLINE = re.compile(
    r"dns error|error sending request|Failed to (?:fetch|connect)|Connection refused|"
    r"NewConnectionError|Could not connect|timed out|Network is unreachable|"
    r"Temporary failure in name resolution|client error \(Connect\)|ProxyError",
    re.IGNORECASE,
)
PLAN_SECONDS, INSTALL_SECONDS = 600.0, 3600.0
"""What a slow index and packages that are built here may take; after that nothing will come."""

_FULL = "No space left on device"


@dataclass(frozen=True)
class Answer:
    """What an installer said.

    Attributes
    ----------
    changes : dict of str to str
        Versions after it, of what it changes, by normalised name.
    problem : str
        Why it cannot be done; empty when it can.
    """

    changes: dict[str, str]
    problem: str = ""


class Installer:
    """One Python environment, and the tool that installs into it.

    Parameters
    ----------
    python : str
        The environment's interpreter.
    constraints : sequence of str
        What must stay: lines such as ``name==version``.
    build : bool
        Whether packages may be built that are not on the index ready to use.
    """

    def __init__(
        self,
        python: str = sys.executable,
        constraints: Sequence[str] = (),
        *,
        build: bool = True,
    ) -> None:
        self._python = python
        self._build = build
        self._constraints = constraints
        uv = shutil.which("uv")
        self.tool = "uv" if uv else "pip"
        self._uv = uv or ""

    def try_out(self, requirements: Sequence[str]) -> Answer:
        """Ask what would change.

        Raises
        ------
        EnvironmentFailed
            The package index cannot be reached.
        """
        return self._run(requirements, dry=True)

    def install(self, requirements: Sequence[str]) -> Answer:
        """Install.

        Raises
        ------
        EnvironmentFailed, RuntimeFull
            The package index cannot be reached, or the disk is full.
        """
        return self._run(requirements, dry=False)

    def _run(self, requirements: Sequence[str], *, dry: bool) -> Answer:
        if not requirements:
            return Answer({})
        with tempfile.TemporaryDirectory() as folder:
            wanted, kept = Path(folder) / "wanted.txt", Path(folder) / "kept.txt"
            wanted.write_text("\n".join(requirements) + "\n", encoding="utf-8")
            kept.write_text("\n".join(self._constraints) + "\n", encoding="utf-8")
            report = Path(folder) / "report.json"
            arguments = self._arguments(wanted, kept, report, dry)
            done = self._say(arguments, PLAN_SECONDS if dry else INSTALL_SECONDS)
            said = done.stdout + done.stderr
            if done.returncode:
                return Answer({}, self._problem(said))
            return Answer(_by_pip(report) if self.tool == "pip" else _by_uv(said))

    def _say(self, arguments: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
        try:
            return run_for(arguments, seconds)
        except subprocess.TimeoutExpired as error:
            raise EnvironmentFailed(
                f"{self.tool} did not come to an end within {seconds / 60:.0f} min: it was ended.",
                "Run this cell again. The other cells run with the libraries that are there.",
            ) from error

    def _arguments(self, wanted: Path, kept: Path, report: Path, dry: bool) -> list[str]:
        if self.tool == "uv":
            own = [self._uv, "pip", "install", "--python", self._python, "--no-progress"]
            # outside of an environment of its own, as in Colab, the system's is meant
            own += ["--break-system-packages", "--color", "never"]
        else:
            # not --quiet: that would keep the reason of a conflict too
            own = [self._python, "-m", "pip", "install", "--progress-bar", "off", "--no-input"]
            own += ["--disable-pip-version-check", "--report", str(report)]
        own += ["--dry-run"] if dry else []
        own += [] if self._build else ["--only-binary", ":all:"]
        return [*own, "--constraint", str(kept), "--requirement", str(wanted)]

    def _problem(self, said: str) -> str:
        if _FULL in said:
            raise RuntimeFull("No space is left on the runtime's disk for the libraries.")
        if _OFFLINE.search(said):
            raise EnvironmentFailed(
                "The package index cannot be reached, so nothing was installed."
            )
        return _reason(said)


def _by_uv(said: str) -> dict[str, str]:
    found = re.findall(r"^ [+~] ([A-Za-z0-9._-]+)==(\S+)", said, re.MULTILINE)
    return {normalised(name): version for name, version in found}


def _by_pip(report: Path) -> dict[str, str]:
    about = [one["metadata"] for one in json.loads(report.read_text("utf-8"))["install"]]
    return {normalised(one["name"]): one["version"] for one in about}


def _reason(said: str) -> str:
    """Find the sentence that says why, in few words."""
    text = " ".join(re.sub(r"^[^\w(]+", "", line) for line in said.splitlines())
    if re.search(rf"jupyter[a-z-]*{KEPT_OUT}", text):
        return "it would bring JupyterLab, which the runtime's own server does not stand"
    if re.search(r"no wheels|requires Python|requires a different Python|Requires-Python", text):
        return "there is none for this runtime's Python"
    if re.search(r"was not found in the|No matching distribution|no version", text):
        return "the package index has no such version"
    if re.search(r"[Ff]ailed to build|build backend|compil", text):
        return "it would have to be built here, and that failed"
    if re.search(r"conflict|depends? on|unsatisfiable|incompatible", text):
        return "it needs other versions of what the runtime owns"
    return text.strip()[:160] or "the installer gave no reason"


def sort_out(
    requirements: Sequence[tuple[str, str]], try_out: Callable[[Sequence[str]], Answer]
) -> tuple[list[str], dict[str, str]]:
    """Find the packages that can be installed together.

    Parameters
    ----------
    requirements : sequence of (str, str)
        Name and requirement line.
    try_out : callable
        A dry run.

    Returns
    -------
    tuple
        The lines that go together, and why the others do not, by name.
    """
    some = list(requirements)
    if not try_out([line for _, line in some]).problem:
        return [line for _, line in some], {}
    good, bad = _split(some, try_out)
    # what is possible one by one need not be so together: then the first ones win
    if len(good) > 1 and try_out([line for _, line in good]).problem:
        together: list[tuple[str, str]] = []
        for one in good:
            problem = try_out([line for _, line in [*together, one]]).problem
            if problem:
                bad[one[0]] = problem
            else:
                together.append(one)
        good = together
    return [line for _, line in good], bad


Sorted = tuple[list[tuple[str, str]], dict[str, str]]


def _split(some: list[tuple[str, str]], try_out: Callable[[Sequence[str]], Answer]) -> Sorted:
    """Ask for both halves of what does not go together."""
    if len(some) == 1:
        return [], {some[0][0]: try_out([some[0][1]]).problem}
    middle = len(some) // 2
    (good, bad), (more, worse) = (_ask(part, try_out) for part in (some[:middle], some[middle:]))
    return good + more, bad | worse


def _ask(some: list[tuple[str, str]], try_out: Callable[[Sequence[str]], Answer]) -> Sorted:
    problem = try_out([line for _, line in some]).problem
    if not problem:
        return some, {}
    return ([], {some[0][0]: problem}) if len(some) == 1 else _split(some, try_out)
