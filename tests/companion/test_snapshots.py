"""Logs are copied whatever their size and number, and what is not copied is said."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.guard import copies, pulse, snapshots
from jupyter_drive_sync.companion.drive_sync_colab.guard.looks import Look
from jupyter_drive_sync.companion.drive_sync_colab.guard.pulse import Condition
from jupyter_drive_sync.companion.drive_sync_colab.guard.snapshots import Snapshot, Snapshots

GIB = 2**30


class NoRemote:
    """Takes everything."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def upload(self, source: Path, names: list[str]) -> None:
        self.names += names


@pytest.fixture
def copier(tmp_path: Path) -> Snapshots:
    (tmp_path / "spool").mkdir()
    return Snapshots(tmp_path, tmp_path / "spool")


def taken(look: Look, name: str = "a.log") -> Snapshot:
    return Snapshot(name, name, look.size, "2026-11-21T16:40:00Z", look)


@pytest.mark.parametrize(("size", "pause"), [(GIB, 60), (2 * GIB, 1200), (8 * GIB, 4800)])
def test_a_large_log_is_copied_more_rarely_and_never_dropped(copier, tmp_path, size, pause):
    path, before, after = str(tmp_path / "a.log"), Look(size - 1, 1, 1), Look(size, 2, 1)
    assert copier.due({path: before}, 0.0) == {path: before}
    copier.copied([taken(before)], [path], 0.0)
    assert not copier.due({path: before}, 10**6), "it has not grown"
    assert not copier.due({path: after}, pause - 1)
    assert copier.due({path: after}, pause) == {path: after}
    assert copier.due({path: after}, 1.0, at_once=True) == {path: after}


def test_a_log_without_room_for_its_copy_is_said_until_there_is_room(copier, tmp_path, monkeypatch):
    path = tmp_path / "a.log"
    path.write_text("epoch 1")
    look, remote = Look.of(path.stat()), NoRemote()
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: usage(GIB, GIB, 0))
        assert copier.copy(remote, {str(path): look}, copier.begin([str(path)], ())) == []  # type: ignore[arg-type]
    trouble = copier.trouble([str(path)])
    assert trouble is not None
    assert (trouble.code, "a.log" in trouble.message) == ("disk_full", True)
    assert copier.trouble([]) is None, "the log is gone"

    copier.copy(remote, {str(path): look}, copier.begin([str(path)], ()))  # type: ignore[arg-type]
    assert remote.names == ["a.log"]
    assert copier.trouble([str(path)]) is None


def test_of_many_logs_the_pulse_counts_those_that_it_does_not_name(copier, tmp_path):
    look = Look(1, 1, 1)
    names = [f"{number}.log" for number in range(snapshots.SHOWN + 3)]
    copier.copied(
        [taken(look, name) for name in names], [str(tmp_path / name) for name in names], 0.0
    )
    assert (len(copier.shown()), copier.unnamed()) == (snapshots.SHOWN, 3)


def test_what_can_never_go_makes_no_more_pulses():
    stuck = Condition(unverified=2, passed_over={"names": 1, "unreadable": 1, "links": 4})
    assert pulse.every(stuck) == pulse.IDLE
    assert pulse.every(Condition(unverified=3, passed_over={"names": 2})) == pulse.BUSY


@pytest.mark.parametrize("name", ["a.pt", "a" * 255, "é" * 127])
def test_the_copy_of_an_unfinished_file_has_a_name_that_fits(name):
    copy = copies.beside(f"runs/{name}")
    assert copy.startswith("runs/" + name[:100])
    assert copy.endswith(".unfinished")
    assert len(copy.removeprefix("runs/").encode()) <= 240
