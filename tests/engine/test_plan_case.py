"""Names that differ only in upper and lower case, on a disk that takes them for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_drive_sync.engine.models import HoldReason, Plan, StepKind
from jupyter_drive_sync.engine.plan import make_plan
from jupyter_drive_sync.files import listing
from jupyter_drive_sync.ports.listing import Entry
from jupyter_drive_sync.ports.records import BaselineEntry
from tests.engine.builders import LATER, agreed, baseline, file, folder, kinds, local, remote
from tests.engine.ledger import Ledger
from tests.engine.trouble import settle_down
from tests.engine.world import World


def plan(known: dict[str, BaselineEntry], here: list[Entry], there: list[Entry]) -> Plan:
    return make_plan(known, replace(local(*here), folds_case=True), remote(*there))


def held(made: Plan) -> set[str]:
    assert all(step.reason is HoldReason.NAME_UNUSABLE for step in made.holds)
    assert all("upper and lower case" in step.detail for step in made.holds)
    return {step.path for step in made.holds}


def test_two_names_on_drive_that_are_one_here_are_both_held_and_the_rest_goes_on() -> None:
    there = [file("Net.py", b"1"), file("net.py", b"2"), file("other.py", b"3")]
    made = plan({}, [], there)
    assert held(made) == {"Net.py", "net.py"}
    assert kinds(made)["other.py"] is StepKind.PULL
    apart = make_plan({}, local(), remote(*there))
    assert set(kinds(apart).values()) == {StepKind.PULL}


def test_a_second_name_on_drive_does_not_touch_the_file_that_is_here() -> None:
    known = baseline(agreed("net.py", b"1", id="a"))
    here = [file("net.py", b"edited", LATER)]
    there = [file("net.py", b"1", id="a"), file("NET.py", b"2", id="b")]
    assert held(plan(known, here, there)) == {"net.py", "NET.py"}


def test_new_files_on_both_sides_that_differ_in_case_are_held() -> None:
    assert held(plan({}, [file("a.txt", b"1")], [file("A.txt", b"2")])) == {"a.txt", "A.txt"}


def test_folders_that_differ_in_case_are_held_with_all_that_is_in_them() -> None:
    made = plan({}, [file("data/a.csv", b"1")], [file("Data/b.csv", b"2")])
    assert held(made) == {"data", "data/a.csv", "Data", "Data/b.csv"}
    made = plan({}, [folder("data")], [file("Data/b.csv", b"2")])
    assert {"data", "Data", "Data/b.csv"} <= held(made)


def test_a_rename_in_case_alone_follows_on_the_other_side() -> None:
    known = baseline(agreed("net.py", b"1", id="a"))
    there = plan(known, [file("net.py", b"1")], [file("Net.py", b"1", id="a")])
    assert [(step.kind, step.old_path, step.path) for step in there.steps] == [
        (StepKind.MOVE_LOCAL, "net.py", "Net.py")
    ]
    here = plan(known, [file("Net.py", b"1")], [file("net.py", b"1", id="a")])
    assert [(step.kind, step.old_path, step.path) for step in here.steps] == [
        (StepKind.MOVE_REMOTE, "net.py", "Net.py")
    ]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (file("net.py", b"1"), file("Net.py", b"renamed and edited", LATER, id="a")),
        (file("net.py", b"edited here", LATER), file("Net.py", b"1", id="a")),
        (file("net.py", b"1"), file("Net.py", b"1", id="another file")),
        (file("Net.py", b"1"), file("net.py", b"edited there", LATER, id="a")),
    ],
)
def test_a_rename_in_case_is_held_when_there_is_more_to_it(here: Entry, there: Entry) -> None:
    known = baseline(agreed("net.py", b"1", id="a"))
    assert held(plan(known, [here], [there])) == {"net.py", "Net.py"}


def test_a_disk_that_folds_case_is_recognised(tmp_path: Path) -> None:
    (tmp_path / ".drive-sync").mkdir()
    folds = (tmp_path / ".DRIVE-SYNC").exists()  # on this computer
    assert listing.folds_case(tmp_path) is folds
    if not folds:
        (tmp_path / ".DRIVE-SYNC").mkdir()  # a folder of its own
        assert not listing.folds_case(tmp_path)
        (tmp_path / ".DRIVE-SYNC").rmdir()
        (tmp_path / ".DRIVE-SYNC").symlink_to(".drive-sync")  # as a folding disk answers
        assert listing.folds_case(tmp_path)


def test_in_a_run_names_that_are_one_here_are_held_and_heal(
    world: World, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "folds_case", lambda root: True)
    for name, content in (("Net.py", b"large"), ("net.py", b"small"), ("MODEL.py", b"second")):
        ledger.add(content, f"{name} there")
        world.colab(name, content)
    world.save("new.py", b"goes up all the same\n")
    before = world.here()
    report = world.sync()
    assert held(report.plan) == {"Net.py", "net.py", "MODEL.py", "model.py"}
    assert world.here() == before
    assert world.there()["new.py"] == b"goes up all the same\n"
    world.drive.rename("ml/spam/Net.py", "network.py")
    world.drive.rename("ml/spam/MODEL.py", "old.py")
    settle_down(world, ledger, tmp_path / "data")
    assert world.here()["net.py"] == b"small"
