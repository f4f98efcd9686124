"""Files that one side shows as changed, and that are the same on both sides all the same."""

from __future__ import annotations

import pytest

from jupyter_drive_sync.engine.models import StepKind
from jupyter_drive_sync.engine.plan import make_plan
from jupyter_drive_sync.ports.listing import Entry, EntryKind, Listing, Side, Version
from jupyter_drive_sync.ports.records import BaselineEntry

OLD = Version(5, 1_000_000_000, "a" * 32)
NEW = Version(5, 9_000_000_001, "b" * 32)


def planned(agreed: tuple[Version, Version], local: Version, remote: Version) -> list[StepKind]:
    def listing(side: Side, version: Version) -> Listing:
        return Listing(side, {"a": Entry("a", EntryKind.FILE, version, "id")})

    baseline = {"a": BaselineEntry("a", *agreed, "id")}
    plan = make_plan(baseline, listing(Side.LOCAL, local), listing(Side.REMOTE, remote))
    return [step.kind for step in plan.steps]


def without_md5(version: Version) -> Version:
    return Version(version.size, version.mtime_ns)


@pytest.mark.parametrize("strip", [lambda version: version, without_md5])
def test_the_same_version_on_both_sides_is_taken_up(strip) -> None:
    """Nothing would be carried over, and the next plan would say the same again for ever."""
    new, unknown = strip(NEW), Version(5, 0)
    assert planned((unknown, new), new, new) == [StepKind.ADOPT]
    assert planned((new, unknown), new, new) == [StepKind.ADOPT]


def test_another_version_is_carried_over() -> None:
    assert planned((OLD, OLD), NEW, OLD) == [StepKind.PUSH]
    assert planned((OLD, OLD), OLD, NEW) == [StepKind.PULL]
    near = Version(5, NEW.mtime_ns + 1)
    assert planned((Version(5, 0), near), without_md5(NEW), near) == [StepKind.PUSH]
