"""The Drive emulator as rclone's own ``drive`` backend meets it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.drive_emulator import NOTEBOOK, SLASH, DriveEmulator, DriveFile
from tests.drive_emulator.fixtures import GDrive, rclone_binary

MIB = 1024 * 1024
WHEN = 1_700_000_000.123


def listing(gdrive: GDrive, path: str = "", *more: str) -> dict[str, dict[str, Any]]:
    """List through rclone, by path."""
    done = gdrive.rclone("lsjson", "-R", "--fast-list", "--hash", *more, f"gdrive:{path}")
    return {entry["Path"]: entry for entry in json.loads(done.stdout)}


def write(path: Path, content: bytes, mtime: float = WHEN) -> Path:
    """Write a local file with a modification time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    exact = round(mtime * 1000) * 1_000_000
    os.utime(path, ns=(exact, exact))
    return path


def random_bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


# Listing


def test_a_listing_shows_ids_times_sizes_and_all_three_hashes(gdrive: GDrive) -> None:
    file = gdrive.drive.write("project/data/a.txt", b"hello", WHEN)
    gdrive.drive.mkdir("project/empty")
    seen = listing(gdrive, "project")
    assert set(seen) == {"data", "data/a.txt", "empty"}
    entry = seen["data/a.txt"]
    assert entry["ID"] == file.id
    assert entry["Size"] == 5
    assert entry["ModTime"] == "2023-11-14T22:13:20.123Z"
    assert entry["Hashes"] == {
        name: hashlib.new(name, b"hello").hexdigest() for name in ("md5", "sha1", "sha256")
    }
    assert seen["empty"]["IsDir"]


def test_two_files_of_one_name_are_both_listed_and_the_order_can_flip(
    gdrive: GDrive, tmp_path: Path
) -> None:
    first = gdrive.drive.add("p/twin.txt", b"one")
    second = gdrive.drive.add("p/twin.txt", b"other")

    def order() -> list[str]:
        return [entry["ID"] for entry in json.loads(gdrive.rclone("lsjson", "gdrive:p").stdout)]

    assert order() == [first.id, second.id]
    gdrive.rclone("copy", "gdrive:p", tmp_path / "before")
    assert (tmp_path / "before" / "twin.txt").read_bytes() == b"one"
    gdrive.drive.settings.flip_order = True
    assert order() == [second.id, first.id]
    gdrive.rclone("copy", "gdrive:p", tmp_path / "after")
    assert (tmp_path / "after" / "twin.txt").read_bytes() == b"other"


def test_documents_shortcuts_and_slashes_in_names_look_as_on_drive(gdrive: GDrive) -> None:
    drive = gdrive.drive
    drive.write(f"p/a{SLASH}b.txt", b"slash")
    assert drive.find(f"p/a{SLASH}b.txt").name == "a/b.txt"
    drive.add_document("p/letter")
    drive.add_shortcut("p/pointer", f"p/a{SLASH}b.txt")
    seen = listing(gdrive, "p")
    assert set(seen) == {f"a{SLASH}b.txt", "letter.docx", "pointer"}
    assert seen["letter.docx"]["Size"] == -1
    plain = listing(gdrive, "p", "--drive-skip-gdocs", "--drive-skip-shortcuts")
    assert set(plain) == {f"a{SLASH}b.txt"}
    assert gdrive.rclone("cat", "gdrive:p/letter.docx").stdout.startswith("letter as application")


def test_names_with_quotes_and_other_alphabets_are_found_by_name(gdrive: GDrive) -> None:
    names = [
        "it's.txt",
        'say "no".txt',
        "back\\slash.txt",
        "笔记.txt",
        " lead and trail ",
        "a+b&c=d%",
    ]
    for name in names:
        gdrive.drive.write(f"p/{name}", name.encode())
    assert set(listing(gdrive, "p")) == set(names)
    for name in names:
        assert gdrive.rclone("cat", f"gdrive:p/{name}").stdout == name


def test_a_folder_of_several_pages_is_listed_whole(gdrive: GDrive) -> None:
    gdrive.drive.seed({f"p/{number}.txt": b"x" for number in range(2_500)})
    gdrive.drive.reset_counts()
    assert len(listing(gdrive, "p")) == 2_500
    assert gdrive.drive.calls["files.list"] == 4  # the folder itself, then three pages


