"""The command line with real rclone and real folders; a folder plays Drive."""

from __future__ import annotations

import json
import os
import shlex
import threading
import time
from pathlib import Path

import pytest

from jupyter_drive_sync import __version__
from jupyter_drive_sync.files.lock import ProjectLock
from tests.integration.cli_support import CommandLine, contents, fits

posix = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")


# --- usage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("link",),
        ("link", "spam"),
        ("link", "spam", "-x"),
        ("unlink",),
        ("sync", "--flag"),
        ("sync", "--consent"),
        ("status", "one", "two"),
    ],
)
def test_wrong_usage_ends_with_2_for_people_and_programs(
    cli: CommandLine, words: tuple[str, ...]
) -> None:
    ended = cli(*words)
    assert ended.code == 2
    assert ended.out == ""
    assert "usage: jupyter drive-sync" in ended.err

    ended = cli(*words, "--json")
    assert ended.code == 2
    assert ended.error["code"] == "usage"


def test_help_tells_the_exit_codes_and_version_the_version(cli: CommandLine) -> None:
    assert "in step, but for something that needs you" in cli("--help").out
    assert cli("--version").out.split() == ["jupyter", "drive-sync", __version__]


# --- sync, status, preview -------------------------------------------------------------------


def test_sync_carries_changes_both_ways_from_any_folder_inside(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cli.local / "deep" / "er").mkdir(parents=True)
    cli.linked()
    (cli.local / "deep" / "mine.txt").write_text("mine")
    (cli.remote / "theirs.txt").write_text("theirs")
    monkeypatch.chdir(cli.local / "deep" / "er")

    ended = cli("sync")

    assert ended.code == 0
    assert ended.err == ""  # no progress where there is no terminal
    assert "1 file went up, 1 file came down." in ended.out
    assert contents(cli.local) == {"deep/mine.txt": "mine", "theirs.txt": "theirs"}
    assert contents(cli.remote) == contents(cli.local)


def test_status_and_preview_compare_both_sides_and_change_nothing(cli: CommandLine) -> None:
    cli.linked()
    assert cli("status", cli.local).code == 0
    (cli.local / "up.txt").write_text("12345")
    (cli.remote / "down.txt").write_text("123")
    here, there = contents(cli.local), contents(cli.remote)

    status = cli("status", cli.local, "--json")
    fits("Status", status.json)
    assert status.code == 1  # not in step
    assert status.json["state"]["word"] == "pending"
    assert [item["path"] for item in status.json["waiting"]["up"]] == ["up.txt"]
    assert [item["path"] for item in status.json["waiting"]["down"]] == ["down.txt"]
    assert "1 file waits to go up" in cli("status", cli.local).out

    plan = cli("preview", cli.local, "--json")
    fits("Plan", plan.json)
    assert plan.code == 0
    assert plan.json["totals"]["bytes_up"] == 5
    assert plan.json["totals"]["bytes_down"] == 3
    assert (contents(cli.local), contents(cli.remote)) == (here, there)


def test_a_conflict_is_named_and_ends_with_3_until_it_is_settled(cli: CommandLine) -> None:
    (cli.local / "a.txt").write_text("a")
    (cli.local / "b.txt").write_text("b")
    cli.linked()
    (cli.local / "a.txt").write_text("mine")
    (cli.remote / "a.txt").write_text("theirs, longer")

    for command in ("preview", "sync", "status"):
        ended = cli(command, cli.local)
        assert ended.code == 3, command
        assert "a.txt" in ended.out
    held = cli("sync", cli.local, "--json").json["held"]
    assert [(item["path"], item["reason"]) for item in held] == [("a.txt", "conflict")]

    (cli.remote / "a.txt").write_text("mine")
    assert cli("sync", cli.local).code == 0


def test_outside_a_project_status_lists_all_and_the_worst_decides_the_exit_code(
    cli: CommandLine,
) -> None:
    ended = cli("status")
    assert ended.code == 0
    assert "No folder is linked yet." in ended.out
    other = cli.home / "other"
    other.mkdir()
    cli.linked()
    assert cli("link", other, cli.home / "far-other", "--yes").code == 0

    ended = cli("status", "--json")
    assert ended.code == 0
    assert [item["project"]["name"] for item in ended.json["projects"]] == ["spam", "other"]
    for item in ended.json["projects"]:
        fits("Status", item)

    (other / "new").write_text("")
    ended = cli("status")
    assert ended.code == 1
    assert "spam:" in ended.out
    assert "other:" in ended.out


@pytest.mark.parametrize("command", ["sync", "status", "preview", "unlink"])
def test_a_folder_in_no_project_is_an_error(cli: CommandLine, command: str) -> None:
    cli.linked()
    ended = cli(command, cli.home, "--json")
    assert ended.code == 1
    assert ended.error["code"] == "project_unknown"
    assert "jupyter drive-sync link" in ended.error["hint"]


def test_many_deletes_need_consent_to_exactly_that_plan(cli: CommandLine) -> None:
    for number in range(20):
        (cli.local / f"{number}.txt").write_text(str(number))
    cli.linked()
    for number in range(15):
        (cli.remote / f"{number}.txt").unlink()

    stopped = cli("sync", cli.local)
    assert stopped.code == 1
    assert "15 of 20 files would be deleted" in stopped.err
    assert len(contents(cli.local)) == 20

    plan = cli("preview", cli.local, "--json")
    assert plan.code == 3
    assert plan.json["needs_consent"]
    wrong = cli("sync", cli.local, "--consent", "0" * 64, "--json")
    assert (wrong.code, wrong.error["code"]) == (1, "consent_needed")

    command = f"jupyter drive-sync sync {cli.local} --consent {plan.json['hash']}"
    assert command in stopped.err
    assert command in cli("preview", cli.local).out
    assert command in cli("status", cli.local).out
    assert cli(*shlex.split(command)[2:]).code == 0
    assert set(contents(cli.local)) == {f"{number}.txt" for number in range(15, 20)}


