"""Whatever goes wrong: every version that a person wrote is found, and nothing stays stuck.

`DRIVE_SYNC_SEED=n` lives one life again and tells it; `DRIVE_SYNC_SOAK=1` lives as many as make a
thousand runs, from a new seed.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.drive_emulator.emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive
from tests.engine.ledger import Ledger
from tests.engine.lives import Life
from tests.engine.working import PATHS
from tests.engine.world import linked

SEED = "DRIVE_SYNC_SEED"
SOAK = os.environ.get("DRIVE_SYNC_SOAK") == "1"
CHAPTERS, RUNS_A_CHAPTER = (4, 8) if SOAK else (2, 6)
RUNS = 1000 if SOAK else 10


def live(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    """Live one life; what goes wrong is told with the whole story."""
    tmp_path.mkdir()
    with DriveEmulator() as drive:
        gdrive = GDrive(drive, drive.write_config(tmp_path / "rclone.conf"))
        for name, value in drive.environment().items():
            monkeypatch.setenv(name, value)
        files = {path: f"{seed}: {path} at first".encode() for path in PATHS[:6]}
        ledger = Ledger()
        for path, content in files.items():
            ledger.add(content, f"{path} at first")
        with linked(tmp_path, gdrive, files) as world:
            life = Life(world, tmp_path / "data", Random(seed), seed, ledger=ledger)
            try:
                for _ in range(CHAPTERS):
                    for _ in range(RUNS_A_CHAPTER):
                        life.disturbed_run()
                    life.calm_down()
                    life.settle()
            except BaseException:
                story = "\n".join(life.log)
                print(f"\nagain: {SEED}={seed}\n{story}\nheld at last:", file=sys.stderr)
                raise
        return life


def test_every_version_is_found_whatever_goes_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if SEED in os.environ:
        life = live(int(os.environ[SEED]), tmp_path / "again", monkeypatch)
        with capsys.disabled():
            print("", *life.log, sep="\n  ")
        return
    first = time.time_ns() % 1_000_000_000 if SOAK else 1
    began = time.perf_counter()
    runs = lives = versions = 0
    met: Counter[str] = Counter()
    while runs < RUNS:
        life = live(first + lives, tmp_path / str(lives), monkeypatch)
        lives += 1
        runs += life.runs
        versions += len(life.ledger.written)
        met += life.met
    if SOAK:
        with capsys.disabled():
            took = time.perf_counter() - began
            print(f"\n  {runs} runs in {lives} lives from seed {first}, {took:.0f} s,")
            print(f"  {versions} versions written, 0 lost: {dict(sorted(met.items()))}")
