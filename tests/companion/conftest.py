"""A project on the emulated Drive, and a Colab machine that may connect to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.colab_standin import Cell, Runtime
from tests.drive_emulator import DriveEmulator

from .guard_support import runtime as runtime  # a fixture for the tests of the guard

MARKER = json.dumps({"project": "11111111-2222-3333-4444-555555555555", "version": 1}).encode()
FILES = {
    ".drive-sync/drive-sync.json": MARKER,
    "train.ipynb": b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "model.py": b"LAYERS = 3\n",
    "data/labels.csv": b"text,label\nhello,ham\n",
    "notes (draft).txt": "grüße\n".encode(),
}


class Project:
    """A project that was synced from home."""

    def __init__(self, drive: DriveEmulator) -> None:
        self.drive = drive
        drive.seed({f"ml/spam/{path}": content for path, content in FILES.items()})
        self.id = drive.find("ml/spam").id

    def write(self, path: str, content: bytes) -> None:
        """Change a file on Drive, as from home."""
        self.drive.write(f"ml/spam/{path}", content)

    def read(self, path: str) -> bytes:
        """Return what Drive has."""
        return self.drive.read(f"ml/spam/{path}")

    def environment(self, *packages: dict[str, object], python: str = "", **more: object) -> None:
        """Record libraries, as the server at home does."""
        value = {"v": 1, "made": "2026-11-21T16:40:00Z", "python": python, "source": "kernel"}
        value |= {"kernel": "python3", "packages": list(packages), "skipped": [], **more}
        self.write(".drive-sync/environment.json", json.dumps(value).encode())

    def connect(self, vm: Runtime, arguments: str = "", *, timeout: float = 90) -> Cell:
        """Run the first cell."""
        code = f"import drive_sync_colab as ds\nc = ds.connect({self.id!r}, {arguments})"
        return vm.run_cell(code, timeout)


@pytest.fixture
def project(drive_emulator: DriveEmulator) -> Project:
    return Project(drive_emulator)


@pytest.fixture
def vm(drive_emulator: DriveEmulator, tmp_path: Path) -> Iterator[Runtime]:
    with Runtime(drive_emulator, tmp_path) as machine:
        yield machine


def tree(folder: Path) -> dict[str, bytes]:
    """Return what a folder holds, without our own files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".drive-sync" not in path.parts
    }


def shown(cell: Cell) -> str:
    """Return a cell's output, which must be no traceback."""
    assert cell.error is None, cell.text
    return cell.text


def brought() -> dict[str, bytes]:
    """Return what a fresh runtime brings."""
    return {path: content for path, content in FILES.items() if not path.startswith(".drive-sync")}
