"""A server that dies in mid-run, two servers, and a command line beside a server."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.ports.projects import MARKER_FOLDER, PARTIAL_SUFFIX
from tests.drive_emulator.fixtures import GDrive
from tests.engine.figures import Record
from tests.engine.ledger import Ledger
from tests.engine.points import Point, points, when_called
from tests.engine.trouble import all_is_well, both_change
from tests.engine.world import Sides

from .real_server import RealServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for rclone in /proc")

BIG = 60_000_000


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Callable[..., RealServer]]:
    """Make servers that share their Jupyter folders; they end with the test."""
    made: list[RealServer] = []

    def make(**settings: float | str) -> RealServer:
        server = RealServer(tmp_path / "home", **settings)
        made.append(server)
        return server

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def far(tmp_path: Path) -> Path:
    folder = tmp_path / "Drive" / "spam"
    folder.mkdir(parents=True)
    return folder


def fill(folder: Path, name: str, files: int = 150) -> dict[str, bytes]:
    """Put many small files and a big one there, each at once, and return what was written.

    A plain folder shows a file while it is written, and a sync takes what it sees.
    """
    source = random.Random(name)
    tree = {f"{name}/{n % 10}/file-{n}.txt": source.randbytes(2000) for n in range(files)}
    tree[f"{name}-model.bin"] = source.randbytes(BIG)
    for path, content in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        unfinished = (folder / path).with_name(f".~{Path(path).name}")
        unfinished.write_bytes(content)
        unfinished.replace(folder / path)
    return tree


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and MARKER_FOLDER not in path.relative_to(folder).parts
    }


def unfinished(*folders: Path) -> list[Path]:
    """Return what an interrupted run may leave behind and the next one must clear away."""
    left = [path for folder in folders for path in folder.rglob(f"*{PARTIAL_SUFFIX}*")]
    for folder in folders:
        staging = folder / MARKER_FOLDER / "staging"
        left += list(staging.iterdir()) if staging.is_dir() else []
    return left


def test_a_server_that_is_killed_in_mid_run_carries_on_when_it_starts_again(
    servers: Callable[..., RealServer], far: Path
) -> None:
    server = servers()
    here = server.root / "spam"
    wanted = {**fill(here, "here"), **fill(far, "there")}
    server.start()
    number = server.ask("POST", "projects", body={"local": "spam", "remote": str(far)})["project"][
        "id"
    ]
    killed_in = []
    for moment in ("apply", "commit", "commit"):
        status: dict[str, Any] = {"progress": None, "state": {"word": ""}}
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and status["state"]["word"] != "in_sync":
            status = server.status(number)
            progress = status["progress"]
            if progress is not None and progress["phase"] == moment and progress["bytes"]:
                killed_in.append(moment)
                break
        server.kill()
        server = servers().start()
        # Not even for a moment does it look as if nothing were linked.
        assert [
            status["project"]["id"] for status in server.ask("GET", "projects")["projects"]
        ] == [number]
    assert killed_in
    server.until_in_sync(number)
    assert contents(here) == contents(far) == wanted
    assert unfinished(here, far) == []
    # And it goes on as ever: edits and deletes travel, nobody is asked for anything.
    (here / "here" / "0" / "file-0.txt").write_text("edited after the crash")
    (far / "there" / "1" / "file-1.txt").unlink()
    server.ask("POST", "projects", number, "sync")
    server.wait_for(lambda: not (here / "there" / "1" / "file-1.txt").exists(), 30)
    server.until_in_sync(number)
    assert (far / "here" / "0" / "file-0.txt").read_text() == "edited after the crash"
    assert contents(here) == contents(far)
    assert unfinished(here, far) == []


def test_a_server_killed_at_any_point_of_a_run_costs_nothing(
    servers: Callable[..., RealServer],
    gdrive: GDrive,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Record,
) -> None:
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    server = servers(rclone_config=str(gdrive.config)).start()
    world, ledger = Sides(server.root / "spam", gdrive.drive), Ledger()
    state = server.home / "data"
    world.save("data/labels.csv", b"a,b\n")
    linked = server.ask("POST", "projects", body={"local": "spam", "remote": "gdrive:ml/spam"})
    number = linked["project"]["id"]
    server.until_in_sync(number)
    for point in points(record_property, "kill -9 of the server", ledger):

        def kill(point: Point = point, server: RealServer = server) -> None:
            server.kill()
            point.met = True

        with when_called(gdrive.drive, point.call, kill):
            both_change(world, ledger, point.number)
            with contextlib.suppress(OSError):  # it died meanwhile
                server.ask("POST", "projects", number, "sync")
                server.wait_for(lambda point=point: point.met or world.here() == world.there(), 60)
                if not point.met:
                    server.until_in_sync(number)
        if point.met:
            server = servers(rclone_config=str(gdrive.config)).start()
        server.until(
            number,
            lambda status: (
                status["state"]["word"] == "in_sync"
                and status["progress"] is None
                and world.here() == world.there()
            ),
        )
        all_is_well(world, ledger, state)


def test_an_rclone_that_is_killed_costs_nothing(
    servers: Callable[..., RealServer], far: Path
) -> None:
    server = servers()
    here = server.root / "spam"
    here.mkdir()
    (here / "first.txt").write_text("first")
    server.start()
    number = server.ask("POST", "projects", body={"local": "spam", "remote": str(far)})["project"][
        "id"
    ]
    server.until_in_sync(number)
    wanted = {**contents(here), **fill(here, "up", 5), **fill(far, "down", 5)}
    killed = rounds = 0
    deadline = time.monotonic() + 20
    server.ask("POST", "projects", number, "sync")
    while killed < 2 and time.monotonic() < deadline:
        progress = server.status(number)["progress"]
        if progress is None:
            # That run was over before anything could be killed: one more big file.
            rounds += 1
            wanted |= fill(here, f"more-{rounds}", 1)
            server.ask("POST", "projects", number, "sync")
        for pid in server.rclones() if progress and progress["bytes"] else []:
            os.kill(pid, signal.SIGKILL)
            killed += 1
    assert killed
    status = server.until(number, lambda status: status["progress"] is None)
    assert status["state"]["next"] is not None
    (here / "later.txt").write_text("any change makes it try again at once")
    wanted["later.txt"] = b"any change makes it try again at once"
    server.until(
        number,
        lambda status: status["state"]["word"] == "in_sync" and contents(far) == wanted,
        seconds=60,
    )
    assert contents(here) == wanted
    assert unfinished(here, far) == []


def test_two_servers_never_work_on_one_project_and_the_second_takes_over(
    servers: Callable[..., RealServer], far: Path
) -> None:
    first = servers().start()
    here = first.root / "spam"
    here.mkdir()
    (here / "a.txt").write_text("a")
    number = first.ask("POST", "projects", body={"local": "spam", "remote": str(far)})["project"][
        "id"
    ]
    first.until_in_sync(number)
    second = servers().start()
    status = second.until(number, lambda status: status["state"]["word"] == "locked_elsewhere")
    assert first.process is not None
    assert "a Jupyter server on this computer" in status["state"]["cause"]["message"]
    assert f"process {first.process.pid}" in status["state"]["cause"]["message"]
    assert status["state"]["next"] is not None
    assert status["last_good_sync"] is not None
    (here / "b.txt").write_text("b")
    first.wait_for(lambda: contents(far) == {"a.txt": b"a", "b.txt": b"b"}, 30)
    first.stop()
    second.until_in_sync(number)
    (here / "c.txt").write_text("c")
    second.wait_for((far / "c.txt").exists, 30)


def test_what_the_command_line_links_and_unlinks_is_seen_by_a_running_server(
    servers: Callable[..., RealServer], far: Path
) -> None:
    server = servers().start()
    here = server.root / "spam"
    here.mkdir()
    (here / "a.txt").write_text("a")
    linked = server.command("link", here, far, "--yes", "--json")
    assert linked.returncode == 0, linked.stderr
    server.wait_for(lambda: bool(server.ask("GET", "projects")["projects"]), 15)
    (status,) = server.ask("GET", "projects")["projects"]
    assert status["project"]["local"]["path"] == "spam"
    server.until_in_sync(status["project"]["id"])
    (here / "b.txt").write_text("b")
    server.wait_for((far / "b.txt").exists, 30)
    unlinked = server.command("unlink", here)
    assert unlinked.returncode == 0, unlinked.stderr
    server.wait_for(lambda: server.ask("GET", "projects")["projects"] == [], 15)
    assert contents(here) == contents(far) == {"a.txt": b"a", "b.txt": b"b"}
