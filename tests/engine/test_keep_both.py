"""Keeping both versions of a conflict: the other one stands beside the file before mine goes up."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_drive_sync.errors import QuotaFull
from jupyter_drive_sync.ports.records import Keep
from tests.drive_emulator.faults import Answer
from tests.engine.world import World


def conflict(world: World, mine: bytes, theirs: bytes = b"theirs\n") -> None:
    world.save("model.py", mine)
    world.colab("model.py", theirs)


def copies(world: World) -> list[Path]:
    return sorted(world.local.glob("model (Drive*).py"))


def keep_both(world: World) -> None:
    world.sync(keep={"model.py": Keep.BOTH})


def test_the_same_version_in_a_later_conflict_is_kept_again(world: World) -> None:
    conflict(world, b"mine\n")
    keep_both(world)
    (copy,) = copies(world)
    copy.unlink()
    world.sync()
    conflict(world, b"mine, later\n")
    keep_both(world)
    assert [copy.read_bytes() for copy in copies(world)] == [b"theirs\n"]
    assert world.here() == world.there()
    assert world.here()["model.py"] == b"mine, later\n"


def test_a_copy_that_was_edited_since_does_not_count_as_kept(world: World) -> None:
    conflict(world, b"mine\n")
    keep_both(world)
    (copy,) = copies(world)
    copy.write_bytes(b"my notes on theirs\n")
    world.sync()
    conflict(world, b"mine, later\n")
    keep_both(world)
    kept = {copy.read_bytes() for copy in copies(world)}
    assert kept == {b"theirs\n", b"my notes on theirs\n"}


def test_a_push_that_fails_does_not_make_a_second_copy(world: World) -> None:
    conflict(world, b"mine\n")
    world.drive.faults.add(Answer(403, "storageQuotaExceeded"), "upload.*", times=None)
    with pytest.raises(QuotaFull):
        keep_both(world)
    world.drive.faults.clear()
    keep_both(world)
    assert len(copies(world)) == 1
    assert world.there()["model.py"] == b"mine\n"
