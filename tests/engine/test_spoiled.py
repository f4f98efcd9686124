"""Uploads whose bytes a connection spoils: the file on Drive stays the same file."""

from __future__ import annotations

import pytest

from jupyter_drive_sync.engine import upload
from jupyter_drive_sync.errors import DiskFull
from jupyter_drive_sync.files.project_files import ProjectFiles
from jupyter_drive_sync.ports.records import Action
from tests.drive_emulator.faults import Corrupt
from tests.engine.world import World

PLACE = "ml/spam/model.py"


def test_a_spoiled_upload_is_sent_again_over_the_same_file(world: World) -> None:
    before = world.drive.find(PLACE).id
    world.save("model.py", b"w = 2\n")
    rule = world.drive.faults.add(Corrupt(2), "upload.*", file=r"model\.py$", times=2)
    report = world.sync()
    assert rule.hits == 2
    assert report.failures == ()
    assert world.there()["model.py"] == b"w = 2\n"
    assert world.drive.find(PLACE).id == before
    assert [row.action for row in report.rows] == [Action.UPDATED]
    assert not world.sync().plan.active


@pytest.mark.parametrize("new", [False, True], ids=["alone", "beside a new file"])
def test_a_connection_that_spoils_all_of_it_is_shown_and_heals(world: World, new: bool) -> None:
    """With a new file bisync has its part in the run, and must not touch the spoiled one."""
    before = world.drive.find(PLACE).id
    world.save("model.py", b"w = 2\n")
    if new:
        world.save("new.py", b"new\n")
    world.drive.faults.add(Corrupt(2), "upload.*", file=r"model\.py$", times=None)
    for _ in range(2):
        report = world.sync()
        assert report.failures == (("model.py", upload.SPOILED),)
        assert report.holds == ()
    assert world.here()["model.py"] == b"w = 2\n"
    assert world.drive.find(PLACE).id == before
    assert b"w = 1\n" in {version.content for version in world.drive.revisions(PLACE)}
    world.drive.calm()
    assert world.sync().failures == ()
    assert world.here() == world.there()
    assert world.there()["model.py"] == b"w = 2\n"
    assert world.drive.find(PLACE).id == before
    assert not world.sync().plan.active


def test_a_save_after_a_spoiled_upload_goes_over_it_too(world: World) -> None:
    before = world.drive.find(PLACE).id
    world.save("model.py", b"w = 2\n")
    world.drive.faults.add(Corrupt(2), "upload.*", file=r"model\.py$", times=upload.PUSH_TRIES)
    assert [path for path, _ in world.sync().failures] == ["model.py"]
    world.save("model.py", b"w = 33\n")
    report = world.sync()
    assert (report.failures, report.holds) == ((), ())
    assert world.there()["model.py"] == b"w = 33\n"
    assert world.drive.find(PLACE).id == before


def test_an_edit_in_colab_over_a_spoiled_upload_is_a_conflict(world: World) -> None:
    world.save("model.py", b"w = 2\n")
    world.drive.faults.add(Corrupt(2), "upload.*", file=r"model\.py$", times=upload.PUSH_TRIES)
    world.sync()
    world.colab("model.py", b"from Colab\n")
    assert [step.path for step in world.sync().holds] == ["model.py"]
    assert world.there()["model.py"] == b"from Colab\n"
    assert world.here()["model.py"] == b"w = 2\n"


def test_a_save_while_an_upload_is_spoiled_goes_up_afterwards(world: World) -> None:
    before = world.drive.find(PLACE).id
    world.save("model.py", b"w = 2\n")
    world.drive.faults.add(Corrupt(2), "upload.*", file=r"model\.py$")
    real = upload._spoiled

    def save_first(*arguments):
        upload._spoiled = real
        world.save("model.py", b"w = 3\n")
        return real(*arguments)

    upload._spoiled = save_first
    try:
        world.sync()
    finally:
        upload._spoiled = real
    report = world.sync()
    assert report.holds == ()
    assert world.there()["model.py"] == world.here()["model.py"] == b"w = 3\n"
    assert world.drive.find(PLACE).id == before


def test_with_no_room_for_a_copy_it_goes_up_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str | None:
        raise DiskFull("No space is left.")

    before = world.drive.find(PLACE).id
    monkeypatch.setattr(ProjectFiles, "snapshot", full)
    world.save("model.py", b"w = 2\n")
    assert world.sync().failures == ()
    assert world.there()["model.py"] == b"w = 2\n"
    assert world.drive.find(PLACE).id == before


def test_a_file_that_goes_away_as_it_is_pushed_is_deleted_by_the_next_run(world: World) -> None:
    real = upload._push_keeping_ids

    def unlinked(*arguments):
        (world.local / "model.py").unlink(missing_ok=True)
        return real(*arguments)

    world.save("model.py", b"w = 2\n")
    upload._push_keeping_ids = unlinked
    try:
        report = world.sync()
    finally:
        upload._push_keeping_ids = real
    assert report.failures == (("model.py", upload.GONE_MEANWHILE),)
    assert world.there()["model.py"] == b"w = 1\n"
    world.sync()
    assert "model.py" not in world.there()


def test_a_spoiled_new_file_is_sent_again(world: World) -> None:
    world.save("new.py", b"new\n")
    world.drive.faults.add(Corrupt(1), "upload.*", file=r"new\.py$")
    for _ in range(2):
        report = world.sync()
    assert (report.failures, report.holds) == ((), ())
    assert world.there()["new.py"] == b"new\n"
