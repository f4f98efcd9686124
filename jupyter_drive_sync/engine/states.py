"""The states of a project, and which follows which. Pure."""

from __future__ import annotations

from enum import Enum

from jupyter_drive_sync.errors import DriveSyncError


class State(str, Enum):
    """How a project stands; the value is the stable word on the wire."""

    UNLINKED = "unlinked"
    NEEDS_FIRST_SYNC = "needs_first_sync"
    IN_SYNC = "in_sync"
    PENDING = "pending"
    SYNCING = "syncing"
    PAUSED = "paused"
    CONFLICT = "conflict"
    OFFLINE = "offline"
    RATE_LIMITED = "rate_limited"
    LOCKED_ELSEWHERE = "locked_elsewhere"
    SIGN_IN = "sign_in"
    REMOTE_MISSING = "remote_missing"
    WRONG_REMOTE = "wrong_remote"
    LOCAL_MISSING = "local_missing"
    TOO_MANY_DELETES = "too_many_deletes"
    QUOTA_FULL = "quota_full"
    DISK_FULL = "disk_full"
    RCLONE_MISSING = "rclone_missing"
    RCLONE_TOO_OLD = "rclone_too_old"
    FAILED = "failed"

    @property
    def sentence(self) -> str:
        """What the state means, for a person; the same words as in the sidebar."""
        return _SENTENCES[self]

    @property
    def trouble(self) -> bool:
        """Whether a run could not do its work."""
        return self in WAITING or self in NEEDS_PERSON


class Event(str, Enum):
    """What moves a project from one state to another; errors move it too (`after_error`)."""

    LINKED = "linked"
    CHANGED = "changed"
    STARTED = "started"
    FINISHED = "finished"
    FINISHED_WITH_HOLDS = "finished_with_holds"
    FINISHED_WITH_FAILURES = "finished_with_failures"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    RESUMED = "resumed"
    UNLINKED = "unlinked"


class ProjectAction(str, Enum):
    """What a person can do in a state."""

    SYNC = "sync"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    PREVIEW = "preview"
    CONSENT = "consent"
    UNLINK = "unlink"
    RESOLVE = "resolve"
    SIGN_IN = "sign_in"


WAITING = frozenset({State.OFFLINE, State.RATE_LIMITED, State.LOCKED_ELSEWHERE})
"""Trouble that passes by itself."""

NEEDS_PERSON = frozenset(
    {
        State.SIGN_IN,
        State.REMOTE_MISSING,
        State.WRONG_REMOTE,
        State.LOCAL_MISSING,
        State.TOO_MANY_DELETES,
        State.QUOTA_FULL,
        State.DISK_FULL,
        State.RCLONE_MISSING,
        State.RCLONE_TOO_OLD,
        State.FAILED,
    }
)
"""Trouble that a person has to look at; it is tried again by itself all the same."""

_SENTENCES = {
    State.UNLINKED: "Not linked",
    State.NEEDS_FIRST_SYNC: "Ready for the first sync",
    State.IN_SYNC: "In step",
    State.PENDING: "Changes waiting",
    State.SYNCING: "Syncing",
    State.PAUSED: "Paused",
    State.CONFLICT: "In step, but for what needs you",
    State.OFFLINE: "Offline",
    State.RATE_LIMITED: "Asked to slow down",
    State.LOCKED_ELSEWHERE: "Kept by another program",
    State.SIGN_IN: "Sign in again",
    State.REMOTE_MISSING: "The folder over there is missing",
    State.WRONG_REMOTE: "Another project's folder",
    State.LOCAL_MISSING: "The folder here is missing",
    State.TOO_MANY_DELETES: "Many deletes: please look first",
    State.QUOTA_FULL: "No space over there",
    State.DISK_FULL: "This disk is full",
    State.RCLONE_MISSING: "rclone is missing",
    State.RCLONE_TOO_OLD: "rclone is too old",
    State.FAILED: "The last run failed",
}

