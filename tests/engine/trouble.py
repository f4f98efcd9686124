"""What the tests of faults share: people at work on both sides, and quiet afterwards."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_drive_sync.ports.projects import PARTIAL_SUFFIX
from tests.engine.ledger import Ledger
from tests.engine.world import Sides, World

ROOT = Path(__file__).resolve().parents[2]
SOAK = os.environ.get("DRIVE_SYNC_SOAK") == "1"


def again(file: str, word: str, seed: int) -> str:
    """Return the command that lives through a seed once more."""
    soak = "DRIVE_SYNC_SOAK=1 " if SOAK else ""
    return f"{soak}{word}={seed} python -m pytest -s {Path(file).relative_to(ROOT)}"


def both_change(world: Sides, ledger: Ledger, number: int) -> None:
    """Let people change something of every kind on both sides."""
    for path, content in (
        ("model.py", b"w = %d\n" % number),
        (f"up/{number}.bin", b"%d" % number * 200_000),
    ):
        ledger.add(content, f"{path} here")
        world.save(path, content)
    for path, content in (
        ("train.ipynb", b'{"cells": [%d]}' % number),
        (f"down/{number}.bin", b"<%d>" % number * 200_000),
    ):
        ledger.add(content, f"{path} there")
        world.colab(path, content)
    if number:
        (world.local / f"down/{number - 1}.bin").unlink()
        world.drive.trash(f"{world.folder}/up/{number - 1}.bin")


def settle_down(world: World, ledger: Ledger, state: Path, *, runs: int = 5) -> None:
    """After a fault is over, so many runs at the most make both sides equal; nothing is lost."""
    for _ in range(runs):
        report = world.sync()
        if not report.plan.active and not report.failures:
            break
    else:
        raise AssertionError(f"not done after {runs} runs: {report}")
    assert report.holds == ()
    all_is_well(world, ledger, state)


def all_is_well(world: Sides, ledger: Ledger, state: Path) -> None:
    """Both sides are equal, nothing is lost, and no unfinished file is left."""
    assert world.here() == world.there()
    assert ledger.missing(world, state) == {}
    assert not [path for path in world.local.rglob(f"*{PARTIAL_SUFFIX}*") if path.is_file()]
