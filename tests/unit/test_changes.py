"""When noticed changes are due."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.ports.records import Trigger
from jupyter_drive_sync.service.changes import Changes

QUIET, LONGEST = 1.0, 10.0


def changes() -> Changes:
    return Changes(QUIET, LONGEST)


def test_nothing_is_due_when_nothing_changed() -> None:
    assert changes().due is None
    assert changes().take_fresh() == set()


def test_one_change_is_due_when_it_has_been_quiet_for_a_while() -> None:
    noticed = changes()
    noticed.note(["a"], Trigger.WATCHER, 100.0)
    assert noticed.due == 101.0


def test_further_changes_put_it_off_but_not_for_ever() -> None:
    noticed = changes()
    for tenth in range(200):
        noticed.note(["a"], Trigger.WATCHER, 100.0 + tenth / 10)
        assert noticed.due == min(100.0 + tenth / 10 + QUIET, 110.0)


def test_paths_are_handed_out_once() -> None:
    noticed = changes()
    noticed.note(["a", "b"], Trigger.WATCHER, 1.0)
    noticed.note(["b", "c"], Trigger.WATCHER, 2.0)
    assert noticed.take_fresh() == {"a", "b", "c"}
    assert noticed.take_fresh() == set()
    assert noticed.due is not None


def test_settled_changes_are_not_due_any_more() -> None:
    noticed = changes()
    noticed.note(["a"], Trigger.WATCHER, 1.0)
    noticed.take_fresh()
    noticed.settle()
    assert noticed.due is None


def test_changes_that_nobody_has_looked_at_outlive_settling() -> None:
    noticed = changes()
    noticed.note(["a"], Trigger.WATCHER, 1.0)
    noticed.take_fresh()
    noticed.note(["b"], Trigger.WATCHER, 5.0)
    noticed.settle()
    assert noticed.due == 5.0 + QUIET
    assert noticed.take_fresh() == {"b"}


def test_a_save_names_the_cause_whoever_noticed_first() -> None:
    noticed = changes()
    noticed.note(["a"], Trigger.WATCHER, 1.0)
    assert noticed.trigger is Trigger.WATCHER
    noticed.note(["a"], Trigger.SAVE, 1.1)
    assert noticed.trigger is Trigger.SAVE
    noticed.note(["b"], Trigger.WATCHER, 1.2)
    assert noticed.trigger is Trigger.SAVE
    noticed.settle()
    noticed.take_fresh()
    noticed.settle()
    noticed.note(["b"], Trigger.WATCHER, 9.0)
    assert noticed.trigger is Trigger.WATCHER


@given(
    quiet=st.floats(0, 60),
    longest=st.floats(0, 600),
    gaps=st.lists(st.floats(0, 100), min_size=1, max_size=30),
)
def test_a_change_is_always_due_within_both_limits(
    quiet: float, longest: float, gaps: list[float]
) -> None:
    noticed = Changes(quiet, longest)
    now = first = 1000.0
    for gap in gaps:
        now += gap
        first = now if gap is gaps[0] and noticed.due is None else first
        noticed.note(["a"], Trigger.WATCHER, now)
        assert noticed.due is not None
        assert noticed.due <= now + quiet
        assert noticed.due <= first + longest
