"""Files that a killed rclone left unfinished."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.files.ignore import ProjectIgnore
from jupyter_drive_sync.files.project_files import ProjectFiles
from jupyter_drive_sync.files.sweep import unfinished
from jupyter_drive_sync.ports.projects import PARTIAL_SUFFIX
from jupyter_drive_sync.rclone.binary import find_rclone

LEFT = f"model.bin.0a1b2c3d{PARTIAL_SUFFIX}"
LATER = timedelta(minutes=1)


@pytest.fixture
def files(tmp_path: Path) -> ProjectFiles:
    (tmp_path / "project").mkdir()
    return ProjectFiles(tmp_path / "project", tmp_path / "state" / "trash")


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def found(files: ProjectFiles, before: datetime | None = None) -> set[str]:
    before = before or datetime.now(timezone.utc) + LATER
    return set(unfinished(files.root, ProjectIgnore.read(files.root), before))


def test_what_a_killed_rclone_leaves_is_found(tmp_path: Path, files: ProjectFiles) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "big.bin").write_bytes(os.urandom(2_000_000))
    flags = ("--bwlimit", "100k", "--config", "", "--partial-suffix", PARTIAL_SUFFIX)
    rclone = subprocess.Popen(
        [find_rclone(None).path, "copy", *flags, tmp_path / "from", files.root]
    )
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size for path in files.root.iterdir()):
        assert time.monotonic() < deadline, "rclone has not begun"
        assert rclone.poll() is None
    rclone.kill()
    rclone.wait()
    left = {path.name for path in files.root.iterdir()}
    assert len(left) == 1
    assert found(files) == left


def test_only_rclones_own_names_are_taken_and_nothing_young(files: ProjectFiles) -> None:
    put(files.root, LEFT, f"deep/er/{LEFT}", "model.bin", f"mine{PARTIAL_SUFFIX}")
    put(files.root, f"mine.draft{PARTIAL_SUFFIX}", f"{LEFT}.txt", f".drive-sync/{LEFT}")
    put(files.root, f".venv/{LEFT}")
    (files.root / f"folder.0a1b2c3d{PARTIAL_SUFFIX}").mkdir()
    assert found(files) == {LEFT, f"deep/er/{LEFT}"}
    # The time that a file shows may be its source's: it does not count while rclone is at work.
    os.utime(files.root / LEFT, (1, 1))
    assert found(files, datetime.now(timezone.utc) - timedelta(hours=1)) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_neither_taken_nor_followed(files: ProjectFiles, tmp_path: Path) -> None:
    put(tmp_path / "outside", LEFT)
    (files.root / "in").symlink_to(tmp_path / "outside")
    (files.root / LEFT).symlink_to(tmp_path / "outside" / LEFT)
    assert found(files) == set()


def test_what_is_swept_lies_in_the_trash(files: ProjectFiles) -> None:
    put(files.root, f"deep/{LEFT}", "mine.txt")
    ignore = ProjectIgnore.read(files.root)
    assert files.sweep(ignore, datetime.now(timezone.utc) + LATER) == 1
    assert files.sweep(ignore, datetime.now(timezone.utc) + LATER) == 0
    assert [path.name for path in files.root.rglob("*") if path.is_file()] == ["mine.txt"]
    kept = [path for path in files.trash.root.rglob("*") if path.is_file()]
    assert [path.read_text() for path in kept] == [f"deep/{LEFT}"]
