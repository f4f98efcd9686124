"""Publishing of the status event."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger

STATUS_SCHEMA = "https://schema.jupyter.org/jupyter_drive_sync/status/v1"
STATUS_SCHEMA_FILE = Path(__file__).parent / "status-v1.yaml"


def publisher(events: EventLogger) -> Callable[[dict[str, Any]], None]:
    """Return a function that publishes the payload of a status event.

    It must be called on the event loop's thread: the event logger is not thread-safe.
    """

    def publish(data: dict[str, Any]) -> None:
        events.emit(schema_id=STATUS_SCHEMA, data=data)

    return publish
