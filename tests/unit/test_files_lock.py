"""The project's lock, with real processes."""

import json
import os
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from jupyter_drive_sync.errors import LockedElsewhere
from jupyter_drive_sync.files.lock import ProjectLock

HOLD = """
    import subprocess, sys
    from pathlib import Path
    from jupyter_drive_sync.files.lock import ProjectLock
    lock = ProjectLock(Path(sys.argv[1]))
    lock.acquire(holder="command line")
    if sys.argv[2] == "with child":
        child = subprocess.Popen(["sleep", "60"], pass_fds=[lock.fileno()])
        print(child.pid, flush=True)
    else:
        print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "lock"


@pytest.fixture
def hold(path):
    started = []

    def start(how="alone"):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(HOLD), path, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_one_at_a_time_and_the_note_says_who(path):
    lock, other = ProjectLock(path), ProjectLock(path)
    assert other.holder() is None
    lock.acquire(url="http://localhost:8888/")
    lock.acquire()
    with pytest.raises(LockedElsewhere) as refused:
        other.acquire()
    assert "a Jupyter server on this computer" in refused.value.message
    assert str(os.getpid()) in refused.value.message
    assert not other.held
    holder = other.holder()
    assert (holder.pid, holder.holder, holder.url) == (
        os.getpid(),
        "server",
        "http://localhost:8888/",
    )
    assert set(json.loads(path.read_text())) == {"pid", "host", "holder", "since", "url"}
    lock.release()
    lock.release()
    with other:
        assert other.held
    with pytest.raises(ValueError):
        other.fileno()


def test_a_shorter_note_replaces_a_longer_one_whole(path):
    lock = ProjectLock(path)
    lock.acquire(url="http://localhost/" + "x" * 500)
    lock.release()
    lock.acquire()
    assert lock.holder().url is None


def test_another_process_is_named_and_its_death_frees_the_lock(path, hold):
    process, _ = hold()
    lock = ProjectLock(path)
    with pytest.raises(LockedElsewhere) as refused:
        lock.acquire()
    assert f"a command line on this computer (process {process.pid}" in refused.value.message
    process.kill()
    process.wait()
    lock.acquire()
    assert lock.held


def test_a_child_keeps_the_lock_when_its_parent_was_killed(path, hold):
    process, child = hold("with child")
    process.kill()
    process.wait()
    lock = ProjectLock(path)
    with pytest.raises(LockedElsewhere) as refused:
        lock.acquire()
    assert "rclone" in refused.value.message
    os.kill(int(child), 9)
    lock.acquire(timeout=5)
    assert lock.held


def test_a_child_keeps_the_lock_when_its_parent_lets_go(path):
    lock = ProjectLock(path)
    lock.acquire()
    child = subprocess.Popen(["sleep", "60"], pass_fds=[lock.fileno()])
    try:
        lock.release()
        with pytest.raises(LockedElsewhere):
            lock.acquire()
    finally:
        child.kill()
        child.wait()
    lock.acquire(timeout=5)


def test_waiting_for_the_lock_ends_when_it_is_free_or_the_time_is_up(path):
    lock, other = ProjectLock(path), ProjectLock(path)
    lock.acquire()
    begin = time.monotonic()
    with pytest.raises(LockedElsewhere):
        other.acquire(timeout=0.2)
    assert 0.2 <= time.monotonic() - begin < 2
    threading.Timer(0.2, lock.release).start()
    other.acquire(timeout=10)
    assert other.held


def test_a_damaged_note_does_not_keep_anyone_out(path):
    path.parent.mkdir()
    path.write_bytes(b"\xff{")
    lock = ProjectLock(path)
    assert lock.holder() is None
    lock.acquire()
    other = ProjectLock(path)
    path.write_bytes(b"[]")
    with pytest.raises(LockedElsewhere, match="Another process"):
        other.acquire()


def test_the_lock_is_private(path):
    ProjectLock(path).acquire()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
