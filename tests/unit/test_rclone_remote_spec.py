"""The words with which a person names a remote."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.errors import DriveSyncError, RemoteInvalid, RemoteUnknown
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.rclone.config import ConfiguredRemote
from jupyter_drive_sync.rclone.remote_spec import parse_remote

CONFIG = Path("/etc/rclone.conf")
REMOTES = (ConfiguredRemote("gdrive", "drive"), ConfiguredRemote("nas box", "sftp"))


def parse(text, windows=False):
    return parse_remote(text, config=CONFIG, remotes=REMOTES, windows=windows)


@pytest.mark.parametrize(
    ("text", "kind", "spec"),
    [
        ("gdrive:ml/spam", RemoteKind.DRIVE, "gdrive:ml/spam"),
        ("gdrive:/ml//spam/", RemoteKind.DRIVE, "gdrive:ml/spam"),
        ("gdrive:", RemoteKind.DRIVE, "gdrive:"),
        ("gdrive:a:b", RemoteKind.DRIVE, "gdrive:a:b"),
        ("nas box:/srv/ml", RemoteKind.OTHER, "nas box:/srv/ml"),
        ("nas box:ml", RemoteKind.OTHER, "nas box:ml"),
        ("/srv/my, data:1", RemoteKind.FOLDER, "/srv/my, data:1"),
        ("/srv/ml/", RemoteKind.FOLDER, "/srv/ml"),
    ],
)
def test_names_and_folders_are_taken(text, kind, spec):
    remote = parse(text)
    assert (remote.kind, remote.spec) == (kind, spec)
    assert remote.config == (None if kind is RemoteKind.FOLDER else CONFIG)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "-x:y",
        "--config=/tmp/x",
        ":local:/etc",
        ":sftp,ssh=/tmp/prog:",
        "gdrive,skip_gdocs=true:x",
        "gdrive:a,b",
        "gdrive:a/../b",
        "/srv/../etc",
        "gdrive:a\nb",
        "gdrive:\x00",
        "relative/folder",
        "relative",
        "./gdrive:x",
        "../x",
        "~/folder",
        'gdrive:5" disk',
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(RemoteInvalid) as caught:
        parse(text)
    assert caught.value.message
    assert caught.value.hint


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(RemoteUnknown, match="gdrive, nas box"):
        parse("dropbox:x")
    with pytest.raises(RemoteUnknown):
        parse("local:/etc")


def test_on_windows_drive_letters_are_folders():
    assert parse(r"C:\ml\spam", windows=True).spec == r"C:\ml\spam"
    assert parse("C:/ml", windows=True).kind is RemoteKind.FOLDER
    assert parse("gdrive:ml", windows=True).kind is RemoteKind.DRIVE
    for text in ("C:ml", "C:", r"\ml", r"C:\ml\..\x"):
        with pytest.raises(RemoteInvalid):
            parse(text, windows=True)
    with pytest.raises(RemoteUnknown):
        parse("C:/ml", windows=False)


@given(st.text())
def test_whatever_is_taken_can_only_mean_a_configured_remote_or_a_folder(text):
    try:
        remote = parse(text)
    except DriveSyncError:
        return
    if remote.kind is RemoteKind.FOLDER:
        assert remote.spec.startswith("/")
    else:
        assert remote.spec.partition(":")[0] in {"gdrive", "nas box"}
        assert "," not in remote.spec
