"""Fixtures for tests of whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drive_emulator.fixtures import GDrive
from tests.engine.world import World, linked

FILES = {"train.ipynb": b'{"cells": []}', "model.py": b"w = 1\n", "data/labels.csv": b"a,b\n"}


@pytest.fixture
def world(tmp_path: Path, gdrive: GDrive, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A project of three files in step with Drive."""
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    with linked(tmp_path, gdrive, FILES) as made:
        assert made.here() == made.there() == FILES
        yield made
