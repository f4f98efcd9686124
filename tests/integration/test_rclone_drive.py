"""rclone's own drive backend, through our adapters, against the emulator."""

from __future__ import annotations

import hashlib
import os

import pytest

from jupyter_drive_sync.errors import (
    Cancelled,
    ListingIncomplete,
    Offline,
    QuotaFull,
    RateLimited,
    RcloneFailed,
    RemoteMissing,
    RemoteUnknown,
    SignInNeeded,
)
from jupyter_drive_sync.ports.listing import EntryKind, Side
from jupyter_drive_sync.ports.projects import MARKER_PATH, Remote, RemoteKind
from jupyter_drive_sync.ports.transfer import BisyncResult, CancelToken, no_progress
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.rclone.pulses import RclonePulses
from jupyter_drive_sync.rclone.remote_files import RcloneRemote
from tests.drive_emulator.faults import Answer, Corrupt, Reset
from tests.integration.rclone_support import Ignoring, Pair, put, tree

MD5_OF_HELLO = "5d41402abc4b2a76b9719d911017c592"


@pytest.fixture
def drive(gdrive, monkeypatch):
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    gdrive.drive.write("ml/spam/notes.txt", b"hello")
    gdrive.drive.write("ml/spam/data/labels.csv", b"a,b\n")
    return gdrive.drive


@pytest.fixture
def remote(drive, gdrive):
    return far_side(gdrive.config)


def far_side(config, path="ml/spam", name="gdrive"):
    runner = Runner(find_rclone(), config)
    return RcloneRemote(runner, Remote(RemoteKind.DRIVE, name, path, config))


def pull(remote, paths, into):
    return remote.pull(paths, into, no_progress, CancelToken())


def push(remote, paths, source):
    return remote.push(paths, source, no_progress, CancelToken())


# -- looking


def test_a_listing_has_ids_digests_and_exact_times(drive, remote):
    drive.touch("ml/spam/notes.txt", 1_700_000_000.123)
    listing = remote.list({}, Ignoring())
    assert (listing.side, listing.complete, listing.exists) == (Side.REMOTE, True, True)
    assert set(listing.entries) == {"notes.txt", "data", "data/labels.csv"}
    notes = listing.entries["notes.txt"]
    assert notes.kind is EntryKind.FILE
    assert notes.version.md5 == MD5_OF_HELLO
    assert notes.version.size == 5
    assert notes.version.mtime_ns == 1_700_000_000_123_000_000
    assert notes.id == drive.find("ml/spam/notes.txt").id
    assert listing.entries["data"].kind is EntryKind.FOLDER


def test_documents_shortcuts_and_ignored_names_are_left_out(drive, remote):
    drive.add_document("ml/spam/plan")
    drive.add_shortcut("ml/spam/short", drive.find("ml/spam/notes.txt"))
    drive.write("ml/spam/.git/HEAD", b"ref")
    listing = remote.list({}, Ignoring(("- .git/**",)))
    assert listing.complete
    assert set(listing.files()) == {"notes.txt", "data/labels.csv"}


def test_two_files_of_one_name_are_told(drive, remote):
    drive.add("ml/spam/notes.txt", b"the twin")
    assert remote.list({}, Ignoring()).duplicates == {"notes.txt"}


def test_a_partial_answer_is_not_taken_for_the_whole(drive, remote):
    drive.settings.incomplete_search = True
    listing = remote.list({}, Ignoring())
    assert not listing.complete
    assert "a part" in listing.trouble
    with pytest.raises(ListingIncomplete):
        remote.stat("gone.txt")


def test_a_folder_that_is_not_there_is_no_error(drive, gdrive):
    nowhere = far_side(gdrive.config, "ml/none")
    assert not nowhere.list({}, Ignoring()).exists
    assert nowhere.read("x") is None
    assert nowhere.stat("x") is None
    with pytest.raises(RemoteMissing):
        nowhere.folders()
    with pytest.raises(RemoteMissing):
        nowhere.root_id()


def test_a_trashed_folder_is_not_there(drive, remote):
    drive.trash("ml/spam")
    assert not remote.list({}, Ignoring()).exists


def test_one_file_is_looked_at_with_few_calls(drive, remote):
    drive.reset_counts()
    entry = remote.stat("data/labels.csv")
    assert entry.id == drive.find("ml/spam/data/labels.csv").id
    assert entry.version.md5 is not None
    assert drive.api_calls <= 6
    assert remote.stat("data/none") is None


