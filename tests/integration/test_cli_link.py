"""Linking from the command line; a folder plays Drive."""

from __future__ import annotations

import os
import re
import shlex

import pytest

from tests.integration.cli_support import CommandLine, contents, fits

posix = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")


def test_link_pairs_two_folders_and_makes_the_first_sync(cli: CommandLine) -> None:
    (cli.local / "train.py").write_text("local")
    cli.remote.mkdir()
    (cli.remote / "labels.csv").write_text("far")

    ended = cli("link", cli.local, cli.remote, "--yes", "--json", "--name", "My spam")

    assert ended.code == 0
    assert ended.err == ""
    fits("Status", ended.json)
    assert ended.json["state"]["word"] == "in_sync"
    assert ended.json["project"]["name"] == "My spam"
    assert contents(cli.local) == contents(cli.remote)
    assert set(contents(cli.local)) == {"train.py", "labels.csv"}


def test_link_takes_a_folder_relative_to_the_current_one(cli: CommandLine) -> None:
    ended = cli("link", "spam", cli.remote, "--yes")
    assert ended.code == 0
    assert [project["local"] for project in cli.projects] == [str(cli.local.resolve())]


def test_a_first_sync_leaves_files_that_differ_alone_and_names_them(cli: CommandLine) -> None:
    (cli.local / "report.ipynb").write_text("mine")
    cli.remote.mkdir()
    (cli.remote / "report.ipynb").write_text("theirs, longer")

    ended = cli("link", cli.local, cli.remote, "--yes")

    assert ended.code == 3
    assert "report.ipynb" in ended.out
    assert "Both versions are left as they are." in ended.out
    assert contents(cli.local) == {"report.ipynb": "mine"}
    assert contents(cli.remote) == {"report.ipynb": "theirs, longer"}


@pytest.mark.parametrize("as_json", [True, False])
def test_link_without_yes_where_nobody_can_be_asked_is_wrong_usage(
    cli: CommandLine, as_json: bool
) -> None:
    (cli.local / "a").write_text("a")
    ended = cli("link", cli.local, cli.remote, *(["--json"] if as_json else []))
    assert ended.code == 2
    said = ended.error["hint"] if as_json else ended.err
    assert f"link {cli.local} {cli.remote} --yes" in said
    assert cli.projects == []
    assert not cli.remote.exists()
    assert contents(cli.local) == {"a": "a"}
    assert not (cli.local / ".drive-sync").exists()


def test_what_to_write_instead_keeps_the_options_that_were_given(cli: CommandLine) -> None:
    config = cli.home / "my conf"
    config.write_text("")
    options = ("--name", "My spam", "--rclone-config", config)
    hint = cli("link", cli.local, cli.remote, *options, "--json").error["hint"]
    words = shlex.split(hint.partition("jupyter drive-sync ")[2])
    assert cli(*words).code == 0
    assert [project["name"] for project in cli.projects] == ["My spam"]


@posix
def test_the_preview_says_that_the_other_folder_is_made(cli: CommandLine) -> None:
    assert "will be made" in shown_at_a_terminal(cli, "n")
    cli.remote.mkdir()
    assert "will be made" not in shown_at_a_terminal(cli, "n")


def shown_at_a_terminal(cli: CommandLine, answer: str) -> str:
    ours, theirs = os.openpty()
    with cli.start("link", cli.local, cli.remote, stdin=theirs) as command:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        _, err = command.communicate(timeout=60)
    os.close(ours)
    return err


@pytest.mark.parametrize(
    ("section", "remote"),
    [
        ("[disk]\ntype = local\n", "disk:{home}/spam"),
        ("[disk]\ntype = local\n", "disk:{home}/spam/in"),
        ("[disk]\ntype = local\n", "disk:{home}"),
        ("[disk]\ntype = alias\nremote = {home}\n", "disk:spam/in"),
        ("[disk]\ntype = alias\nremote = {home}\n", "disk:"),
        ("[l]\ntype = local\n[disk]\ntype = alias\nremote = l:{home}\n", "disk:spam"),
        ("[disk]\ntype = union\nupstreams = /nowhere {home}:ro\n", "disk:spam"),
        ('[disk]\ntype = combine\nupstreams = "a={home}" b=/nowhere\n', "disk:a/spam"),
    ],
)
def test_a_remote_that_leads_into_or_around_the_project_is_refused(
    cli: CommandLine, section: str, remote: str
) -> None:
    config = cli.home.parent / "rclone.conf"
    config.write_text(section.format(home=cli.home))
    far = remote.format(home=cli.home)
    ended = cli("link", cli.local, far, "--yes", "--json", "--rclone-config", config)
    assert (ended.code, ended.error["code"]) == (1, "folder_nested")
    assert cli.projects == []
    assert not (cli.local / ".drive-sync").exists()


