"""What fails is survived, and said."""

from __future__ import annotations

import os
import signal
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints
from jupyter_drive_sync.companion.drive_sync_colab.errors import (
    CheckpointNotSafe,
    CompanionError,
    DriveFull,
    FolderUnknown,
    Offline,
    RateLimited,
    RcloneFailed,
    SignInLost,
)
from jupyter_drive_sync.companion.drive_sync_colab.guard import (
    failures,
    find,
    lanes,
    process,
    spool,
    uploads,
)
from tests.drive_emulator import Answer, Corrupt, Gate, Hold

from .checkpoint_files import write_at_once, zip_bytes
from .guard_support import RUN, kill_guard, md5, put_on_drive, wait_for


def code_of(runtime) -> str | None:
    return (runtime.status().get("error") or {}).get("code")


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Answer(403, "storageQuotaExceeded"), "quota_full"),
        (Answer(403, "userRateLimitExceeded"), "rate_limited"),
        (Answer(401, "authError"), "sign_in"),
    ],
    ids=["a full Drive", "a storm of 403", "a lost sign-in"],
)
def test_trouble_is_said_and_what_is_finished_goes_up_when_it_is_over(runtime, trouble, code):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    runtime.drive.faults.add(trouble, kind="upload.*", times=None)
    content = zip_bytes(3_000)
    path = write_at_once(runtime.project / "checkpoints" / "step-2.pt", content)

    wait_for(lambda: code_of(runtime) == code)
    with pytest.raises(CheckpointNotSafe, match="not verified on Drive"):
        checkpoints.checkpoint(path, step=2, timeout=0.5)
    path.unlink()  # the spool has it
    assert set(runtime.check_listed()) == {"checkpoints/step-1.pt"}
    assert runtime.status()["unverified"] >= 1

    runtime.drive.faults.clear()
    runtime.start()  # as the first cell does when it is run again
    wait_for(lambda: md5(content) in {line.md5 for line in runtime.check_listed().values()})
    wait_for(lambda: code_of(runtime) is None)


def test_a_line_that_is_cut_is_survived(runtime):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    nowhere = dict.fromkeys(["HTTPS_PROXY", "https_proxy"], "http://127.0.0.1:9")
    environment = {**runtime.drive.environment(), **nowhere}
    runtime.start(rclone_env=environment)
    write_at_once(runtime.project / "checkpoints" / "step-2.pt", zip_bytes(2_000))
    wait_for(lambda: code_of(runtime) == "offline")
    assert runtime.listed_paths() == {"checkpoints/step-1.pt"}

    runtime.start()
    wait_for(lambda: "checkpoints/step-2.pt" in runtime.check_listed())


def test_a_corrupted_upload_is_never_listed(runtime):
    runtime.drive.faults.add(Corrupt(offset=1_500), kind="upload.*", file=r"step-1\.pt$")
    runtime.start()
    content = zip_bytes(4_000)
    line = put_on_drive(runtime, "checkpoints/step-1.pt", content)
    runtime.check_listed()
    assert line.md5 == md5(content)


def test_a_file_written_over_while_it_goes_up_is_never_listed_torn(runtime):
    runtime.start()
    put_on_drive(runtime, "checkpoints/other.pt", zip_bytes(1_000))
    large, second = zip_bytes(40 * 2**20), zip_bytes(2_000)
    gate = Gate()
    runtime.drive.faults.add(Hold(gate), kind="upload.resumable.chunk")
    path = write_at_once(runtime.project / "checkpoints" / "last.pt", large)
    gate.wait_reached()
    with path.open("r+b") as file:
        file.write(os.urandom(100))
        file.truncate(30 * 2**20)
    gate.release()
    path.write_bytes(second)

    wait_for(lambda: md5(second) in {line.md5 for line in runtime.check_listed().values()})
    ours = {line.md5 for line in runtime.listed().values() if line.path == "checkpoints/last.pt"}
    assert ours <= {md5(large), md5(second)}


class NoRemote:
    """Takes everything and shows what it was given."""

    verifies = True

    def __init__(self, meanwhile) -> None:
        self.meanwhile = meanwhile
        self.there: dict[str, uploads.OnDrive] = {}

    def upload(self, source: Path, names) -> None:
        for name in names:
            content = (source / name).read_bytes()
            self.there[name] = uploads.OnDrive(len(content), md5(content), "id")
        self.meanwhile()

    def look(self, names) -> dict[str, uploads.OnDrive]:
        return self.there


