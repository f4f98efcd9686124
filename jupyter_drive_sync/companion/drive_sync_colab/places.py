"""Where things are in a runtime, and what a runtime remembers of itself.

``/content/.drive-sync`` outlives the kernel and dies with the machine, so a restarted kernel goes
on with the same runtime and run.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .settings import FORMAT

OWN = ".drive-sync"
"""Our folder: on Drive in the project, in the runtime below ``/content``."""

MARKER = f"{OWN}/drive-sync.json"
ENVIRONMENT = f"{OWN}/environment.json"
BUNDLE = f"{OWN}/companion.zip"
RUNTIMES = f"{OWN}/runtimes"
OUTPUTS = "outputs"


def content_root() -> Path:
    """Return the runtime's working folder: ``/content``, or what the tests' stand-in says."""
    return Path(os.environ.get("DRIVE_SYNC_CONTENT", "/content"))


@dataclass(frozen=True)
class Places:
    """The runtime's folders and files of ours.

    Attributes
    ----------
    content : Path
        The runtime's working folder.
    """

    content: Path

    @classmethod
    def here(cls) -> Places:
        """Return those of this runtime."""
        return cls(content_root())

    @property
    def own(self) -> Path:
        """All that is ours, 0700."""
        return self.content / OWN

    @property
    def tools(self) -> Path:
        """Programs that we installed."""
        return self.own / "tools"

    @property
    def runtime(self) -> Path:
        """The `Runtime`, as JSON."""
        return self.own / "runtime.json"

    @property
    def baseline(self) -> Path:
        """What was pulled from and pushed to Drive."""
        return self.own / "baseline.json"

    @property
    def staging(self) -> Path:
        """Downloads on their way into the project, on the same file system."""
        return self.own / "staging"

    @property
    def guard(self) -> Path:
        """The guard's folder."""
        return self.own / "guard"

    @property
    def settings(self) -> Path:
        """The guard's orders."""
        return self.guard / "settings.json"

    @property
    def venv(self) -> Path:
        """The separate environment of ``env="exact"``."""
        return self.own / "venv"

    @property
    def bridge(self) -> Path:
        """Where the token bridge says how it is reached."""
        return self.own / "bridge.json"

    def make(self) -> None:
        """Make our folder, for this user alone."""
        self.own.mkdir(mode=0o700, parents=True, exist_ok=True)


@dataclass(frozen=True)
class Runtime:
    """What a runtime remembers; ``runtime.json``.

    Attributes
    ----------
    runtime : str
        12 hex characters, new for every machine.
    run : str
        ``run-YYYYMMDD-HHMMSS-xxxx``: its folder below ``outputs/``.
    folder_id : str
        Drive's id of the project's folder.
    started : str
        ISO 8601 in UTC.
    project : str
        The project's copy, absolute; empty before the first connect has got that far.
    transport : str
        Name of the way to Drive that works; empty before one was found.
    """

    runtime: str
    run: str
    folder_id: str
    started: str
    project: str = ""
    transport: str = ""
    v: int = FORMAT

    @classmethod
    def new(cls, folder_id: str, now: datetime | None = None) -> Runtime:
        """Begin one."""
        moment = (now or datetime.now(timezone.utc)).astimezone(timezone.utc)
        run = f"run-{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        return cls(secrets.token_hex(6), run, folder_id, timestamp(moment))

    @classmethod
    def read(cls, path: Path) -> Runtime | None:
        """Read it; None when there is none yet, or none that can be read."""
        value = read_json(path)
        if value is None or value.get("v") != FORMAT:
            return None
        known = {one.name for one in fields(cls)}
        try:
            return cls(**{name: content for name, content in value.items() if name in known})
        except TypeError:
            return None

    def write(self, path: Path) -> None:
        """Keep it."""
        write_json(path, asdict(self))


def timestamp(moment: datetime | None = None) -> str:
    """Write a time (now by default) as the formats have it: ISO 8601, UTC, whole seconds, ``Z``."""
    moment = (moment or datetime.now(timezone.utc)).astimezone(timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a JSON object; None when it is not there or is no such thing."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON object, whole or not at all."""
    write_atomic(path, (json.dumps(value, indent=1, sort_keys=True) + "\n").encode())


def write_atomic(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    OSError
        When the disk is full or the folder is not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".~", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
