"""Runs after ones that bisync had no part in, so that its listings are older than the baseline."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_drive_sync.errors import Offline
from tests.engine.test_runs import BeforeCommit
from tests.engine.world import World


def same_edit(world: World) -> None:
    world.save("model.py", b"the same on both sides\n")
    world.colab("model.py", b"the same on both sides\n")
    world.sync()


def saved_here(world: World) -> None:
    world.save("model.py", b"saved here\n")
    world.sync()


def saved_there(world: World) -> None:
    world.colab("model.py", b"saved there\n")
    world.sync()


def pulled_then_offline(world: World) -> None:
    def break_off() -> None:
        raise Offline("Drive cannot be reached.")

    world.colab("model.py", b"saved there\n")
    with BeforeCommit(break_off), pytest.raises(Offline):
        world.sync()


@pytest.mark.parametrize("earlier", [same_edit, saved_here, saved_there, pulled_then_offline])
def test_a_file_deleted_here_afterwards_stays_deleted(
    world: World, earlier: Callable[[World], None]
) -> None:
    earlier(world)
    (world.local / "model.py").unlink()
    assert world.sync().failures == ()
    assert "model.py" not in world.here()
    assert "model.py" not in world.there()
    assert not world.sync().plan.active


def test_a_file_deleted_on_drive_afterwards_stays_deleted(world: World) -> None:
    saved_here(world)
    world.drive.trash("ml/spam/model.py")
    assert world.sync().failures == ()
    assert "model.py" not in world.here()
    assert "model.py" not in world.there()
    assert not world.sync().plan.active


def test_a_file_renamed_here_afterwards_keeps_its_id(world: World) -> None:
    saved_here(world)
    before = world.drive.find("ml/spam/model.py").id
    (world.local / "model.py").rename(world.local / "net.py")
    assert world.sync().failures == ()
    assert world.drive.find("ml/spam/net.py").id == before
    assert world.here() == world.there()
    assert "model.py" not in world.here()
    assert not world.sync().plan.active


def test_a_new_file_afterwards_goes_up(world: World) -> None:
    saved_here(world)
    world.save("new.py", b"new\n")
    assert world.sync().failures == ()
    assert world.here() == world.there()
    assert not world.sync().plan.active


def test_a_new_file_from_drive_that_is_deleted_here_stays_deleted(world: World) -> None:
    world.colab("new.py", b"made in Colab\n")
    world.sync()
    (world.local / "new.py").unlink()
    assert world.sync().failures == ()
    assert "new.py" not in world.here()
    assert "new.py" not in world.there()


def test_saves_and_pulls_alone_need_no_bisync(world: World) -> None:
    """bisync lists Drive three times over to find out that a file is equal already."""
    world.drive.reset_counts()
    saved_here(world)
    assert world.drive.api_calls <= 30
    world.drive.reset_counts()
    saved_there(world)
    assert world.drive.api_calls <= 30


def test_deletes_of_a_run_that_was_cut_short_do_not_stop_the_next(world: World) -> None:
    """bisync's listings still count what the baseline knows no more of."""

    def break_off() -> None:
        raise Offline("Drive cannot be reached.")

    for path in ("model.py", "data/labels.csv"):
        world.drive.trash(f"ml/spam/{path}")
    with BeforeCommit(break_off), pytest.raises(Offline):
        world.sync()
    world.save("new.py", b"new\n")
    assert world.sync().failures == ()
    assert set(world.here()) == set(world.there()) == {"train.ipynb", "new.py"}
