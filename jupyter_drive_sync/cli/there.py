"""Working on a project through the server that keeps it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from urllib.parse import quote

from jupyter_drive_sync.cli.here import STOPPING
from jupyter_drive_sync.cli.interrupt import Interrupts
from jupyter_drive_sync.cli.outcome import Synced
from jupyter_drive_sync.cli.screen import Screen
from jupyter_drive_sync.cli.server import ServerClient, ServerError
from jupyter_drive_sync.cli.words import consent_hint, restored_line
from jupyter_drive_sync.engine.states import State
from jupyter_drive_sync.errors import Cancelled
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.ports.records import Keep
from jupyter_drive_sync.service.status import Json

LOOK_SECONDS = 0.1
"""How often the server is asked how a run goes."""

UNSEEN_SECONDS = 3.0
"""How long a run may take to begin before it is asked for again."""


class There:
    """One project, worked on by a Jupyter server.

    Parameters
    ----------
    folder : str
        The project's folder as the person named it, for hints.
    """

    def __init__(self, server: ServerClient, project: Project, folder: str) -> None:
        self._server = server
        self._folder = folder
        self._path = f"projects/{project.id}"

    def status(self) -> Json:
        """Ask how the project stands."""
        return self._server.call("GET", self._path)

    def plan(self) -> Json:
        """Ask what a sync would do now."""
        return self._server.call("GET", f"{self._path}/plan")

    def unlink(self) -> None:
        """Have the server forget the project."""
        self._server.call("DELETE", self._path)

    def versions(self, path: str) -> Json:
        """Ask for the earlier versions of a file."""
        return self._server.call("GET", f"{self._path}/versions?path={quote(path, safe='')}")

    def resolve(self, path: str | None, keep: Keep, versions: str | None, screen: Screen) -> Synced:
        """Have the server settle one conflict, or all, and wait for its end."""
        # It may not have looked since the conflict came to be, or since a version changed.
        self.sync(None, screen)
        body = {"keep": keep.value, "versions": versions or self._versions(path)}
        if path is not None:
            body["path"] = path
        self._server.call("POST", f"{self._path}/resolve", body)
        return self.sync(None, screen)

    def _versions(self, path: str | None) -> str:
        """Return the server's word for the versions that stand there now."""
        if path is None:
            word = self.status()["conflicts"]["versions"]
        else:
            held = self._server.call("GET", f"{self._path}/held")["held"]
            word = next((item["versions"] for item in held if item["path"] == path), None)
        return word or "none"

    def restore(self, path: str, version: str, as_copy: bool, screen: Screen) -> Synced:
        """Have the server bring a version back, and wait until that is carried over."""
        body = {"path": path, "version": version, "as_copy": as_copy}
        status = self._server.call("POST", f"{self._path}/restore", body)
        if status["state"]["word"] == State.PAUSED.value:
            return Synced(status, restored_line(None if as_copy else path, path))
        synced = self.sync(None, screen)
        return replace(synced, summary=restored_line(None if as_copy else path, path))

    def sync(self, consent: str | None, screen: Screen) -> Synced:
        """Have the server make a run, and wait for its end.

        Raises
        ------
        DriveSyncError
            As the run ended.
        """
        watch = _Watch.over(self._ask(consent))
        cancelled: set[str] = set()
        with Interrupts() as interrupts:
            while True:
                status = self.status()
                state = status["state"]
                screen.progress(status["progress"])
                if interrupts.asked and _syncing(status) and state["since"] not in cancelled:
                    cancelled.add(state["since"])
                    screen.tell(STOPPING)
                    self._server.call("POST", f"{self._path}/cancel", {})
                seen = watch.look(status, time.monotonic())
                if seen is _Seen.OVER or (seen is _Seen.ASK_AGAIN and interrupts.asked):
                    break
                if seen is _Seen.ASK_AGAIN:
                    watch = _Watch.over(self._ask(consent), watch.first)
                time.sleep(LOOK_SECONDS)
        screen.clear()
        if interrupts.asked and state["word"] in (State.PENDING.value, State.SYNCING.value):
            raise Cancelled("The sync was cancelled.")
        cause = status["state"]["cause"]
        if cause is not None:
            raise self._failed(cause)
        return Synced(status)

    def _ask(self, consent: str | None) -> Json:
        body = {} if consent is None else {"consent": consent}
        return self._server.call("POST", f"{self._path}/sync", body)

    def _failed(self, cause: Json) -> ServerError:
        if cause["code"] in ("too_many_deletes", "consent_needed"):
            return ServerError({**cause, "hint": consent_hint(self._folder, self.plan()["hash"])})
        return ServerError(cause)


class _Seen(Enum):
    """What a status says about the run that was asked for."""

    WAIT = "wait"
    OVER = "over"
    ASK_AGAIN = "ask again"


@dataclass(slots=True)
class _Watch:
    """Tells when a run that began after it was asked for is over.

    A status shows the state and since when, not which run it is about. So a run that was under
    way when this one was asked for is waited for first, and then a run is asked for once more:
    one that finds nothing to do costs next to nothing.

    Attributes
    ----------
    first, asked : str
        The server's time when a run was asked for at first, and last.
    earlier : bool
        Whether another run was under way then.
    begun : bool
        Whether the run that was asked for has been seen.
    """

    first: str
    asked: str
    earlier: bool = False
    begun: bool = False
    deadline: float = 0.0

    @classmethod
    def over(cls, answer: Json, first: str | None = None) -> _Watch:
        """Watch what follows the answer to a request for a run."""
        asked = answer["server_time"]
        watch = cls(first or asked, asked)
        watch.deadline = time.monotonic() + UNSEEN_SECONDS
        if _syncing(answer):
            # The run that was asked for first has not begun when that is answered.
            watch.begun = first is not None and watch._since(answer, first)
            watch.earlier = not watch.begun
        return watch

    def look(self, status: Json, now: float) -> _Seen:
        """Take in a status, at `now` (seconds, monotonic)."""
        word = State(status["state"]["word"])
        fresh = self._since(status, self.asked)
        if word is State.SYNCING:
            self.begun = self.begun or fresh
            return _Seen.WAIT
        if self.begun:
            return _Seen.OVER
        if self.earlier:
            return _Seen.ASK_AGAIN
        if fresh and word is not State.PENDING:
            return _Seen.OVER  # it was so short that it was never seen
        return _Seen.ASK_AGAIN if now > self.deadline else _Seen.WAIT

    @staticmethod
    def _since(status: Json, moment: str) -> bool:
        return _time(status["state"]["since"]) >= _time(moment)


def _syncing(status: Json) -> bool:
    return bool(status["state"]["word"] == State.SYNCING.value)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
