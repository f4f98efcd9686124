"""The list of projects on disk."""

from __future__ import annotations

import json
import logging
import os
import shutil
from datetime import datetime, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind
from jupyter_drive_sync.store.registry import Registry

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")

FIRST = "00000000-0000-4000-8000-000000000001"
SECOND = "00000000-0000-4000-8000-000000000002"


def project(number: str = FIRST, day: int = 1, **more: object) -> Project:
    values: dict[str, object] = {
        "id": number,
        "name": "Späm",
        "local": Path("/home/ada/späm"),
        "remote": Remote(
            RemoteKind.DRIVE, "gdrive", "ml/späm", Path("/home/ada/rclone.conf"), "folder-id"
        ),
        "auto_sync": True,
        "paused": False,
        "created": datetime(2026, 1, day, tzinfo=timezone.utc),
    }
    return Project(**{**values, **more})


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "drive-sync")


def test_there_are_no_projects_before_the_first_one(registry: Registry, tmp_path: Path) -> None:
    assert registry.projects() == []
    assert not (tmp_path / "drive-sync").exists()


@pytest.mark.parametrize(
    "saved",
    [
        project(),
        project(auto_sync=False, paused=True),
        project(remote=Remote(RemoteKind.FOLDER, "", "/mnt/far")),
    ],
)
def test_a_project_comes_back_as_it_was_saved(registry: Registry, saved: Project) -> None:
    registry.save(saved)
    assert registry.projects() == [saved]


def test_projects_come_in_the_order_in_which_they_were_linked(registry: Registry) -> None:
    registry.save(project(SECOND, day=1))
    registry.save(project(FIRST, day=2))
    assert [found.id for found in registry.projects()] == [SECOND, FIRST]


def test_saving_again_replaces_it_and_leaves_nothing_else(registry: Registry) -> None:
    registry.save(project())
    registry.save(project(name="Ham"))
    (found,) = registry.projects()
    assert found.name == "Ham"
    assert [file.name for file in registry.folders(FIRST).root.iterdir()] == ["project.json"]


@posix
def test_all_folders_are_the_owners_alone(registry: Registry, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        registry.save(project())
        trash = registry.folders(FIRST).trash
        trash.mkdir()
        (trash / "kept").write_text("x")
        registry.save(project(SECOND))
        registry.remove(FIRST)
    finally:
        os.umask(before)
    own = tmp_path / "drive-sync"
    for folder in (own, own / "projects", own / "projects" / SECOND, own / "unlinked"):
        assert folder.stat().st_mode & 0o777 == 0o700, folder
    file = registry.folders(SECOND).project_file
    assert file.stat().st_mode & 0o077 == 0


UNREADABLE = {
    "no JSON": b"{",
    "no text": b"\xff\xfe",
    "empty": b"",
    "a list": b"[]",
    "a number": b"1",
    "nothing in it": b"{}",
    "brackets without end": b"[" * 100_000,
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_project_that_cannot_be_read_is_left_out_with_a_warning(
    registry: Registry, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    registry.save(project(FIRST))
    registry.save(project(SECOND))
    registry.folders(FIRST).project_file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert [found.id for found in registry.projects()] == [SECOND]
    assert FIRST in caplog.text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "no uuid"),
        ("id", None),
        ("id", SECOND),  # not the folder's own
        ("remote", None),
        ("remote", {"kind": "moon"}),
        ("created", "yesterday"),
        ("created", None),
    ],
)
def test_a_project_of_nonsense_is_left_out_with_a_warning(
    registry: Registry, caplog: pytest.LogCaptureFixture, key: str, value: object
) -> None:
    registry.save(project(FIRST))
    file = registry.folders(FIRST).project_file
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    with caplog.at_level(logging.WARNING):
        assert registry.projects() == []
    assert FIRST in caplog.text


def test_a_warning_is_given_once(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    registry.save(project())
    registry.folders(FIRST).project_file.write_text("{")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            registry.projects()
    assert len(caplog.records) == 1


def test_a_time_without_a_zone_is_taken_as_utc(registry: Registry) -> None:
    registry.save(project(FIRST, day=2))
    registry.save(project(SECOND, day=1))
    file = registry.folders(FIRST).project_file
    file.write_text(file.read_text().replace("+00:00", ""))
    assert [found.id for found in registry.projects()] == [SECOND, FIRST]
    assert registry.projects()[1].created == datetime(2026, 1, 2, tzinfo=timezone.utc)


def test_a_copy_of_a_projects_folder_is_no_second_project(registry: Registry) -> None:
    registry.save(project())
    root = registry.folders(FIRST).root
    shutil.copytree(root, root.with_name("backup"))
    assert [found.id for found in registry.projects()] == [FIRST]


def test_a_removed_project_is_forgotten_with_its_state(registry: Registry) -> None:
    registry.save(project())
    folders = registry.folders(FIRST)
    folders.database.write_text("state")
    folders.trash.mkdir()
    (folders.trash / "empty").mkdir()
    registry.remove(FIRST)
    registry.remove(FIRST)
    assert registry.projects() == []
    assert not folders.root.exists()
    assert not (folders.root.parent.parent / "unlinked").exists()


def test_what_is_in_the_trash_of_a_removed_project_stays(registry: Registry) -> None:
    kept = registry.folders(FIRST).root.parent.parent / "unlinked"
    for number in (1, 2):
        registry.save(project())
        trash = registry.folders(FIRST).trash
        (trash / "run").mkdir(parents=True)
        (trash / "run" / "only copy.txt").write_text(f"only copy {number}")
        registry.remove(FIRST)
    texts = sorted(file.read_text() for file in kept.rglob("*.txt"))
    assert texts == ["only copy 1", "only copy 2"]


def test_a_save_that_fails_leaves_the_old_file(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.save(project())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="space"):
        registry.save(project(name="Ham"))
    monkeypatch.undo()
    assert [found.name for found in registry.projects()] == ["Späm"]
    assert [file.name for file in registry.folders(FIRST).root.iterdir()] == ["project.json"]
