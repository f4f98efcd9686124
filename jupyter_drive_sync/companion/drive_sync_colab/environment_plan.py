"""The plan for a project's libraries: pure, from what home has and what is here.

What the runtime owns is never moved: Colab's kernel, its front end and the GPU's libraries break
when their versions change. What differs is reported instead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .environment_owned import AT_HOME as _AT_HOME
from .environment_owned import is_owned
from .settings import FORMAT
from .versions import clauses, normalised, satisfies

RIGHT, INSTALL, KEPT, IMPOSSIBLE, AT_HOME = "right", "install", "kept", "impossible", "at home"

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class Wanted:
    """One package that the project has at home.

    Attributes
    ----------
    name : str
        Normalised.
    spec : str
        Version specifier; empty: any version.
    shown : str
        The version or specifier as people know it.
    """

    name: str
    spec: str = ""
    shown: str = ""

    @property
    def requirement(self) -> str:
        """The line for an installer."""
        return self.name + self.spec


@dataclass(frozen=True)
class Item:
    """What becomes of one package.

    Attributes
    ----------
    wanted : Wanted
        What home has.
    do : str
        `RIGHT`, `INSTALL`, `KEPT`, `IMPOSSIBLE` or `AT_HOME`.
    here : str or None
        The version in the runtime before.
    why : str
        For `IMPOSSIBLE`: what stands against it.
    restart : bool
        Whether the kernel has loaded another version and has to be restarted.
    """

    wanted: Wanted
    do: str
    here: str | None = None
    why: str = ""
    restart: bool = False


@dataclass(frozen=True)
class Home:
    """What ``environment.json`` says.

    Attributes
    ----------
    python : str
        Version of Python at home.
    source : str
        Where the list comes from, such as ``kernel``.
    skipped : dict of str to str
        Packages that could not be put on the list, with why.
    """

    python: str
    source: str
    wanted: tuple[Wanted, ...]
    skipped: dict[str, str]

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Home:
        """Read the file's object; what is not understood is named under `skipped`.

        Raises
        ------
        ValueError
            It is not of a version that is known here.
        """
        if value.get("v") != FORMAT:
            raise ValueError("environment.json is of another version")
        skipped = {
            str(one.get("name", "?")): str(one.get("why", ""))
            for one in value.get("skipped") or []
            if isinstance(one, Mapping)
        }
        wanted = {}
        for one in value.get("packages") or []:
            read = _wanted(one) if isinstance(one, Mapping) else None
            if read is None:
                skipped[str(one)[:60]] = "not understood"
            else:
                wanted[read.name] = read
        python, source = str(value.get("python") or ""), str(value.get("source") or "")
        return cls(python, source, tuple(wanted.values()), skipped)


def _wanted(value: Mapping[str, Any]) -> Wanted | None:
    """Read one entry; nothing but names and versions passes, as installers take options too."""
    name, version, spec = (value.get(key) for key in ("name", "version", "spec"))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    # home's local part, such as +cu121, names a build that another machine need not have
    exact = f"=={str(version).partition('+')[0]}" if version else ""
    chosen = str(spec).replace(" ", "") if spec else exact
    try:
        satisfies("0", chosen)
    except ValueError:
        return None
    return Wanted(normalised(name), chosen, str(version or spec or ""))


@dataclass(frozen=True)
class Move:
    """A package that nobody asked for, which has to change all the same.

    Attributes
    ----------
    name : str
        Normalised.
    here, to : str
        Its versions before and after.
    restart : bool
        Whether the kernel has loaded it and has to be restarted.
    """

    name: str
    here: str
    to: str
    restart: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.here} to {self.to}"


@dataclass(frozen=True)
class Plan:
    """All items, in the order in which home names them.

    Attributes
    ----------
    moves : tuple of Move
        What else changes of the packages that were there.
    """

    items: tuple[Item, ...]
    moves: tuple[Move, ...] = ()

    def of(self, do: str) -> list[Item]:
        """Return those of one kind."""
        return [item for item in self.items if item.do == do]

    @property
    def requirements(self) -> list[str]:
        """What an installer is asked for."""
        return [item.wanted.requirement for item in self.of(INSTALL)]

    @property
    def drift(self) -> list[Item]:
        """What differs from home and stays so."""
        return [item for item in self.items if item.do in (KEPT, IMPOSSIBLE)]

    @property
    def restart(self) -> list[str]:
        """Names of what the kernel has to be restarted for afterwards."""
        items = [item.wanted.name for item in self.of(INSTALL) if item.restart]
        return items + [move.name for move in self.moves if move.restart]

    def refuse(self, impossible: Mapping[str, str]) -> Plan:
        """Return the plan with what an installer cannot do marked so."""
        items = tuple(
            replace(item, do=IMPOSSIBLE, why=impossible[item.wanted.name], restart=False)
            if item.do == INSTALL and item.wanted.name in impossible
            else item
            for item in self.items
        )
        return replace(self, items=items)

    def moving(self, before: Mapping[str, str], after: Mapping[str, str]) -> Plan:
        """Return the plan with what changes besides.

        Parameters
        ----------
        before : Mapping of str to str
            Versions that were there, by normalised name.
        after : Mapping of str to str
            Versions afterwards; what is not named stays.
        """
        asked = {item.wanted.name for item in self.of(INSTALL)}
        return replace(
            self,
            moves=tuple(
                Move(name, before[name], version)
                for name, version in sorted(after.items())
                if name in before and before[name] != version and name not in asked
            ),
        )

    def in_use(self, loaded: Collection[str]) -> Plan:
        """Return the plan with what asks for a restart marked so.

        Parameters
        ----------
        loaded : collection of str
            Normalised names of packages that the kernel has imported.
        """
        return Plan(
            tuple(
                replace(item, restart=item.here is not None and item.wanted.name in loaded)
                if item.do == INSTALL
                else item
                for item in self.items
            ),
            tuple(replace(move, restart=move.name in loaded) for move in self.moves),
        )


def make_plan(wanted: Iterable[Wanted], here: Mapping[str, str]) -> Plan:
    """Decide for each package.

    Parameters
    ----------
    here : Mapping of str to str
        Versions in the runtime by normalised name.
    """
    return Plan(tuple(_decide(one, here.get(one.name)) for one in wanted))


def _decide(wanted: Wanted, here: str | None) -> Item:
    if here is not None and _fits(here, wanted.spec):
        return Item(wanted, RIGHT, here)
    if _AT_HOME.fullmatch(wanted.name):
        return Item(wanted, AT_HOME, here)
    if is_owned(wanted.name, here):
        return Item(wanted, KEPT, here)
    return Item(wanted, INSTALL, here)


def _fits(version: str, spec: str) -> bool:
    try:
        return satisfies(version, spec)
    except ValueError:  # a version from before PEP 440: nothing can be said of it
        return not clauses(spec)
