"""One JupyterLab for one file of browser tests, from the built wheel, in a world of its own.

    python ui-tests/scripts/ui_server.py --scenario NAME [-- ARGUMENTS OF jupyter lab]

Makes a temporary folder with a home, Jupyter's own folders and a root that holds a copy of the
example project, and starts JupyterLab there on a free port, with no Node on its path. `{home}` in
an argument stands for the home.

folder
    The project is linked to a plain folder, `~/Drive/spam-detection`.
drive
    The project is linked to Google Drive, which the emulator plays.
none
    Nothing is linked; the emulator runs, and its remote is configured.
fresh
    As on the first day: the emulator runs, and nothing is configured.

Prints one line of JSON when all is up, and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

UI_TESTS = Path(__file__).resolve().parent.parent
REPOSITORY = UI_TESTS.parent
EXAMPLE = REPOSITORY / "examples" / "spam-detection"
PYTHON = REPOSITORY / ".venv-ui" / "bin" / "python"
CONFIG = UI_TESTS / "jupyter_server_test_config.py"
NAME = EXAMPLE.name
NEWS = "@jupyterlab/apputils-extension:announcements"
REMOTE = "gdrive"
DRIVE_FOLDER = f"ml/{NAME}"
START_SECONDS = 90.0
STOP_SECONDS = 15.0


class World:
    """The folders and the environment of one server."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.home = top / "home"
        self.root = self.home / "work"
        self.local = self.root / NAME
        self.far = self.home / "Drive" / NAME
        self.rclone_config = self.home / ".config" / "rclone" / "rclone.conf"
        self.client_file = top / "client_secret_emulator.json"
        self.log = top / "server.log"
        self.clock = top / "clock"
        self.token = secrets.token_hex(16)
        self.extra: dict[str, str] = {}

    def make(self) -> None:
        """Make the folders, and copy the example into the root."""
        for folder in (self.root, self.far, self.rclone_config.parent):
            folder.mkdir(parents=True)
        leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "models")
        shutil.copytree(EXAMPLE, self.local, ignore=leave)
        self.clock.write_text("0", encoding="utf-8")
        # Nobody is asked whether she wants to read news.
        settings = self.home / ".jupyter" / "config" / "labconfig" / "page_config.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"disabledExtensions": {NEWS: True}}), encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Return what a person's machine would give, and nothing of this one's settings."""
        names = ("LANG", "LC_ALL", "TZ", "TMPDIR")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        jupyter = {
            f"JUPYTER_{kind.upper()}_DIR": str(self.home / ".jupyter" / kind)
            for kind in ("config", "data", "runtime")
        }
        return {
            **kept,
            **jupyter,
            "HOME": str(self.home),
            "PATH": str(PYTHON.parent),
            "SHELL": shutil.which("bash") or "/bin/sh",
            "JUPYTER_TOKEN": self.token,
            "DRIVE_SYNC_TEST_CLOCK": str(self.clock),
            **self.extra,
        }

    def link(self, remote: str) -> None:
        """Link the project with the wheel's own command line, and wait for the first sync."""
        done = subprocess.run(
            [PYTHON, "-m", "jupyter_drive_sync.cli", "link", self.local, remote, "--yes"],
            env=self.environment(),
            cwd=self.root,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"link ended with {done.returncode}:\n{done.stdout}{done.stderr}")


@contextlib.contextmanager
def emulator(world: World, configured: bool) -> Iterator[str]:
    """Play Google Drive, perhaps configure rclone for it; return the address of its controls."""
    sys.path.insert(0, str(REPOSITORY))
    from tests.drive_emulator.emulator import DriveEmulator

    with DriveEmulator() as drive:
        if configured:
            drive.write_config(world.rclone_config, REMOTE)
        drive.write_client_file(world.client_file)
        world.extra = dict(drive.environment())
        yield f"{drive.url}/emulator/"


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def jupyterlab(world: World, arguments: list[str]) -> Iterator[str]:
    """Run JupyterLab; return its address once it answers."""
    with world.log.open("wb") as log:
        process = subprocess.Popen(
            [
                *(PYTHON, "-m", "jupyterlab", f"--config={CONFIG}"),
                f"--ServerApp.port={free_port()}",
                f"--ServerApp.root_dir={world.root}",
                *arguments,
            ],
            env=world.environment(),
            cwd=world.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield wait_until_up(world, process)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_up(world: World, process: subprocess.Popen[bytes]) -> str:
    """Return the server's address, once it answers there."""
    note = world.home / ".jupyter" / "runtime" / f"jpserver-{process.pid}.json"
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError, json.JSONDecodeError):  # not there yet, or half written
            url = json.loads(note.read_text(encoding="utf-8"))["url"]
            with urllib.request.urlopen(f"{url}api", timeout=5):
                return str(url)
        time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start:\n{world.log.read_text(errors='replace')}")


def interrupt(*_: object) -> None:
    """End in good order."""
    raise KeyboardInterrupt


def main() -> None:
    """Make the world, start what the scenario needs, and stay until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--scenario", choices=["folder", "drive", "none", "fresh"], default="folder"
    )
    parser.add_argument("arguments", nargs="*", help="for jupyter lab")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupt)

    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(KeyboardInterrupt))
        temporary = stack.enter_context(
            # Kernels may still write while the folder goes.
            tempfile.TemporaryDirectory(prefix="drive-sync-ui-", ignore_cleanup_errors=True)
        )
        world = World(Path(temporary).resolve())
        world.make()
        controls, remote = None, None
        if options.scenario == "folder":
            remote = str(world.far)
        else:
            configured = options.scenario != "fresh"
            controls = stack.enter_context(emulator(world, configured))
            if options.scenario == "drive":
                remote = f"{REMOTE}:{DRIVE_FOLDER}"
        if remote:
            world.link(remote)
        arguments = [text.replace("{home}", str(world.home)) for text in options.arguments]
        url = stack.enter_context(jupyterlab(world, arguments))
        facts = {
            "url": url.rstrip("/"),
            "token": world.token,
            "home": str(world.home),
            "root": str(world.root),
            "folder": NAME,
            "local": str(world.local),
            "far": str(world.far),
            "remote": remote,
            "driveFolder": DRIVE_FOLDER,
            "emulator": controls,
            "clientFile": str(world.client_file) if controls else None,
            "rclone": str(PYTHON.with_name("rclone")),
            "log": str(world.log),
            "clock": str(world.clock),
        }
        print(json.dumps(facts), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
