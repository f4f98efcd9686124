"""No finished work is lost to what came before it, failed beside it, or was set aside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.errors import RcloneFailed
from jupyter_drive_sync.companion.drive_sync_colab.guard.process import Guard

from .checkpoint_files import write_at_once, zip_bytes
from .guard_support import Runtime
from .test_guard_order import arrives, drive, ship, take

ODD = RcloneFailed("rclone failed: http2: client connection lost.")


def anew(runtime: Runtime, **settings: object) -> Guard:
    """Return a guard in this process, whose folder on Drive is open."""
    runtime.folder.make()
    made = Guard(runtime.folder, runtime.settings(**settings), None, lambda _: None)
    made.is_open = True
    return made


@pytest.fixture
def guard(runtime: Runtime) -> Iterator[Guard]:
    made = anew(runtime)
    yield made
    made.close()


def listed(guard: Guard) -> list[str]:
    return [line.remote for line in guard.book.live()]


def test_what_was_set_aside_comes_back_under_a_name_of_its_own(runtime, guard, monkeypatch):
    path = runtime.project / "checkpoints" / "last.pt"
    drive(monkeypatch, arrives)
    take(guard, write_at_once(path, zip_bytes(2_000)))
    (older,) = guard.spool.items.values()
    guard.shipping._set_aside(older, ODD)
    take(guard, write_at_once(path, zip_bytes(3_000)))
    (newer,) = guard.spool.items.values()
    assert newer.files[0].remote != older.files[0].remote, "the name may be wanted again"
    ship(guard)

    guard.shipping.take_back()
    ship(guard)
    assert listed(guard) == [newer.files[0].remote, older.files[0].remote]


@pytest.mark.parametrize("is_listed", [True, False], ids=["listed", "waiting"])
def test_a_name_that_was_given_away_meanwhile_is_not_used_again(
    runtime, guard, monkeypatch, is_listed
):
    path = runtime.project / "checkpoints" / "last.pt"
    drive(monkeypatch, arrives)
    take(guard, write_at_once(path, zip_bytes(2_000)))
    (older,) = guard.spool.items.values()
    guard.shipping._set_aside(older, ODD)
    guard.spool._coming_back.clear()  # as by a guard that did not count these names
    take(guard, write_at_once(path, zip_bytes(3_000)))
    if is_listed:
        ship(guard)

    guard.shipping.take_back()
    ship(guard)
    ship(guard)
    assert len(listed(guard)) == len(guard.book.live()) == 2
    assert len({line.remote for line in guard.book.lines}) == 2
