"""Settling conflicts and bringing earlier versions back by the command line."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli_support import CommandLine, contents, fits
from tests.integration.test_cli_server import running_server

MINE = "mine"
THEIRS = "theirs, longer"


def save(file: Path, text: str, seconds: int = 0) -> None:
    file.write_text(text)
    os.utime(file, (1_700_000_000 + seconds, 1_700_000_000 + seconds))


def in_conflict(cli: CommandLine, *names: str) -> None:
    """Link two folders whose files of these names were edited on both sides since."""
    for name in names:
        save(cli.local / name, "as it was")
    cli.linked()
    for name in names:
        save(cli.local / name, MINE, 10)
        save(cli.remote / name, THEIRS, 20)


@pytest.mark.parametrize(("keep", "stays"), [("mine", MINE), ("drive", THEIRS)])
def test_one_version_is_kept_on_both_sides(cli: CommandLine, keep: str, stays: str) -> None:
    in_conflict(cli, "train.py")
    assert cli("sync", cli.local).code == 3

    ended = cli("resolve", cli.local / "train.py", "--keep", keep)

    assert ended.code == 0, ended.err
    assert "In step" in ended.out
    assert contents(cli.local) == contents(cli.remote) == {"train.py": stays}


def test_both_versions_are_kept_side_by_side(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_conflict(cli, "train.py")
    monkeypatch.chdir(cli.local)
    assert cli("resolve", "train.py", "--keep", "both").code == 0
    found = contents(cli.remote)
    assert found == contents(cli.local)
    assert found.pop("train.py") == MINE
    ((name, text),) = found.items()
    assert re.fullmatch(r"train \(other folder, .*\)\.py", name)
    assert text == THEIRS


def test_the_status_names_the_command_that_settles(cli: CommandLine) -> None:
    in_conflict(cli, "my notes.txt")
    said = cli("status", cli.local).out
    (command,) = re.findall(r"`jupyter drive-sync (resolve .*?)`", said)
    assert "'my notes.txt'" in command
    assert cli(*shlex.split(command)).code == 0
    assert contents(cli.local)["my notes.txt"] == MINE


def command_of(cli: CommandLine) -> str:
    (command,) = re.findall(r"`jupyter drive-sync (resolve .*?)`", cli("status", cli.local).out)
    return command


@pytest.mark.parametrize("names", [("a.txt",), ("a.txt", "b.txt")], ids=["one", "all"])
def test_a_choice_about_versions_that_changed_since_the_status_is_refused(
    cli: CommandLine, names: tuple[str, ...]
) -> None:
    in_conflict(cli, *names)
    command = command_of(cli)
    save(cli.remote / "a.txt", "theirs, newer still", 30)
    ended = cli(*shlex.split(command), "--json")
    assert (ended.code, ended.error["code"]) == (1, "versions_changed")
    assert contents(cli.remote)["a.txt"] == "theirs, newer still"
    assert contents(cli.local)["a.txt"] == MINE

    assert command_of(cli) != command
    assert cli(*shlex.split(command_of(cli))).code == 0
    assert contents(cli.local) == contents(cli.remote)
    assert "theirs, newer still" in contents(cli.local).values()


def test_the_status_shows_what_there_is_to_choose_from(cli: CommandLine) -> None:
    in_conflict(cli, "train.py")
    said = cli("status", cli.local).out
    assert re.search(r"here 4 B, changed 2023-.*; there 14 B, changed 2023-", said)


def test_one_is_settled_and_the_other_waits_until_all_are(cli: CommandLine) -> None:
    in_conflict(cli, "a.txt", "b.txt")
    ended = cli("resolve", "a.txt", "--keep", "mine", "--project", cli.local, "--json")
    assert ended.code == 3
    fits("Status", ended.json)
    assert [item["path"] for item in ended.json["held"]] == ["b.txt"]
    assert cli("resolve", "--all", "--keep", "drive", "--project", cli.local).code == 0
    assert contents(cli.local) == contents(cli.remote) == {"a.txt": MINE, "b.txt": THEIRS}


def test_what_cannot_be_settled_is_said_and_changes_nothing(cli: CommandLine) -> None:
    in_conflict(cli, "train.py")
    save(cli.local / "other.py", "other")
    for words, code in [
        (("other.py", "--project", cli.local), "not_held"),
        (("none.py", "--project", cli.local), "not_held"),
        (("../far/train.py", "--project", cli.local), "folder_invalid"),
        ((cli.local, "--project", cli.local), "folder_invalid"),
        (("", "--project", cli.local), "folder_invalid"),
        ((cli.home / "elsewhere.py",), "project_unknown"),
    ]:
        ended = cli("resolve", *words, "--keep", "mine", "--json")
        assert ended.code == 1, words
        assert ended.error["code"] == code, words
    assert contents(cli.local)["train.py"] == MINE
    assert contents(cli.remote)["train.py"] == THEIRS


@pytest.mark.parametrize(
    "words",
    [
        ("resolve", "--keep", "mine"),
        ("resolve", "a.txt"),
        ("resolve", "a.txt", "--all", "--keep", "mine"),
        ("resolve", "a.txt", "--keep", "newest"),
        ("restore",),
        ("restore", "a.txt", "--list", "--version", "x"),
    ],
)
def test_wrong_usage_ends_with_2(cli: CommandLine, words: tuple[str, ...]) -> None:
    assert cli(*words).code == 2
    assert cli(*words, "--json").error["code"] == "usage"


def edited(cli: CommandLine) -> None:
    """Link two folders, then overwrite a file and delete another."""
    save(cli.local / "train.py", "one")
    save(cli.local / "old.py", "precious")
    cli.linked()
    save(cli.local / "train.py", "two, longer", 10)
    (cli.local / "old.py").unlink()
    assert cli("sync", cli.local).code == 0


def listed(cli: CommandLine, name: str) -> list[dict[str, Any]]:
    ended = cli("restore", cli.local / name, "--list", "--json")
    assert ended.code == 0, ended.err
    fits("Versions", ended.json)
    return ended.json["versions"]


def test_a_version_is_listed_and_brought_back_on_both_sides(cli: CommandLine) -> None:
    edited(cli)
    (old,) = listed(cli, "train.py")
    said = cli("restore", cli.local / "train.py")
    assert said.code == 3  # somebody has to choose
    assert old["id"] in said.out
    assert "3 B" in said.out

    ended = cli("restore", cli.local / "train.py", "--version", old["id"])

    assert ended.code == 0, ended.err
    assert "Restored train.py." in ended.out
    assert contents(cli.remote) == contents(cli.local) == {"train.py": "one"}
    (newer,) = listed(cli, "train.py")
    assert newer["size"] == len("two, longer")


def test_a_deleted_file_and_a_copy_come_back(cli: CommandLine) -> None:
    edited(cli)
    (gone,) = listed(cli, "old.py")
    assert cli("restore", cli.local / "old.py", "--version", gone["id"]).code == 0
    (old,) = listed(cli, "train.py")
    ended = cli("restore", cli.local / "train.py", "--version", old["id"], "--copy", "--json")
    assert ended.code == 0
    fits("Status", ended.json)
    found = contents(cli.remote)
    assert found == contents(cli.local)
    assert (found.pop("old.py"), found.pop("train.py")) == ("precious", "two, longer")
    ((name, text),) = found.items()
    assert name.startswith("train (restored, ")
    assert text == "one"


def test_a_version_that_is_none_is_refused(cli: CommandLine) -> None:
    edited(cli)
    ended = cli("restore", cli.local / "train.py", "--version", "base:0", "--json")
    assert (ended.code, ended.error["code"]) == (1, "version_gone")
    assert cli("restore", cli.local / "new.py").out.startswith("new.py: no earlier version")


def test_both_work_through_the_server_that_keeps_the_project(cli: CommandLine) -> None:
    edited(cli)
    with running_server(cli):
        assert cli("sync", cli.local).code == 0  # the run of its start is over
        save(cli.local / "train.py", MINE, 30)
        save(cli.remote / "train.py", THEIRS, 40)
        # The server has not noticed yet: it is told to look.
        ended = cli("resolve", cli.local / "train.py", "--keep", "drive", "--json")
        assert ended.code == 0, ended.out
        fits("Status", ended.json)
        assert contents(cli.local) == contents(cli.remote) == {"train.py": THEIRS}
        ended = cli("resolve", cli.local / "train.py", "--keep", "drive", "--json")
        assert ended.error["code"] == "not_held"

        save(cli.local / "train.py", MINE, 50)
        save(cli.remote / "train.py", THEIRS + "!", 60)
        assert cli("sync", cli.local).code == 3
        command = command_of(cli)
        save(cli.remote / "train.py", THEIRS + "!!", 70)
        ended = cli(*shlex.split(command), "--json")
        assert (ended.code, ended.error["code"]) == (1, "versions_changed")
        assert contents(cli.remote) == {"train.py": THEIRS + "!!"}
        command = command_of(cli).replace("--keep both", "--keep drive")
        assert cli(*shlex.split(command)).code == 0
        assert contents(cli.local) == {"train.py": THEIRS + "!!"}
        save(cli.local / "train.py", MINE, 80)
        save(cli.remote / "train.py", THEIRS, 90)
        assert cli("resolve", "--all", "--keep", "drive", "--project", cli.local).code == 0

        sizes = {version["size"]: version["id"] for version in listed(cli, "train.py")}
        assert {len(MINE), len("one"), len("two, longer")} <= set(sizes)
        ended = cli("restore", cli.local / "train.py", "--version", sizes[len(MINE)])
        assert ended.code == 0, ended.err
        assert contents(cli.local) == contents(cli.remote) == {"train.py": MINE}
        (gone,) = listed(cli, "old.py")
        ended = cli("restore", cli.local / "old.py", "--version", gone["id"], "--copy")
        assert ended.code == 0, ended.err
        assert len(contents(cli.remote)) == 2
