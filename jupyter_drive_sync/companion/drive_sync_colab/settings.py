"""What connecting hands to the guard: the way to Drive, and what is to be protected."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

FORMAT = 1
"""Version of every file that the companion writes."""

DIRECT, BRIDGE, MOUNT, SECRET = "rclone", "bridge", "mount", "secret"
"""The ways to Drive, in the order in which they are tried."""


@dataclass(frozen=True)
class Transport:
    """A way to the project's folder on Drive that was tried and works.

    Attributes
    ----------
    name : str
        `DIRECT`, `BRIDGE`, `MOUNT` or `SECRET`.
    argv : list of str
        rclone with its global flags; a command follows.
    env : dict of str to str
        What rclone needs in its environment beside `rclone.child_environment`. No secrets.
    spec : str
        The remote, with ``{id}`` where the folder's id goes; for the mount the folder's path.
    reason : str
        Why the ways before this one were not taken; empty when it was the first.
    """

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    spec: str = ":drive,env_auth=true,scope=drive,root_folder_id={id}:"
    reason: str = ""

    @property
    def verifies(self) -> bool:
        """Whether md5 on Drive can be seen; a mount shows its own cache only."""
        return self.name != MOUNT

    def remote(self, folder_id: str) -> str:
        """Return the folder as rclone takes it: ends in ``:`` or, for the mount, in ``/``."""
        return self.spec.replace("{id}", folder_id)


@dataclass(frozen=True)
class GuardSettings:
    """What the guard is to do; ``guard/settings.json``, so that every kernel reads the same.

    Attributes
    ----------
    runtime, run : str
        This machine, and the run whose outputs these are.
    folder_id : str
        Drive's id of the project's folder.
    project : str
        The project's copy in the runtime, absolute.
    rclone : list of str
        rclone with its global flags.
    rclone_env : dict of str to str
        What goes into rclone's environment. No secrets.
    remote : str
        The project's folder as rclone takes it.
    outputs : list of str
        Files and folders to protect, as given: below the project unless absolute.
    keep : int
        How many checkpoints stay on Drive.
    best : tuple of (str, str) or None
        Metric and ``"min"`` or ``"max"``: the best by it stays too.
    notebook : dict or None
        ``{"path": ..., "file_id": ...}`` of the one that connected last.
    notebooks : list of dict
        All that have connected in this runtime, the newest first.
    transport : str
        Name of the `Transport`.
    started : str
        When the runtime was first connected, ISO 8601 in UTC.
    environment : dict or None
        ``{"drift": int, "text": str}`` for the pulse.
    """

    runtime: str
    run: str
    folder_id: str
    project: str
    rclone: list[str]
    rclone_env: dict[str, str]
    remote: str
    outputs: list[str] = field(default_factory=list)
    keep: int = 3
    best: tuple[str, str] | None = None
    notebook: dict[str, Any] | None = None
    notebooks: list[dict[str, Any]] = field(default_factory=list)
    transport: str = DIRECT
    started: str = ""
    environment: dict[str, Any] | None = None
    v: int = FORMAT

    def as_json(self) -> str:
        """Return the file's content."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> GuardSettings:
        """Read the file's content; unknown fields are ignored.

        Raises
        ------
        ValueError
            When it is no settings file of a version that is known here.
        """
        value = json.loads(text)
        if not isinstance(value, dict) or value.get("v") != FORMAT:
            raise ValueError("not the guard's settings")
        known = {one.name for one in fields(cls)}
        kept = {name: content for name, content in value.items() if name in known}
        if kept.get("best") is not None:
            kept["best"] = tuple(kept["best"])
        try:
            return cls(**kept)
        except TypeError as error:
            raise ValueError("not the guard's settings") from error

    @classmethod
    def read(cls, path: Path) -> GuardSettings:
        """Read them from disk.

        Raises
        ------
        OSError, ValueError
            When the file is not there, or is none.
        """
        return cls.from_json(path.read_text(encoding="utf-8"))
