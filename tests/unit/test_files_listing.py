"""The walk through a folder."""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
from pathlib import Path

import pytest

from jupyter_drive_sync.files.ignore import ProjectIgnore
from jupyter_drive_sync.files.listing import walk
from jupyter_drive_sync.ports.listing import EntryKind, Side, Version

NONE = ProjectIgnore()


def put(root: Path, path: str, content: str = "x") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def test_files_and_folders_are_listed_with_size_time_and_identity(tmp_path):
    file = put(tmp_path, "a/b/c.txt", "hello")
    os.utime(file, ns=(1, 1_700_000_000_123_456_789))
    listing = walk(tmp_path, {}, NONE)
    assert listing.complete
    assert listing.exists
    assert {path: entry.kind for path, entry in listing.entries.items()} == {
        "a": EntryKind.FOLDER,
        "a/b": EntryKind.FOLDER,
        "a/b/c.txt": EntryKind.FILE,
    }
    entry = listing.entries["a/b/c.txt"]
    assert entry.version == Version(5, 1_700_000_000_123_456_789)
    status = file.stat()
    assert entry.id == f"{status.st_dev}:{status.st_ino}"
    assert set(listing.files()) == {"a/b/c.txt"}


def test_a_known_md5_is_taken_over_only_while_size_and_time_agree(tmp_path):
    for name in ("same", "older", "shorter", "unknown"):
        os.utime(put(tmp_path, name, "hello"), ns=(5, 5))
    known = {
        "same": Version(5, 5, "m"),
        "older": Version(5, 4, "m"),
        "shorter": Version(4, 5, "m"),
        "unknown": Version(5, 5),
    }
    files = walk(tmp_path, known, NONE).files()
    assert {path: entry.version.md5 for path, entry in files.items()} == {
        "same": "m",
        "older": None,
        "shorter": None,
        "unknown": None,
    }


