"""One ``rclone rcd`` of its own, that lives as long as somebody wants it.

It listens on 127.0.0.1 on a port that the system chooses, and knows one user with a random
password, handed over in its environment. What it is asked goes in the body of a request, so no
secret stands on a command line.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from jupyter_drive_sync.errors import Cancelled, RcloneFailed, RcloneMissing
from jupyter_drive_sync.rclone import leash
from jupyter_drive_sync.rclone.environment import child_environment
from jupyter_drive_sync.rclone.process import Runner

START_SECONDS = 30.0
"""Longest wait for a daemon to listen."""

LONGEST_CALL = 3600.0
"""Longest silence of a daemon, in seconds: somebody may sign in meanwhile."""

_SERVING = re.compile(r"Serving remote control on http://127\.0\.0\.1:(\d+)/")
_WINDOWS = os.name == "nt"


class Refusal(Exception):
    """What a daemon says when a call failed: rclone's own words, which may hold no secret.

    The input, which rclone repeats in its answer, is not in it.
    """


class Daemon:
    """A running daemon.

    Parameters
    ----------
    runner : Runner
        Which rclone, with which configuration.
    on_line : Callable[[str], None]
        Takes each message of its log, from another thread.

    Raises
    ------
    RcloneMissing
        It cannot be started.
    RcloneFailed
        It does not begin to listen.
    """

    def __init__(self, runner: Runner, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        user, password = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._listening = threading.Event()
        self._port = 0
        self._closed = False
        command = [
            sys.executable,
            "-I",
            "-S",
            str(Path(leash.__file__)),
            *runner.command(["rcd", "--rc-addr", "127.0.0.1:0", "-v"]),
        ]
        own = {"RCLONE_RC_USER": user, "RCLONE_RC_PASS": password}
        try:
            self._process = subprocess.Popen(
                command,
                env={**child_environment(), **own},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                close_fds=True,
                # Its own group: an interrupt meant for the server does not reach it.
                start_new_session=not _WINDOWS,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise RcloneMissing(f"rclone cannot be run: {error.strerror}.") from error
        if self._process.stderr is None:
            raise AssertionError("the log is a pipe")
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stderr,), name="rclone-daemon", daemon=True
        )
        self._reader.start()
        if not self._listening.wait(START_SECONDS) or not self._port:
            self.close()
            raise RcloneFailed("rclone did not start.", "Try again.")

    def call(self, path: str, **body: object) -> dict[str, Any]:
        """Ask for one thing and return the answer.

        Raises
        ------
        Refusal
            rclone said no.
        Cancelled
            The daemon was closed meanwhile.
        RcloneFailed
            It has ended by itself.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LONGEST_CALL)
        headers = {"Content-Type": "application/json", "Authorization": self._authorization}
        try:
            connection.request("POST", f"/{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            data = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            if self._closed:
                raise Cancelled("Connecting was given up.") from None
            raise RcloneFailed("rclone ended in the middle of it.", "Try again.") from error
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise Refusal(str(data.get("error", "")))
        return dict(data)

    def close(self) -> None:
        """Kill it, and wait until it has gone. Harmless when repeated."""
        self._closed = True
        if self._process.stdin is not None:
            # The leash kills rclone at the end of its input.
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.wait()
        if threading.current_thread() is not self._reader:
            self._reader.join()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for raw in stream:
                message = _message(raw)
                found = _SERVING.search(message)
                if found is not None:
                    self._port = int(found[1])
                    self._listening.set()
                else:
                    self._on_line(message)
        self._listening.set()


def _message(raw: bytes) -> str:
    # Not by `parse_line`, which hides the state of a sign-in page: that is what is looked for.
    try:
        line = json.loads(raw)
    except ValueError:
        return ""
    return str(line.get("msg", "")) if isinstance(line, dict) else ""
