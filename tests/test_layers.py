"""Imports run one way: see "Layers" in docs/architecture.md.

``ALLOWED`` says, for each part of the package, which other parts it may import. Every part has to
be named in it, so a new one cannot slip past.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "jupyter_drive_sync"
ROOT = Path(__file__).resolve().parent.parent / PACKAGE

BASE = {"errors", "ports"}
ADAPTERS = {"rclone", "drive", "files", "store", "notebooks"}
ALL = BASE | ADAPTERS | {"engine", "service", "handlers", "triggers", "companion", "events"}

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "ports": {"errors"},
    "engine": BASE,
    **dict.fromkeys(ADAPTERS, BASE),
    "events": set(),
    "companion": BASE,
    "service": BASE | {"engine", "events"},
    "handlers": BASE | {"service"},
    "triggers": BASE | {"service"},
    "app": ALL | {"cli", "wiring", "connections"},
    "cli": ALL | {"app", "wiring"},
    "wiring": ALL | {"instruments", "connections", "neighbours"},
    "neighbours": ALL,
    "connections": ALL,
    "instruments": ALL,
    "_version": set(),
    "__init__": {"app", "_version"},
}

# What the engine and the ports must not know, whoever brings it in.
OUTSIDE_THE_CORE = {
    "asyncio",
    "jupyter_client",
    "jupyter_core",
    "jupyter_events",
    "jupyter_server",
    "nbdime",
    "nbformat",
    "pathspec",
    "sqlite3",
    "subprocess",
    "tornado",
    "traitlets",
    "watchfiles",
}
CORE = {"errors", "ports", "engine"}


def part_of(module: str) -> str:
    """``jupyter_drive_sync.engine.plan`` is in ``engine``; the package itself in ``__init__``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports_in(source: str, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Yield (line, full module name) for every import, wherever it stands in the file."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package[: len(package) - node.level + 1]
                base = ".".join([*above, *filter(None, [base])])
            if base == PACKAGE:  # "from jupyter_drive_sync import engine" imports a part
                for alias in node.names:
                    yield node.lineno, f"{base}.{alias.name}"
            else:
                yield node.lineno, base


def wrong_imports(root: Path) -> list[str]:
    """Return one sentence for every import against the layers below ``root``."""
    parts = {path.stem if path.is_file() else path.name for path in root.iterdir()}
    wrong = []
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root).with_suffix("")
        names = [name for name in relative.parts if name != "__init__"]
        module = ".".join([PACKAGE, *names])
        here = part_of(module)
        if here not in ALLOWED:
            wrong.append(f"{path.name}: the part '{here}' is not in ALLOWED")
            continue
        for line, imported in imports_in(
            path.read_text(encoding="utf-8"), module, path.name == "__init__.py"
        ):
            place = f"{path.relative_to(root)}:{line}: {here} imports {imported}"
            top = imported.split(".")[0]
            if top == PACKAGE:
                target = part_of(imported)
                known = target in ALLOWED or target in parts
                if known and target not in ALLOWED[here] | {here}:
                    wrong.append(place)
            elif here in CORE and top in OUTSIDE_THE_CORE:
                wrong.append(place)
    return wrong


def test_every_import_follows_the_layers():
    assert wrong_imports(ROOT) == []


# The half that travels to Colab: nothing but Python's standard library at module level, and nothing
# of ours ever. Inside functions it may use what a runtime has.
COMPANION = ROOT / "companion" / "drive_sync_colab"


def imports_at_module_level(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield what is imported when the module is."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))


def companion_imports(root: Path) -> list[str]:
    """Return one sentence for every import that the companion must not have."""
    wrong = []
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        early = list(imports_at_module_level(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                depth = len(path.relative_to(root).parts)
                if node.level > depth:
                    wrong.append(f"{path.name}:{node.lineno}: leads out of the bundle")
                names = [] if node.level else [node.module or ""]
            else:
                continue
            tops = {name.split(".")[0] for name in names}
            if PACKAGE in tops:
                wrong.append(f"{path.name}:{node.lineno}: {PACKAGE}")
            if node in early:
                wrong += [
                    f"{path.name}:{node.lineno}: {top}"
                    for top in sorted(tops - sys.stdlib_module_names)
                ]
    return wrong


def test_the_companion_needs_the_standard_library_alone():
    assert companion_imports(COMPANION) == []
    assert len(list(COMPANION.rglob("*.py"))) > 3


@pytest.mark.parametrize(
    "line",
    [
        "import google.auth",
        "from IPython.display import HTML",
        "try:\n    import torch\nexcept ImportError:\n    torch = None",
        "def late():\n    from jupyter_drive_sync.errors import DiskFull",
        "from ...errors import DiskFull",
    ],
)
def test_a_wrong_import_of_the_companion_is_found(tmp_path, line):
    (tmp_path / "thing.py").write_text(line + "\n", encoding="utf-8")

    assert len(companion_imports(tmp_path)) == 1


def test_the_companion_may_use_what_a_runtime_has(tmp_path):
    (tmp_path / "thing.py").write_text("def late():\n    import torch\n", encoding="utf-8")

    assert companion_imports(tmp_path) == []


def test_the_walk_sees_the_package():
    seen = {part_of(f"{PACKAGE}.{path.relative_to(ROOT).parts[0]}") for path in ROOT.rglob("*.py")}
    assert {"engine", "ports", "rclone", "errors"} <= {name.removesuffix(".py") for name in seen}


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("engine/plan.py", "from ..rclone import process"),
        ("engine/plan.py", "from jupyter_drive_sync import rclone"),
        ("engine/plan.py", "import jupyter_drive_sync.store.database"),
        ("engine/plan.py", "def late():\n    from ..handlers.status import StatusHandler"),
        ("engine/plan.py", "import tornado.web"),
        ("ports/sides.py", "from ..engine.plan import make_plan"),
        ("errors.py", "from .ports import listing"),
        ("rclone/process.py", "from ..files import walk"),
        ("drive/feed.py", "from ..engine import models"),
        ("service/queue.py", "from ..rclone.process import run"),
        ("handlers/status.py", "from ..engine.run import run"),
        ("triggers/timer.py", "from .. import handlers"),
        ("brand_new/thing.py", ""),
    ],
)
def test_a_wrong_import_is_found(tmp_path, file, line):
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(line + "\n", encoding="utf-8")

    assert len(wrong_imports(tmp_path)) == 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("engine/plan.py", "from ..ports.listing import Listing\nfrom .models import Plan"),
        ("engine/run/steps.py", "from ...errors import Halted\nfrom ..models import Plan"),
        ("rclone/process.py", "import subprocess\nfrom ..errors import RcloneFailed"),
        ("service/queue.py", "from ..engine import run"),
        ("handlers/__init__.py", "from .status import StatusHandler"),
        ("__init__.py", "from .app import DriveSyncApp"),
    ],
)
def test_a_right_import_passes(tmp_path, file, line):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line + "\n", encoding="utf-8")

    assert wrong_imports(tmp_path) == []
