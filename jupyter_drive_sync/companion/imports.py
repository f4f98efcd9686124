"""Which modules a project imports, by its scripts and notebooks; nothing of it is run."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from jupyter_drive_sync.companion.cell import TAG
from jupyter_drive_sync.ports.sides import Ignore

_MOST_FILES = 5000
_MOST_BYTES = 64 * 1024**2
_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|\w+\s*=\s*[%!].*|.*\?)$")
_BODY_IS_PYTHON = re.compile(r"^%%(?:time|timeit|capture|prun|memit)\b")
_PLAIN_IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))", re.MULTILINE)
_OF_COLAB = ("google.colab", "drive_sync_colab")


def project_imports(root: Path, ignore: Ignore) -> set[str]:
    """Return the dotted names that a project imports and that are not its own.

    Parameters
    ----------
    root : Path
        The project folder.
    ignore : Ignore
        What is left out; ignored folders are not entered.

    Returns
    -------
    set of str
        For instance ``sklearn.metrics``; without Python's standard library.
    """
    names: set[str] = set()
    for path in _sources(root, ignore):
        for source in _code(path):
            names.update(
                name
                for name in _imports(source)
                if name.partition(".")[0] not in sys.stdlib_module_names
                and not name.startswith(_OF_COLAB)
                and not _is_own(name.partition(".")[0], path.parent, root)
            )
    return names


def _sources(root: Path, ignore: Ignore) -> Iterator[Path]:
    left = _MOST_FILES
    for place, folders, files in os.walk(root):
        below = Path(place).relative_to(root).as_posix()
        prefix = "" if below == "." else f"{below}/"
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and not ignore.ignores(prefix + name, folder=True)
            and not Path(place, name, "pyvenv.cfg").exists()
        )
        for name in sorted(files):
            if not name.endswith((".py", ".ipynb")) or ignore.ignores(prefix + name):
                continue
            left -= 1
            if left < 0:
                return
            yield Path(place, name)


def _code(path: Path) -> Iterator[str]:
    """Yield the pieces of Python in a file; none where it cannot be read as what it is called."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # it is gone or closed to us, and so it is not run either
        return
    if path.suffix == ".py":
        yield text
        return
    for cell in notebook_cells(text):
        source = cell.get("source")
        metadata = cell.get("metadata")
        tags = metadata.get("tags") if isinstance(metadata, dict) else None
        if cell.get("cell_type") != "code" or TAG in (tags or ()):
            continue
        if isinstance(source, list):
            source = "".join(str(line) for line in source)
        if isinstance(source, str):
            yield _without_magics(source)


def notebook_cells(text: str) -> list[dict[str, object]]:
    """Return the cells of a notebook's text; none where it is no notebook."""
    try:
        notebook = json.loads(text)
    except ValueError:
        return []
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _without_magics(source: str) -> str:
    first, _, rest = source.lstrip("\n").partition("\n")
    if first.startswith("%%"):
        if not _BODY_IS_PYTHON.match(first):
            return ""
        source = rest
    return "\n".join(_MAGIC.sub(r"\1pass", line) for line in source.split("\n"))


def _imports(source: str) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the person's own code
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Half-written code still shows its plain imports.
        for found in _PLAIN_IMPORT.finditer(source):
            yield found[1] or found[2]
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_own(module: str, *folders: Path) -> bool:
    return any(
        (folder / f"{module}.py").is_file() or (folder / module / "__init__.py").is_file()
        for folder in folders
    )