def test_a_remote_that_leads_into_another_project_is_refused(cli: CommandLine) -> None:
    cli.linked()
    (cli.home / "other").mkdir()
    config = cli.home / "rclone.conf"
    config.write_text(f"[disk]\ntype = alias\nremote = {cli.home}\n")
    more = ("--yes", "--json", "--rclone-config", config)
    assert cli("link", "other", "disk:far/in", *more).error["code"] == "folder_nested"
    assert cli("link", "other", "disk:far", *more).error["code"] == "already_linked"
    assert cli("link", "other", "disk:free", *more).code == 0
    (cli.home / "third").mkdir()
    assert cli("link", "third", cli.home / "free", *more).error["code"] == "already_linked"


@posix
@pytest.mark.parametrize("answer", ["n", "y"])
def test_link_at_a_terminal_shows_the_plan_and_asks(cli: CommandLine, answer: str) -> None:
    (cli.local / "up.txt").write_text("12345")
    (cli.local / "both.txt").write_text("mine")
    cli.remote.mkdir()
    (cli.remote / "down.txt").write_text("123")
    (cli.remote / "both.txt").write_text("theirs")
    ours, theirs = os.openpty()
    with cli.start("link", cli.local, cli.remote, stdin=theirs) as command:
        os.close(theirs)
        assert command.stderr is not None
        shown = ""
        while "Link these two folders? [y/N]" not in shown:
            letter = command.stderr.read(1)
            assert letter, shown
            shown += letter
        os.write(ours, f"{answer}\n".encode())
        out, err = command.communicate(timeout=60)
    os.close(ours)

    assert "nothing is deleted or overwritten" in shown
    assert re.search(r"up +1 file, 5 B\n +up\.txt", shown)
    assert re.search(r"down +1 file, 3 B\n +down\.txt", shown)
    assert re.search(r"1 file differs and is left alone:\n +both\.txt", shown)
    if answer == "n":
        assert command.returncode == 1
        assert "Nothing was linked" in err
        assert cli.projects == []
        assert not (cli.remote / "up.txt").exists()
    else:
        assert command.returncode == 3, err
        assert "Linked. 1 file went up, 1 file came down." in out
        assert (cli.remote / "up.txt").read_text() == "12345"


def _nothing(cli: CommandLine) -> None:
    pass


def _file(cli: CommandLine) -> None:
    (cli.home / "file").write_text("")


def _other_linked(cli: CommandLine) -> None:
    (cli.local / "sub").mkdir()
    cli.linked()


def _encrypted(cli: CommandLine) -> None:
    text = "# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc\n"
    (cli.home / "rclone.conf").write_text(text)


@pytest.mark.parametrize(
    ("before", "folder", "remote", "more", "code", "said"),
    [
        (_nothing, "gone", "/{home}/x", (), "folder_missing", "gone"),
        (_nothing, "", "/{home}/x", (), "folder_invalid", ""),
        (_file, "file", "/{home}/x", (), "folder_invalid", "file"),
        (_nothing, "spam", "nope:ml", (), "remote_unknown", "nope"),
        (_nothing, "spam", ":local:/etc", (), "remote_invalid", ":"),
        (_nothing, "spam", ":sftp,ssh=/bin/true:", (), "remote_invalid", ":"),
        (_nothing, "spam", "gdrive,root_folder_id=x:ml", (), "remote_invalid", "comma"),
        (_nothing, "spam", "-x:ml", (), "remote_invalid", "-"),
        (_nothing, "spam", "far", (), "remote_invalid", "far"),
        (_nothing, "spam", "", (), "remote_invalid", "empty"),
        (_nothing, "spam", "/{home}/spam/in", (), "folder_nested", "inside"),
        (_file, "spam", "/{home}/file", (), "folder_invalid", "file"),
        (_other_linked, "spam", "/{home}/x", (), "already_linked", "spam"),
        (_other_linked, "spam/sub", "/{home}/x", (), "folder_nested", "spam"),
        (_other_linked, ".", "/elsewhere", (), "folder_nested", "spam"),
        (_nothing, "spam", "a:b", ("--rclone-config", "none"), "config_unreadable", "none"),
        (_nothing, "spam", "a:b", ("--rclone-config", "."), "config_unreadable", "folder"),
        (_encrypted, "spam", "a:b", ("--rclone-config", "rclone.conf"), "config_unreadable", ""),
    ],
)
def test_link_refuses_bad_input_and_changes_nothing(
    cli: CommandLine, before, folder: str, remote: str, more: tuple[str, ...], code: str, said: str
) -> None:
    before(cli)
    projects, here = cli.projects, set(cli.home.rglob("*")) - set(cli.data.rglob("*"))
    remote = remote.replace("/{home}", str(cli.home))

    ended = cli("link", "--yes", "--json", *more, "--", folder, remote)

    assert ended.code == 1
    assert ended.error["code"] == code
    assert said in ended.error["message"]
    assert ended.error["hint"]
    assert cli.projects == projects
    assert set(cli.home.rglob("*")) - set(cli.data.rglob("*")) == here