_AFTER: dict[Event, State] = {
    Event.LINKED: State.NEEDS_FIRST_SYNC,
    Event.STARTED: State.SYNCING,
    Event.FINISHED: State.IN_SYNC,
    Event.FINISHED_WITH_HOLDS: State.CONFLICT,
    Event.FINISHED_WITH_FAILURES: State.PENDING,
    Event.CANCELLED: State.PENDING,
    Event.PAUSED: State.PAUSED,
    Event.RESUMED: State.PENDING,
    Event.UNLINKED: State.UNLINKED,
}

_STATES_OF_OTHER_WORDS = {
    "cancelled": State.PENDING,
    # The deletes still wait for a person, who can agree to the new plan from there.
    "consent_needed": State.TOO_MANY_DELETES,
}

_KEEPS_ITS_STATE_ON_CHANGE = (
    WAITING | NEEDS_PERSON | {State.SYNCING, State.PAUSED, State.UNLINKED, State.NEEDS_FIRST_SYNC}
)

_ACTIONS: dict[State, tuple[ProjectAction, ...]] = {
    State.UNLINKED: (),
    State.SYNCING: (ProjectAction.CANCEL,),
    State.PAUSED: (ProjectAction.RESUME, ProjectAction.SYNC),
    State.CONFLICT: (ProjectAction.SYNC, ProjectAction.RESOLVE),
    State.TOO_MANY_DELETES: (ProjectAction.CONSENT, ProjectAction.SYNC),
    State.SIGN_IN: (ProjectAction.SIGN_IN, ProjectAction.SYNC),
    State.WRONG_REMOTE: (ProjectAction.SYNC, ProjectAction.UNLINK),
    State.REMOTE_MISSING: (ProjectAction.SYNC, ProjectAction.UNLINK),
    State.LOCAL_MISSING: (ProjectAction.SYNC, ProjectAction.UNLINK),
}


def after(state: State, event: Event) -> State:
    """Return the state that follows an event.

    A change that is noticed does not hide trouble, a pause or a run under way; everything else
    leads to one state whatever came before. What is unlinked stays so until it is linked.
    """
    if state is State.UNLINKED and event is not Event.LINKED:
        return state
    if event is Event.CHANGED:
        return state if state in _KEEPS_ITS_STATE_ON_CHANGE else State.PENDING
    return _AFTER[event]


def after_error(error: DriveSyncError) -> State:
    """Return the state that an error leads to: its own, or `FAILED`."""
    if error.code in _STATES_OF_OTHER_WORDS:
        return _STATES_OF_OTHER_WORDS[error.code]
    try:
        state = State(error.code)
    except ValueError:
        return State.FAILED
    return state if state.trouble else State.FAILED


def actions(state: State) -> tuple[ProjectAction, ...]:
    """Return what a person can do, the one that matters first."""
    own = _ACTIONS.get(state, (ProjectAction.SYNC,))
    if state is State.UNLINKED:
        return own
    common = (ProjectAction.PREVIEW, ProjectAction.UNLINK)
    pause = () if state is State.PAUSED else (ProjectAction.PAUSE,)
    return own + tuple(action for action in pause + common if action not in own)


def retry_seconds(state: State, failures: int, poll: float) -> float:
    """Return how long to wait until a run is tried again by itself.

    Parameters
    ----------
    state : State
        How the project stands.
    failures : int
        How many runs in a row ended in trouble.
    poll : float
        Seconds between two looks at Drive when all is well.

    Returns
    -------
    float
        Seconds. Trouble that passes by itself starts at 5 s and doubles up to 5 min; what needs
        a person is looked at no more often than every 30 s.
    """
    if state in WAITING:
        return min(300.0, 5.0 * 2.0 ** min(10, max(0, failures - 1)))
    if state in NEEDS_PERSON:
        return max(poll, 30.0)
    return poll