@pytest.mark.parametrize("is_written", [False, True])
def test_a_linked_file_that_is_written_while_it_goes_up_is_not_taken_for_arrived(
    tmp_path, monkeypatch, is_written
):
    monkeypatch.setattr(spool, "COPIED_BELOW", 0)
    (tmp_path / "spool").mkdir()
    source = write_at_once(tmp_path / "last.pt", zip_bytes(3_000))
    kept = spool.Spool(tmp_path / "spool")
    stat = source.stat()
    file = spool.SpoolFile("last.pt", "last.pt", "0", stat.st_size, stat.st_mtime_ns)
    item = kept.put(spool.Item("1", (file,), checkpoint=True), {"0": source})

    def write() -> None:
        with source.open("r+b") as opened:
            opened.write(b"other" * is_written)

    remote = NoRemote(write)
    (outcome,) = uploads.bring(remote, kept, "small", [item])  # type: ignore[arg-type]
    assert outcome.changed is is_written
    assert bool(outcome.arrived) is not is_written


def test_nothing_is_deleted_while_the_manifest_cannot_be_written(runtime):
    runtime.start(keep=1)
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    runtime.drive.faults.add(Answer(500), kind="upload.*", file="manifest", times=None)
    write_at_once(runtime.project / "checkpoints" / "step-2.pt", zip_bytes(2_000))
    wait_for(lambda: "checkpoints/step-2.pt" in runtime.on_drive())
    wait_for(lambda: code_of(runtime))

    assert set(runtime.check_listed()) == {"checkpoints/step-1.pt"}
    runtime.drive.faults.clear()
    runtime.start(keep=1)
    wait_for(lambda: runtime.on_drive() == {"checkpoints/step-2.pt"})
    assert set(runtime.check_listed()) == {"checkpoints/step-2.pt"}


def test_where_nothing_may_be_deleted_for_good_older_ones_go_into_the_bin(runtime):
    runtime.drive.faults.add(
        Answer(403, "insufficientFilePermissions"), kind="files.delete", times=None
    )
    runtime.start(keep=1)
    for step in (1, 2):
        put_on_drive(runtime, f"checkpoints/step-{step}.pt", zip_bytes(2_000))

    wait_for(lambda: runtime.on_drive() == {"checkpoints/step-2.pt"})
    assert [file.name for file in runtime.drive.trash_listing()] == ["step-1.pt"]
    assert code_of(runtime) is None


def test_what_was_half_handed_in_is_cleared_away_and_what_waits_is_not(tmp_path):
    for name in ("waits.new", "forgotten.new", "fresh.new", "no-item"):
        (tmp_path / name).mkdir()
        if name != "fresh.new":
            os.utime(tmp_path / name, (1, 1))
    spool.Spool(tmp_path).load(["waits"])
    assert {path.name for path in tmp_path.iterdir()} == {"waits.new", "fresh.new"}


def test_one_item_that_is_gone_from_the_spool_does_not_hold_up_the_others(runtime):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    runtime.drive.faults.add(Answer(500), kind="upload.*", times=None)
    for step in (2, 3):
        write_at_once(runtime.project / "checkpoints" / f"step-{step}.pt", zip_bytes(2_000))
    items = wait_for(lambda: len(found := sorted(runtime.folder.spool.glob("*/0"))) == 2 and found)
    items[0].unlink()
    runtime.drive.faults.clear()
    runtime.start()

    wait_for(lambda: len(runtime.listed()) == 2)
    wait_for(lambda: not list(runtime.folder.spool.glob("*/0")))
    runtime.check_listed()


def test_an_answer_that_nobody_foresaw_makes_a_lane_pause_and_say_so():
    notes: list[str] = []
    lane = lanes.Lane("test", notes.append)
    ended: list[str] = []
    lane.start("A job", lambda: {}["nothing"], ended.append, lambda: ended.append("ended"))
    wait_for(lane.collect)

    assert ended == ["ended"]
    assert lane.error is not None
    assert "A job failed unexpectedly: KeyError('nothing')" in lane.error.message
    assert not lane.is_free()
    lane.hurry()
    lane.start("A job", lambda: 7, ended.append)
    wait_for(lane.collect)
    assert (ended[-1], lane.error) == (7, None)
    lane.close()


def test_an_error_that_nobody_foresaw_is_said_and_does_not_end_the_guard(runtime, monkeypatch):
    runtime.folder.make()
    runtime.folder.settings.write_text(runtime.settings().as_json())
    notes: list[str] = []
    guard = process.Guard(runtime.folder, runtime.settings(), None, notes.append)
    calls = iter([ValueError("odd"), None])

    def tick() -> None:
        error = next(calls)
        if error:
            raise error
        guard.end, guard.has_told_end = "stopped", True

    monkeypatch.setattr(guard, "tick", tick)
    guard.run()

    assert "ValueError: odd" in notes[0]
    trouble = guard.report.condition().trouble
    assert trouble is not None
    assert "odd" in trouble.error.message
    guard.close()


