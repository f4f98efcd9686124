"""rclone and the engine, killed or suspended at many points of a run.

A few points are tried normally, 20 with `DRIVE_SYNC_SOAK=1`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_drive_sync.errors import (
    DriveSyncError,
)
from tests.drive_emulator.fixtures import GDrive
from tests.engine.figures import Record
from tests.engine.ledger import Ledger, name_of
from tests.engine.points import Point, points, when_called
from tests.engine.processes import children, command_line
from tests.engine.trouble import both_change, settle_down
from tests.engine.world import World

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@linux
def test_rclone_killed_at_any_point_costs_nothing(
    world: World, ledger: Ledger, tmp_path: Path, record_property: Record
) -> None:
    for point in points(record_property, "kill -9 of rclone", ledger):

        def kill(point: Point = point) -> None:
            for child in children(os.getpid()):
                os.kill(child, signal.SIGKILL)
                point.met = True

        both_change(world, ledger, point.number)
        with when_called(world.drive, point.call, kill), contextlib.suppress(DriveSyncError):
            world.sync()
        settle_down(world, ledger, tmp_path / "data")


@linux
def test_the_engine_killed_at_any_point_costs_nothing(
    world: World, ledger: Ledger, tmp_path: Path, gdrive: GDrive, record_property: Record
) -> None:
    for point in points(record_property, "kill -9 of the engine", ledger):
        both_change(world, ledger, point.number)
        world.opened.close()
        engine = command_line(world, tmp_path, gdrive.config)
        with when_called(world.drive, point.call, engine.kill):
            _, said = engine.communicate(timeout=120)
        point.met = engine.returncode == -signal.SIGKILL
        assert point.met or engine.returncode == 0, said.decode()
        world.reopen()  # waits for an rclone that outlives the engine: it holds the lock
        settle_down(world, ledger, tmp_path / "data")


@linux
def test_an_rclone_that_is_suspended_loses_no_save(
    world: World, ledger: Ledger, tmp_path: Path, record_property: Record
) -> None:
    for point in points(record_property, "rclone suspended", ledger):
        both_change(world, ledger, point.number)

        def sleep(point: Point = point) -> None:
            stopped = children(os.getpid())
            for child in stopped:
                os.kill(child, signal.SIGSTOP)
                point.met = True
            _save_meanwhile(world, ledger, point.number)
            for child in stopped:
                os.kill(child, signal.SIGCONT)

        with when_called(world.drive, point.call, sleep):
            world.sync()
        settle_down(world, ledger, tmp_path / "data")


@linux
def test_an_engine_that_is_suspended_loses_no_save(
    world: World, ledger: Ledger, tmp_path: Path, gdrive: GDrive, record_property: Record
) -> None:
    for point in points(record_property, "the engine suspended", ledger):
        both_change(world, ledger, point.number)
        world.opened.close()
        engine = command_line(world, tmp_path, gdrive.config)

        def sleep(point: Point = point, engine: subprocess.Popen[bytes] = engine) -> None:
            stopped = [engine.pid, *children(engine.pid)]
            point.met = True
            for process in stopped:
                os.kill(process, signal.SIGSTOP)
            _save_meanwhile(world, ledger, point.number)
            for process in stopped:
                os.kill(process, signal.SIGCONT)

        with when_called(world.drive, point.call, sleep):
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
