"""Swapping files: with the platform's own call and with each way of doing without it."""

import errno
import itertools
import os
import threading

import pytest

from jupyter_drive_sync.files import swap as swap_module
from jupyter_drive_sync.files.swap import place_new, swap


def _unable(*_):
    raise OSError(errno.EINVAL, "not on this file system")


def aside_in(folder):
    taken = itertools.count()
    return lambda _: folder / f"aside{next(taken)}"


@pytest.fixture(params=["native", "by links", "by renames"])
def way(request, monkeypatch):
    if request.param == "native":
        if swap_module._NATIVE is None:
            pytest.skip("this platform cannot exchange names")
        return request.param
    monkeypatch.setattr(swap_module, "_NATIVE", _unable)
    if request.param == "by renames":

        def no_links(*_, **__):
            raise OSError(errno.EPERM, "no hard links here")

        monkeypatch.setattr(os, "link", no_links)
    return request.param


@pytest.fixture
def pair(tmp_path):
    staged, target = tmp_path / "staged", tmp_path / "target"
    staged.write_text("new")
    target.write_text("old")
    return staged, target


def test_a_swap_puts_the_new_file_in_and_keeps_the_old_one(way, pair, tmp_path):
    staged, target = pair
    inode = target.stat().st_ino
    displaced = swap(staged, target, aside_in(tmp_path))
    assert target.read_text() == "new"
    assert [file.read_text() for file in displaced] == ["old"]
    assert displaced[0].stat().st_ino == inode
    assert target.stat().st_nlink == 1


def test_a_swap_with_nothing_there_changes_nothing(way, pair, tmp_path):
    staged, target = pair
    target.unlink()
    with pytest.raises(FileNotFoundError):
        swap(staged, target, aside_in(tmp_path))
    assert staged.read_text() == "new"
    assert not target.exists()


def test_a_swap_without_the_new_file_leaves_the_old_one(way, pair, tmp_path):
    staged, target = pair
    staged.unlink()
    with pytest.raises(FileNotFoundError):
        swap(staged, target, aside_in(tmp_path))
    assert target.read_text() == "old"


def test_placing_a_file_replaces_nothing(way, pair):
    staged, target = pair
    with pytest.raises(FileExistsError):
        place_new(staged, target)
    assert (staged.read_text(), target.read_text()) == ("new", "old")
    target.unlink()
    place_new(staged, target)
    assert target.read_text() == "new"
    assert not staged.exists()


def test_placing_a_file_does_not_replace_a_broken_link(way, pair):
    staged, target = pair
    target.unlink()
    target.symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        place_new(staged, target)
    assert staged.read_text() == "new"


@pytest.mark.parametrize("exchange", [True, False], ids=["exchange", "links"])
def test_no_version_is_lost_however_fast_somebody_saves_by_rename(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(swap_module, "_NATIVE", _unable)
    elif swap_module._NATIVE is None:
        pytest.skip("this platform cannot exchange names")
    target = tmp_path / "target"
    target.write_text("v0")
    stop = threading.Event()
    saved = []

    def editor():
        number = 0
        while not stop.is_set():
            number += 1
            mine = tmp_path / "editor"
            mine.write_text(f"e{number}")
            # A save by rename that first takes what it replaces aside, so the test can count it.
            os.link(mine, tmp_path / f"seen-{number}")
            os.replace(mine, target)
            saved.append(f"e{number}")

    thread = threading.Thread(target=editor)
    thread.start()
    displaced = set()
    try:
        for number in range(200):
            (tmp_path / str(number)).mkdir()
            staged = tmp_path / f"staged{number}"
            staged.write_text(f"s{number}")
            displaced |= {
                file.read_text() for file in swap(staged, target, aside_in(tmp_path / str(number)))
            }
    finally:
        stop.set()
        thread.join()
    # What an editor's save displaced is the editor's doing; what a swap displaced is kept. So
    # the last save of the editor is either in place or among the displaced.
    ours = {f"s{number}" for number in range(200)}
    assert displaced - ours <= {"v0", *saved}
    assert target.read_text() == saved[-1] or saved[-1] in displaced
