"""Writing whole files."""

import errno
import os
import stat
import threading

import pytest

from jupyter_drive_sync.errors import DiskFull
from jupyter_drive_sync.files import atomic
from jupyter_drive_sync.files.atomic import write_atomic


def test_the_content_and_the_mode_are_what_was_asked_for(tmp_path):
    file = tmp_path / "state.json"
    write_atomic(file, b"one")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"one", 0o600)
    write_atomic(file, b"two", mode=0o644)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"two", 0o644)
    assert os.listdir(tmp_path) == ["state.json"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_the_old_content_stands(tmp_path, monkeypatch, code):
    file = tmp_path / "state.json"
    write_atomic(file, b"old")

    def full(_):
        raise OSError(code, "full")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(DiskFull):
        write_atomic(file, b"new")
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["state.json"]


def test_a_missing_folder_is_an_error_not_a_new_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "gone" / "file", b"x")


def test_a_reader_never_sees_half_a_file(tmp_path):
    file = tmp_path / "state"
    contents = [bytes([65 + number]) * 200_000 for number in range(2)]
    write_atomic(file, contents[0])
    stop, torn = threading.Event(), []

    def read():
        while not stop.is_set():
            if file.read_bytes() not in contents:
                torn.append(1)

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(60):
        write_atomic(file, contents[number % 2])
    stop.set()
    thread.join()
    assert not torn


def test_a_folder_that_may_not_be_read_is_no_hindrance(tmp_path, monkeypatch):
    """One may write into such a folder, but not open it to make sure of its names."""
    real = os.open

    def denied(path, *arguments, **names):
        if path == tmp_path:
            raise PermissionError(errno.EACCES, "denied")
        return real(path, *arguments, **names)

    monkeypatch.setattr(atomic.os, "open", denied)
    write_atomic(tmp_path / "state", b"one")
    assert (tmp_path / "state").read_bytes() == b"one"
