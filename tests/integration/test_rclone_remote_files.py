"""Remotes that are not Drive, the process itself, and rclone's spelling of names."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_drive_sync.errors import RcloneFailed, RcloneMissing
from jupyter_drive_sync.files.ignore import ProjectIgnore
from jupyter_drive_sync.files.project_files import ProjectFiles
from jupyter_drive_sync.ports.listing import Entry, EntryKind, Listing, Side, Version
from jupyter_drive_sync.ports.projects import Remote, RemoteKind
from jupyter_drive_sync.ports.transfer import CancelToken, no_progress
from jupyter_drive_sync.rclone.binary import Rclone, find_rclone
from jupyter_drive_sync.rclone.names import to_rclone
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.rclone.pulses import RclonePulses
from jupyter_drive_sync.rclone.remote_files import RcloneRemote
from tests.integration.rclone_support import Ignoring, put, tree

MD5_OF_HELLO = "5d41402abc4b2a76b9719d911017c592"


@pytest.fixture
def disk(tmp_path):
    disk = tmp_path / "disk"
    put(disk, "notes.txt", "hello")
    put(disk, "data/labels.csv", "a,b\n")
    return disk


@pytest.fixture
def config(tmp_path, disk):
    path = tmp_path / "rclone.conf"
    path.write_text(
        f"[disk]\ntype = alias\nremote = {disk}\n\n"
        f"[safe]\ntype = crypt\nremote = {tmp_path / 'crypt'}\n"
        "password = VZ3ejfwuVGbh8tYbYVoZhnyWRsAOkg\n\n[memory]\ntype = memory\n"
    )
    return path


def other(config, name, path=""):
    return RcloneRemote(Runner(find_rclone(), config), Remote(RemoteKind.OTHER, name, path, config))


def plain(folder, walker=None):
    return RcloneRemote(Runner(find_rclone()), Remote(RemoteKind.FOLDER, "", str(folder)), walker)


def test_a_backend_that_must_read_files_for_md5_lists_without_and_digests_on_demand(config):
    remote = other(config, "disk")
    listing = remote.list({}, Ignoring())
    assert listing.complete
    assert listing.files()["notes.txt"].version.md5 is None
    assert listing.files()["notes.txt"].id is None
    assert remote.digest(["notes.txt", "none"]) == {"notes.txt": MD5_OF_HELLO, "none": None}
    assert remote.stat("notes.txt").version.md5 == MD5_OF_HELLO


def test_a_backend_with_free_md5_lists_it(config, tmp_path):
    remote = other(config, "memory", "bucket")
    # The memory backend forgets everything with the process: there is nothing to list.
    assert remote.list({}, Ignoring()).files() == {}
    assert remote._md5() == (True, False)


def test_a_backend_without_md5_has_none(config, tmp_path):
    (tmp_path / "crypt").mkdir()
    remote = other(config, "safe", "project")
    remote.write("notes.txt", b"hello")
    assert remote.read("notes.txt") == b"hello"
    listing = remote.list({}, Ignoring())
    assert listing.complete
    assert listing.files()["notes.txt"].version.size == 5
    assert remote.digest(["notes.txt"]) == {"notes.txt": None}
    assert remote.stat("notes.txt").version.md5 is None
    assert remote.root_id() is None


def test_times_are_exact_to_the_nanosecond(config, disk):
    os.utime(disk / "notes.txt", ns=(1, 1_700_000_000_123_456_789))
    version = other(config, "disk").list({}, Ignoring()).files()["notes.txt"].version
    assert version == Version(5, 1_700_000_000_123_456_789)


def test_rules_leave_names_out(config, disk):
    put(disk, "node_modules/x/y.js", "1")
    put(disk, "ends ", "1")
    remote = other(config, "disk")
    rules = ("- node_modules/**", "- /ends ")
    assert set(remote.list({}, Ignoring(rules)).files()) == {"notes.txt", "data/labels.csv"}


def test_a_plain_folder_is_copied_to_and_from_and_deleted_in(tmp_path, disk):
    remote = plain(disk)
    pulled = remote.pull(["notes.txt", "none"], tmp_path / "in", no_progress, CancelToken())
    assert (pulled.done, set(pulled.failed)) == (("notes.txt",), {"none"})
    put(tmp_path / "out", "new/one", "1")
    pushed = remote.push(["new/one"], tmp_path / "out", no_progress, CancelToken())
    assert pushed.done == ("new/one",)
    assert remote.delete(["notes.txt"]).done == ("notes.txt",)
    remote.move("new/one", "two")
    assert tree(disk) == {"data/labels.csv": b"a,b\n", "two": b"1"}


def test_a_move_never_replaces_a_file(disk):
    with pytest.raises(RcloneFailed, match="already"):
        plain(disk).move("notes.txt", "data/labels.csv")
    assert tree(disk) == {"notes.txt": b"hello", "data/labels.csv": b"a,b\n"}


def test_a_folder_that_is_not_there_is_made_by_the_first_write(tmp_path):
    remote = plain(tmp_path / "brand" / "new")
    assert not remote.list({}, Ignoring()).exists
    assert remote.read(".drive-sync/drive-sync.json") is None
    remote.write(".drive-sync/drive-sync.json", b"{}")
    assert remote.read(".drive-sync/drive-sync.json") == b"{}"
    assert remote.list({}, Ignoring()).exists


def test_no_paths_need_no_rclone(tmp_path):
    nothing = RcloneRemote(
        Runner(Rclone(tmp_path / "none", "1.75.2")), Remote(RemoteKind.OTHER, "x", "", tmp_path)
    )
    assert nothing.pull([], tmp_path, no_progress, CancelToken()).done == ()
    assert nothing.push([], tmp_path, no_progress, CancelToken()).done == ()
    assert nothing.delete([]).done == ()
    assert nothing.digest([]) == {}


def test_a_plain_folder_is_listed_by_the_walker_it_is_given(disk):
    class Walker:
        def list(self, known, ignore):
            entry = Entry("a", EntryKind.FILE, Version(1, 2, "abc"), id="1:2")
            return Listing(Side.LOCAL, {"a": entry}, trouble="")

        def stat(self, path):
            return Entry(path, EntryKind.FILE, Version(1, 2), id="1:2")

        def digest(self, paths):
            return dict.fromkeys(paths, "abc")

        def read(self, path):
            return b"read"

    remote = plain(disk, Walker())
    listing = remote.list({}, Ignoring())
    assert listing.side is Side.REMOTE
    assert listing.entries["a"].id is None
    assert remote.stat("a").id is None
    assert remote.digest(["a"]) == {"a": "abc"}
    assert remote.read("a") == b"read"


def test_folders_come_sorted_for_the_picker(config, disk):
    for name in ("b", "A", "c d"):
        (disk / "pick" / name).mkdir(parents=True)
    found = other(config, "disk").folders("pick")
    assert [(each.name, each.path) for each in found] == [
        ("A", "pick/A"),
        ("b", "pick/b"),
        ("c d", "pick/c d"),
    ]


# -- the process


def test_an_rclone_that_vanished_is_missing(tmp_path):
    with pytest.raises(RcloneMissing):
        Runner(Rclone(tmp_path / "none", "1.75.2")).run(["version"])


def test_an_error_of_the_one_who_listens_is_not_swallowed(disk):
    def fail(line):
        raise RuntimeError("the listener failed")

    with pytest.raises(RuntimeError, match="the listener failed"):
        Runner(find_rclone()).run(["lsjson", "-R"], [str(disk)], on_stdout=fail)


def test_a_password_is_never_asked_for_and_no_configuration_is_made(tmp_path, monkeypatch, disk):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    assert Runner(find_rclone()).run(["lsf"], [str(disk)]).exit_code == 0
    assert list((tmp_path / "home").iterdir()) == []


def test_positionals_cannot_become_flags():
    command = Runner(find_rclone()).command(["lsjson"], ["--config=/x"])
    assert command[-2:] == ["--", "--config=/x"]


# -- names

NAMES = st.text(
    st.sampled_from("ab \t\n\r\x7f\x01.\u240a\u2421\u2400\uff0f\uff0e\uff1a\u00e9-#;[]{}*?\\"),
    min_size=1,
    max_size=6,
).filter(lambda name: name not in (".", ".."))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take fewer names")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(NAMES, min_size=20, max_size=60))
def test_names_are_spelled_exactly_as_rclone_spells_them(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("names")
    for name in names:
        (folder / name).write_bytes(b"")
    listed = subprocess.run(
        [find_rclone().path, "lsf", "--config", "", folder], capture_output=True, check=True
    )
    assert set(listed.stdout.decode().splitlines()) == {to_rclone(name) for name in names}


def test_leftovers_are_swept_from_a_plain_folder_alone(config, tmp_path):
    put(tmp_path / "there", "data/x.0a1b2c3d.drive-sync-part", "half")
    later = datetime.now(timezone.utc) + timedelta(minutes=1)
    walker = ProjectFiles(tmp_path / "there", tmp_path / "trash")
    ignore = ProjectIgnore.read(tmp_path / "there")
    assert plain(tmp_path / "there", walker).sweep(ignore, later) == 1
    assert tree(tmp_path / "there") == {}
    assert other(config, "disk").sweep(ignore, later) == 0


def test_of_a_large_file_only_the_start_is_read(config):
    remote = other(config, "disk")
    assert remote.read("notes.txt", 3) == b"hel"
    assert remote.read("notes.txt", 6) == remote.read("notes.txt") == b"hello"


def test_the_sizes_of_files_are_seen_by_one_look(config):
    sizes = other(config, "disk").sizes(["notes.txt", "data/labels.csv", "gone.txt"])
    assert sizes == {"notes.txt": 5, "data/labels.csv": 4}


def test_of_very_many_pulses_the_newest_are_brought(config, disk, tmp_path):
    for number in range(203):
        pulse = disk / f".drive-sync/runtimes/{number:012x}.json"
        put(disk, f".drive-sync/runtimes/{number:012x}.json", str(number))
        os.utime(pulse, (1e9 - number, 1e9 - number))
    put(disk, ".drive-sync/runtimes/notes.json", "not a runtime's")
    put(disk, f".drive-sync/runtimes/{'e' * 12}.json", "x" * (64 * 1024 + 1))
    put(disk, f".drive-sync/runtimes/{'f' * 12}.json/{0:012x}.json", "in a folder of that name")
    remote = Remote(RemoteKind.OTHER, "disk", "", config)
    copies = tmp_path / "copies"
    known = RclonePulses(Runner(find_rclone(), config), remote, copies)
    newest = {f"{number:012x}": str(number).encode() for number in range(200)}
    assert known.look() == newest
    assert {copy.stem for copy in copies.iterdir()} == newest.keys()
    put(disk, f".drive-sync/runtimes/{7:012x}.json", "another")
    (disk / f".drive-sync/runtimes/{0:012x}.json").unlink()
    assert known.look() == {
        f"{number:012x}": b"another" if number == 7 else str(number).encode()
        for number in range(1, 201)
    }
    assert len(list(copies.iterdir())) == 200
