"""Saves, renames, copies and deletes that Jupyter's own contents service tells of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger

from jupyter_drive_sync.ports.records import Trigger

CONTENTS_SCHEMA = "https://events.jupyter.org/jupyter_server/contents_service/v1"
_ACTIONS = frozenset({"save", "rename", "copy", "delete"})

OnChange = Callable[[Iterable[Path], Trigger], None]


def listen_to_saves(events: EventLogger, root: Path, on_change: OnChange) -> Callable[[], None]:
    """Tell of every change that is made through the contents service.

    Any client that may post events can post these, so they are hints and no more.

    Returns
    -------
    Callable[[], None]
        Ends the listening.
    """

    async def hear(logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        if data.get("action") not in _ACTIONS:
            return
        names = [data.get("path"), data.get("source_path")]
        paths = [resolved(root, name) for name in names if isinstance(name, str) and name]
        if paths:
            on_change(paths, Trigger.SAVE)

    events.add_listener(schema_id=CONTENTS_SCHEMA, listener=hear)
    return lambda: events.remove_listener(schema_id=CONTENTS_SCHEMA, listener=hear)


def resolved(root: Path, name: str) -> Path:
    """Return the absolute path of a contents path; links in the folders above are followed.

    The last part is not: a link that stands there is the thing that changed.
    """
    path = root / name.strip("/")
    return path.parent.resolve() / path.name
