"""Runtime images as Google publishes them: environments that have whole lists of packages.

`scripts/colab_images.py` fetches the lists. Nothing of the packages is there but their records.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from .python import add_records

_FILE = re.compile(r"/[^/]+?-(?P<version>[^-/]+)(?:-[^/]*\.whl|\.tar\.gz)(?:#.*)?$")
_DESCRIPTION = "\n" + "What a package says of itself.\n" * 600
UNKNOWN = "0"
"""The version of what was built from a commit: the list does not say it."""


@dataclass(frozen=True)
class Package:
    """One line of a list.

    Attributes
    ----------
    url : str
        Where it was installed from; empty: from the package index.
    """

    name: str
    version: str
    url: str = ""


def read_published(path: Path) -> list[Package]:
    """Read a list as ``pip freeze`` writes it."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, at, url = line.partition(" @ ")
        if at:
            file = _FILE.search(unquote(url))
            found.append(Package(name, file["version"] if file else UNKNOWN, url))
        else:
            name, _, version = line.partition("==")
            found.append(Package(name, version))
    return found


@lru_cache
def python_of(minor: str) -> str | None:
    """Return an interpreter of this version of Python, such as ``3.13``; None: there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [f"python{minor}", *map(str, pyenv.glob(f"{minor}.*/bin/python"))]
    for one in candidates:
        found = shutil.which(one)
        if found and _version(found) == minor:
            return found
    return None


def _version(python: str) -> str:
    code = "import sys; print('{}.{}'.format(*sys.version_info))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def make_image(
    folder: Path,
    minor: str,
    packages: Sequence[Package],
    requires: Mapping[str, Sequence[str]],
) -> Path:
    """Make an environment that has these packages' records; return its interpreter.

    Parameters
    ----------
    minor : str
        The version of Python, of which there has to be an interpreter.
    requires : Mapping of str to sequence of str
        What packages ask of others, by name, as far as it is known.
    """
    python = python_of(minor)
    assert python is not None
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    add_records(site, {one.name: (one.version, requires.get(one.name, ())) for one in packages})
    for one in packages:
        # as long as those of real packages are, since reading them takes time
        info = site / f"{one.name.replace('-', '_')}-{one.version}.dist-info"
        with (info / "METADATA").open("a", encoding="utf-8") as file:
            file.write(_DESCRIPTION)
        if one.url:
            value = {"url": one.url.removeprefix("git+"), "dir_info": {}}
            if one.url.startswith("git+"):
                address, _, commit = one.url.removeprefix("git+").partition("@")
                value = {"url": address, "vcs_info": {"vcs": "git", "commit_id": commit}}
            elif not one.url.startswith("file:///colabtools"):
                value = {"url": one.url.partition("#")[0], "archive_info": {}}
            (info / "direct_url.json").write_text(json.dumps(value), encoding="utf-8")
    return folder / "bin" / "python"
