"""The states of a project: every state with every event, every error, every action."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync import errors
from jupyter_drive_sync.engine.states import (
    NEEDS_PERSON,
    WAITING,
    Event,
    ProjectAction,
    State,
    actions,
    after,
    after_error,
    retry_seconds,
)

# Where an event leads from any state, unless `OTHERWISE` or `UNMOVED_BY_A_CHANGE` says more.
LEADS_TO = {
    "linked": "needs_first_sync",
    "changed": "pending",
    "started": "syncing",
    "finished": "in_sync",
    "finished_with_holds": "conflict",
    "finished_with_failures": "pending",
    "cancelled": "pending",
    "paused": "paused",
    "resumed": "pending",
    "unlinked": "unlinked",
}

UNMOVED_BY_A_CHANGE = {
    "needs_first_sync",
    "syncing",
    "paused",
    "offline",
    "rate_limited",
    "locked_elsewhere",
    "sign_in",
    "remote_missing",
    "wrong_remote",
    "local_missing",
    "too_many_deletes",
    "quota_full",
    "disk_full",
    "rclone_missing",
    "rclone_too_old",
    "failed",
}

WORDS = UNMOVED_BY_A_CHANGE | {"unlinked", "in_sync", "pending", "conflict"}


def expected(state: str, event: str) -> str:
    if state == "unlinked" and event != "linked":
        return "unlinked"
    if event == "changed" and state in UNMOVED_BY_A_CHANGE:
        return state
    return LEADS_TO[event]


def error_classes(kind: type = errors.DriveSyncError) -> Iterator[type[errors.DriveSyncError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from error_classes(below)


def make(kind: type[errors.DriveSyncError]) -> errors.DriveSyncError:
    if kind is errors.IgnorePatternInvalid:
        return errors.IgnorePatternInvalid("it is odd", line=1, pattern="[")
    return kind("It went wrong.")


ERRORS = sorted(
    {kind for kind in error_classes() if kind.__module__.startswith(errors.__name__)},
    key=lambda kind: kind.__name__,
)

LEADS_TO_STATE = {
    "Cancelled": "pending",
    "ConsentNeeded": "too_many_deletes",
    "DiskFull": "disk_full",
    "LocalMissing": "local_missing",
    "LockedElsewhere": "locked_elsewhere",
    "Offline": "offline",
    "QuotaFull": "quota_full",
    "RateLimited": "rate_limited",
    "RcloneMissing": "rclone_missing",
    "RcloneTooOld": "rclone_too_old",
    "RemoteMissing": "remote_missing",
    "SideEmptied": "too_many_deletes",
    "SignInNeeded": "sign_in",
    "TooManyDeletes": "too_many_deletes",
    "WrongRemote": "wrong_remote",
}
"""All other errors lead to `failed`."""


def test_the_words_on_the_wire_are_these() -> None:
    assert {state.value for state in State} == WORDS
    assert {event.value for event in Event} == set(LEADS_TO)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_every_event_leads_from_every_state_to_the_one_of_the_table(
    state: State, event: Event
) -> None:
    assert after(state, event).value == expected(state.value, event.value)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_leads_to_its_state(kind: type[errors.DriveSyncError]) -> None:
    state = after_error(make(kind))
    assert state.value == LEADS_TO_STATE.get(kind.__name__, "failed")
    assert state.trouble or state is State.PENDING


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_says_what_happened_and_answers_with_a_fitting_status(
    kind: type[errors.DriveSyncError],
) -> None:
    error = make(kind)
    assert set(error.as_json()) == {"code", "message", "hint"}
    assert error.as_json()["code"].replace("_", "").isalpha()
    assert 400 <= error.status <= 599
    assert str(error) == error.message


def test_a_hint_of_its_own_stands_before_the_usual_one() -> None:
    assert errors.Offline("No.").hint == errors.Offline.default_hint
    assert errors.Offline("No.", "Plug it in.").hint == "Plug it in."


def test_an_error_with_the_word_of_an_untroubled_state_is_a_failure() -> None:
    class Odd(errors.DriveSyncError):
        code = "in_sync"

    assert after_error(Odd("odd")) is State.FAILED


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_sentence_of_its_own(state: State) -> None:
    assert state.sentence[0].isupper() or state.sentence.startswith("rclone")
    assert not state.sentence.endswith(".")
    assert [other for other in State if other.sentence == state.sentence] == [state]


def test_trouble_is_either_waiting_or_a_persons() -> None:
    assert WAITING.isdisjoint(NEEDS_PERSON)
    assert {state for state in State if state.trouble} == WAITING | NEEDS_PERSON


FIRST_ACTION = {
    State.SYNCING: ProjectAction.CANCEL,
    State.SIGN_IN: ProjectAction.SIGN_IN,
    State.PAUSED: ProjectAction.RESUME,
    State.TOO_MANY_DELETES: ProjectAction.CONSENT,
}


@pytest.mark.parametrize("state", State)
def test_every_state_offers_the_action_that_matters_first(state: State) -> None:
    offered = actions(state)
    assert len(set(offered)) == len(offered)
    if state is State.UNLINKED:
        assert offered == ()
        return
    assert offered[0] is FIRST_ACTION.get(state, ProjectAction.SYNC)
    assert {ProjectAction.PREVIEW, ProjectAction.UNLINK} <= set(offered)
    assert (ProjectAction.CANCEL in offered) is (state is State.SYNCING)
    assert (ProjectAction.SYNC in offered) is (state is not State.SYNCING)
    assert (ProjectAction.RESUME in offered) is (state is State.PAUSED)
    assert (ProjectAction.PAUSE in offered) is (state is not State.PAUSED)
    assert (ProjectAction.CONSENT in offered) is (state is State.TOO_MANY_DELETES)
    assert (ProjectAction.RESOLVE in offered) is (state is State.CONFLICT)


@given(
    state=st.sampled_from(State),
    failures=st.integers(0, 10_000),
    poll=st.floats(1, 86_400),
)
def test_a_retry_comes_after_seconds_that_stay_within_bounds(
    state: State, failures: int, poll: float
) -> None:
    seconds = retry_seconds(state, failures, poll)
    if state in WAITING:
        assert 5 <= seconds <= 300
        assert seconds <= retry_seconds(state, failures + 1, poll)
    elif state in NEEDS_PERSON:
        assert seconds == max(poll, 30)
    else:
        assert seconds == poll


def test_trouble_that_passes_is_tried_again_soon_and_then_less_often() -> None:
    waits = [retry_seconds(State.OFFLINE, failures, 60) for failures in range(1, 9)]
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