def test_ten_thousand_files_in_500_folders_take_13_calls_with_fast_list(gdrive: GDrive) -> None:
    started = time.thread_time()
    gdrive.drive.seed({f"p/d{n // 20:03}/f{n}.txt": b"%d" % n for n in range(10_000)})
    assert time.thread_time() - started < 3
    gdrive.drive.reset_counts()
    # One checker, since several race for the folders and then ask for fewer at a time.
    assert len(listing(gdrive, "p", "--checkers", "1")) == 10_500
    assert gdrive.drive.calls == {"files.get": 1, "files.list": 12}
    gdrive.drive.reset_counts()
    assert len(listing(gdrive, "p")) == 10_500
    assert gdrive.drive.api_calls <= 30


# Up


def test_a_small_file_goes_up_in_one_multipart_call(gdrive: GDrive, tmp_path: Path) -> None:
    local = write(tmp_path / "a.ipynb", b'{"cells": []}\r\n--not-a-boundary\r\n')
    gdrive.rclone("copyto", local, "gdrive:p/a.ipynb")
    file = gdrive.drive.find("p/a.ipynb")
    assert file.content == local.read_bytes()
    assert file.modified_ms == 1_700_000_000_123
    assert gdrive.drive.calls["upload.multipart"] == 1
    assert gdrive.drive.bytes_up["upload.multipart"] > len(file.content)


