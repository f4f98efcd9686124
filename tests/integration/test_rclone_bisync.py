"""Every row of bisync's exit-code table, made by real rclone between two folders."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import pytest

from jupyter_drive_sync.errors import Cancelled, FolderInvalid
from jupyter_drive_sync.ports.projects import MARKER_PATH, PARTIAL_SUFFIX
from jupyter_drive_sync.ports.transfer import BisyncResult, CancelToken, Progress
from jupyter_drive_sync.rclone.bisync import bisync_command
from jupyter_drive_sync.rclone.filters import filter_input
from jupyter_drive_sync.rclone.outcome import bisync_outcome
from tests.integration.rclone_support import Pair, put, tree, until

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


@pytest.fixture
def pair(tmp_path):
    return Pair(tmp_path)


@pytest.fixture
def agreed(pair):
    """Five files on both sides, with listings."""
    for number in range(5):
        put(pair.local, f"file{number}", f"content {number}")
    pair.first()
    return pair


def test_a_fine_run_carries_changes_both_ways(agreed):
    put(agreed.local, "file1", "edited here", age=1)
    put(agreed.remote, "folder/new", "new there", age=1)
    outcome = agreed.run()
    assert outcome.result is BisyncResult.FINE
    assert outcome.exit_code == 0
    assert not outcome.locked_out
    assert outcome.errors == ()
    assert tree(agreed.local) == tree(agreed.remote)
    assert tree(agreed.local)["folder/new"] == b"new there"
    said = {note.path: note.message for note in outcome.notes}
    assert said["file1"].startswith("Copied")
    assert said["folder/new"].startswith("Copied")


def test_a_run_with_a_symbolic_link_is_degraded(agreed):
    (agreed.local / "link").symlink_to("file1")
    outcome = agreed.run()
    assert outcome.result is BisyncResult.DEGRADED
    assert any(note.path == "link" for note in outcome.notes)


def test_an_edit_on_both_sides_is_a_conflict_and_both_versions_live(agreed):
    put(agreed.local, "file1.txt", "base")
    agreed.run()
    put(agreed.local, "file1.txt", "mine", age=1)
    put(agreed.remote, "file1.txt", "theirs", age=2)
    outcome = agreed.run()
    assert outcome.result is BisyncResult.CONFLICT
    assert "file1.txt" in {note.path for note in outcome.notes}
    assert tree(agreed.local)["file1.txt"] == b"mine"
    assert tree(agreed.local)["file1.conflict1.txt"] == b"theirs"
    assert outcome.copies == {"file1.txt": "file1.conflict1.txt"}


def test_the_same_edit_on_both_sides_is_no_conflict(agreed):
    put(agreed.local, "file1", "the same", age=1)
    put(agreed.remote, "file1", "the same", age=1)
    outcome = agreed.run()
    assert outcome.result is BisyncResult.FINE
    assert outcome.notes == ()


def test_without_listings_a_run_needs_a_resync(pair):
    assert pair.bisync.locked_out(pair.request())
    outcome = pair.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.NEEDS_RESYNC, 7)
    assert outcome.locked_out


def test_listings_of_two_other_folders_do_not_count(agreed):
    assert not agreed.bisync.locked_out(agreed.request())
    moved = agreed.root / "moved"
    shutil.move(agreed.local, moved)
    assert agreed.bisync.locked_out(agreed.request(local=moved))
    assert agreed.run(local=moved, resync=True).result is BisyncResult.FINE
    assert not agreed.bisync.locked_out(agreed.request(local=moved))


def test_a_critical_error_locks_out_until_a_resync(agreed):
    (agreed.remote / "file1").unlink()
    put(agreed.remote, "file1/inside", "now a folder")
    put(agreed.local, "file1", "still a file", age=3)
    outcome = agreed.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.NEEDS_RESYNC, 7)
    assert outcome.locked_out
    assert outcome.errors
    assert agreed.bisync.locked_out(agreed.request())
    # Held by name, the path leaves the rest alone.
    held = ("- /file1", "- /file1/**")
    assert agreed.run(resync=True, filters=held).result is BisyncResult.FINE
    assert agreed.run(filters=held).result is BisyncResult.FINE


def test_an_older_listing_alone_does_not_count(agreed):
    agreed.run()
    for listing in agreed.workdir.glob("*.lst"):
        listing.unlink()
    assert list(agreed.workdir.glob("*.lst-old"))
    assert agreed.bisync.locked_out(agreed.request())


def test_changed_rules_do_not_lock_out(agreed):
    put(agreed.local, "secret/a", "not to be synced")
    assert agreed.run(filters=("- /secret/**",)).result is BisyncResult.FINE
    assert "secret/a" not in tree(agreed.remote)
    assert agreed.run(filters=()).result is BisyncResult.FINE
    assert tree(agreed.remote)["secret/a"] == b"not to be synced"


def test_a_changed_filters_file_is_told_apart(agreed, tmp_path):
    rules = tmp_path / "rules"
    rules.write_text("- *.tmp\n")
    agreed.extra = ("--filters-file", str(rules))
    assert agreed.run(resync=True).result is BisyncResult.FINE
    rules.write_text("- *.bak\n")
    outcome = agreed.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.FILTERS_CHANGED, 7)
    assert outcome.locked_out


def test_a_remote_without_the_marker_is_missing(agreed):
    (agreed.remote / MARKER_PATH).unlink()
    outcome = agreed.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.REMOTE_MISSING, 7)
    assert not outcome.locked_out


def test_an_empty_remote_is_missing(agreed):
    shutil.rmtree(agreed.remote)
    agreed.remote.mkdir()
    before = tree(agreed.local)
    assert agreed.run().result is BisyncResult.REMOTE_MISSING
    assert tree(agreed.local) == before


def test_a_remote_that_is_gone_is_missing(agreed):
    shutil.rmtree(agreed.remote)
    before = tree(agreed.local)
    assert agreed.run().result is BisyncResult.REMOTE_MISSING
    assert tree(agreed.local) == before
    assert not agreed.remote.exists()


def test_a_local_folder_that_is_gone_is_missing(agreed):
    shutil.rmtree(agreed.local)
    before = tree(agreed.remote)
    outcome = agreed.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.LOCAL_MISSING, 7)
    assert tree(agreed.remote) == before


def test_a_local_folder_without_the_marker_is_missing(agreed):
    (agreed.local / MARKER_PATH).unlink()
    assert agreed.run().result is BisyncResult.LOCAL_MISSING


def test_more_deletes_than_agreed_are_refused_and_the_agreed_number_is_taken(agreed):
    for number in range(3):
        (agreed.local / f"file{number}").unlink()
    outcome = agreed.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.TOO_MANY_DELETES, 1)
    assert len(tree(agreed.remote)) == 6
    assert not outcome.locked_out
    assert agreed.run(max_delete_percent=50).result is BisyncResult.FINE
    assert len(tree(agreed.remote)) == 3


def test_no_deletes_agreed_means_none(agreed):
    (agreed.local / "file0").unlink()
    assert agreed.run(max_delete_percent=0).result is BisyncResult.TOO_MANY_DELETES


def test_a_percentage_must_be_one(pair):
    with pytest.raises(ValueError, match="percentage"):
        bisync_command(pair.request(max_delete_percent=101))


def test_everything_changed_at_once_is_refused(agreed):
    for path in tree(agreed.local):
        put(agreed.local, path, "all new", age=2)
    outcome = agreed.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.ALL_CHANGED, 1)
    assert not outcome.locked_out


def test_a_project_of_one_notebook_goes_on_after_its_first_edit(pair):
    put(pair.local, "only.ipynb", "{}")
    pair.first()
    put(pair.local, "only.ipynb", '{"cells": []}', age=1)
    assert pair.run().result is BisyncResult.FINE
    assert tree(pair.remote)["only.ipynb"] == b'{"cells": []}'


def test_two_sides_with_nothing_but_the_marker_work(pair):
    pair.first()
    assert pair.run().result is BisyncResult.FINE


def lock_file(pair):
    listing = next(pair.workdir.glob("*.path1.lst"))
    return listing.with_name(listing.name.replace(".path1.lst", ".lck"))


def test_a_lock_of_another_bisync_is_told_apart(agreed):
    lock_file(agreed).write_text(
        json.dumps({"Session": "x", "PID": "1", "TimeExpires": "2999-01-01T00:00:00Z"})
    )
    finished = agreed.runner.run(
        bisync_command(agreed.request()),
        [str(agreed.local), str(agreed.remote)],
        stdin=filter_input(()),
    )
    outcome = bisync_outcome(finished.exit_code, finished.lines)
    assert (outcome.result, outcome.exit_code) == (BisyncResult.LOCKED, 1)


def test_a_lock_left_by_a_killed_run_is_cleared_away(agreed):
    lock_file(agreed).write_text("{")
    assert agreed.run().result is BisyncResult.FINE


def test_a_flag_that_rclone_does_not_know_is_wrong_usage(agreed):
    agreed.extra = ("--no-such-flag",)
    outcome = agreed.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.USAGE, 2)
    assert not outcome.locked_out


def test_an_unfinished_file_is_never_synced(agreed):
    put(agreed.local, f"data.bin.0a1b2c3d{PARTIAL_SUFFIX}", "half")
    assert agreed.run().result is BisyncResult.FINE
    assert all(not path.endswith(PARTIAL_SUFFIX) for path in tree(agreed.remote))


def test_a_remote_that_refuses_connections_is_offline(pair, tmp_path):
    pair.config = tmp_path / "rclone.conf"
    # Port 9 of this computer: nothing listens there.
    pair.config.write_text("[web]\ntype = webdav\nurl = http://127.0.0.1:9\nvendor = other\n")
    pair.remote_spec = "web:project"
    pair.extra = ("--retries", "1", "--low-level-retries", "1")
    outcome = pair.run(resync=True)
    assert outcome.result is BisyncResult.OFFLINE


@posix
@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="needs the right to mount a small disk"
)
def test_a_full_disk_is_told_apart(agreed, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], check=False)
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        shutil.copytree(agreed.local, disk / "local")
        assert agreed.run(local=disk / "local", resync=True).result is BisyncResult.FINE
        put(agreed.remote, "big", os.urandom(1 << 20))
        outcome = agreed.run(local=disk / "local")
        assert (outcome.result, outcome.exit_code) == (BisyncResult.DISK_FULL, 7)
    finally:
        subprocess.run(["umount", disk], check=True)


# -- stopping


@pytest.fixture
def slow(agreed):
    """Two files to be copied at a pace that leaves time to stop it."""
    put(agreed.local, "a-first", os.urandom(600_000), age=1)
    put(agreed.local, "b-second", os.urandom(3_000_000), age=1)
    agreed.extra = ("--bwlimit", "300k", "--transfers", "1", "--check-first")
    return agreed


def cancel_while_copying(pair, **changes):
    cancel = CancelToken()

    def watch(progress: Progress) -> None:
        if progress.bytes > 0:
            cancel.request()

    return pair.run(on_progress=watch, cancel=cancel, **changes)


@posix
def test_a_cancelled_run_ends_soon_and_the_next_one_goes_on(slow):
    outcome = cancel_while_copying(slow)
    assert outcome.result is BisyncResult.CANCELLED
    assert "b-second" not in tree(slow.remote)
    slow.extra = ()
    # Where the other side is a disk, rclone may remove its unfinished file too early and fail
    # to save its state; then it says so.
    assert slow.run(resync=outcome.locked_out).result is BisyncResult.FINE
    assert tree(slow.local) == tree(slow.remote)


@posix
def test_a_cancelled_resync_needs_another(slow):
    outcome = cancel_while_copying(slow, resync=True)
    assert outcome.result is BisyncResult.CANCELLED
    assert outcome.locked_out
    slow.extra = ()
    assert slow.run(resync=True).result is BisyncResult.FINE
    assert tree(slow.local) == tree(slow.remote)


def test_a_run_cancelled_before_its_start_does_nothing(agreed):
    put(agreed.local, "file1", "edited", age=1)
    cancel = CancelToken()
    cancel.request()
    with pytest.raises(Cancelled):
        agreed.run(cancel=cancel)
    assert tree(agreed.remote)["file1"] == b"content 1"


@posix
def test_an_rclone_that_does_not_stop_in_time_is_killed(slow):
    slow.grace = 0.1
    outcome = cancel_while_copying(slow)
    assert outcome.result is BisyncResult.CANCELLED
    assert outcome.exit_code == -signal.SIGKILL


@posix
def test_after_kill_9_the_next_run_goes_on_without_loss(slow):
    killed = threading.Event()

    def kill(progress: Progress) -> None:
        if progress.bytes > 0 and not killed.is_set():
            killed.set()
            os.kill(int(json.loads(lock_file(slow).read_text())["PID"]), signal.SIGKILL)

    wanted = tree(slow.local)
    outcome = slow.run(on_progress=kill)
    assert (outcome.result, outcome.exit_code) == (BisyncResult.KILLED, -signal.SIGKILL)
    slow.extra = ()
    again = slow.run(resync=slow.bisync.locked_out(slow.request()))
    assert again.result is BisyncResult.FINE
    assert tree(slow.local) == wanted
    arrived = {
        path: content
        for path, content in tree(slow.remote).items()
        if not path.endswith(PARTIAL_SUFFIX)
    }
    assert arrived == wanted


@posix
def test_the_lock_is_still_held_by_rclone_when_the_server_lets_go(slow):
    import fcntl

    lock = slow.root / "lock"
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    cancel = CancelToken()
    started = threading.Event()
    thread = threading.Thread(
        target=lambda: slow.run(
            on_progress=lambda progress: started.set() if progress.bytes else None,
            cancel=cancel,
            lock_fd=descriptor,
        )
    )
    thread.start()
    try:
        assert started.wait(20)
        os.close(descriptor)
        other = os.open(lock, os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        cancel.request()
        thread.join()
    until(lambda: _can_lock(other))
    os.close(other)


def _can_lock(descriptor):
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


# -- surroundings


def test_rclone_variables_of_the_server_have_no_effect(agreed, monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("RCLONE_RESYNC", "true")
    monkeypatch.setenv("RCLONE_DRY_RUN", "true")
    monkeypatch.setenv("RCLONE_CONFIG_GDRIVE_TYPE", "local")
    (agreed.local / "file0").unlink()
    put(agreed.local, "file1", "edited", age=1)
    outcome = agreed.run()
    assert outcome.result is BisyncResult.FINE
    assert tree(agreed.remote)["file1"] == b"edited"
    assert "file0" not in tree(agreed.local)
    agreed.config = tmp_path / "empty.conf"
    agreed.config.write_text("")
    outcome = agreed.run(remote=f"gdrive:{elsewhere}", resync=True)
    assert outcome.result is BisyncResult.FAILED
    assert "didn't find section" in " ".join(outcome.errors)
    assert not elsewhere.exists()


def test_progress_counts_bytes_and_files(slow):
    slow.extra = ("--bwlimit", "3M", "--transfers", "1")
    reports: list[Progress] = []
    assert slow.run(on_progress=reports.append).result is BisyncResult.FINE
    assert reports[-1].files == 2
    assert reports[-1].bytes == reports[-1].total_bytes == 3_600_000
    assert {name for report in reports for name, _ in report.current} <= {"a-first", "b-second"}
    assert any(report.current for report in reports)


def test_many_held_paths_fit_and_odd_names_are_held(agreed):
    names = ["ends with space ", "tab\t", "new\nline", "[class]", "star*", "{brace}"]
    for name in names:
        put(agreed.local, name, "held")
    escape = str.maketrans({character: f"\\{character}" for character in "*?[]{}\\"})
    rules = tuple(f"- /{name.translate(escape)}" for name in names)
    rules += tuple(f"- /{'deep/' * 20}file-{number}" for number in range(2000))
    assert agreed.run(filters=rules).result is BisyncResult.FINE
    assert set(names).isdisjoint(tree(agreed.remote))
    assert agreed.run().result is BisyncResult.FINE
    assert set(names) <= set(tree(agreed.remote))


def test_a_name_that_rclone_cannot_open_stops_nothing(agreed):
    put(agreed.local, "odd \u201b mark", "left out")
    put(agreed.local, "folder \u201b/file", "left out")
    put(agreed.local, "other", "goes on")
    assert agreed.run().result is BisyncResult.FINE
    assert "other" in tree(agreed.remote)


def test_paths_too_long_for_bisync_are_refused_with_the_way_out(pair):
    deep = pair.root / ("a" * 120) / ("b" * 100)
    with pytest.raises(FolderInvalid, match="too long together"):
        pair.run(local=deep)
