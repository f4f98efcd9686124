"""Whole runs with real rclone against the Drive emulator."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jupyter_drive_sync.engine import run
from jupyter_drive_sync.engine.commit import LISTINGS_KEY
from jupyter_drive_sync.engine.models import HoldReason
from jupyter_drive_sync.errors import Cancelled, DriveSyncError, ListingIncomplete
from jupyter_drive_sync.ports.records import Action, Keep
from jupyter_drive_sync.ports.transfer import CancelToken
from tests.drive_emulator.faults import Answer, Gate, Hold
from tests.engine.conftest import FILES
from tests.engine.world import World


def test_a_held_file_does_not_stop_the_others(world: World) -> None:
    world.save("model.py", b"mine\n")
    world.colab("model.py", b"from Colab\n")
    assert [step.path for step in world.sync().holds] == ["model.py"]
    world.save("new.py", b"new\n")
    report = world.sync()
    assert report.failures == ()
    assert world.there()["new.py"] == b"new\n"
    assert world.here()["model.py"] == b"mine\n"
    assert world.there()["model.py"] == b"from Colab\n"


def test_files_that_both_sides_deleted_do_not_stop_a_later_run(world: World) -> None:
    for path in ("model.py", "data/labels.csv"):
        (world.local / path).unlink()
        world.drive.trash(f"ml/spam/{path}")
    world.sync()
    world.save("new.py", b"new\n")
    assert world.sync().failures == ()
    assert (
        world.here() == world.there() == {"train.ipynb": FILES["train.ipynb"], "new.py": b"new\n"}
    )


def test_a_rename_here_keeps_the_id_on_drive(world: World) -> None:
    before = world.drive.find("ml/spam/model.py").id
    (world.local / "model.py").rename(world.local / "net.py")
    world.sync()
    assert world.drive.find("ml/spam/net.py").id == before
    assert world.here() == world.there()


def test_an_edit_here_keeps_the_id_on_drive(world: World) -> None:
    before = world.drive.find("ml/spam/model.py").id
    world.save("model.py", b"w = 2\n")
    world.sync()
    assert world.drive.find("ml/spam/model.py").id == before
    assert world.there()["model.py"] == b"w = 2\n"


def test_a_rename_on_drive_is_a_rename_here(world: World) -> None:
    inode = (world.local / "model.py").stat().st_ino
    world.drive.rename("ml/spam/model.py", "net.py")
    report = world.sync()
    assert (world.local / "net.py").stat().st_ino == inode
    assert not (world.local / "model.py").exists()
    assert [row.action for row in report.rows] == [Action.MOVED]


@pytest.mark.parametrize("others", [0, 150])
def test_a_file_that_a_listing_of_bisync_misses_is_not_lost(world: World, others: int) -> None:
    """bisync lists Drive again after our own listing: what it misses there, it deletes here.

    In a small project its own limit stops it; in a larger one the file is put back.
    """
    more = {f"more/{number}.txt": b"%d" % number for number in range(others)}
    for path, content in more.items():
        world.save(path, content)
    world.sync()
    world.save("new.py", b"new\n")
    hide = BeforeCommit(lambda: world.drive.hide("ml/spam/data/labels.csv"))
    with hide, contextlib.suppress(ListingIncomplete):
        world.sync()
    assert world.here() == {**FILES, **more, "new.py": b"new\n"}
    world.drive.show_hidden()
    world.sync()
    assert world.here() == world.there() == {**FILES, **more, "new.py": b"new\n"}


class BeforeCommit:
    """Does something after our own listing of Drive and before anything is written there."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._commit = run.commit

    def __enter__(self) -> None:
        def acting(*arguments: Any) -> object:
            self._act()
            return self._commit(*arguments)

        run.commit = acting  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        run.commit = self._commit


def test_a_newer_version_on_drive_is_never_pushed_over(world: World) -> None:
    """Colab saves after our listing and before our push: the last look sees it."""
    world.save("model.py", b"mine\n")
    before = world.drive.find("ml/spam/model.py").id
    with BeforeCommit(lambda: world.colab("model.py", b"saved by Colab meanwhile\n")):
        report = world.sync()
    assert [path for path, _ in report.failures] == ["model.py"]
    assert world.there()["model.py"] == b"saved by Colab meanwhile\n"
    assert world.here()["model.py"] == b"mine\n"
    report = world.sync()
    assert [(step.path, step.reason) for step in report.holds] == [
        ("model.py", HoldReason.CONFLICT)
    ]
    assert world.drive.find("ml/spam/model.py").id == before