def test_an_empty_file_goes_up_and_down(gdrive: GDrive, tmp_path: Path) -> None:
    gdrive.rclone("copyto", write(tmp_path / "empty", b""), "gdrive:empty")
    assert gdrive.drive.tree() == {"empty": b""}
    gdrive.rclone("copyto", "gdrive:empty", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b""


def test_a_large_file_goes_up_in_chunks_and_down_in_ranges(gdrive: GDrive, tmp_path: Path) -> None:
    local = write(tmp_path / "big.bin", random_bytes(20 * MIB + 7))
    gdrive.rclone("copyto", local, "gdrive:p/big.bin")
    assert gdrive.drive.calls["upload.resumable.start"] == 1
    assert gdrive.drive.calls["upload.resumable.chunk"] == 3
    chunks = [call.status for call in gdrive.drive.log if call.kind == "upload.resumable.chunk"]
    assert chunks == [308, 308, 200]
    assert gdrive.drive.read("p/big.bin") == local.read_bytes()
    down = ["--multi-thread-cutoff", "5M", "--multi-thread-chunk-size", "5M"]
    gdrive.rclone("copyto", *down, "gdrive:p/big.bin", tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == local.read_bytes()
    ranges = [call.status for call in gdrive.drive.log if call.kind == "files.download"]
    assert len(ranges) > 1
    assert set(ranges) == {206}
    part = gdrive.rclone("cat", "--offset", "5", "--count", "3", "gdrive:p/a.txt", check=False)
    assert part.returncode == 3  # not there
    gdrive.drive.write("p/a.txt", b"0123456789")
    assert gdrive.rclone("cat", "--offset", "5", "--count", "3", "gdrive:p/a.txt").stdout == "567"


@pytest.mark.parametrize("size", [10, 9 * MIB], ids=["multipart", "resumable"])
def test_an_overwrite_keeps_the_id_and_adds_a_revision(
    gdrive: GDrive, tmp_path: Path, size: int
) -> None:
    before = gdrive.drive.write("p/a.ipynb", b"old", WHEN - 100)
    assert before.mime_type == NOTEBOOK
    new = random_bytes(size)
    gdrive.rclone("copyto", write(tmp_path / "a.ipynb", new), "gdrive:p/a.ipynb")
    after = gdrive.drive.find("p/a.ipynb")
    assert after.id == before.id
    assert [revision.content for revision in gdrive.drive.revisions("p/a.ipynb")] == [b"old", new]
    assert len(gdrive.drive.find_all("p/a.ipynb")) == 1


def test_touching_sets_the_time_alone(gdrive: GDrive) -> None:
    gdrive.drive.write("a.txt", b"x")
    gdrive.rclone("touch", "--no-create", "-t", "2024-02-29T12:00:00.5", "gdrive:a.txt")
    file = gdrive.drive.find("a.txt")
    assert file.modified_ms % 1000 == 500
    assert len(file.revisions) == 1


# Names, places, trash


def test_a_rename_and_a_move_keep_the_id(gdrive: GDrive) -> None:
    file = gdrive.drive.write("p/a.txt", b"x")
    gdrive.rclone("moveto", "gdrive:p/a.txt", "gdrive:p/b.txt")
    assert gdrive.drive.find("p/b.txt").id == file.id
    gdrive.rclone("moveto", "gdrive:p/b.txt", "gdrive:q/deep/b.txt")
    assert gdrive.drive.find("q/deep/b.txt").id == file.id
    gdrive.rclone("moveto", "gdrive:q", "gdrive:r")
    assert gdrive.drive.tree() == {"r/deep/b.txt": b"x"}
    assert gdrive.drive.find("r/deep/b.txt").id == file.id


def test_a_copy_on_the_server_is_a_new_file(gdrive: GDrive) -> None:
    file = gdrive.drive.write("a.txt", b"x", WHEN)
    gdrive.rclone("copyto", "gdrive:a.txt", "gdrive:b.txt")
    copy = gdrive.drive.find("b.txt")
    assert copy.content == b"x"
    assert copy.id != file.id
    assert copy.modified_ms == file.modified_ms
    assert gdrive.drive.calls["files.copy"] == 1


def test_a_delete_goes_to_the_trash_and_can_be_restored(gdrive: GDrive) -> None:
    drive = gdrive.drive
    file = drive.write("p/a.txt", b"x")
    gdrive.rclone("deletefile", "gdrive:p/a.txt")
    assert not drive.exists("p/a.txt")
    assert [(one.id, drive.path_of(one)) for one in drive.trash_listing()] == [(file.id, "p/a.txt")]
    assert set(listing(gdrive, "p", "--drive-trashed-only")) == {"a.txt"}
    gdrive.rclone("backend", "untrash", "gdrive:p")
    assert drive.find("p/a.txt").id == file.id
    assert drive.trash_listing() == []


def test_a_trashed_folder_takes_what_is_inside_with_it(gdrive: GDrive) -> None:
    drive = gdrive.drive
    drive.write("p/in/a.txt", b"x")
    gdrive.rclone("purge", "gdrive:p/in")
    assert drive.tree() == {}
    assert [one.name for one in drive.trash_listing()] == ["in"]
    gdrive.rclone("cleanup", "gdrive:")
    assert drive.trash_listing() == []
    assert drive.state.used == 0


def test_a_delete_past_the_trash_is_final(gdrive: GDrive) -> None:
    gdrive.drive.write("a.txt", b"x")
    gdrive.rclone("deletefile", "--drive-use-trash=false", "gdrive:a.txt")
    assert gdrive.drive.trash_listing() == []
    assert list(gdrive.drive.state.files()) == []


def test_an_account_and_its_shared_drives_are_shown(gdrive: GDrive) -> None:
    gdrive.drive.set_quota(1000)
    gdrive.drive.write("a.txt", b"x" * 100)
    about = json.loads(gdrive.rclone("about", "--json", "gdrive:").stdout)
    assert (about["total"], about["used"], about["free"]) == (1000, 100, 900)
    drive_id = gdrive.drive.state.add_shared_drive("Team")
    drives = json.loads(gdrive.rclone("backend", "drives", "gdrive:").stdout)
    assert [(drive["id"], drive["name"]) for drive in drives] == [(drive_id, "Team")]
    gdrive.drive.state.create("t.txt", "text/plain", drive_id, content=b"team")
    assert gdrive.rclone("cat", f"gdrive,team_drive={drive_id}:t.txt").stdout == "team"


def test_a_search_by_time_finds_what_is_newer(gdrive: GDrive) -> None:
    gdrive.drive.write("old.txt", b"x", WHEN)
    newer: DriveFile = gdrive.drive.write("new.txt", b"x", WHEN + 0.001)
    query = "modifiedTime > '2023-11-14T22:13:20.123Z' and trashed = false"
    found = json.loads(gdrive.rclone("backend", "query", "gdrive:", query).stdout)
    assert [entry["id"] for entry in found] == [newer.id]


# Signing in


def test_a_lapsed_token_is_refreshed_and_the_configuration_stays_private(
    drive_emulator: DriveEmulator, tmp_path: Path
) -> None:
    config = drive_emulator.write_config(tmp_path / "rclone.conf", expires_in=-60)
    before = config.read_text()
    gdrive = GDrive(drive_emulator, config)
    drive_emulator.write("a.txt", b"x")
    assert set(listing(gdrive)) == {"a.txt"}
    assert drive_emulator.calls["oauth.token"] == 1
    assert config.read_text() != before
    if os.name == "posix":
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
    drive_emulator.reset_counts()
    listing(gdrive)
    assert drive_emulator.calls["oauth.token"] == 0


def test_a_revoked_grant_is_answered_with_invalid_grant(
    drive_emulator: DriveEmulator, tmp_path: Path
) -> None:
    gdrive = GDrive(
        drive_emulator, drive_emulator.write_config(tmp_path / "rclone.conf", expires_in=-60)
    )
    drive_emulator.tokens.refuse_refresh = True
    done = gdrive.rclone("lsf", "gdrive:", check=False)
    assert done.returncode != 0
    assert "invalid_grant" in done.stderr
    drive_emulator.tokens.refuse_refresh = False
    drive_emulator.tokens.client_secret = "another"
    assert "invalid_client" in gdrive.rclone("lsf", "gdrive:", check=False).stderr


def test_access_tokens_can_be_made_worthless_while_they_are_in_use(gdrive: GDrive) -> None:
    gdrive.drive.tokens.expire()
    done = gdrive.rclone("lsf", "--retries", "1", "gdrive:", check=False)
    assert done.returncode != 0
    assert "401" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere rclone wants --ca-cert")
def test_the_environment_alone_leads_rclone_here(gdrive: GDrive) -> None:
    gdrive.drive.write("a.txt", b"x")
    done = subprocess.run(
        [rclone_binary(), "--config", str(gdrive.config), "lsf", "gdrive:"],
        env=gdrive.drive.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "a.txt\n", done.stderr


def test_nobody_gets_through_to_another_host(gdrive: GDrive, tmp_path: Path) -> None:
    done = gdrive.rclone("copyurl", "https://example.com/x", tmp_path / "x", "--retries", "1",
                         "--low-level-retries", "1", check=False)  # fmt: skip
    assert done.returncode != 0
    assert "example.com" in gdrive.drive.refused_hosts


# The whole of it


def bisync(gdrive: GDrive, local: Path, *more: str) -> subprocess.CompletedProcess[str]:
    flags = ["--fast-list", "--local-no-check-updated", "--resilient", "--recover"]
    compare = ["--compare", "size,modtime,checksum", "--slow-hash-sync-only"]
    workdir = ["--workdir", str(gdrive.config.parent / "bisync")]
    return gdrive.rclone("bisync", str(local), "gdrive:p", *flags, *compare, *workdir, *more)


def test_bisync_brings_both_sides_in_step_and_keeps_them_so(gdrive: GDrive, tmp_path: Path) -> None:
    drive, local = gdrive.drive, tmp_path / "local"
    write(local / "marker.json", b"{}")
    write(local / "here.txt", b"from here")
    drive.write("p/there.txt", b"from there", WHEN)
    drive.write("p/data/gone.txt", b"to be deleted", WHEN)
    bisync(gdrive, local, "--resync")

    def tree() -> dict[str, bytes]:
        return {
            path.relative_to(local).as_posix(): path.read_bytes()
            for path in local.rglob("*")
            if path.is_file()
        }

    everything = {"marker.json", "here.txt", "there.txt", "data/gone.txt"}
    assert set(tree()) == everything
    assert drive.tree("p") == tree()

    there = drive.find("p/there.txt").id
    write(local / "there.txt", b"edited here", WHEN + 10)
    drive.write("p/here.txt", b"edited there", WHEN + 20)
    drive.trash("p/data/gone.txt")
    bisync(gdrive, local)
    assert tree() == {
        "marker.json": b"{}",
        "here.txt": b"edited there",
        "there.txt": b"edited here",
    }
    assert drive.tree("p") == tree()
    assert drive.find("p/there.txt").id == there
    assert len(drive.revisions("p/there.txt")) == 2

    drive.reset_counts()
    bisync(gdrive, local)
    assert drive.api_calls <= 10
    assert drive.calls.keys() <= {"files.get", "files.list"}
