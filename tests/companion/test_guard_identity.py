"""The guard is known by its number and its birth: a stranger under its number is left alone."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.guard.folders import GuardFolder
from jupyter_drive_sync.companion.drive_sync_colab.guard.identity import Identity
from jupyter_drive_sync.companion.drive_sync_colab.guard.start import (
    GuardHandle,
    _end_leftovers,
    find,
)


@pytest.fixture
def stranger():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE,
                          start_new_session=True) as process:  # fmt: skip
        yield process
        process.kill()


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a guard, whose lock something holds."""
    folder = GuardFolder(tmp_path / "guard")
    folder.make()
    holder = os.open(folder.lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(holder, fcntl.LOCK_EX)
    yield folder
    os.close(holder)


def test_a_process_is_told_from_a_later_one_of_its_number(stranger):
    identity = Identity.of(stranger.pid)
    assert identity is not None
    assert identity.runs()
    assert not Identity(identity.pid, identity.born - 1).runs()
    stranger.kill()
    stranger.wait()
    assert not identity.runs()
    assert Identity.of(stranger.pid) is None


def test_a_name_with_anything_in_it_hides_no_birth(tmp_path):
    odd = tmp_path / ") S 1 2 (é"
    odd.symlink_to("/bin/sleep")
    with subprocess.Popen([odd, "600"]) as process:
        born = Identity.of(process.pid)
        own = Identity.of(os.getpid())
        assert born is not None
        assert own is not None
        assert born.born >= own.born
        process.kill()


def test_a_stranger_under_the_number_of_a_dead_guard_is_neither_taken_for_it_nor_ended(
    folder, stranger
):
    identity = Identity.of(stranger.pid)
    assert identity is not None
    folder.pid.write_text(identity.as_text())
    assert find(folder) == stranger.pid, "the guard itself is found"
    folder.pid.write_text(Identity(identity.pid, identity.born - 1).as_text())
    assert find(folder) is None
    GuardHandle(folder, stranger.pid, adopted=True).stop(timeout=0.1)
    _end_leftovers(folder)
    assert stranger.poll() is None


def test_a_guard_of_an_earlier_version_is_found_by_its_number_alone(runtime):
    handle = runtime.start()
    by_number = f"{handle.pid}\n"
    runtime.folder.pid.write_text(by_number)
    assert find(runtime.folder) == handle.pid
    assert handle.is_alive()
    again = runtime.start()
    assert (again.pid, again.adopted) == (handle.pid, True)
    handle.stop()
    assert not handle.is_alive()


def test_a_number_alone_stands_for_no_stranger_and_no_guard_of_another_folder(
    folder, stranger, runtime
):
    folder.pid.write_text(str(stranger.pid))
    assert find(folder) is None
    folder.pid.write_text(str(runtime.start().pid))
    assert find(folder) is None


@pytest.mark.parametrize("text", ["", "12", "one two", "1 2 3"])
def test_a_file_that_names_no_process_finds_none(folder, text):
    folder.pid.write_text(text)
    assert Identity.read(folder.pid) is None
    assert find(folder) is None
