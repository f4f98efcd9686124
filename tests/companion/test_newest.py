"""No finished work is lost to what came before it, failed beside it, or was set aside."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.errors import RcloneFailed
from jupyter_drive_sync.companion.drive_sync_colab.guard import shipping, spool, tries
from jupyter_drive_sync.companion.drive_sync_colab.guard.process import Guard
from jupyter_drive_sync.companion.drive_sync_colab.guard.spool import Item
from jupyter_drive_sync.companion.drive_sync_colab.guard.tries import ENOUGH_ALONE, Tries
from jupyter_drive_sync.companion.drive_sync_colab.guard.uploads import Outcome

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


def look(guard: Guard, seconds: int = 4) -> None:
    """Let the guard find what is there."""
    start = time.monotonic()
    for second in range(seconds):
        guard._look(start + second)


def publish(guard: Guard) -> None:
    guard.book.on_drive = len(guard.book.lines)
    guard.shipping.published(guard.book.lines)


def test_what_was_removed_is_not_brought_again_by_a_guard_that_starts_anew(runtime, monkeypatch):
    monkeypatch.setattr(spool, "COPIED_BELOW", 0)  # links, whose end changes the file's ctime
    drive(monkeypatch, arrives)
    folder = runtime.project / "checkpoints"
    guard = anew(runtime, keep=1)
    first = write_at_once(folder / "step-1.npz", zip_bytes(300))
    take(guard, first)
    second = write_at_once(folder / "step-2.npz", zip_bytes(300))
    take(guard, second)
    ship(guard)
    publish(guard)
    assert listed(guard) == ["checkpoints/step-2.npz"]
    os.link(first, folder / "link")
    (folder / "link").unlink()
    guard.close()

    guard = anew(runtime, keep=1)
    look(guard)
    ship(guard)
    assert not guard.spool.items
    assert listed(guard) == ["checkpoints/step-2.npz"]
    guard.close()


def test_what_was_overtaken_is_not_brought_again_by_a_guard_that_starts_anew(runtime, monkeypatch):
    drive(monkeypatch, arrives)
    folder = runtime.project / "checkpoints"
    guard = anew(runtime, keep=1)
    take(guard, write_at_once(folder / "step-1.npz", zip_bytes(300)))
    (older,) = guard.spool.items.values()
    monkeypatch.setattr(guard.shipping, "_tries", _Only("step-2"))
    take(guard, write_at_once(folder / "step-2.npz", zip_bytes(300)))
    ship(guard)
    publish(guard)
    assert list(guard.spool.items.values()) == [older]
    guard.shipping.drop_overtaken()
    assert not guard.spool.items
    guard.close()

    guard = anew(runtime, keep=1)
    look(guard)
    assert not guard.spool.items
    guard._opened((True, ""))
    look(guard)
    assert len(guard.spool.items) == 2, "the run's folder is gone: everything is offered"
    names = [one.name for one in sorted(guard.spool.items.values(), key=lambda one: one.id)]
    assert names == ["checkpoints/step-1.npz", "checkpoints/step-2.npz"]
    guard.close()


class _Only(Tries):
    """Lets one alone go."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def batch(self, waiting: Sequence[Item], now: float, most_files: int) -> list[Item]:
        return super().batch([one for one in waiting if self._name in one.name], now, most_files)


def test_what_waits_is_dropped_only_for_newer_ones_that_are_on_drive(runtime, monkeypatch):
    guard = anew(runtime, keep=1)
    folder = runtime.project / "checkpoints"
    for step in (1, 2):
        take(guard, write_at_once(folder / f"step-{step}.npz", zip_bytes(300)))
    guard.shipping.drop_overtaken()
    assert len(guard.spool.items) == 2, "the newer one may never arrive"

    drive(monkeypatch, arrives)
    monkeypatch.setattr(guard.shipping, "_tries", _Only("step-2"))
    ship(guard)
    guard.shipping.drop_overtaken()
    publish(guard)
    assert not guard.spool.items
    assert listed(guard) == ["checkpoints/step-2.npz"]
    guard.close()


def test_where_room_is_short_what_waits_goes_for_newer_ones_that_wait(runtime, monkeypatch):
    guard = anew(runtime, keep=1)
    folder = runtime.project / "checkpoints"
    for step in (1, 2):
        take(guard, write_at_once(folder / f"step-{step}.npz", zip_bytes(300)))
    monkeypatch.setattr(shipping, "ROOM_TO_WAIT", 2**60)
    guard.shipping.drop_overtaken()
    assert [one.name for one in guard.spool.items.values()] == ["checkpoints/step-2.npz"]
    guard.close()


def give_up(guard: Guard) -> None:
    """Let Drive refuse all for so long that what waits is set aside."""
    for _ in range(ENOUGH_ALONE):
        ship(guard)
    assert not guard.spool.items


@pytest.mark.parametrize("when", ["another arrives", "a new guard starts", "time passes"])
def test_what_nothing_proves_to_be_at_fault_is_tried_again_by_itself(runtime, monkeypatch, when):
    guard = anew(runtime)
    drive(monkeypatch, lambda one: Outcome(one, error=ODD))
    folder = runtime.project / "checkpoints"
    take(guard, write_at_once(folder / "step-1.pt", zip_bytes(300)))
    give_up(guard)

    drive(monkeypatch, arrives)  # the trouble is over
    if when == "another arrives":
        take(guard, write_at_once(folder / "other.pt", zip_bytes(300)))
        ship(guard)
    elif when == "a new guard starts":
        guard.close()
        guard = anew(runtime)
        look(guard)
        assert len(guard.spool.items) == 1, "and it is not found a second time"
    else:
        ship(guard)
        assert listed(guard) == [], "not at every look"
        later = time.monotonic() + shipping.AGAIN_EVERY + 1
        monkeypatch.setattr(shipping.time, "monotonic", lambda: later)
    ship(guard)
    assert "checkpoints/step-1.pt" in listed(guard)
    guard.close()


def test_what_fails_while_others_arrive_stays_aside_until_the_settings_change(
    runtime, guard, monkeypatch
):
    drive(
        monkeypatch,
        lambda one: Outcome(one, error=ODD) if "bad" in one.name else arrives(one),
    )
    folder = runtime.project / "checkpoints"
    take(guard, write_at_once(folder / "bad.pt", zip_bytes(300)))
    give_up(guard)
    monkeypatch.setattr(guard.shipping._tries, "hurry", lambda: None)
    monkeypatch.setattr(tries, "pause_after", lambda *_: 0.0)
    for number in range(8):
        take(guard, write_at_once(folder / f"other-{number}.pt", zip_bytes(300)))
        ship(guard)
        ship(guard)
    assert not guard.shipping.waiting_items()
    later = time.monotonic() + shipping.AGAIN_EVERY + 1
    monkeypatch.setattr(shipping.time, "monotonic", lambda: later)
    ship(guard)
    assert not guard.shipping.waiting_items()
    guard.shipping.take_back()
    assert len(guard.shipping.waiting_items()) == 1
