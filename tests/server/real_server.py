"""A Jupyter server in a process of its own, which a test may kill."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOKEN = "only-for-tests"


class Refused(Exception):
    """An HTTP error with its decoded body."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RealServer:
    """One server; the Jupyter folders and the root may be shared with another one.

    Parameters
    ----------
    home : Path
        Holds the Jupyter folders and the server's root folder ``work``.
    settings : float or str
        Settings of the extension.
    """

    def __init__(self, home: Path, **settings: float | str) -> None:
        self.home = home
        self.root = home / "work"
        self.root.mkdir(parents=True, exist_ok=True)
        self.settings = {"poll_seconds": 2.0, "quiet_seconds": 0.2, **settings}
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "JUPYTER" not in name}
        return {
            **kept,
            "HOME": str(self.home),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "JUPYTER_NO_CONFIG": "1",
        }

    @property
    def log(self) -> Path:
        return self.home / f"server-{self.port}.log"

    def start(self) -> RealServer:
        self.port = free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyter_server",
                    "--no-browser",
                    "--allow-root",
                    f"--ServerApp.root_dir={self.root}",
                    "--ServerApp.ip=127.0.0.1",
                    f"--ServerApp.port={self.port}",
                    "--ServerApp.port_retries=0",
                    f"--IdentityProvider.token={TOKEN}",
                    "--ServerApp.jpserver_extensions={'jupyter_drive_sync': True}",
                    *[f"--DriveSyncApp.{name}={value}" for name, value in self.settings.items()],
                ],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_for(self._is_up, 60)
        return self

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            self.ask("GET", "projects")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def ask(self, method: str, *parts: str, body: object = None) -> Any:
        """Ask the REST interface; raises `Refused` for HTTP errors."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/jupyter-drive-sync/{'/'.join(parts)}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read()) from None
        return json.loads(content) if content else None

    def status(self, number: str) -> dict[str, Any]:
        return dict(self.ask("GET", "projects", number))

    def until(
        self, number: str, check: Callable[[dict[str, Any]], bool], seconds: float = 60
    ) -> dict[str, Any]:
        """Wait until a project's status is as wanted."""
        found: dict[str, Any] = {}

        def look() -> bool:
            found.update(self.status(number))
            return check(found)

        self.wait_for(look, seconds, lambda: json.dumps(found, indent=1) + self.log.read_text())
        return found

    def until_in_sync(self, number: str, seconds: float = 90) -> dict[str, Any]:
        return self.until(number, lambda status: status["state"]["word"] == "in_sync", seconds)

    @staticmethod
    def wait_for(
        check: Callable[[], bool], seconds: float, tell: Callable[[], str] = lambda: ""
    ) -> None:
        deadline = time.monotonic() + seconds
        while not check():
            assert time.monotonic() < deadline, f"not within {seconds} s: {tell()}"
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server at once, as a power cut would; its rclone is not told."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop the server as a person does."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def rclones(self) -> list[int]:
        """Return the process ids of the rclones that this server started."""
        assert self.process is not None
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                name = (folder / "comm").read_text().strip()
                if int(stat[1]) == self.process.pid and name == "rclone" and stat[0] != "Z":
                    found.append(int(folder.name))
        return found

    def command(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the command line beside the server."""
        return subprocess.run(
            [sys.executable, "-m", "jupyter_drive_sync.cli", *map(str, words)],
            check=False,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
