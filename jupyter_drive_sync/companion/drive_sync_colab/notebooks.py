"""Which notebooks work in this runtime: home leaves them alone on Drive while they are open here.

The runtime's own Jupyter server knows best which file a kernel's notebook is: a copy of a notebook
has the same first cell. Where it does not say, what the cell says counts.
"""

from __future__ import annotations

import json
import os
import re
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote

MOST = 20
"""So many notebooks of a runtime are remembered, the newest."""

PATIENCE = 2.0
"""Seconds that the runtime's Jupyter server has for its answer."""

_LARGEST = 2**20  # bytes of its answer; a session has some hundred
_LONGEST = 1000  # characters of a path
_ID = re.compile(r"[A-Za-z0-9_-]{10,100}")
_SESSION = re.compile(rf"/?fileId=({_ID.pattern})")
_KERNEL = re.compile(r"kernel-(.+)\.json")

Notebook = dict[str, Any]
"""``{"path": ..., "file_id": ...}``, each a text or None; not both None."""


def told(notebook: object, notebook_id: object) -> tuple[str | None, str | None]:
    """Return path and id as a cell tells them; what is neither counts as not told."""
    if isinstance(notebook, dict):
        notebook_id = notebook.get("file_id") or notebook_id
        notebook = notebook.get("path")
    path = notebook if isinstance(notebook, str) and 0 < len(notebook) <= _LONGEST else None
    known = isinstance(notebook_id, str) and _ID.fullmatch(notebook_id)
    return path, str(notebook_id) if known else None


def this_one(
    path: str | None, file_id: str | None, on_drive: Mapping[str, str], asked: str | None
) -> Notebook | None:
    """Say which notebook this is; None when nobody knows.

    Parameters
    ----------
    path, file_id : str or None
        As the cell tells.
    on_drive : Mapping of str to str
        Drive's ids of the project's files, by their paths.
    asked : str or None
        The id that the runtime's Jupyter server tells.
    """
    there = on_drive.get(path or "")
    found = asked or file_id or there
    now = {drive_id: name for name, drive_id in on_drive.items()}
    if found in now:
        return {"path": now[found], "file_id": found}
    if asked is not None and asked != file_id and (file_id or there):
        path = None  # a copy outside the project: its cell tells of another file
    return {"path": path, "file_id": found} if path or found else None


def merged(newest: Notebook | None, before: Sequence[object]) -> list[Notebook]:
    """Return the notebooks of a runtime, the newest first, each once."""
    found: dict[str, Notebook] = {}
    for one in (newest, *before):
        path, file_id = told(one, None) if isinstance(one, dict) else (None, None)
        key = file_id or path
        if key is not None:
            found.setdefault(key, {"path": path, "file_id": file_id})
    return list(found.values())[:MOST]


def ask_jupyter() -> str | None:
    """Ask the runtime's Jupyter server which file on Drive this kernel's notebook is.

    It is a courtesy of the runtime's that nobody promises: None for whatever is not as expected.
    """
    host, port = os.environ.get("COLAB_JUPYTER_IP"), os.environ.get("KMP_TARGET_PORT")
    if not host or not port:
        return None
    answers: list[bytes] = []
    # Not by the time-out alone: a server that answers bit by bit never meets it.
    asking = threading.Thread(
        target=lambda: answers.append(_get(f"http://{host}:{port}/api/sessions")), daemon=True
    )
    asking.start()
    asking.join(PATIENCE)
    return file_of(answers[0], kernel_id()) if answers else None


def file_of(answer: bytes, kernel: str | None) -> str | None:
    """Return the id of a kernel's notebook by what the Jupyter server answered."""
    try:
        sessions = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if not isinstance(sessions, list):
        return None
    mine = [one for one in sessions if _kernel_of(one) == kernel is not None]
    only = mine or sessions  # of a kernel without a name it can only be the one that there is
    if len(only) != 1 or not isinstance(only[0], dict):
        return None
    match = _SESSION.fullmatch(unquote(str(only[0].get("path"))))
    return match[1] if match else None


def _kernel_of(session: object) -> str | None:
    kernel = session.get("kernel") if isinstance(session, dict) else None
    name = kernel.get("id") if isinstance(kernel, dict) else None
    return name if isinstance(name, str) else None


def kernel_id() -> str | None:
    """Return this kernel's id, by the name of its connection file."""
    try:
        from ipykernel.connect import get_connection_file

        match = _KERNEL.fullmatch(os.path.basename(get_connection_file()))  # noqa: PTH119
    except (ImportError, RuntimeError, OSError):  # no kernel, or one that was started otherwise
        return None
    return match[1] if match else None


def _get(url: str) -> bytes:
    try:
        # The machine's own server is not reached through a proxy.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=PATIENCE) as answer:
            content: bytes = answer.read(_LARGEST)
            return content
    except (OSError, HTTPException, ValueError):
        return b""
