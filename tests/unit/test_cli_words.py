"""Numbers, times and hints as the command line says them."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.cli.outcome import plan_exit, status_exit, worst
from jupyter_drive_sync.cli.screen import clean
from jupyter_drive_sync.cli.words import ago, hint_for, progress_text, sized, waiting_lines
from jupyter_drive_sync.engine.states import State
from jupyter_drive_sync.errors import Offline, RcloneMissing, SignInNeeded
from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_960, "100 kB"),
        (999_949, "1000 kB"),
        (999_950, "1.0 MB"),
        (1_234_000_000, "1.2 GB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_sizes_have_decimal_units(size: int, said: str) -> None:
    assert sized(size) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "just now"),
        (0.4, "just now"),
        (12.9, "12 s ago"),
        (3599, "59 min ago"),
        (47 * 3600, "47 h ago"),
        (72 * 3600, "3 days ago"),
    ],
)
def test_times_are_told_as_an_age(seconds: float, said: str) -> None:
    assert ago(seconds) == said


def test_progress_tells_files_bytes_and_time_left() -> None:
    progress = {
        "phase": "commit",
        "cancelling": False,
        "files": 3,
        "total_files": 10,
        "bytes": 1_200_000,
        "total_bytes": 4_000_000,
        "eta_seconds": 12,
    }
    said = "Moving files: 3 of 10 files, 1.2 MB of 4.0 MB, 12 s left"
    assert progress_text(progress) == said
    nothing = dict.fromkeys(("files", "total_files", "bytes", "total_bytes"), 0)
    assert progress_text({**progress, **nothing, "phase": "plan"}) == "Comparing both sides ..."
    assert progress_text({**progress, "cancelling": True}).startswith("Cancelling")


def waits(path: str, kind: str, why: str = "next", **more: object) -> dict[str, object]:
    item = {"path": path, "kind": kind, "old_path": None, "size": None, "since": None}
    return {**item, "why": why, "detail": "", **more}


def test_what_waits_is_told_by_what_is_to_be_done_and_why() -> None:
    up = [
        waits("a.py", "push", "failed", detail="it changed on the way"),
        waits("b.py", "push", "being_written"),
        waits("old.csv", "delete_remote"),
        waits("new.md", "move_remote", old_path="old.md"),
    ]
    waiting = {"up": up, "up_total": 4, "down": [], "down_total": 7}
    waiting["down"] = [waits(f"{number}.bin", "pull") for number in range(6)]
    assert waiting_lines(waiting, RemoteKind.FOLDER) == [
        "  2 files wait to go up",
        "        a.py: failed last time: it changed on the way",
        "        b.py (is being written)",
        "  1 file waits to be renamed in the other folder",
        "        old.md -> new.md",
        "  1 file waits to be deleted in the other folder",
        "        old.csv",
        "  7 files wait to come down",
        *(f"        {number}.bin" for number in range(5)),
        "        ... and 2 more",
    ]


def test_what_is_not_shown_of_what_waits_is_counted() -> None:
    up = [waits("a.py", "push"), waits("old.csv", "delete_remote")]
    lines = waiting_lines({"up": up, "up_total": 9, "down": [], "down_total": 0}, RemoteKind.DRIVE)
    assert lines == [
        "  1 file waits to go up",
        "        a.py",
        "  1 file waits to be deleted on Drive",
        "        old.csv",
        "  7 files more, up",
    ]


def _project(config: Path | None) -> Project:
    remote = Remote(RemoteKind.DRIVE, "gdrive", "ml", config)
    return Project("id", "spam", Path("/spam"), remote, True, False, datetime.now(timezone.utc))


def test_hints_of_the_terminal_name_what_a_terminal_can_do() -> None:
    assert hint_for(Offline("x"), None) == "Sync again when the connection is back."
    assert "press" not in hint_for(RcloneMissing("x"), None)
    assert hint_for(Offline("x", "Plug it in."), None) == "Plug it in."
    said = hint_for(SignInNeeded("x"), _project(Path("/my conf")))
    assert said == "Sign in again with `rclone config reconnect gdrive: --config '/my conf'`."


def _status(word: State, *, waiting: int = 0, held: int = 0) -> dict[str, object]:
    return {
        "state": {"word": word.value},
        "waiting": {"up_total": waiting, "down_total": 0},
        "held": [{}] * held,
    }


@pytest.mark.parametrize("word", list(State))
@pytest.mark.parametrize("synced", [False, True])
def test_only_what_is_in_step_ends_with_0(word: State, synced: bool) -> None:
    settled = word in (State.IN_SYNC, State.CONFLICT) or (synced and word is State.PAUSED)
    assert status_exit(_status(word), synced=synced) == (0 if settled else 1)
    assert status_exit(_status(word, waiting=1), synced=synced) == 1
    assert status_exit(_status(word, held=1), synced=synced) == (3 if settled else 1)


@pytest.mark.parametrize(
    ("problem", "needs_consent", "held", "code"),
    [({}, True, [], 3), ({}, False, [], 1), (None, False, [{}], 3), (None, False, [], 0)],
)
def test_a_preview_fails_only_where_a_sync_would(
    problem: object, needs_consent: bool, held: list[object], code: int
) -> None:
    assert plan_exit({"problem": problem, "needs_consent": needs_consent, "held": held}) == code


def test_of_several_projects_a_failure_counts_most() -> None:
    assert worst([]) == 0
    assert worst([0, 3]) == 3
    assert worst([3, 1, 0]) == 1


def test_text_for_the_terminal_holds_no_control_characters() -> None:
    assert clean("a\x1b[2J\n\u202eb\udcff") == "a\ufffd[2J\ufffd\ufffdb\ufffd"
    assert clean("\u0437\u0430\u043c\u0435\u0442\u043a\u0438 \U0001f469\u200d\U0001f52c") == (
        "\u0437\u0430\u043c\u0435\u0442\u043a\u0438 \U0001f469\u200d\U0001f52c"
    )
