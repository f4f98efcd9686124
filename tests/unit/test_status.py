"""The status of a project, as it is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.engine.models import HoldReason, Plan, Step, StepKind
from jupyter_drive_sync.engine.session import Phase, Preview
from jupyter_drive_sync.engine.states import State
from jupyter_drive_sync.errors import Offline, RemoteMissing, SideEmptied, TooManyDeletes
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind
from jupyter_drive_sync.service.standing import Noticed, Standing
from jupyter_drive_sync.service.status import (
    SHOWN_HELD,
    SHOWN_STEPS,
    all_held_json,
    plan_json,
    remote_display,
    status_json,
    time_json,
    with_tilde,
)
from jupyter_drive_sync.service.waiting import SHOWN_WAITING, Why, waiting

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
FOLDER = Remote(RemoteKind.FOLDER, "", "/mnt/far")


def project(remote: Remote = FOLDER) -> Project:
    return Project(
        id="00000000-0000-4000-8000-000000000001",
        name="spam",
        local=Path("/srv/spam"),
        remote=remote,
        auto_sync=True,
        paused=False,
        created=NOON,
    )


def step(kind: StepKind, path: str, size: int = 3, **more) -> Step:
    version = Version(size, 1_700_000_000_000_000_000, "a" * 32)
    return Step(kind, path, local=version, remote=version, **more)


def plan(*steps: Step) -> Plan:
    return Plan(steps=steps, equal=7, first=False)


def paths(items) -> list[str]:
    return [item.path for item in items.shown]


STEPS = (
    step(StepKind.ADOPT, "adopted"),
    step(StepKind.DELETE_LOCAL, "delete here"),
    step(StepKind.DELETE_REMOTE, "delete there"),
    step(StepKind.PULL, "pull"),
    step(StepKind.PUSH, "push"),
)


@pytest.mark.parametrize("state", [State.SYNCING, State.OFFLINE, State.QUOTA_FULL])
def test_what_a_run_has_not_done_yet_waits(state: State) -> None:
    standing = Standing(state=state, plan=plan(*STEPS), planned=True, done={"push"})
    up, down = waiting(standing)
    assert (paths(up), paths(down)) == (["delete there"], ["delete here", "pull"])


@pytest.mark.parametrize("state", [State.SYNCING, State.OFFLINE, State.REMOTE_MISSING])
def test_the_plan_of_an_earlier_run_says_nothing_of_what_waits_now(state: State) -> None:
    standing = Standing(state=state, plan=plan(*STEPS), changed={"new": Noticed(NOON)})
    up, down = waiting(standing)
    assert (paths(up), paths(down)) == (["new"], [])


@pytest.mark.parametrize("state", [State.IN_SYNC, State.CONFLICT, State.PENDING])
def test_after_a_run_only_what_failed_waits(state: State) -> None:
    standing = Standing(state=state, plan=plan(*STEPS), failures=(("pull", "it changed"),))
    up, down = waiting(standing)
    assert (paths(up), paths(down)) == ([], ["pull"])


def test_changes_noticed_here_wait_to_go_up_with_their_time() -> None:
    standing = Standing(
        state=State.SYNCING,
        plan=plan(*STEPS),
        planned=True,
        changed=dict.fromkeys(["push", "new", "pull"], Noticed(NOON)),
    )
    up, down = waiting(standing)
    assert {item.path: item.since for item in up.shown} == {
        "delete there": None,
        "push": NOON,
        "new": NOON,
    }
    assert paths(down) == ["delete here", "pull"]


def why(standing: Standing, **more) -> dict[str, tuple[StepKind, Why, str]]:
    """Return what is said of each waiting path: what is to be done, why it waits, and more."""
    return {
        item.path: (item.kind, item.why, item.detail)
        for side in waiting(standing, **more)
        for item in side.shown
    }


def test_what_waits_says_what_is_to_be_done() -> None:
    moved = step(StepKind.MOVE_REMOTE, "new name", old_path="old name")
    gone = {"gone": Noticed(NOON, gone=True), "edited": Noticed(NOON)}
    standing = Standing(state=State.SYNCING, plan=plan(*STEPS, moved), planned=True, changed=gone)
    assert {path: kind for path, (kind, _, _) in why(standing).items()} == {
        "delete here": StepKind.DELETE_LOCAL,
        "delete there": StepKind.DELETE_REMOTE,
        "pull": StepKind.PULL,
        "push": StepKind.PUSH,
        "new name": StepKind.MOVE_REMOTE,
        "gone": StepKind.DELETE_REMOTE,
        "edited": StepKind.PUSH,
    }
    up, down = waiting(standing)
    assert [item.old_path for item in up.shown if item.old_path] == ["old name"]
    assert {item.path: item.size for item in (*up.shown, *down.shown) if item.size} == {
        "pull": 3,
        "push": 3,
    }


def test_a_file_that_failed_waits_with_the_reason_until_it_is_under_way_again() -> None:
    standing = Standing(
        state=State.PENDING, plan=plan(*STEPS), planned=True, failures=(("pull", "it changed"),)
    )
    assert why(standing) == {"pull": (StepKind.PULL, Why.FAILED, "it changed")}
    standing.state = State.SYNCING
    assert why(standing)["pull"][1] is Why.RUNNING


@pytest.mark.parametrize(
    ("state", "auto_sync", "because"),
    [
        (State.SYNCING, True, Why.RUNNING),
        (State.PENDING, True, Why.QUIET),
        (State.PENDING, False, Why.ASKED),
        (State.PAUSED, True, Why.PAUSED),
        (State.OFFLINE, True, Why.TROUBLE),
        (State.QUOTA_FULL, False, Why.TROUBLE),
    ],
)
def test_a_change_waits_for_what_the_state_says(
    state: State, auto_sync: bool, because: Why
) -> None:
    standing = Standing(state=state, changed={"new": Noticed(NOON)})
    assert why(standing, auto_sync=auto_sync) == {"new": (StepKind.PUSH, because, "")}


def test_a_file_that_is_being_written_waits_and_needs_nobody() -> None:
    written = step(
        StepKind.HOLD, "run.log", reason=HoldReason.BEING_WRITTEN, detail=StepKind.PUSH.value
    )
    standing = Standing(state=State.PENDING, plan=plan(written))
    shown = status_json(project(), standing, "", None)
    assert (shown["held"], shown["held_total"]) == ([], 0)
    ((path, said),) = why(standing).items()
    assert (path, said[1]) == ("run.log", Why.BEING_WRITTEN)


def test_many_held_paths_are_cut_and_counted_and_all_can_be_asked_for() -> None:
    holds = [
        step(StepKind.HOLD, f"file{number}", reason=HoldReason.CONFLICT)
        for number in range(SHOWN_HELD + 5)
    ]
    standing = Standing(state=State.CONFLICT, plan=plan(*holds))
    shown = status_json(project(), standing, "", None)
    assert (len(shown["held"]), shown["held_total"]) == (SHOWN_HELD, SHOWN_HELD + 5)
    assert shown["conflicts"]["total"] == SHOWN_HELD + 5
    assert len(all_held_json(standing, RemoteKind.FOLDER)) == SHOWN_HELD + 5
    assert len(plan_json(Preview(plan(*holds), None), RemoteKind.DRIVE)["held"]) == SHOWN_HELD


def test_the_word_for_the_versions_of_a_conflict_changes_with_either_side() -> None:
    other = Version(4, 1_700_000_000_000_000_000, "b" * 32)
    one = step(StepKind.HOLD, "a", reason=HoldReason.CONFLICT)
    words = {item.versions for item in (one, replace(one, local=other), replace(one, remote=other))}
    assert len(words) == 3
    touched = replace(one, local=Version(3, 1_800_000_000_000_000_000, "a" * 32))
    assert touched.versions == one.versions
    assert replace(one, path="b").versions != one.versions


@pytest.mark.parametrize(
    ("kind", "place"), [(RemoteKind.DRIVE, "on Drive"), (RemoteKind.FOLDER, "in the other folder")]
)
def test_what_is_held_speaks_of_the_side_that_there_is(kind: RemoteKind, place: str) -> None:
    twice = step(StepKind.HOLD, "a", reason=HoldReason.DUPLICATE)
    (shown,) = all_held_json(Standing(plan=plan(twice)), kind)
    assert place in shown["message"]
    assert ("Drive" in shown["message"] + shown["hint"]) is (kind is RemoteKind.DRIVE)


def test_a_run_that_was_told_to_stop_says_so_and_cannot_be_told_again() -> None:
    standing = Standing(state=State.SYNCING, phase=Phase.COMMIT)
    assert "cancel" in status_json(project(), standing, "", None)["state"]["actions"]
    standing.cancelling = True
    shown = status_json(project(), standing, "", None)
    assert shown["progress"]["cancelling"] is True
    assert "cancel" not in shown["state"]["actions"]


def test_many_waiting_paths_are_cut_and_counted() -> None:
    names = [f"file{number}" for number in range(SHOWN_WAITING + 5)]
    standing = Standing(changed=dict.fromkeys(names, Noticed(NOON)))
    shown = status_json(project(), standing, "spam", None)["waiting"]
    assert (len(shown["up"]), shown["up_total"]) == (SHOWN_WAITING, SHOWN_WAITING + 5)


def test_a_troubled_project_says_why_and_what_next() -> None:
    standing = Standing(
        state=State.OFFLINE, cause=Offline("No way."), next_run=NOON, last_good_sync=NOON
    )
    shown = status_json(project(), standing, None, "https://drive.google.com/x")
    assert shown["state"]["cause"] == Offline("No way.").as_json()
    assert shown["state"]["next"] == shown["last_good_sync"] == "2026-01-01T12:00:00.000Z"
    assert shown["project"]["local"] == {"path": None, "display": str(Path("/srv/spam"))}
    assert shown["project"]["remote"]["url"] == "https://drive.google.com/x"
    assert shown["progress"] is None


def test_progress_is_shown_while_a_run_is_under_way() -> None:
    shown = status_json(project(), Standing(phase=Phase.COMMIT), "", None)["progress"]
    assert shown["phase"] == "commit"
    assert shown["eta_seconds"] is None


def test_names_that_are_no_text_can_be_sent_and_shown() -> None:
    odd = b"caf\xe9".decode("utf-8", "surrogateescape")
    hold = step(StepKind.HOLD, odd, reason=HoldReason.NAME_UNUSABLE)
    standing = Standing(
        planned=True, state=State.SYNCING, plan=plan(hold, step(StepKind.PUSH, odd + "2"))
    )
    shown = status_json(project(), standing, "", None)
    assert json.loads(json.dumps(shown)) == shown
    shown["waiting"]["up"][0]["path"].encode("utf-8")


@pytest.mark.parametrize(
    ("problem", "needed"),
    [
        (None, False),
        (TooManyDeletes("many"), True),
        (SideEmptied("all"), True),
        (RemoteMissing("gone"), False),
    ],
)
def test_only_deletes_can_be_agreed_to(problem, needed: bool) -> None:
    shown = plan_json(Preview(plan(*STEPS), problem), RemoteKind.DRIVE)
    assert shown["needs_consent"] is needed
    assert (shown["problem"] is None) is (problem is None)


def test_a_plan_counts_everything_and_shows_the_first_steps() -> None:
    many = [step(StepKind.PUSH, f"file{number}") for number in range(SHOWN_STEPS + 5)]
    shown = plan_json(Preview(plan(*STEPS, *many), None), RemoteKind.DRIVE)
    assert len(shown["steps"]) == SHOWN_STEPS
    assert "adopted" not in [item["path"] for item in shown["steps"]]
    totals = shown["totals"]
    assert (totals["push"], totals["pull"]) == (SHOWN_STEPS + 6, 1)
    assert (totals["delete_local"], totals["delete_remote"]) == (1, 1)
    assert totals["bytes_up"] == 3 * (SHOWN_STEPS + 6)
    assert totals["equal"] == 7


def test_the_far_side_is_named_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", classmethod(lambda cls: Path("/home/ada")))
    drive = Remote(RemoteKind.DRIVE, "gdrive", "ml//spam/")
    assert remote_display(project(drive)) == "gdrive > ml > spam"
    assert remote_display(project(Remote(RemoteKind.DRIVE, "gdrive", ""))) == "gdrive"
    assert with_tilde(Path("/home/ada/far")) == str(Path("~/far"))
    assert with_tilde(Path("/home/adam")) == str(Path("/home/adam"))


def test_times_are_in_utc_whatever_their_zone() -> None:
    there = timezone(timedelta(hours=8))
    assert time_json(NOON.astimezone(there)) == "2026-01-01T12:00:00.000Z"
    assert time_json(None) is None
