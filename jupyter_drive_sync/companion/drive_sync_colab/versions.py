"""Versions and version specifiers as PEP 440 has them, as far as a plan needs them."""

from __future__ import annotations

import math
import re
from typing import Any

_VERSION = re.compile(
    r"""\s*v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>alpha|beta|preview|pre|a|b|c|rc)[-_.]?(?P<pre_number>\d*))?
    (?P<post>-(?P<post_bare>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>\d*))?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_number>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_PRE = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_SPEC = re.compile(r"\s*(===|==|!=|>=|<=|~=|>|<)\s*([^\s,]+)\s*")
_BEFORE, _AFTER = (-1,), (1,)

Key = tuple[Any, ...]


def normalised(name: str) -> str:
    """Return a package's name in the form that is the same for all its spellings."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Version:
    """One version.

    Raises
    ------
    ValueError
        The text is none.
    """

    def __init__(self, text: str) -> None:
        found = _VERSION.fullmatch(text)
        if found is None:
            raise ValueError(f"no version: {text!r}")
        self.epoch = int(found["epoch"] or 0)
        self.release = tuple(map(int, found["release"].split(".")))
        self.local = (found["local"] or "").lower()
        pre = (found["pre"] or "").lower()
        self.pre = (_PRE.get(pre, pre), int(found["pre_number"] or 0)) if pre else None
        self.post = int(found["post_bare"] or found["post_number"] or 0) if found["post"] else None
        self.dev = int(found["dev_number"] or 0) if found["dev"] else None

    @property
    def public(self) -> Key:
        """What versions are ordered by, without the local part."""
        release = self.release
        while release and release[-1] == 0:
            release = release[:-1]
        pre: Key
        if self.pre is not None:
            pre = (0, *self.pre)
        elif self.post is None and self.dev is not None:
            pre = _BEFORE  # 1.0.dev1 is before 1.0a1
        else:
            pre = _AFTER
        post = -1 if self.post is None else self.post
        dev = (1, 0) if self.dev is None else (0, self.dev)
        return (self.epoch, release, pre, post, dev)

    def starts_with(self, other: Version) -> bool:
        """Say whether ``other.*`` matches this one."""
        size = len(other.release)
        own = (self.release + (0,) * size)[:size]
        return (self.epoch, own) == (other.epoch, other.release)


def satisfies(version: str, specifier: str) -> bool:
    """Say whether a version is one that a specifier such as ``>=1.2,<2`` allows.

    A local part counts only where the specifier has one: ``2.11.0+cu128`` is ``==2.11.0``.

    Raises
    ------
    ValueError
        One of the two is not understood.
    """
    have = Version(version)
    return all(_one(have, version, operator, wanted) for operator, wanted in clauses(specifier))


def clauses(specifier: str) -> list[tuple[str, str]]:
    """Split a specifier into operators and versions.

    Raises
    ------
    ValueError
        It is none.
    """
    found = []
    for part in specifier.split(","):
        if not part.strip():
            continue
        clause = _SPEC.fullmatch(part)
        if clause is None:
            raise ValueError(f"no specifier: {part!r}")
        found.append((clause[1], clause[2]))
    return found


def _one(have: Version, text: str, operator: str, wanted: str) -> bool:
    if operator == "===":
        return text.strip().lower() == wanted.lower()
    if wanted.endswith(".*") and operator in ("==", "!="):
        return have.starts_with(Version(wanted[:-2])) == (operator == "==")
    want = Version(wanted)
    if operator in ("==", "!="):
        equal = have.public == want.public and (not want.local or have.local == want.local)
        return equal == (operator == "==")
    if operator == "~=":
        if len(want.release) < 2:
            raise ValueError(f"~={wanted} needs two parts")
        prefix = Version(f"{want.epoch}!" + ".".join(map(str, want.release[:-1])))
        return have.public >= want.public and have.starts_with(prefix)
    if operator in (">=", "<="):
        first, second = (have, want) if operator == ">=" else (want, have)
        return first.public >= second.public
    return _strictly(have, want, operator, wanted)


def _strictly(have: Version, want: Version, operator: str, wanted: str) -> bool:
    """Decide ``<`` and ``>``, which leave out what belongs to the version itself."""
    if operator == "<":
        early = want.pre is not None or want.dev is not None
        # <1.0 leaves out 1.0a1, and <1.0.post1 leaves out 1.0.post1.dev0
        bound = want if early else Version(wanted.partition("+")[0] + ".dev0")
        return have.public < bound.public
    if want.post is None and want.dev is None:
        # >1.0 leaves out 1.0.post1, and >1.0a1 leaves out 1.0a1.post1
        return have.public > (*want.public[:3], math.inf)
    return have.public > want.public
