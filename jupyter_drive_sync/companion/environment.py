"""``environment.json``: what is installed at home, as far as the project uses it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jupyter_drive_sync.companion.imports import project_imports
from jupyter_drive_sync.companion.installed import Installed, KernelUnusable, ask, kernel_python
from jupyter_drive_sync.companion.requirement_files import wishes
from jupyter_drive_sync.ports.colab import EnvironmentSource
from jupyter_drive_sync.ports.sides import Ignore

FORMAT = 1
_USUAL_KERNEL = "python3"
_MOST_PROVIDERS = 3


@dataclass(frozen=True, slots=True)
class Environment:
    """What the file says; the fields are those of docs/protocol.md.

    Attributes
    ----------
    packages : Mapping of str to (str or None, str or None)
        By name, the version and the specifier.
    skipped : Mapping of str to str
        What could not be put on the list, with why.
    """

    python: str | None
    source: str
    kernel: str | None
    packages: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)

    def as_json(self, made: str) -> dict[str, Any]:
        """Return the object of the file."""
        return {
            "v": FORMAT,
            "made": made,
            "python": self.python,
            "source": self.source,
            "kernel": self.kernel,
            "packages": [
                {"name": name, "version": version, "spec": spec}
                for name, (version, spec) in sorted(self.packages.items())
            ],
            "skipped": [{"name": name, "why": why} for name, why in sorted(self.skipped.items())],
        }


def as_bytes(environment: Environment, made: datetime, before: bytes = b"") -> bytes:
    """Return the file's content; `before` where it says the same already."""
    try:
        known = json.loads(before)
    except ValueError:
        known = None
    if isinstance(known, dict) and environment.as_json(str(known.get("made"))) == known:
        return before
    at = made.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (json.dumps(environment.as_json(at), indent=1, ensure_ascii=False) + "\n").encode()


def written(
    root: Path, source: EnvironmentSource, notebook: str | None, before: bytes, ignore: Ignore
) -> bytes:
    """Look at what is installed, and return the file's content. Runs the kernel's Python.

    Parameters
    ----------
    root : Path
        The project folder.
    source : EnvironmentSource
        Where the list comes from; where no file has one, from the kernel.
    notebook : str or None
        The notebook that names the kernel.
    before : bytes
        The file as it is.
    ignore : Ignore
        What does not belong to the project.
    """
    return as_bytes(
        look(root, source, _kernel(root, notebook, before), ignore),
        datetime.now(timezone.utc),
        before,
    )


def look(root: Path, source: EnvironmentSource, kernel: str, ignore: Ignore) -> Environment:
    """Say what a project needs of what is installed here."""
    asked = wishes(root) if source is EnvironmentSource.FILES else None
    imports = project_imports(root, ignore) if asked is None else set()
    try:
        installed = ask(kernel, imports)
    except KernelUnusable as error:
        unknown = {kernel: f"its packages are not known: {error}"}
        if asked is None:
            return Environment(None, EnvironmentSource.KERNEL.value, kernel, skipped=unknown)
        return Environment(None, asked.source, None, asked.packages, asked.skipped)
    if asked is not None:
        return Environment(installed.python, asked.source, None, asked.packages, asked.skipped)
    packages, skipped = _used(imports, installed)
    return Environment(installed.python, EnvironmentSource.KERNEL.value, kernel, packages, skipped)


def _used(
    imports: set[str], installed: Installed
) -> tuple[dict[str, tuple[str | None, str | None]], dict[str, str]]:
    """Return the distributions behind imported names, and what has none."""
    packages: dict[str, tuple[str | None, str | None]] = {}
    skipped: dict[str, str] = {}
    for dotted in sorted(imports):
        top, found = dotted.partition(".")[0], installed.provided.get(dotted, ())
        if not found:
            skipped[top] = "imported, but not installed at home"
        elif len(found) > _MOST_PROVIDERS:
            skipped[top] = "imported, but too many packages share this name"
        for name in found[:_MOST_PROVIDERS] if len(found) <= _MOST_PROVIDERS else ():
            one = installed.packages[name]
            if one.away:
                skipped[name] = one.away
            else:
                packages[name] = one.version, None
    return packages, skipped


def _kernel(root: Path, notebook: str | None, before: bytes) -> str:
    """Return the kernel's name: the notebook's, else the one of before, else the usual one."""
    named = [_named(root / notebook)] if notebook is not None else []
    try:
        known = json.loads(before)
        named.append(known.get("kernel") if isinstance(known, dict) else None)
    except ValueError:
        named.append(None)
    for name in named:
        if isinstance(name, str) and name and kernel_python(name) is not None:
            return name
    return _USUAL_KERNEL


def _named(notebook: Path) -> object:
    try:
        data = json.loads(notebook.read_bytes())
    except (OSError, ValueError):
        return None
    metadata = data.get("metadata") if isinstance(data, dict) else None
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return spec.get("name") if isinstance(spec, dict) else None
