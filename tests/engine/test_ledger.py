"""Whatever goes wrong: every version that a person wrote is found, and nothing stays stuck.

`DRIVE_SYNC_SEED=n` lives one life again and tells it (with `DRIVE_SYNC_SOAK=1` if it came from a
soak); `DRIVE_SYNC_SOAK=1` lives as many as make thousands of runs, from a new seed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.drive_emulator.emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive
from tests.engine.disks import ROOT_ON_LINUX, small_disk
from tests.engine.figures import Record, note
from tests.engine.ledger import Ledger
from tests.engine.lives import Life
from tests.engine.trouble import SOAK, again
from tests.engine.working import PATHS
from tests.engine.world import linked

SEED = "DRIVE_SYNC_SEED"
CHAPTERS, RUNS_A_CHAPTER = (4, 8) if SOAK else (2, 6)
PARTS, RUNS = (16, 75) if SOAK else (1, 10)
DISKS = (None, "spam", "data", ".")
"""What has a small disk of its own in every fourth life: the project, our state, or both."""


def live(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    """Live one life; what goes wrong is told with the whole story."""
    tmp_path.mkdir()
    small = DISKS[seed % len(DISKS)] if ROOT_ON_LINUX else None
    with DriveEmulator() as drive, contextlib.ExitStack() as stack:
        disk = stack.enter_context(small_disk(tmp_path / small)) if small else None
        gdrive = GDrive(drive, drive.write_config(tmp_path / "rclone.conf"))
        for name, value in drive.environment().items():
            monkeypatch.setenv(name, value)
        files = {path: f"{seed}: {path} at first".encode() for path in PATHS[:6]}
        ledger = Ledger()
        for path, content in files.items():
            ledger.add(content, f"{path} at first")
        with linked(tmp_path, gdrive, files) as world:
            life = Life(world, tmp_path / "data", Random(seed), seed, ledger=ledger, disk=disk)
            try:
                for _ in range(CHAPTERS):
                    for _ in range(RUNS_A_CHAPTER):
                        life.disturbed_run()
                    life.calm_down()
                    life.settle()
                life.met += ledger.found(world, life.state)
            except BaseException:
                story = "\n".join(life.log)
                print(f"\nagain: {again(__file__, SEED, seed)}\n{story}", file=sys.stderr)
                raise
        return life


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.timeout(1800 if SOAK else 300)
def test_every_version_is_found_whatever_goes_wrong(
    part: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    record_property: Record,
) -> None:
    if SEED in os.environ:
        if part == 0:
            life = live(int(os.environ[SEED]), tmp_path / "again", monkeypatch)
            with capsys.disabled():
                print("", *life.log, sep="\n  ")
        return
    first = time.time_ns() % 1_000_000_000 if SOAK else 1
    counts: Counter[str] = Counter()
    longest = 0
    while counts["runs"] < RUNS:
        life = live(first + counts["lives"], tmp_path / str(counts["lives"]), monkeypatch)
        counts["lives"] += 1
        counts["runs"] += life.runs
        counts["versions written"] += len(life.ledger.written)
        counts += life.met
        longest = max(longest, life.calm_runs)
    assert counts["found nowhere"] == 0
    figures = {**counts, "lost": 0, "most runs until calm": longest}
    note(record_property, "The ledger: whole runs", figures, f"{first}-{first + counts['lives']}")
