"""What a push leaves in the baseline, seen by what the next plan makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from jupyter_drive_sync.engine.models import Plan, StepKind
from jupyter_drive_sync.engine.plan import digests_needed, make_plan
from jupyter_drive_sync.engine.record import _agreed, _record_push
from jupyter_drive_sync.ports.listing import Entry
from jupyter_drive_sync.ports.records import BaselineEntry

from .builders import (
    LATER,
    THEN,
    agreed,
    baseline,
    file,
    kinds,
    local,
    md5,
    only_step,
    remote,
    version,
)

BEFORE = [pytest.param(None, id="new"), pytest.param(b"base", id="known")]


@dataclass
class Pushed:
    """One push of b"mine", and what stands on both sides when it is written down."""

    before: bytes | None = b"base"
    here: tuple[bytes, float] | None = (b"mine", LATER)
    there: tuple[bytes, float] | None = (b"mine", LATER)
    planned: bytes = b"mine"
    digests_on_drive: bool = True
    read_before: bool = False
    failures: dict[str, str] = field(default_factory=dict)
    baseline: dict[str, BaselineEntry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.before is not None:
            self.baseline = baseline(agreed("a", self.before, id="id1"))
        known = [] if self.before is None else [self._entry(self.before, THEN)]
        planned = local(file("a", self.planned, LATER, read=self.read_before))
        step = only_step(make_plan(self.baseline, planned, remote(*known)))
        assert step.kind is StepKind.PUSH
        gathered = SimpleNamespace(baseline=self.baseline)
        found = None if self.there is None else self._entry(*self.there)
        entry = _record_push(self._run(), gathered, step, found)  # type: ignore[arg-type]
        if entry is not None:
            self.baseline = self.baseline | {"a": entry}

    def _entry(self, content: bytes, at: float) -> Entry:
        return file("a", content, at, read=self.digests_on_drive, id="id1")

    def _run(self) -> SimpleNamespace:
        now = None if self.here is None else file("a", *self.here, read=False)
        digest = None if self.here is None else md5(self.here[0])
        disk = SimpleNamespace(stat=lambda _: now, digest=lambda _: {"a": digest})
        return SimpleNamespace(
            name="run",
            session=SimpleNamespace(local=disk),
            request=SimpleNamespace(trigger=None),
            observer=SimpleNamespace(done=lambda _: None),
            failures=self.failures,
            rows=[],
            now=lambda: None,
        )

    def next(self) -> Plan:
        """Plan again, from what was written down."""
        there = [] if self.there is None else [self._entry(*self.there)]
        here = [] if self.here is None else [file("a", *self.here, read=False)]
        needed = digests_needed(self.baseline, local(*here), remote(*there))
        if needed.local:
            assert self.here is not None
            here = [file("a", *self.here)]
        return make_plan(self.baseline, local(*here), remote(*there))


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("digests", [True, False])
@pytest.mark.parametrize("read_before", [True, False])
def test_a_push_that_arrived_leaves_nothing_to_do(
    before: bytes | None, digests: bool, read_before: bool
) -> None:
    pushed = Pushed(before, digests_on_drive=digests, read_before=read_before)
    assert pushed.next().steps == ()
    assert pushed.failures == {}
    assert pushed.baseline["a"].local.md5 == md5(b"mine")


@pytest.mark.parametrize("before", BEFORE)
def test_a_save_during_the_push_goes_up_with_the_next_run(before: bytes | None) -> None:
    pushed = Pushed(before, here=(b"more", LATER + 5))
    assert kinds(pushed.next()) == {"a": StepKind.PUSH}


@pytest.mark.parametrize("before", BEFORE)
def test_a_save_that_still_went_up_leaves_nothing_to_do(before: bytes | None) -> None:
    pushed = Pushed(before, here=(b"more", LATER + 5), there=(b"more", LATER + 5))
    assert pushed.next().steps == ()


def test_a_delete_during_the_push_goes_over_with_the_next_run() -> None:
    assert kinds(Pushed(here=None).next()) == {"a": StepKind.DELETE_REMOTE}


@pytest.mark.parametrize(
    ("before", "there"), [(None, None), (b"base", None), (b"base", (b"base", THEN))]
)
def test_a_push_that_did_not_arrive_is_said_and_made_again(
    before: bytes | None, there: tuple[bytes, float] | None
) -> None:
    pushed = Pushed(before, there=there)
    assert "a" in pushed.failures
    assert kinds(pushed.next()) == {"a": StepKind.PUSH}


def test_a_push_that_did_not_arrive_is_made_again_where_drive_has_no_digests() -> None:
    pushed = Pushed(there=(b"base", THEN), digests_on_drive=False)
    assert "a" in pushed.failures
    assert kinds(pushed.next()) == {"a": StepKind.PUSH}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("read_before", [True, False])
@pytest.mark.parametrize("edit", [b"your", b"yours and longer"])
def test_an_edit_on_drive_during_the_push_is_not_taken_for_what_was_pushed(
    before: bytes | None, read_before: bool, edit: bytes
) -> None:
    pushed = Pushed(before, there=(edit, LATER + 5), read_before=read_before)
    assert kinds(pushed.next()) in ({"a": StepKind.HOLD}, {"a": StepKind.PULL})


def test_sides_found_alike_share_the_digest_that_one_of_them_has() -> None:
    here, there = version(b"x", THEN, read=False), version(b"x", LATER)
    for one, other in ((here, there), (there, here)):
        mine, theirs = _agreed(one, other)
        assert mine.md5 == theirs.md5 == md5(b"x")
        assert (mine.mtime_ns, theirs.mtime_ns) == (one.mtime_ns, other.mtime_ns)
