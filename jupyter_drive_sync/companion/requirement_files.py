"""What a project asks for in ``requirements.txt`` and its kin."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_ELSEWHERE = "comes from an address or a folder, not from the package index"
_LINUX = {
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_system": "Linux",
    "sys_platform": "linux",
}
_OF_CONDA = {"pytorch": "torch", "pytorch-cuda": "", "cudatoolkit": "", "pip": "", "python": ""}
"""What conda calls otherwise than the package index, or has apart from it."""


@dataclass(slots=True)
class Wishes:
    """What a file asks for.

    Attributes
    ----------
    source : str
        The file's name.
    packages : dict of str to (str or None, str or None)
        By name in normal form, the exact version and else the specifier.
    skipped : dict of str to str
        What cannot be had that way, with why.
    """

    source: str
    packages: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def take(self, text: str) -> None:
        """Take a requirement as it is written, such as ``tqdm>=4.60``."""
        try:
            wish = Requirement(text)
        except InvalidRequirement:
            self.skipped[text[:80]] = _ELSEWHERE if "/" in text else "not understood"
            return
        if wish.url is not None:
            self.skipped[canonicalize_name(wish.name)] = _ELSEWHERE
        elif wish.marker is not None and not wish.marker.evaluate(dict(_LINUX)):
            self.skipped[canonicalize_name(wish.name)] = "only wanted on other systems"
        else:
            self.put(wish.name, wish.specifier)

    def put(self, name: str, wanted: SpecifierSet) -> None:
        """Take a name with its specifier."""
        clauses = list(wanted)
        exact = len(clauses) == 1 and clauses[0].operator in ("==", "===")
        if exact and not clauses[0].version.endswith("*"):
            self.packages[canonicalize_name(name)] = clauses[0].version, None
        else:
            self.packages[canonicalize_name(name)] = None, str(wanted) or None


def wishes(root: Path) -> Wishes | None:
    """Read the first of the files that is there and says something.

    Returns
    -------
    Wishes or None
        None where there is none.
    """
    for name, read in _READERS.items():
        try:
            text = (root / name).read_text(encoding="utf-8-sig")
        except (FileNotFoundError, IsADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            return Wishes(name, skipped={name: f"cannot be read: {error}"[:200]})
        asked = Wishes(name)
        try:
            if read(text, asked):
                return asked
        except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
            reason = str(error).splitlines()[0] if str(error) else "it is damaged"
            return Wishes(name, skipped={name: f"cannot be read: {reason}"[:200]})
    return None


def _requirements(text: str, asked: Wishes) -> bool:
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        wish = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        if wish.startswith(("-e ", "--editable", "-r ", "--requirement", "-c ", "--constraint")):
            asked.skipped[wish[:80]] = "this line of requirements.txt is not followed"
        elif wish and not wish.startswith("-"):
            asked.take(re.split(r"\s--", wish, maxsplit=1)[0].strip())
    return True


def _pyproject(text: str, asked: Wishes) -> bool:
    project = tomllib.loads(text).get("project")
    listed = project.get("dependencies") if isinstance(project, dict) else None
    if not isinstance(listed, list):
        return False
    for wish in listed:
        asked.take(str(wish))
    return True


def _uv_lock(text: str, asked: Wishes) -> bool:
    locked = [one for one in tomllib.loads(text).get("package") or () if isinstance(one, dict)]
    own = [one for one in locked if {"virtual", "editable"} & _keys(one.get("source"))]
    wanted = {
        str(wish.get("name"))
        for one in own
        for wish in one.get("dependencies") or ()
        if isinstance(wish, dict)
    }
    for one in locked:
        name = str(one.get("name"))
        if one in own or (own and name not in wanted):
            continue
        if "registry" in _keys(one.get("source")) and one.get("version"):
            asked.packages[canonicalize_name(name)] = str(one["version"]), None
        else:
            asked.skipped[canonicalize_name(name)] = _ELSEWHERE
    return True


def _keys(table: object) -> set[str]:
    return set(table) if isinstance(table, dict) else set()


def _conda(text: str, asked: Wishes) -> bool:
    data = yaml.safe_load(text)
    listed = data.get("dependencies") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        return False
    for item in listed:
        if isinstance(item, dict):
            for wish in _texts(item.get("pip")):
                asked.take(wish)
        elif isinstance(item, str):
            _take_conda(item, asked)
    return True


def _texts(listed: Any) -> Iterable[str]:  # noqa: ANN401 - whatever stands in the file
    return [str(one) for one in listed] if isinstance(listed, list) else []


def _take_conda(item: str, asked: Wishes) -> None:
    found = re.fullmatch(r"(?:[^:]+::)?([\w.-]+)\s*(.*)", item.strip())
    if found is None:
        asked.skipped[item[:80]] = "not understood"
        return
    name, wanted = _OF_CONDA.get(found[1].lower(), found[1]), found[2].split(" ")[0]
    if not name:
        return
    single = re.fullmatch(r"=(?!=)([^=]+)(?:=.*)?", wanted)  # =1.26 means 1.26.*; a build follows
    if single:
        version = single[1].rstrip("*").rstrip(".")
        wanted = f"=={version}" if version.count(".") > 1 else f"=={version}.*"
    try:
        asked.put(name, SpecifierSet(wanted))
    except InvalidSpecifier:
        asked.skipped[item[:80]] = "not understood"


_READERS: dict[str, Callable[[str, Wishes], bool]] = {
    "requirements.txt": _requirements,
    "pyproject.toml": _pyproject,
    "uv.lock": _uv_lock,
    "environment.yml": _conda,
}