def test_several_files_are_looked_at_by_one_start_of_rclone(drive, remote, monkeypatch):
    starts = []
    run = type(remote.runner).run

    def counted(self, *arguments, **more):
        starts.append(arguments[0][0])
        return run(self, *arguments, **more)

    monkeypatch.setattr(type(remote.runner), "run", counted)
    drive.write("ml/spam/line\nbreak", b"0123456789")
    found = remote.look(["notes.txt", "none", "data/labels.csv", "line\nbreak"])

    assert starts == ["lsjson"]
    assert {path: entry.id for path, entry in found.items()} == {
        path: drive.find(f"ml/spam/{path}").id
        for path in ("notes.txt", "data/labels.csv", "line\nbreak")
    }
    assert found["notes.txt"].version.md5 == MD5_OF_HELLO
    assert remote.look([]) == {}
    assert len(starts) == 1


def test_digests_come_for_what_is_there(remote):
    assert remote.digest(["notes.txt", "none"]) == {"notes.txt": MD5_OF_HELLO, "none": None}


def test_the_folder_id_and_the_folders_for_the_picker(drive, remote, gdrive):
    assert remote.root_id() == drive.find("ml/spam").id
    assert [(each.name, each.path) for each in remote.folders()] == [("data", "data")]
    whole = far_side(gdrive.config, "")
    assert [(each.path, each.id) for each in whole.folders("ml")] == [
        ("ml/spam", drive.find("ml/spam").id)
    ]
    assert whole.root_id() is None


def test_a_remote_that_begins_at_a_folder_knows_its_id(drive, tmp_path):
    spam = drive.find("ml/spam").id
    config = drive.write_config(tmp_path / "team.conf", options={"root_folder_id": spam})
    begins_there = far_side(config, "")
    assert begins_there.root_id() == spam
    assert "notes.txt" in begins_there.list({}, Ignoring()).files()


def test_listing_ten_folders_costs_few_calls(drive, remote):
    drive.seed({f"ml/spam/d{n // 20}/f{n}": b"x" for n in range(200)})
    drive.reset_counts()
    assert len(remote.list({}, Ignoring()).files()) == 202
    assert drive.api_calls <= 12


# -- moving content


def test_pulled_files_arrive_whole_and_the_missing_are_named(drive, remote, tmp_path):
    result = pull(remote, ["notes.txt", "data/labels.csv", "none.txt"], tmp_path)
    assert set(result.done) == {"notes.txt", "data/labels.csv"}
    assert set(result.failed) == {"none.txt"}
    assert tree(tmp_path)["notes.txt"] == b"hello"


def test_a_push_overwrites_in_place(drive, remote, tmp_path):
    before = drive.find("ml/spam/notes.txt").id
    put(tmp_path, "notes.txt", "edited", age=1)
    put(tmp_path, "new/deep.txt", "new")
    result = push(remote, ["notes.txt", "new/deep.txt"], tmp_path)
    assert set(result.done) == {"notes.txt", "new/deep.txt"}
    assert drive.find("ml/spam/notes.txt").id == before
    assert drive.read("ml/spam/notes.txt") == b"edited"
    assert drive.read("ml/spam/new/deep.txt") == b"new"


def test_an_unverified_push_shows_what_arrived_and_leaves_it(drive, remote, tmp_path):
    before = drive.find("ml/spam/notes.txt").id
    put(tmp_path, "notes.txt", "edited", age=1)
    put(tmp_path, "new.txt", "new")
    drive.faults.add(Corrupt(1), "upload.*", file=r"notes\.txt")
    wanted = ["notes.txt", "new.txt"]
    for spoiled in (True, False):
        result = remote.push(wanted, tmp_path, no_progress, CancelToken(), verify=False)
        assert set(result.done) == set(result.shown) == set(wanted)
        assert result.shown["new.txt"].version.md5 == hashlib.md5(b"new").hexdigest()
        assert result.shown["notes.txt"].id == before
        # The second time size and time are right already, and yet it is written over.
        assert (result.shown["notes.txt"].version.md5 != hashlib.md5(b"edited").hexdigest()) is (
            spoiled
        )
    assert drive.read("ml/spam/notes.txt") == b"edited"