def test_a_sync_that_cannot_be_done_says_why_and_what_to_do(cli: CommandLine) -> None:
    (cli.local / "a").write_text("a")
    cli.linked()
    cli.remote.rename(cli.home / "moved")

    ended = cli("sync", cli.local)
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 2
    assert cli("sync", cli.local, "--json").error["code"] == "remote_missing"
    status = cli("status", cli.local, "--json")
    assert status.code == 1
    assert status.json["state"]["cause"]["code"] == "remote_missing"
    plan = cli("preview", cli.local, "--json")
    assert plan.code == 1
    assert plan.json["problem"]["code"] == "remote_missing"
    assert contents(cli.local) == {"a": "a"}


@posix
def test_names_of_files_cannot_steer_the_terminal(cli: CommandLine) -> None:
    name = "evil\x1b[2J\u202egpj.txt"
    (cli.local / name).write_text("a")
    cli.linked()
    (cli.local / name).write_text("mine")
    (cli.remote / name).write_text("theirs, longer")
    ended = cli("sync", cli.local)
    assert ended.code == 3
    assert "evil" in ended.out
    assert "\x1b" not in ended.out
    assert "\u202e" not in ended.out


# --- unlink, settings, state -----------------------------------------------------------------


def test_unlink_touches_no_file_and_the_same_folders_can_be_linked_again(cli: CommandLine) -> None:
    (cli.local / "a").write_text("a")
    cli.linked()
    here, there = contents(cli.local), contents(cli.remote)

    ended = cli("unlink", cli.local, "--json")

    assert ended.code == 0
    fits("Status", ended.json)
    assert ended.json["state"]["word"] == "unlinked"
    assert cli.projects == []
    assert (contents(cli.local), contents(cli.remote)) == (here, there)
    assert cli("link", cli.local, cli.remote, "--yes").code == 0


def test_state_lives_below_jupyters_data_folder_for_its_owner_only(cli: CommandLine) -> None:
    cli.linked()
    assert [path.name for path in cli.data.iterdir()] == ["drive-sync"]
    (state,) = (cli.data / "drive-sync" / "projects").iterdir()
    assert state.name == cli.projects[0]["id"]
    if os.name != "nt":
        assert state.stat().st_mode & 0o777 == 0o700
    assert not (cli.home / "home").exists()


def test_the_settings_of_the_server_hold_for_the_command_line(cli: CommandLine) -> None:
    for name in ("a", "b", "c"):
        (cli.local / name).write_text(name)
    cli.linked()
    config = {"DriveSyncApp": {"delete_limit_files": 0, "delete_limit_percent": 0}}
    (cli.config / "jupyter_server_config.json").write_text(json.dumps(config))
    (cli.remote / "a").unlink()
    assert cli("sync", cli.local, "--json").error["code"] == "too_many_deletes"

    config = {"DriveSyncApp": {"rclone": str(cli.home / "no-rclone")}}
    (cli.config / "jupyter_server_config.json").write_text(json.dumps(config))
    error = cli("sync", cli.local, "--json").error
    assert error["code"] == "rclone_missing"
    assert "press" not in error["hint"]  # there is no button in a terminal
    assert cli("status", cli.local, "--json").json["state"]["word"] == "rclone_missing"
    assert cli("unlink", cli.local).code == 0


# --- another process at work -----------------------------------------------------------------


@pytest.mark.parametrize("holder", ["command line", "server"])
def test_a_project_that_an_unreachable_process_keeps_is_left_to_it(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, holder: str
) -> None:
    monkeypatch.setattr("jupyter_drive_sync.cli.commands.WAIT_SECONDS", 0.2)
    cli.linked()
    (cli.local / "a").write_text("a")
    lock = ProjectLock(cli.data / "drive-sync" / "projects" / cli.projects[0]["id"] / "lock")
    lock.acquire(holder=holder)
    try:
        for command in ("sync", "preview", "unlink"):
            ended = cli(command, cli.local, "--json")
            assert (ended.code, ended.error["code"]) == (1, "locked_elsewhere")
            assert str(os.getpid()) in ended.error["message"]
        status = cli("status", cli.local, "--json")
        assert status.code == 1
        assert status.json["state"]["word"] == "locked_elsewhere"
    finally:
        lock.release()
    assert contents(cli.remote) == {}
    assert cli("sync", cli.local).code == 0


def test_a_sync_waits_a_while_for_another_command_line(cli: CommandLine) -> None:
    cli.linked()
    lock = ProjectLock(cli.data / "drive-sync" / "projects" / cli.projects[0]["id"] / "lock")
    lock.acquire(holder="command line")
    release = threading.Timer(1, lock.release)
    release.start()
    began = time.monotonic()
    ended = cli("sync", cli.local)
    release.join()
    assert ended.code == 0
    assert time.monotonic() - began >= 1


@posix
def test_output_that_nobody_reads_any_more_makes_no_noise(cli: CommandLine) -> None:
    cli.linked()
    read, write = os.pipe()
    os.close(read)
    with cli.start("status", cli.local, stdout=write) as command:
        os.close(write)
        _, err = command.communicate(timeout=60)
    assert command.returncode == 1
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def test_the_module_runs_as_a_program(cli: CommandLine, tmp_path: Path) -> None:
    with cli.start("status", tmp_path / "nowhere") as command:
        out, err = command.communicate(timeout=60)
    assert command.returncode == 1
    assert out == ""
    assert "lies in no project" in err
