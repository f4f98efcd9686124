"""rclone and the engine, killed or suspended at many points of a run.

A few points are tried normally, 20 with `DRIVE_SYNC_SOAK=1`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_drive_sync.errors import (
    DriveSyncError,
)
from tests.drive_emulator.faults import Gate, Hold
from tests.drive_emulator.fixtures import GDrive
from tests.engine.ledger import Ledger, name_of
from tests.engine.trouble import ROOT, SOAK, both_change, settle_down
from tests.engine.world import World

POINTS = 20 if SOAK else 3

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def children(parent: int) -> list[int]:
    """Return the rclone processes that a process has started."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = place.read_text().partition("(")[2].rpartition(")")
            if name == "rclone" and int(rest.split()[1]) == parent:
                found.append(int(place.parent.name))
    return found


@contextlib.contextmanager
def when_called(world: World, call: int, act: Callable[[], object]) -> Iterator[threading.Event]:
    """Act while the n-th call to Drive is held; gives an event that says whether it came to it."""
    gate = Gate()
    rule = world.drive.faults.add(Hold(gate), skip=call)
    over = threading.Event()
    came = threading.Event()

    def wait() -> None:
        while not gate.reached.wait(0.01):
            if over.is_set():
                return
        try:
            act()
            came.set()
        finally:
            world.drive.faults.remove(rule)

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield came
    finally:
        over.set()
        thread.join()


def at(number: int, calls: int) -> int:
    """Spread the points over a run of so many calls."""
    return round((number + 0.5) * calls / POINTS)


@linux
def test_rclone_killed_at_any_point_costs_nothing(
    world: World, ledger: Ledger, tmp_path: Path
) -> None:
    calls = 30
    killed = 0

    def kill() -> None:
        for child in children(os.getpid()):
            os.kill(child, signal.SIGKILL)

    for number in range(POINTS):
        both_change(world, ledger, number)
        world.drive.reset_counts()
        with (
            when_called(world, at(number, calls), kill) as came,
            contextlib.suppress(DriveSyncError),
        ):
            world.sync()
        killed += came.is_set()
        settle_down(world, ledger, tmp_path / "data")
    assert killed > POINTS / 2


def command_line(world: World, tmp_path: Path, config: Path) -> subprocess.Popen[bytes]:
    """Start a run in a process of its own: the engine as the command line has it."""
    return subprocess.Popen(
        [sys.executable, "-m", "jupyter_drive_sync.cli", "sync", str(world.local)],
        env={
            **os.environ,
            "JUPYTER_DATA_DIR": str(tmp_path / "data"),
            "RCLONE_CONFIG": str(config),
        },
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@linux
def test_the_engine_killed_at_any_point_costs_nothing(
    world: World, ledger: Ledger, tmp_path: Path, gdrive: GDrive
) -> None:
    killed = 0
    for number in range(POINTS):
        both_change(world, ledger, number)
        world.opened.close()
        engine = command_line(world, tmp_path, gdrive.config)
        with when_called(world, at(number, 24), engine.kill) as came:
            _, said = engine.communicate(timeout=120)
        killed += came.is_set()
        assert came.is_set() or engine.returncode == 0, said.decode()
        world.reopen()  # waits for an rclone that outlives the engine: it holds the lock
        settle_down(world, ledger, tmp_path / "data")
    assert killed > POINTS / 2


@linux
def test_an_rclone_that_is_suspended_loses_no_save(
    world: World, ledger: Ledger, tmp_path: Path
) -> None:
    for number in range(POINTS):
        both_change(world, ledger, number)

        def sleep(number: int = number) -> None:
            stopped = children(os.getpid())
            for child in stopped:
                os.kill(child, signal.SIGSTOP)
            _save_meanwhile(world, ledger, number)
            for child in stopped:
                os.kill(child, signal.SIGCONT)

        with when_called(world, at(number, 30), sleep):
            world.sync()
        settle_down(world, ledger, tmp_path / "data")


@linux
def test_an_engine_that_is_suspended_loses_no_save(
    world: World, ledger: Ledger, tmp_path: Path, gdrive: GDrive
) -> None:
    for number in range(POINTS):
        both_change(world, ledger, number)
        world.opened.close()
        engine = command_line(world, tmp_path, gdrive.config)

        def sleep(number: int = number, engine: subprocess.Popen[bytes] = engine) -> None:
            stopped = [engine.pid, *children(engine.pid)]
            for process in stopped:
                os.kill(process, signal.SIGSTOP)
            _save_meanwhile(world, ledger, number)
            for process in stopped:
                os.kill(process, signal.SIGCONT)

        with when_called(world, at(number, 24), sleep):
            engine.communicate(timeout=120)
        world.reopen()
        settle_down(world, ledger, tmp_path / "data")


def _save_meanwhile(world: World, ledger: Ledger, number: int) -> None:
    """Save what the run carries the same way, so that no conflict comes of it."""
    for path, content in (
        ("model.py", b"w = %d  # saved while it slept\n" % number),
        ("data/labels.csv", b"a,b,%d\n" % number),
    ):
        before = (world.local / path).read_bytes()
        if not ledger.on_drive(world, before):  # nothing but her own disk knew of it
            ledger.written.pop(name_of(before), None)
        ledger.add(content, f"{path} here, while it slept")
        world.save(path, content)
    content = b'{"cells": ["%d, while it slept"]}' % number
    ledger.add(content, "train.ipynb there, while it slept")
    world.colab("train.ipynb", content)