def test_one_file_that_fails_does_not_stop_the_others(drive, remote, tmp_path):
    drive.faults.add(Corrupt(), "files.download", file=r"notes\.txt", times=None)
    result = pull(remote, ["notes.txt", "data/labels.csv"], tmp_path / "in")
    assert result.done == ("data/labels.csv",)
    assert set(result.failed) == {"notes.txt"}
    assert set(tree(tmp_path / "in")) == {"data/labels.csv"}
    drive.calm()
    drive.faults.add(Answer(403, "forbidden"), "upload.*", file=r"notes\.txt", times=None)
    for name in ("notes.txt", "other.txt"):
        put(tmp_path / "out", name, "edited", age=1)
    result = push(remote, ["notes.txt", "other.txt"], tmp_path / "out")
    assert result.done == ("other.txt",)
    assert set(result.failed) == {"notes.txt"}


def test_a_reset_connection_is_tried_again(drive, remote, tmp_path):
    drive.faults.add(Reset(), "files.download", times=2)
    assert pull(remote, ["notes.txt"], tmp_path).done == ("notes.txt",)


def test_a_cancelled_pull_says_so(drive, remote, tmp_path):
    drive.write("ml/spam/big.bin", os.urandom(3_000_000))
    drive.settings.throttle = 500_000
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        remote.pull(
            ["big.bin"],
            tmp_path,
            lambda progress: cancel.request() if progress.bytes else None,
            cancel,
        )
    assert "big.bin" not in tree(tmp_path)


def test_deletes_go_to_the_trash_and_the_missing_count_as_done(drive, remote):
    result = remote.delete(["notes.txt", "none.txt"])
    assert set(result.done) == {"notes.txt", "none.txt"}
    assert not drive.exists("ml/spam/notes.txt")
    assert [file.name for file in drive.trash_listing()] == ["notes.txt"]


def test_a_move_keeps_the_id_and_takes_nothing_else_away(drive, remote):
    before = drive.find("ml/spam/notes.txt").id
    remote.move("notes.txt", "data/renamed.txt")
    assert drive.find("ml/spam/data/renamed.txt").id == before
    with pytest.raises(RcloneFailed):
        remote.move("data/renamed.txt", "data/labels.csv")
    assert drive.read("ml/spam/data/labels.csv") == b"a,b\n"
    assert drive.exists("ml/spam/data/renamed.txt")
    with pytest.raises(RcloneFailed, match="not on the remote"):
        remote.move("none.txt", "other.txt")


def test_small_files_are_read_and_written_in_place(drive, remote, gdrive):
    before = drive.find("ml/spam/notes.txt").id
    remote.write("notes.txt", b"olleh")
    assert drive.find("ml/spam/notes.txt").id == before
    assert remote.read("notes.txt") == b"olleh"
    remote.write("empty", b"")
    assert remote.read("empty") == b""
    assert remote.read("none") is None
    assert remote.read("data") is None
    fresh = far_side(gdrive.config, "brand/new")
    fresh.write(MARKER_PATH, b"{}")
    assert drive.read(f"brand/new/{MARKER_PATH}") == b"{}"


def test_odd_names_are_spelled_as_on_the_disk(drive, remote, tmp_path):
    names = ["line\nbreak", "tab\t", "picture \u240a", " space ", "ünï", "-x", "#y"]
    for name in names:
        put(tmp_path / "out", name, name, age=1)
    assert set(push(remote, names, tmp_path / "out").done) == set(names)
    assert set(names) <= set(remote.list({}, Ignoring()).files())
    assert set(pull(remote, names, tmp_path / "in").done) == set(names)
    assert tree(tmp_path / "in") == tree(tmp_path / "out")
    assert remote.stat("line\nbreak").version.size == 10
    assert set(remote.delete(names).done) == set(names)
    assert set(remote.list({}, Ignoring()).files()) == {"notes.txt", "data/labels.csv"}


# -- what can go wrong with the account


def refuse_sign_in(drive):
    drive.tokens.refuse_refresh = True
    drive.faults.add(Answer(401, "authError"), times=None)


def test_a_lost_sign_in_is_named_with_the_way_out(drive, remote, tmp_path):
    refuse_sign_in(drive)
    for work in (
        lambda: remote.list({}, Ignoring()),
        lambda: remote.stat("notes.txt"),
        lambda: remote.read("notes.txt"),
        lambda: pull(remote, ["notes.txt"], tmp_path),
        remote.folders,
    ):
        with pytest.raises(SignInNeeded) as caught:
            work()
        assert "rclone config reconnect gdrive:" in caught.value.hint


