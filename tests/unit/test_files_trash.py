"""The project's trash."""

import os
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.files.trash import Trash

SHARED_MEMORY = Path("/dev/shm")
TODAY = date(2026, 11, 21)


def days_ago(days):
    return datetime(2026, 11, 21, 12, tzinfo=timezone.utc) - timedelta(days=days)


@pytest.fixture
def trash(tmp_path):
    return Trash(tmp_path / "state" / "trash")


@pytest.fixture
def put(trash, tmp_path):
    def throw(path, content, days=0, run="run"):
        file = tmp_path / "file"
        file.write_text(content)
        return trash.put(file, path, run, days_ago(days))

    return throw


def test_a_file_goes_below_its_day_and_run_and_keeps_its_inode(trash, tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    inode = file.stat().st_ino
    target = trash.put(file, "a/b.txt", "r1", days_ago(0))
    assert target == trash.root / "2026-11-21" / "r1" / "a" / "b.txt"
    assert target.stat().st_ino == inode
    assert not file.exists()
    assert trash.root.stat().st_mode & 0o077 == 0


def test_two_versions_of_one_file_in_one_run_are_both_kept(trash, put):
    kept = [put("a.txt", "one"), put("a.txt", "two")]
    assert [file.read_text() for file in kept] == ["one", "two"]
    assert len(trash.list()) == 2


@pytest.mark.skipif(
    not SHARED_MEMORY.is_dir() or os.stat(SHARED_MEMORY).st_dev == os.stat("/tmp").st_dev,
    reason="needs a second file system",
)
def test_across_file_systems_it_is_copied_with_its_time(trash, tmp_path):
    file = SHARED_MEMORY / f"drive-sync-{os.getpid()}"
    file.write_text("x")
    os.utime(file, ns=(5, 1_700_000_000_000_000_000))
    target = trash.put(file, "a.txt", "r1")
    assert not file.exists()
    assert target.read_text() == "x"
    assert target.stat().st_mtime_ns == 1_700_000_000_000_000_000
    assert [item.name for item in target.parent.iterdir()] == ["a.txt"]


def test_the_list_says_what_came_from_where(trash, put):
    put("a/b.txt", "old", days=3, run="r1")
    put("c.txt", "newer", days=1, run="r2")
    (trash.root / "net-r3").mkdir()
    assert [(item.path, item.run, item.day, item.size) for item in trash.list()] == [
        ("c.txt", "r2", date(2026, 11, 20), 5),
        ("a/b.txt", "r1", date(2026, 11, 18), 3),
    ]


def test_an_empty_trash_lists_and_prunes_nothing(trash):
    assert trash.list() == []
    assert trash.prune() == ()


def test_old_files_go_and_empty_folders_with_them(trash, put):
    put("a/b/old.txt", "x", days=91)
    put("young.txt", "y", days=89)
    assert len(trash.prune(today=TODAY)) == 1
    assert [item.path for item in trash.list()] == ["young.txt"]
    assert [folder.name for folder in trash.root.iterdir()] == ["2026-08-24"]


def test_a_full_trash_gives_up_the_oldest_first_but_nothing_young(trash, put):
    put("a", "1" * 100, days=80)
    put("b", "2" * 100, days=50)
    put("c", "3" * 100, days=31)
    put("d", "4" * 100, days=29)
    put("e", "5" * 100, days=0)
    trash.prune(today=TODAY, max_bytes=350)
    assert {item.path for item in trash.list()} == {"c", "d", "e"}
    trash.prune(today=TODAY, max_bytes=0)
    assert {item.path for item in trash.list()} == {"d", "e"}


def test_a_full_trash_gives_up_a_young_file_only_if_an_equal_newer_one_stays(trash, put):
    put("a", "same", days=10)
    put("b", "same", days=5)
    put("c", "else", days=8)
    trash.prune(today=TODAY, max_bytes=0)
    assert {item.path for item in trash.list()} == {"b", "c"}


def test_thirty_days_are_safe_whatever_is_asked_for(trash, put):
    put("a", "x", days=20)
    put("b", "y", days=40)
    trash.prune(today=TODAY, keep_days=1)
    assert {item.path for item in trash.list()} == {"a"}