def test_what_changes_on_both_sides_just_before_bisync_is_kept_and_in_the_history(
    world: World,
) -> None:
    def both() -> None:
        world.save("data/labels.csv", b"mine\n")
        world.colab("data/labels.csv", b"from Colab\n")

    world.save("new.py", b"new\n")
    with BeforeCommit(both):
        report = world.sync()
    kept = [row.detail for row in report.rows if row.action is Action.KEPT]
    assert kept == ["data/labels.conflict1.csv"]
    world.sync()
    assert world.here() == world.there()
    assert world.here()["data/labels.csv"] == b"mine\n"
    assert world.here()[kept[0]] == b"from Colab\n"


def test_keeping_both_keeps_the_id_and_both_versions(world: World) -> None:
    before = world.drive.find("ml/spam/model.py").id
    world.save("model.py", b"mine\n")
    world.colab("model.py", b"from Colab\n")
    world.sync()
    world.sync(keep={"model.py": Keep.BOTH})
    assert world.here() == world.there()
    assert world.here()["model.py"] == b"mine\n"
    assert b"from Colab\n" in world.here().values()
    assert world.drive.find("ml/spam/model.py").id == before
    assert not world.sync().plan.active


def test_names_that_rclone_cannot_open_are_held_on_either_side(world: World) -> None:
    world.save("here \u201b.txt", b"mine\n")
    world.save("folder \u201b/inside.txt", b"mine too\n")
    world.colab("there \u201b.txt", b"from Colab\n")
    world.colab("Colab's \u201b/inside.txt", b"from Colab too\n")
    world.save("new.py", b"new\n")
    report = world.sync()
    assert report.failures == ()
    held = {step.path for step in report.holds}
    assert {"here \u201b.txt", "folder \u201b"} < held
    assert len([path for path in held if path.startswith(("there", "Colab"))]) == 2
    assert all("U+201B" in step.detail for step in report.holds)
    assert world.there()["new.py"] == b"new\n"
    (world.local / "here \u201b.txt").rename(world.local / "here.txt")
    world.drive.rename("ml/spam/there \u201b.txt", "there.txt")
    world.sync()
    assert world.there()["here.txt"] == b"mine\n"
    assert world.here()["there.txt"] == b"from Colab\n"


def forget_listings(world: World) -> None:
    """Make the next run make bisync's listings anew."""
    world.opened.session.store.put(LISTINGS_KEY, None)


def test_listings_made_anew_overwrite_no_edit_that_came_meanwhile(world: World) -> None:
    forget_listings(world)
    world.save("new.py", b"new\n")
    with BeforeCommit(lambda: world.colab("data/labels.csv", b"edited in Colab meanwhile\n")):
        world.sync()
    assert world.there()["data/labels.csv"] == b"edited in Colab meanwhile\n"
    world.sync()
    assert world.here() == world.there()
    assert world.here()["data/labels.csv"] == b"edited in Colab meanwhile\n"


def test_a_new_file_is_not_pushed_over_one_that_appeared_meanwhile(world: World) -> None:
    forget_listings(world)
    world.save("new.py", b"mine\n")
    with BeforeCommit(lambda: world.colab("new.py", b"new in Colab too\n")):
        world.sync()
    assert world.there()["new.py"] == b"new in Colab too\n"
    assert world.here()["new.py"] == b"mine\n"
    assert [step.path for step in world.sync().holds] == ["new.py"]


def test_keeping_both_puts_one_copy_beside_however_often_it_is_tried(world: World) -> None:
    world.save("model.py", b"mine\n")
    world.colab("model.py", b"from Colab\n")
    world.sync()
    world.drive.faults.add(Answer(403, "storageQuotaExceeded"), "upload.*", times=None)
    for _ in range(3):
        with contextlib.suppress(DriveSyncError):
            world.sync(keep={"model.py": Keep.BOTH})
        assert world.there()["model.py"] == b"from Colab\n"
    world.drive.calm()
    world.sync(keep={"model.py": Keep.BOTH})
    world.sync()
    assert world.here() == world.there()
    assert list(world.here().values()).count(b"from Colab\n") == 1
    assert world.here()["model.py"] == b"mine\n"


def test_what_came_down_before_a_cancel_is_in_place(world: World) -> None:
    for number in range(40):
        world.colab(f"more/{number:02}.txt", b"%d" % number)
    gate = Gate()
    world.drive.faults.add(Hold(gate), "files.download", skip=20)
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(world.sync, cancel=cancel)
        gate.wait_reached()
        cancel.request()
        gate.release()
        with pytest.raises(Cancelled):
            running.result()
    came = [path for path in world.here() if path.startswith("more/")]
    assert came
    assert {path: world.here()[path] for path in came} == {
        path: world.there()[path] for path in came
    }
    world.sync()
    assert world.here() == world.there()
