"""What stays of a sign-in when it is given back, or when the server was killed in the middle."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.connections import Configs, make_connecting
from jupyter_drive_sync.ports.connecting import Client, Rules
from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.config import access_section
from jupyter_drive_sync.rclone.connector import RcloneConnector
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.service.connecting import Connecting


@dataclass
class Desk:
    """A server's side of connecting, with one project that uses every remote."""

    root: Path
    rules: Rules = field(default_factory=Rules)

    @property
    def configs(self) -> Configs:
        return Configs(self.root)

    def using(self, name: str) -> Project:
        remote = Remote(RemoteKind.OTHER, name, "spam", self.configs.own)
        now = datetime.now(timezone.utc)
        return Project("id", "spam", self.root, remote, True, False, now)

    def connector(self) -> RcloneConnector:
        configs = self.configs
        return RcloneConnector(find_rclone, configs.files, configs.own, self.root / "connecting")

    def connecting(self, *projects: Project) -> Connecting:
        return make_connecting(
            find_rclone,
            self.configs,
            self.rules,
            projects=lambda: list(projects),
            read_marker=lambda *_: None,
            renewed=lambda _: None,
        )

    def disconnect(self, name: str, **section: str) -> dict[str, str]:
        """Configure a remote, disconnect it while its project stays, and return what is left."""
        own = self.configs.own
        lines = [f"{key} = {value}" for key, value in section.items()]
        own.write_text(f"[{name}]\n" + "\n".join(lines) + "\n")
        connecting = self.connecting(self.using(name))

        async def part() -> None:
            await connecting.disconnect(name, revoke=False, stop_projects=True)
            await connecting.stop()

        asyncio.run(part())
        return access_section(Runner(find_rclone(), own), name)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_a_killed_server_left_goes_when_the_next_one_starts(desk: Desk) -> None:
    work = desk.root / "connecting"
    for name in ("old", "older", "new"):
        (work / name).mkdir(parents=True)
        (work / name / "rclone.conf").write_text("secret")
    two_days_ago = time.time() - 2 * 24 * 3600
    for name in ("old", "older"):
        os.utime(work / name, (two_days_ago, two_days_ago))

    async def start() -> None:
        connecting = desk.connecting()
        connecting.begin()
        deadline = time.monotonic() + 10
        while (work / "old").exists() or (work / "older").exists():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        await connecting.stop()

    asyncio.run(start())
    assert [folder.name for folder in work.iterdir()] == ["new"]


def test_nothing_is_swept_where_nobody_connected_and_two_may_sweep_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = desk.connector()
    connector.sweep()
    gone = desk.root / "connecting" / "gone"
    gone.mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([folder / "never", folder / "gone"]))
    os.utime(gone, (0, 0))
    connector.sweep()
    assert not gone.exists()


@pytest.mark.parametrize(
    ("place", "keys"),
    [
        (
            {"type": "azureblob", "account": "acc"},
            {"key": "S0VZ", "sas_url": "https://x?sig=s", "connection_string": "A=b"},
        ),
        ({"type": "b2", "account": "acc"}, {"key": "K"}),
        ({"type": "swift", "user": "me", "auth": "https://a"}, {"key": "K", "auth_token": "T"}),
        ({"type": "storj"}, {"access_grant": "G"}),
        ({"type": "s3", "region": "eu", "access_key_id": "A"}, {"secret_access_key": "S"}),
        ({"type": "sftp", "host": "h", "user": "me"}, {"key_file": "/home/me/.ssh/id"}),
        ({"type": "webdav", "url": "https://h"}, {"headers": "Authorization,x", "pass": "o"}),
        ({"type": "onedrive", "drive_id": "d"}, {"token": "{}", "client_secret": "s"}),
    ],
)
def test_a_remote_that_projects_keep_loses_all_that_signs_in(
    desk: Desk, place: dict[str, str], keys: dict[str, str]
) -> None:
    assert desk.disconnect("box", **place, **keys) == place


def test_ones_own_google_client_stays_and_a_preset_ones_secret_goes(desk: Desk) -> None:
    place = {"type": "drive", "scope": "drive", "client_id": "1", "root_folder_id": "f"}
    keys = {"token": "{}", "resource_key": "r", "client_secret": "s"}
    left = {**place, "resource_key": "r"}
    assert desk.disconnect("gdrive", **place, **keys) == {**left, "client_secret": "s"}
    preset = replace(desk, rules=Rules(client=Client("1", "s")))
    assert preset.disconnect("gdrive", **place, **keys) == left