def test_when_the_runs_folder_is_gone_what_is_still_here_goes_up_anew(runtime):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    runtime.drive.trash(f"ml/spam/outputs/{RUN}")

    put_on_drive(runtime, "checkpoints/step-2.pt", zip_bytes(2_000))
    wait_for(lambda: runtime.listed_paths() == {"checkpoints/step-1.pt", "checkpoints/step-2.pt"})
    runtime.check_listed()


def test_the_guard_runs_once_however_often_it_is_started(runtime):
    handles = []
    threads = [threading.Thread(target=lambda: handles.append(runtime.start())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(handles) == 4
    assert len({handle.pid for handle in handles}) == 1
    assert find(runtime.folder) == handles[0].pid


@pytest.mark.parametrize("children_too", [True, False])
def test_a_new_guard_goes_on_where_a_killed_one_stopped(runtime, children_too):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    gate = Gate()
    runtime.drive.faults.add(Hold(gate), kind="upload.*", file=r"step-2\.pt$")
    content = zip_bytes(50_000)
    path = write_at_once(runtime.project / "checkpoints" / "step-2.pt", content)
    gate.wait_reached()
    path.unlink()
    pid = find(runtime.folder)
    assert pid is not None
    (os.killpg if children_too else os.kill)(pid, signal.SIGKILL)
    wait_for(lambda: find(runtime.folder) is None)

    again = runtime.start()
    gate.release()

    assert not again.adopted
    wait_for(lambda: "checkpoints/step-2.pt" in runtime.check_listed())
    assert len(runtime.drive.find_all(f"ml/spam/outputs/{RUN}/checkpoints/step-2.pt")) == 1
    assert runtime.on_drive() == {"checkpoints/step-1.pt", "checkpoints/step-2.pt"}


def test_lines_that_a_damaged_disk_lost_come_back_from_drive(runtime):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    before = runtime.listed()
    kill_guard(runtime.folder)
    runtime.folder.manifest.write_text('{"v": 1, "seq": 1, "ki')

    runtime.start()
    put_on_drive(runtime, "checkpoints/step-2.pt", zip_bytes(2_000))
    assert before.items() <= runtime.check_listed().items()


Usage = namedtuple("Usage", "total used free")


def test_on_a_full_disk_the_spool_links_instead_of_copying(tmp_path, monkeypatch):
    source = tmp_path / "a.pt"
    source.write_bytes(b"x" * 100)
    stat = source.stat()
    monkeypatch.setattr(spool.shutil, "disk_usage", lambda _: Usage(1, 1, 50))

    spool.freeze(source, tmp_path / "kept", 100, stat.st_mtime_ns, copy=True)

    assert (tmp_path / "kept").stat().st_ino == stat.st_ino


def test_a_version_that_is_no_longer_there_is_not_frozen(tmp_path):
    source = tmp_path / "a.pt"
    source.write_bytes(b"x" * 100)
    with pytest.raises(OSError, match="changed while it was taken"):
        spool.freeze(source, tmp_path / "kept", 100, source.stat().st_mtime_ns - 1)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("googleapi: Error 403: The user's Drive storage quota has been exceeded., "
         "storageQuotaExceeded", DriveFull),
        ("googleapi: Error 403: User Rate Limit Exceeded., userRateLimitExceeded", RateLimited),
        ("googleapi: got HTTP response code 429 with body", RcloneFailed),
        ("couldn't fetch token: invalid_grant", SignInLost),
        ("googleapi: Error 401: Invalid Credentials, authError", SignInLost),
        ("dial tcp: lookup www.googleapis.com: no such host", Offline),
        ("googleapi: Error 503: Backend Error, backendError", Offline),
        ("googleapi: Error 404: File not found: 1abc., notFound", FolderUnknown),
        ("something else entirely", RcloneFailed),
    ],
)  # fmt: skip
def test_what_rclone_says_becomes_an_error_with_a_way_out(said, kind):
    error = failures.failure_of(f"2026/11/21 16:40:00 ERROR : a.pt: Failed to copy: {said}\n")
    assert type(error) is kind
    assert error.hint


def test_no_secret_gets_into_an_error():
    error = failures.failure_of("2026/11/21 16:40:00 NOTICE: odd: Bearer ya29.abc-DEF_1 1//0aZ-x_9")
    assert "abc" not in error.message
    assert "0aZ" not in error.message


def test_tries_become_rarer_and_never_stop():
    pauses = [failures.pause_after(count, Offline("")) for count in range(1, 40)]
    assert pauses[:5] == [2, 4, 8, 16, 32]
    assert pauses == sorted(pauses)
    assert max(pauses) == 60
    assert failures.pause_after(1, RateLimited("")) > failures.pause_after(1, Offline(""))


def test_the_gravest_trouble_is_told_first():
    full, offline, other = DriveFull("f"), Offline("o"), CompanionError("?")
    assert failures.worst([None, other, offline, full]) is full
    assert failures.worst([None, other, offline]) is offline
    assert failures.worst([None]) is None