def test_a_grant_that_ran_out_is_a_lost_sign_in(drive, tmp_path):
    config = drive.write_config(tmp_path / "old.conf", expires_in=-60)
    drive.tokens.refuse_refresh = True
    with pytest.raises(SignInNeeded):
        far_side(config).list({}, Ignoring())


def test_without_a_connection_it_is_offline(drive, remote, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(Offline):
        remote.list({}, Ignoring())


def test_a_certificate_that_is_not_trusted_is_offline(drive, remote, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Offline):
        remote.list({}, Ignoring())


def test_a_bare_429_is_rate_limited(drive, remote):
    drive.faults.add(Answer(429), times=None)
    with pytest.raises(RateLimited):
        remote.list({}, Ignoring())


def test_an_api_that_is_not_enabled_is_told(drive, remote):
    drive.disable_api()
    with pytest.raises(RcloneFailed, match="not enabled") as caught:
        remote.list({}, Ignoring())
    assert "Enable the Google Drive API" in caught.value.hint


def test_a_full_drive_is_told(drive, remote, tmp_path):
    drive.set_quota(10)
    put(tmp_path, "big", "x" * 1000)
    with pytest.raises(QuotaFull):
        push(remote, ["big"], tmp_path)


def test_a_name_that_is_not_configured_is_unknown(gdrive, drive, monkeypatch):
    monkeypatch.setenv("RCLONE_CONFIG_OTHER_TYPE", "local")
    with pytest.raises(RemoteUnknown):
        far_side(gdrive.config, "x", name="other").list({}, Ignoring())


# -- bisync on Drive


@pytest.fixture
def pair(drive, gdrive, tmp_path):
    (tmp_path / "pair").mkdir()
    pair = Pair(tmp_path / "pair", config=gdrive.config, remote_spec="gdrive:ml/spam")
    drive.write(f"ml/spam/{MARKER_PATH}", (pair.local / MARKER_PATH).read_bytes())
    outcome = pair.run(resync=True)
    assert outcome.result is BisyncResult.FINE, outcome
    return pair


def test_bisync_brings_drive_and_folder_in_step_in_place(drive, pair):
    assert tree(pair.local)["data/labels.csv"] == b"a,b\n"
    before = drive.find("ml/spam/notes.txt").id
    put(pair.local, "notes.txt", "edited", age=10_000)
    (pair.local / "data/labels.csv").rename(pair.local / "labels.csv")
    labels = drive.find("ml/spam/data/labels.csv").id
    assert pair.run(max_delete_percent=50).result is BisyncResult.FINE
    assert drive.read("ml/spam/notes.txt") == b"edited"
    assert drive.find("ml/spam/notes.txt").id == before
    assert drive.find("ml/spam/labels.csv").id == labels
    assert pair.run().result is BisyncResult.FINE


def test_bisync_with_a_partial_answer_is_never_fine(drive, pair):
    drive.settings.incomplete_search = True
    assert pair.run().result is BisyncResult.DEGRADED


def test_bisync_with_twins_is_degraded(drive, pair):
    drive.add("ml/spam/notes.txt", b"the twin")
    outcome = pair.run()
    assert outcome.result is BisyncResult.DEGRADED
    assert any(note.path == "notes.txt" for note in outcome.notes)


def test_bisync_leaves_documents_and_shortcuts_alone(drive, pair):
    drive.add_document("ml/spam/plan")
    drive.add_shortcut("ml/spam/short", drive.find("ml/spam/notes.txt"))
    assert pair.run().result is BisyncResult.FINE
    assert set(tree(pair.local)) == {"notes.txt", "data/labels.csv", MARKER_PATH}


def test_bisync_with_a_lost_sign_in(drive, pair):
    refuse_sign_in(drive)
    outcome = pair.run()
    assert outcome.result is BisyncResult.SIGN_IN
    assert not outcome.result.ok


def test_bisync_with_a_full_drive(drive, pair):
    drive.set_quota(10)
    put(pair.local, "big", "x" * 1000)
    outcome = pair.run()
    assert (outcome.result, outcome.exit_code) == (BisyncResult.QUOTA_FULL, 7)


def test_bisync_at_the_upload_limit_of_the_day(drive, pair):
    drive.faults.add(
        Answer(403, "userRateLimitExceeded", "User rate limit exceeded."), "upload.*", times=None
    )
    put(pair.local, "more", "x")
    assert pair.run().result is BisyncResult.QUOTA_FULL


def test_bisync_without_the_api(drive, pair):
    drive.disable_api()
    assert pair.run().result is BisyncResult.API_NOT_ENABLED


def test_bisync_that_is_asked_to_slow_down(drive, pair):
    drive.faults.add(Answer(429), times=None)
    assert pair.run().result is BisyncResult.RATE_LIMITED


def test_bisync_without_a_connection(drive, pair, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    pair.extra = ("--low-level-retries", "1", "--retries", "1")
    assert pair.run().result is BisyncResult.OFFLINE


@pytest.mark.skipif(os.name == "nt", reason="the pace of the test needs POSIX signals")
def test_bisync_that_is_cancelled_saves_its_state_and_the_next_run_goes_on(drive, pair):
    put(pair.local, "a-first", os.urandom(600_000))
    put(pair.local, "b-second", os.urandom(600_000))
    pair.extra = ("--bwlimit", "300k", "--transfers", "1")
    cancel = CancelToken()
    outcome = pair.run(
        cancel=cancel, on_progress=lambda progress: cancel.request() if progress.bytes else None
    )
    assert outcome.result is BisyncResult.CANCELLED
    assert outcome.exit_code in (0, 8, 130)
    assert not outcome.locked_out
    arrived = {name for name in ("a-first", "b-second") if drive.exists(f"ml/spam/{name}")}
    assert len(arrived) == 1
    pair.extra = ()
    assert pair.run().result is BisyncResult.FINE
    assert drive.exists("ml/spam/a-first")
    assert drive.exists("ml/spam/b-second")


def test_bisync_with_a_trashed_folder(drive, pair):
    drive.trash("ml/spam")
    before = tree(pair.local)
    assert pair.run().result is BisyncResult.REMOTE_MISSING
    assert tree(pair.local) == before


def test_nothing_secret_is_said(drive, pair):
    refuse_sign_in(drive)
    outcome = pair.run()
    config = pair.config.read_text()
    secrets = [line.split("=", 1)[1].strip() for line in config.splitlines() if "secret" in line]
    assert secrets
    said = " ".join([*outcome.errors, *(note.message for note in outcome.notes)])
    assert all(secret not in said for secret in secrets)
    assert "refresh_token" not in said


# -- pulses

RUNTIMES = "ml/spam/.drive-sync/runtimes"
RUNTIME = "5f2b9c1d7e3a"


@pytest.fixture
def pulses(drive, gdrive, tmp_path):
    remote = Remote(RemoteKind.DRIVE, "gdrive", "ml/spam", gdrive.config)
    return RclonePulses(Runner(find_rclone(), gdrive.config), remote, tmp_path / "pulses")


def test_of_two_pulses_of_one_name_the_newest_counts_whichever_drive_names_first(pulses, drive):
    assert pulses.look() == {}
    drive.write(f"{RUNTIMES}/{'0' * 12}.json", b"another runtime's", mtime=1e9)
    twins = [
        drive.add(f"{RUNTIMES}/{RUNTIME}.json", b"first", mtime=1e9),
        drive.add(f"{RUNTIMES}/{RUNTIME}.json", b"second", mtime=1e9 + 60),
    ]
    assert pulses.look() == {RUNTIME: b"second", "0" * 12: b"another runtime's"}
    drive.touch(twins[0], 1e9 + 120)
    assert pulses.look()[RUNTIME] == b"first"


def test_a_pulse_that_drive_does_not_give_out_stands_in_no_other_ones_way(pulses, drive):
    for number in range(3):
        drive.write(f"{RUNTIMES}/{number:012x}.json", b"before")
    assert len(pulses.look()) == 3
    for number in range(4):
        drive.write(f"{RUNTIMES}/{number:012x}.json", b"after")
    for number in (1, 3):
        drive.faults.add(
            Answer(403, "cannotDownloadAbusiveFile"), file=f"{number:012x}", times=None
        )
    assert pulses.look() == {
        f"{number:012x}": b"before" if number == 1 else b"after" for number in range(3)
    }
