"""A real Jupyter server with the extension, asked as a browser asks it."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil  # type: ignore[import-untyped,unused-ignore]

from benchmarks.drive import Drive

REPOSITORY = Path(__file__).resolve().parent.parent
MEBIBYTE = 1 << 20
_GOOD = {"in_sync", "conflict"}
_BUSY = {"syncing", "pending", "needs_first_sync"}
_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Sync:
    """One run of the product.

    Attributes
    ----------
    calls : int
        To Drive.
    seconds : float
        From the request to the end of the run.
    longest_ms : float
        The longest time between two beats of the server's event loop, which are 10 ms apart.
    own_ms : float
        The most processor time that the server used between two beats.
    elsewhere_ms : float
        The longest time between two beats of an idle process at the same time.
    server_mib, rclone_mib : float
        The most memory held by the server, and by rclone below it.
    stacks : tuple of str
        Where the server was when a beat came late.
    """

    calls: int
    seconds: float
    longest_ms: float
    own_ms: float
    elsewhere_ms: float
    server_mib: float
    rclone_mib: float
    stacks: tuple[str, ...] = ()


class Server:
    """A Jupyter server in a process of its own.

    Parameters
    ----------
    place : Path
        Its folder; the server's root is ``root`` in it.
    drive : Drive
        What plays Google Drive.
    """

    def __init__(self, place: Path, drive: Drive) -> None:
        self.root = place / "root"
        self._drive = drive
        self._token = secrets.token_hex(16)
        self.root.mkdir(parents=True)
        config = place / "config"
        config.mkdir()
        (config / "jupyter_server_config.json").write_text(json.dumps(self._config(drive.config)))
        port = _free_port()
        self._url = f"http://127.0.0.1:{port}"
        self._log = (place / "server.log").open("wb")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyter_server",
                f"--port={port}",
                "--ServerApp.port_retries=0",
            ],
            cwd=place,
            env=_environment(place, drive),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._watch = _Watch(self._process.pid)

    def _config(self, rclone_config: Path) -> dict[str, Any]:
        return {
            "ServerApp": {
                "ip": "127.0.0.1",
                "open_browser": False,
                "allow_root": True,
                "root_dir": str(self.root),
                "jpserver_extensions": {
                    "jupyter_drive_sync": True,
                    "benchmarks.heartbeat": True,
                    "jupyterlab": False,
                    "notebook_shim": False,
                },
            },
            "IdentityProvider": {"token": self._token},
            # Only asked-for runs, so that each figure is of one run.
            "DriveSyncApp": {"rclone_config": str(rclone_config), "poll_seconds": 36000.0},
        }

    def __enter__(self) -> Server:
        deadline = time.monotonic() + 60
        while True:
            try:
                self._ask("POST", "benchmarks/heartbeat", {})
                return self
            except OSError:  # noqa: PERF203 - it does not listen yet
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self._end()
                    raise
                time.sleep(0.1)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._watch.end()
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    def link(self, local: str, remote: str) -> tuple[str, Sync]:
        """Link a folder below the root and wait for the first sync; return the id with it."""
        started = self._begin()
        status = self._ask(
            "POST", "jupyter-drive-sync/projects", {"local": local, "remote": remote}
        )
        project = status["project"]["id"]
        self._ask("PATCH", f"jupyter-drive-sync/projects/{project}", {"auto_sync": False})
        return project, self._wait(project, started, None)

    def sync(self, project: str) -> Sync:
        """Press "Sync now" and wait for the end of the run."""
        before = self._status(project)["last_good_sync"]
        started = self._begin()
        self._ask("POST", f"jupyter-drive-sync/projects/{project}/sync", {})
        return self._wait(project, started, before)

    def unlink(self, project: str) -> None:
        """Forget a project."""
        self._ask("DELETE", f"jupyter-drive-sync/projects/{project}", None)

    def _begin(self) -> datetime:
        self._drive.reset()
        self._ask("POST", "benchmarks/heartbeat", {})
        self._watch.reset()
        return datetime.now(timezone.utc)

    def _wait(self, project: str, started: datetime, before: str | None) -> Sync:
        while True:
            status = self._status(project)
            word = status["state"]["word"]
            finished = status["last_good_sync"]
            if word in _GOOD and finished != before and status["progress"] is None:
                break
            if word not in _BUSY | _GOOD:
                raise RuntimeError(f"the project is {word}: {status['state']['cause']}")
            time.sleep(0.1)  # a browser asks at every event, which is less often
        calls = self._drive.calls()
        # The answer to the last question is part of the work.
        beats = self._ask("GET", "benchmarks/heartbeat", None)
        if word == "conflict":
            raise RuntimeError(f"something is held: {status['held'][:3]}")
        return Sync(
            calls=calls,
            seconds=(
                datetime.fromisoformat(finished.replace("Z", "+00:00")) - started
            ).total_seconds(),
            longest_ms=beats["longest"] * 1000,
            own_ms=beats["own"] * 1000,
            elsewhere_ms=self._watch.longest * 1000,
            server_mib=self._watch.server / MEBIBYTE,
            rclone_mib=self._watch.rclone / MEBIBYTE,
            stacks=tuple(beats["stacks"]),
        )

    def _status(self, project: str) -> dict[str, Any]:
        return dict(self._ask("GET", f"jupyter-drive-sync/projects/{project}", None))

    def _ask(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        request = urllib.request.Request(
            f"{self._url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self._token}", "Content-Type": "application/json"},
        )
        try:
            with _OPEN.open(request, timeout=600) as answer:
                raw = answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from error
        return json.loads(raw) if raw else None


class _Watch:
    """Looks at the memory of the server and of rclone, and beats itself for comparison."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self.reset()
        self._threads = [
            threading.Thread(target=self._beat, daemon=True),
            threading.Thread(target=self._look, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def reset(self) -> None:
        self.longest, self.server, self.rclone = 0.0, 0, 0

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _beat(self) -> None:
        while not self._over.is_set():
            before = time.perf_counter()
            time.sleep(0.01)
            self.longest = max(self.longest, time.perf_counter() - before)

    def _look(self) -> None:
        while not self._over.wait(0.05):
            try:
                self.server = max(self.server, self._process.memory_info().rss)
                for child in self._process.children():
                    if child.name().startswith("rclone"):
                        self.rclone = max(self.rclone, child.memory_info().rss)
            except psutil.Error:  # noqa: PERF203
                continue  # a child, or the server, has just ended


def _environment(place: Path, drive: Drive) -> dict[str, str]:
    return {
        **os.environ,
        **drive.environment,
        "PYTHONPATH": str(REPOSITORY),
        "JUPYTER_CONFIG_DIR": str(place / "config"),
        "JUPYTER_DATA_DIR": str(place / "data"),
        "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
    }


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
