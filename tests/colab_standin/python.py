"""The machine's Python: an environment of its own, and records of packages in it."""

from __future__ import annotations

import sys
import sysconfig
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

IMAGE = Path(__file__).parent / "image-2026-08-19.txt"
"""What a runtime image had of that which must not move."""


def make_python(folder: Path, *, shared: bool = True) -> Path:
    """Make an environment; return its interpreter.

    Parameters
    ----------
    shared : bool
        Whether what the tests' environment has is there as well, by a path file: IPython,
        google-auth, pip.
    """
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    python = folder / "bin" / "python"
    if shared:
        around = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        lines = "\n".join(sorted(around)) + "\n"
        (site_of(python) / "machine.pth").write_text(lines, encoding="utf-8")
    return python


def site_of(python: Path) -> Path:
    """Return where an environment's packages are."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return python.parent.parent / "lib" / version / "site-packages"


def read_image(path: Path) -> dict[str, tuple[str, list[str]]]:
    """Read versions and requirements by name."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            first, *requires = line.split()
            name, _, version = first.partition("==")
            found[name] = (version, requires)
    return found


def add_packages(python: Path, packages: Mapping[str, tuple[str, Sequence[str]]]) -> None:
    """Put the records of packages into an environment: installers see them, nothing is in them.

    Parameters
    ----------
    packages : Mapping of str to (str, sequence of str)
        Version and requirements by name.
    """
    add_records(site_of(python), packages)


def add_records(site: Path, packages: Mapping[str, tuple[str, Sequence[str]]]) -> None:
    """Put the records of packages into a folder of packages."""
    for name, (number, requires) in packages.items():
        info = site / f"{name.replace('-', '_')}-{number}.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {number}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (info / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (info / "INSTALLER").write_text("pip\n", encoding="utf-8")
        (info / "RECORD").write_text(
            "".join(f"{info.name}/{part},,\n" for part in ("METADATA", "INSTALLER", "RECORD")),
            encoding="utf-8",
        )
