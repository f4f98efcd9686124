"""What is installed where a kernel runs, as the kernel's own Python tells it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

SECONDS = 60.0
"""How long the kernel's Python may take; a cold disk needs some seconds."""

_PLAIN = {"python", "python3", f"python{sys.version_info[0]}.{sys.version_info[1]}"}

# Runs in the kernel's Python, of whatever version, with nothing but its standard library.
_LOOK = r"""
import json, re, sys
from importlib.metadata import distributions

wanted = json.load(sys.stdin)
packages, providers = {}, {}
for one in distributions():
    name = one.metadata["Name"] if one.metadata else None
    if not name:
        continue
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name in packages:
        continue  # the first on the path is the one that is imported
    try:
        origin = json.loads(one.read_text("direct_url.json") or "{}")
    except ValueError:
        origin = {}
    if (one.read_text("INSTALLER") or "").strip() == "conda":
        origin = {}
    packages[name] = [one.version, origin]
    files = [str(file).replace("\\", "/") for file in one.files or ()]
    tops = set((one.read_text("top_level.txt") or "").split())
    for file in files:
        top, _, below = file.partition("/")
        if below and "." not in top:
            tops.add(top)
        elif not below and top.endswith((".py", ".so", ".pyd")):
            tops.add(top.partition(".")[0])
    for top in tops:
        providers.setdefault(top, {})[name] = files

def provided(dotted):
    parts = dotted.split(".")
    alike = parts[0].replace("_", "-").lower()  # what is installed in place lists no modules
    found = providers.get(parts[0]) or ({alike: []} if alike in packages else {})
    for depth in range(len(parts), 1, -1):
        path = "/".join(parts[:depth])
        inside = [
            name for name, files in found.items()
            if any(file == path + ".py" or file.startswith((path + "/", path + ".")) for file in files)
        ]
        if inside:
            return sorted(inside)
    return sorted(found)

print("\x1e" + json.dumps({
    "python": ".".join(map(str, sys.version_info[:3])),
    "packages": packages,
    "provided": {dotted: provided(dotted) for dotted in wanted},
}))
"""  # noqa: E501


class KernelUnusable(Exception):
    """The kernel's Python cannot be asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution.

    Attributes
    ----------
    version : str
        Its version.
    away : str
        Why it cannot be had from the package index; empty where it can.
    """

    version: str
    away: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """What is installed.

    Attributes
    ----------
    python : str
        Version of Python.
    packages : Mapping of str to Distribution
        By name in normal form.
    provided : Mapping of str to tuple of str
        By imported name, the distributions that it may come from.
    """

    python: str
    packages: Mapping[str, Distribution]
    provided: Mapping[str, tuple[str, ...]]


def kernel_python(kernel: str) -> str | None:
    """Return the Python that a kernel runs with; None where there is no such kernel."""
    try:
        spec = KernelSpecManager().get_kernel_spec(kernel)
    except (NoSuchKernel, ValueError, OSError):
        return None
    if spec.language.lower() != "python" or not spec.argv:
        return None
    program = str(spec.argv[0])
    # As Jupyter itself does when it starts the kernel.
    return sys.executable if program in _PLAIN else program


def ask(kernel: str, imports: Iterable[str]) -> Installed:
    """Ask a kernel's Python what is installed there.

    Parameters
    ----------
    kernel : str
        The kernel's name.
    imports : iterable of str
        Dotted names of which it is to be said where they come from.

    Raises
    ------
    KernelUnusable
        There is none, it cannot be run, or it does not answer.
    """
    python = kernel_python(kernel)
    if python is None:
        raise KernelUnusable("there is no such Python kernel here")
    try:
        ended = subprocess.run(
            [python, "-c", _LOOK],
            input=json.dumps(sorted(imports)).encode(),
            capture_output=True,
            cwd=Path.cwd().anchor,  # it imports from here first, and the project's are not wanted
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise KernelUnusable(f"it did not answer within {SECONDS:g} seconds") from error
    except OSError as error:
        raise KernelUnusable(f"{python} cannot be run: {error.strerror or error}") from error
    # Whatever else the environment prints at its start comes before the mark.
    _, mark, answer = ended.stdout.decode("utf-8", "replace").rpartition("\x1e")
    try:
        data = json.loads(answer) if mark else None
    except ValueError:
        data = None
    if ended.returncode != 0 or not isinstance(data, dict):
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise KernelUnusable(said[-1][:200] if said else f"exit code {ended.returncode}")
    return Installed(
        data["python"],
        {
            name: Distribution(str(version), _away(origin))
            for name, (version, origin) in data["packages"].items()
        },
        {name: tuple(found) for name, found in data["provided"].items()},
    )


def _away(origin: object) -> str:
    if not isinstance(origin, dict) or not origin.get("url"):
        return ""
    if origin.get("vcs_info"):
        return "installed from a repository, not from the package index"
    if str(origin["url"]).startswith("file:"):
        return "installed at home from a folder"
    return "installed from an address, not from the package index"
