"""What rclone does when the Drive emulator goes wrong on request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drive_emulator import (
    Answer,
    Corrupt,
    Cut,
    Delay,
    DriveEmulator,
    Gate,
    Hold,
    LoseAnswer,
    Reset,
)
from tests.drive_emulator.fixtures import GDrive

MIB = 1024 * 1024
ONCE = ("--retries", "1")


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Path]:
    """A file of 9 MiB, which goes up in two chunks."""
    file = tmp_path / "big.bin"
    file.write_bytes(bytes(range(256)) * (9 * MIB // 256))
    yield file


def test_403_for_too_many_calls_is_tried_again(gdrive: GDrive) -> None:
    gdrive.drive.write("a.txt", b"x")
    for reason in ("userRateLimitExceeded", "rateLimitExceeded"):
        rule = gdrive.drive.faults.add(Answer(403, reason), "files.list", times=2)
        assert gdrive.rclone("lsf", *ONCE, "gdrive:").stdout == "a.txt\n"
        assert rule.hits == 2


def test_a_429_is_tried_again_with_a_reason_but_not_without(gdrive: GDrive) -> None:
    gdrive.drive.write("a.txt", b"x")
    with_reason = gdrive.drive.faults.add(Answer(429, "rateLimitExceeded"), "files.list")
    assert gdrive.rclone("lsf", *ONCE, "gdrive:").stdout == "a.txt\n"
    assert with_reason.hits == 1
    bare = gdrive.drive.faults.add(Answer(429), "files.list", times=None)
    done = gdrive.rclone("lsf", *ONCE, "gdrive:", check=False)
    assert done.returncode != 0
    assert "429" in done.stderr
    assert bare.hits == 1


def test_a_server_error_on_the_second_page_is_tried_again(gdrive: GDrive) -> None:
    gdrive.drive.seed({f"p/{number}": b"" for number in range(1500)})
    rule = gdrive.drive.faults.add(Answer(500, "backendError"), path="pageToken=")
    assert len(gdrive.rclone("lsf", *ONCE, "gdrive:p").stdout.splitlines()) == 1500
    assert rule.hits == 1


def test_a_project_without_the_drive_api_is_told_so(gdrive: GDrive) -> None:
    gdrive.drive.disable_api()
    done = gdrive.rclone("lsf", *ONCE, "gdrive:", check=False)
    assert done.returncode != 0
    assert "accessNotConfigured" in done.stderr
    gdrive.drive.calm()
    gdrive.rclone("lsf", "gdrive:")


def test_a_full_account_takes_no_more(gdrive: GDrive, local: Path) -> None:
    gdrive.drive.set_quota(MIB)
    done = gdrive.rclone("copyto", *ONCE, local, "gdrive:big.bin", check=False)
    assert done.returncode != 0
    assert "storageQuotaExceeded" in done.stderr
    assert gdrive.drive.tree() == {}
    small = local.with_name("small.bin")
    small.write_bytes(b"x" * (MIB + 1))
    done = gdrive.rclone("copyto", *ONCE, small, "gdrive:small.bin", check=False)
    assert "storageQuotaExceeded" in done.stderr
    assert gdrive.drive.tree() == {}


@pytest.mark.parametrize("kind", ["upload.multipart", "upload.resumable.chunk"])
def test_a_corrupt_upload_is_noticed_by_its_hash(gdrive: GDrive, local: Path, kind: str) -> None:
    if kind == "upload.multipart":
        local.write_bytes(b"small")
    rule = gdrive.drive.faults.add(Corrupt(3), kind, file=r"^p/big\.bin$")
    done = gdrive.rclone("copyto", *ONCE, local, "gdrive:p/big.bin", check=False)
    assert rule.hits == 1
    assert done.returncode != 0
    assert "corrupted on transfer" in done.stderr
    gdrive.rclone("copyto", local, "gdrive:p/big.bin")
    assert gdrive.drive.read("p/big.bin") == local.read_bytes()


def test_a_corrupt_download_is_noticed_by_its_hash(gdrive: GDrive, tmp_path: Path) -> None:
    gdrive.drive.write("a.txt", b"0123456789")
    gdrive.drive.faults.add(Corrupt(5), "files.download")
    done = gdrive.rclone("copyto", *ONCE, "gdrive:a.txt", tmp_path / "a.txt", check=False)
    assert done.returncode != 0
    assert "corrupted on transfer" in done.stderr
    assert not (tmp_path / "a.txt").exists()


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
def test_a_download_that_breaks_off_is_carried_on(
    gdrive: GDrive, local: Path, tmp_path: Path, reset: bool
) -> None:
    gdrive.drive.write("big.bin", local.read_bytes())
    gdrive.drive.faults.add(Cut(3 * MIB, reset), "files.download")
    gdrive.rclone("copyto", "gdrive:big.bin", tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == local.read_bytes()
    assert gdrive.drive.calls["files.download"] >= 2


def test_a_chunk_that_breaks_off_is_sent_again_from_where_drive_has_it(
    gdrive: GDrive, local: Path
) -> None:
    gdrive.drive.faults.add(Cut(3 * MIB + 17), "upload.resumable.chunk")
    gdrive.rclone("copyto", *ONCE, local, "gdrive:big.bin")
    assert gdrive.drive.read("big.bin") == local.read_bytes()
    assert gdrive.drive.calls["upload.resumable.start"] == 1
    assert len(gdrive.drive.revisions("big.bin")) == 1


def test_a_reset_connection_is_tried_again(gdrive: GDrive) -> None:
    gdrive.drive.write("a.txt", b"x")
    rule = gdrive.drive.faults.add(Reset(), "files.list", times=2)
    assert gdrive.rclone("lsf", "gdrive:").stdout == "a.txt\n"
    assert rule.hits >= 1


def test_an_answer_that_is_lost_leaves_the_work_done(gdrive: GDrive, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    gdrive.drive.faults.add(LoseAnswer(), "upload.multipart", times=None)
    done = gdrive.rclone(
        "copyto", *ONCE, "--low-level-retries", "1", file, "gdrive:a.txt", check=False
    )
    assert done.returncode != 0
    assert gdrive.drive.read("a.txt") == b"x"


def test_a_hidden_file_is_missing_from_listings_but_not_by_its_id(gdrive: GDrive) -> None:
    gdrive.drive.write("p/a.txt", b"x")
    gdrive.drive.hide("p/a.txt")
    assert gdrive.rclone("lsf", "gdrive:p").stdout == ""
    assert gdrive.drive.read("p/a.txt") == b"x"
    gdrive.drive.show_hidden()
    assert gdrive.rclone("lsf", "gdrive:p").stdout == "a.txt\n"


def test_new_files_can_be_kept_out_of_listings(gdrive: GDrive, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    gdrive.drive.mkdir("p")
    gdrive.drive.settings.hide_new_files = True
    gdrive.rclone("copyto", tmp_path / "a.txt", "gdrive:p/a.txt")
    assert gdrive.rclone("lsf", "gdrive:p").stdout == ""
    assert gdrive.drive.tree() == {"p/a.txt": b"x"}


def test_a_partial_answer_is_said_to_be_one(gdrive: GDrive) -> None:
    gdrive.drive.settings.incomplete_search = True
    done = gdrive.rclone("lsf", "gdrive:")
    assert "search result INCOMPLETE" in done.stderr


def test_a_person_can_act_in_the_middle_of_a_download(
    gdrive: GDrive, local: Path, tmp_path: Path
) -> None:
    before = local.read_bytes()
    gdrive.drive.write("big.bin", before)
    with Gate() as gate:
        gdrive.drive.faults.add(Hold(gate, after=2 * MIB), "files.download", file="big.bin")
        running = gdrive.start("copyto", "gdrive:big.bin", tmp_path / "back.bin")
        gate.wait_reached()
        gdrive.drive.write("big.bin", b"new")
        assert running.poll() is None
        gate.release()
        running.communicate(timeout=30)
    assert (tmp_path / "back.bin").read_bytes() == before
    assert gdrive.drive.read("big.bin") == b"new"


def test_a_person_can_act_between_an_upload_and_its_answer(gdrive: GDrive, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"pushed")
    with Gate() as gate:
        gdrive.drive.faults.add(Hold(gate, done=True), "upload.multipart")
        running = gdrive.start("copyto", tmp_path / "a.txt", "gdrive:a.txt")
        gate.wait_reached()
        assert gdrive.drive.read("a.txt") == b"pushed"
        gdrive.drive.write("a.txt", b"changed at once")
        gate.release()
        _, stderr = running.communicate(timeout=30)
    assert running.returncode == 0, stderr
    assert [one.content for one in gdrive.drive.revisions("a.txt")] == [
        b"pushed",
        b"changed at once",
    ]


def test_a_rule_waits_for_its_call_and_stops_after_it(gdrive: GDrive) -> None:
    gdrive.drive.seed({"p/a.txt": b"a", "p/b.txt": b"b", "p/c.txt": b"c"})
    rule = gdrive.drive.faults.add(Answer(403, "cannotDownload"), "files.download", skip=1)
    done = gdrive.rclone("cat", *ONCE, "--checkers", "1", "gdrive:p", check=False)
    assert rule.hits == 1
    assert len(done.stdout) == 2
    statuses = [call.status for call in gdrive.drive.log if call.kind == "files.download"]
    assert statuses == [200, 403, 200]


def test_latency_and_throttle_take_their_time(gdrive: GDrive, tmp_path: Path) -> None:
    gdrive.drive.write("a.bin", bytes(200_000))
    gdrive.drive.settings.throttle = 400_000
    started = time.monotonic()
    gdrive.rclone("copyto", "gdrive:a.bin", tmp_path / "a.bin")
    assert time.monotonic() - started > 0.5
    gdrive.drive.calm()
    gdrive.drive.settings.latency = 0.2
    gdrive.drive.faults.add(Delay(0.2), "files.list")
    started = time.monotonic()
    gdrive.rclone("lsf", "gdrive:")
    assert time.monotonic() - started > 0.6  # root, listing, and the rule on top


def test_stopping_lets_go_of_a_call_that_is_held(tmp_path: Path) -> None:
    gate = Gate()
    with DriveEmulator() as drive:
        gdrive = GDrive(drive, drive.write_config(tmp_path / "rclone.conf"))
        drive.faults.add(Hold(gate), "files.list", times=None)
        running = gdrive.start("lsf", *ONCE, "--low-level-retries", "1", "gdrive:")
        gate.wait_reached()
        started = time.monotonic()
    assert time.monotonic() - started < 5
    running.communicate(timeout=30)
    assert gate.released.is_set()
