"""The command line while a real Jupyter server keeps the project."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.cli_support import REPOSITORY, CommandLine, contents, fits

START_SECONDS = 120
"""A server starts in seconds; on a busy machine it may take long."""


@contextmanager
def running_server(cli: CommandLine, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Jupyter server that watches nothing by itself, until it keeps every project."""
    off = dict.fromkeys(
        ("jupyterlab", "jupyter_lsp", "notebook", "jupyter_server_terminals"), False
    )
    extensions = str({**off, "jupyter_drive_sync": True})
    command = [
        *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", "--port=0"),
        f"--ServerApp.jpserver_extensions={extensions}",
        f"--ServerApp.root_dir={cli.home}",
        "--DriveSyncApp.poll_seconds=3600",
        "--DriveSyncApp.watch=False",
        *words,
    ]
    log = cli.home / "server.log"
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with (
        log.open("wb") as out,
        subprocess.Popen(command, env=environ, cwd=cli.home, stdout=out, stderr=out) as server,
    ):
        try:
            until(lambda: server.poll() is not None or kept_by(cli, server.pid), log)
            assert server.poll() is None, log.read_text()
            yield server
        finally:
            server.terminate()
            server.wait(timeout=60)


def kept_by(cli: CommandLine, pid: int) -> bool:
    """Say whether a process has taken the lock of every project."""
    projects = cli.data / "drive-sync" / "projects"
    locks = [projects / project["id"] / "lock" for project in cli.projects]
    return all(f'"pid": {pid},' in lock.read_text() for lock in locks)


def until(true: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not true():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.mark.parametrize("more", [(), ("--IdentityProvider.token=",)], ids=["token", "no token"])
def test_every_command_works_through_the_server_that_keeps_the_project(
    cli: CommandLine, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A proxy for the way out must not stand in the way to this computer.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    for number in range(20):
        (cli.local / f"{number}.txt").write_text(str(number))
    cli.linked()
    with running_server(cli, *more) as server:
        ended = cli("sync", cli.local, "--json")
        assert ended.code == 0, ended.out
        fits("Status", ended.json)
        assert ended.json["project"]["local"]["path"] == "spam"  # only the server knows its root

        (cli.local / "new.txt").write_text("mine")
        (cli.remote / "0.txt").write_text("theirs")
        plan = cli("preview", cli.local, "--json")
        fits("Plan", plan.json)
        assert (plan.json["totals"]["push"], plan.json["totals"]["pull"]) == (1, 1)
        assert cli("sync", cli.local).code == 0
        assert (cli.remote / "new.txt").read_text() == "mine"
        assert (cli.local / "0.txt").read_text() == "theirs"

        (cli.local / "1.txt").write_text("mine")
        (cli.remote / "1.txt").write_text("theirs, longer")
        ended = cli("sync", cli.local)
        assert ended.code == 3
        assert "1.txt" in ended.out
        (cli.remote / "1.txt").write_text("mine")

        for number in range(2, 20):
            (cli.remote / f"{number}.txt").unlink()
        ended = cli("sync", cli.local)
        assert ended.code == 1
        command = next(line for line in ended.err.split("`") if "--consent" in line)
        status = cli("status", cli.local, "--json")
        assert status.code == 1
        assert status.json["state"]["word"] == "too_many_deletes"
        assert cli(*shlex.split(command)[2:]).code == 0
        assert set(contents(cli.local)) == {"0.txt", "1.txt", "new.txt"}

        assert server.poll() is None
        ended = cli("unlink", cli.local, "--json")
        assert ended.code == 0
        assert ended.json["state"]["word"] == "unlinked"
        assert cli.projects == []
        assert cli("sync", cli.local, "--json").error["code"] == "project_unknown"
    assert contents(cli.local) == contents(cli.remote)


def test_a_server_that_does_not_let_the_command_line_in_is_named(cli: CommandLine) -> None:
    cli.linked()
    password = "argon2:$argon2id$v=19$m=10240,t=10,p=8$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA"
    with running_server(
        cli, "--IdentityProvider.token=", f"--PasswordIdentityProvider.hashed_password={password}"
    ) as server:
        for command in ("sync", "preview", "unlink"):
            ended = cli(command, cli.local, "--json")
            assert ended.code == 1
            assert ended.error["code"] == "locked_elsewhere"
            assert f"process {server.pid}" in ended.error["message"]
        assert cli("status", cli.local).code == 1
    assert len(cli.projects) == 1