def test_links_and_special_files_are_named_and_never_followed(tmp_path):
    outside = tmp_path / "outside"
    put(outside, "secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "folder-link").symlink_to(outside)
    (root / "broken").symlink_to("nowhere")
    (root / "loop").symlink_to(".")
    os.mkfifo(root / "fifo")
    listing = walk(root, {}, NONE)
    assert {path: entry.kind for path, entry in listing.entries.items()} == {
        "folder-link": EntryKind.LINK,
        "broken": EntryKind.LINK,
        "loop": EntryKind.LINK,
        "fifo": EntryKind.SPECIAL,
    }
    assert all(entry.version is None for entry in listing.entries.values())


def test_ignored_folders_are_not_entered(tmp_path):
    put(tmp_path, "node_modules/a/b")
    put(tmp_path, "kept")
    put(tmp_path, "data/x.csv")
    put(tmp_path, ".drive-sync/drive-sync.json")
    put(tmp_path, ".drive-sync/staging/r/x")
    listing = walk(tmp_path, {}, ProjectIgnore("*.csv"))
    assert set(listing.entries) == {
        "kept",
        "data",
        ".drive-sync",
        ".drive-sync/drive-sync.json",
    }


def test_a_missing_root_does_not_exist_and_neither_does_a_file(tmp_path):
    for root in (tmp_path / "gone", put(tmp_path, "file")):
        listing = walk(root, {}, NONE, Side.REMOTE)
        assert not listing.exists
        assert listing.side is Side.REMOTE
        assert listing.entries == {}


def test_names_that_are_no_utf8_are_set_aside_under_the_name_that_rclone_shows(tmp_path):
    rclone = Path(sys.executable).with_name("rclone")
    (tmp_path / os.fsdecode(b"bad\xff\xe2\x82.txt")).write_text("x")
    put(tmp_path, "fine é")
    put(tmp_path, os.fsdecode(b"folder\xfe") + "/inside")
    entries = walk(tmp_path, {}, NONE).entries
    answer = subprocess.run([rclone, "lsjson", tmp_path], capture_output=True, check=True)
    assert set(entries) == {item["Path"] for item in json.loads(answer.stdout)}
    assert {path: entry.problem for path, entry in entries.items()} == {
        "bad\ufffd\ufffd\ufffd.txt": "its name is not valid UTF-8",
        "folder\ufffd": "its name is not valid UTF-8",
        "fine é": None,
    }


def test_names_with_control_characters_are_listed_as_they_are(tmp_path):
    put(tmp_path, "two\nlines\t")
    entry = walk(tmp_path, {}, NONE).entries["two\nlines\t"]
    assert entry.problem is None


def test_two_broken_names_that_look_alike_are_both_listed(tmp_path):
    for name in (b"a\xff", b"a\xfe"):
        (tmp_path / os.fsdecode(name)).write_text("x")
    assert len(walk(tmp_path, {}, NONE).entries) == 2


def test_names_that_differ_only_in_how_accents_are_stored_are_set_aside(tmp_path):
    put(tmp_path, unicodedata.normalize("NFC", "é.txt"))
    put(tmp_path, unicodedata.normalize("NFD", "é.txt"))
    put(tmp_path, "ü.txt")
    entries = walk(tmp_path, {}, NONE).entries
    assert [entry.path for entry in entries.values() if entry.problem is None] == ["ü.txt"]


def as_somebody_without_rights(act):
    """Run in a child process that may not read everything, as root may; return its answer."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            answer = pickle.dumps(act())
        except BaseException as error:
            answer = pickle.dumps(repr(error))
        os.write(write, answer)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(answer)


@pytest.fixture
def open_folder():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_what_cannot_be_read_has_a_problem_and_the_rest_is_listed(open_folder):
    put(open_folder, "locked/inside")
    put(open_folder, "secret").chmod(0)
    put(open_folder, "fine/file")
    (open_folder / "locked").chmod(0)
    listing = as_somebody_without_rights(lambda: walk(open_folder, {}, NONE))
    (open_folder / "locked").chmod(0o755)
    assert listing.complete
    assert {path: entry.problem for path, entry in listing.entries.items()} == {
        "locked": "permission denied",
        "secret": "permission denied",
        "fine": None,
        "fine/file": None,
    }
    assert listing.entries["locked"].kind is EntryKind.FOLDER


def test_a_root_that_cannot_be_read_is_an_incomplete_listing_not_an_empty_one(open_folder):
    put(open_folder, "root/inside")
    (open_folder / "root").chmod(0)
    listing = as_somebody_without_rights(lambda: walk(open_folder / "root", {}, NONE))
    (open_folder / "root").chmod(0o755)
    assert not listing.complete
    assert listing.exists
    assert "permission denied" in listing.trouble


def test_files_and_folders_may_come_and_go_during_the_walk(tmp_path):
    for number in range(40):
        put(tmp_path, f"steady/{number}/file")
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            for number in range(20):
                put(tmp_path, f"moving/{number}/file")
            for number in range(20):
                (tmp_path / f"moving/{number}/file").unlink()
                (tmp_path / f"moving/{number}").rmdir()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(60):
            listing = walk(tmp_path, {}, NONE)
            assert listing.complete
            assert sum(path.startswith("steady/") for path in listing.entries) == 80
            assert all(entry.problem is None for entry in listing.entries.values())
    finally:
        stop.set()
        thread.join()


def test_listing_takes_no_more_than_a_fraction_of_a_millisecond_a_file(tmp_path):
    for folder in range(20):
        (tmp_path / f"folder{folder}").mkdir()
        for number in range(100):
            (tmp_path / f"folder{folder}" / f"file{number}.txt").touch()
    ignore = ProjectIgnore("*.csv\n!keep.csv\n/data/**\n")
    begin = time.process_time()
    listing = walk(tmp_path, {}, ignore)
    assert time.process_time() - begin < 0.4
    assert len(listing.files()) == 2000
