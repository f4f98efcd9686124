"""The status of a project, as it is shown."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.engine.models import HoldReason, Plan, Step, StepKind
from jupyter_drive_sync.engine.session import Phase, Preview
from jupyter_drive_sync.engine.states import State
from jupyter_drive_sync.errors import Offline, RemoteMissing, SideEmptied, TooManyDeletes
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind
from jupyter_drive_sync.service.status import (
    SHOWN_STEPS,
    SHOWN_WAITING,
    Standing,
    plan_json,
    remote_display,
    status_json,
    time_json,
    waiting,
    with_tilde,
)

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
    standing = Standing(state=state, plan=plan(*STEPS), changed={"new": NOON})
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
        changed={"push": NOON, "new": NOON, "pull": NOON},
    )
    up, down = waiting(standing)
    assert {item.path: item.since for item in up.shown} == {
        "delete there": None,
        "push": NOON,
        "new": NOON,
    }
    assert paths(down) == ["delete here", "pull"]


def test_many_waiting_paths_are_cut_and_counted() -> None:
    standing = Standing(changed={f"file{number}": NOON for number in range(SHOWN_WAITING + 5)})
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
    shown = plan_json(Preview(plan(*STEPS), problem))
    assert shown["needs_consent"] is needed
    assert (shown["problem"] is None) is (problem is None)


def test_a_plan_counts_everything_and_shows_the_first_steps() -> None:
    many = [step(StepKind.PUSH, f"file{number}") for number in range(SHOWN_STEPS + 5)]
    shown = plan_json(Preview(plan(*STEPS, *many), None))
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
