"""Fixtures for tests of whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drive_emulator.fixtures import GDrive
from tests.engine.ledger import Ledger
from tests.engine.world import World, linked

FILES = {"train.ipynb": b'{"cells": []}', "model.py": b"w = 1\n", "data/labels.csv": b"a,b\n"}


@pytest.fixture
def ledger() -> Ledger:
    """Nothing written yet."""
    return Ledger()


@pytest.fixture
def led(gdrive: GDrive, monkeypatch: pytest.MonkeyPatch) -> GDrive:
    """The emulator, with this process's environment leading rclone to it."""
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    return gdrive


@pytest.fixture
def world(tmp_path: Path, led: GDrive) -> Iterator[World]:
    """A project of three files in step with Drive."""
    with linked(tmp_path, led, FILES) as made:
        assert made.here() == made.there() == FILES
        yield made
