"""What a Python has: packages, what they ask of one another, and what is in use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata

from .versions import normalised


def installed(path: Iterable[str] | None = None) -> dict[str, str]:
    """Return versions by normalised name; of two of one name the one that is imported."""
    found: dict[str, str] = {}
    every = metadata.distributions() if path is None else metadata.distributions(path=list(path))
    for one in every:
        about = one.metadata  # read and parsed at each access
        name, version = about["Name"], about["Version"]
        if name and version:
            found.setdefault(normalised(name), version)
    return found


def needs(path: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Return what installed packages ask of others, by normalised name."""
    found: dict[str, list[str]] = {}
    every = metadata.distributions() if path is None else metadata.distributions(path=list(path))
    for one in every:
        name = one.metadata["Name"]
        if name:
            found.setdefault(normalised(name), one.requires or [])
    return found


def packages_of(python: str) -> list[str]:
    """Return the folders of packages of another interpreter."""
    said = subprocess.run(
        [python, "-c", "import site, json; print(json.dumps(site.getsitepackages()))"],
        capture_output=True,
        text=True,
        check=True,
    )
    folders: list[str] = json.loads(said.stdout)
    return folders


def loaded(names: set[str]) -> set[str]:
    """Return which of these packages the kernel has imported."""
    modules = {name.partition(".")[0] for name in sys.modules}
    return {
        normalised(package)
        for module, packages in metadata.packages_distributions().items()
        if module in modules
        for package in packages
        if normalised(package) in names
    }
