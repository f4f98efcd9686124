"""Copies of files that may be written meanwhile."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from jupyter_drive_sync.errors import Cancelled, DiskFull
from jupyter_drive_sync.files import snapshot as module
from jupyter_drive_sync.files.project_files import ProjectFiles
from jupyter_drive_sync.ports.transfer import CancelToken

BIG = os.urandom(3 << 20)


@pytest.fixture
def files(tmp_path: Path) -> ProjectFiles:
    (tmp_path / "project" / "data").mkdir(parents=True)
    (tmp_path / "staging").mkdir()
    (tmp_path / "project" / "data" / "big.bin").write_bytes(BIG)
    return ProjectFiles(tmp_path / "project", tmp_path / "trash")


def take(files: ProjectFiles, tmp_path: Path, path: str = "data/big.bin") -> str | None:
    return files.snapshot(path, tmp_path / "staging", CancelToken())


def left(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "staging").rglob("*") if path.is_file()]


def test_a_copy_has_the_bytes_the_time_and_the_path(files: ProjectFiles, tmp_path: Path) -> None:
    os.utime(files.root / "data" / "big.bin", ns=(1, 1_700_000_000_123_456_789))
    assert take(files, tmp_path) == hashlib.md5(BIG).hexdigest()
    copy = tmp_path / "staging" / "data" / "big.bin"
    assert copy.read_bytes() == BIG
    assert copy.stat().st_mtime_ns == 1_700_000_000_123_456_789


@pytest.mark.parametrize("how", ["in place", "appended", "by rename", "deleted"])
def test_a_file_that_is_written_meanwhile_has_no_copy(
    files: ProjectFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    file = files.root / "data" / "big.bin"
    real = os.utime

    def written(*arguments: object, **names: object) -> None:
        if how == "in place":
            file.write_bytes(BIG[::-1])
        elif how == "appended":
            with file.open("ab") as log:
                log.write(b"more")
        elif how == "by rename":
            (files.root / "new").write_bytes(BIG)
            os.replace(files.root / "new", file)
        else:
            file.unlink()
        real(*arguments, **names)  # type: ignore[arg-type]

    monkeypatch.setattr(module.os, "utime", written)
    assert take(files, tmp_path) is None
    assert left(tmp_path) == []


def test_what_is_no_file_has_no_copy(files: ProjectFiles, tmp_path: Path) -> None:
    (files.root / "link").symlink_to(files.root / "data" / "big.bin")
    (files.root / "linked").symlink_to(files.root / "data")
    (files.root / "out").symlink_to(tmp_path / "staging")
    for path in ("link", "linked/big.bin", "data", "none", "out/x"):
        assert take(files, tmp_path, path) is None
    assert left(tmp_path) == []


def test_a_full_disk_is_named_and_nothing_is_left(
    files: ProjectFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "utime", full)
    with pytest.raises(DiskFull):
        take(files, tmp_path)
    assert left(tmp_path) == []


def test_cancelling_leaves_nothing(files: ProjectFiles, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.request()
    with pytest.raises(Cancelled):
        files.snapshot("data/big.bin", tmp_path / "staging", cancel)
    assert left(tmp_path) == []
