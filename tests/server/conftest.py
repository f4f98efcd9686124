"""A real Jupyter server with the extension, a real rclone and real folders."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_server.extension.application import ExtensionApp
from tornado.httpclient import HTTPClientError, HTTPResponse

from jupyter_drive_sync.events.publisher import STATUS_SCHEMA
from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive

if TYPE_CHECKING:
    from .connecting import Person

Fetch = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture
def extension_config() -> dict[str, Any]:
    """Settings of the extension; a test overrides them by its own fixture."""
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "longest_seconds": 1.0}


@pytest.fixture
def jp_server_config(extension_config: dict[str, Any]) -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_drive_sync": True}},
        "DriveSyncApp": extension_config,
    }


@dataclass
class Browser:
    """What a browser does: asks the REST interface and hears events."""

    fetch: Fetch
    root: Path
    events: list[dict[str, Any]] = field(default_factory=list)
    last_status: int = 0

    async def ask(
        self, method: str, *parts: str, body: object = None, params: dict[str, str] | None = None
    ) -> Any:
        """Return the decoded answer; raises `Refused` for HTTP errors."""
        try:
            answer = await self.fetch(
                "jupyter-drive-sync",
                *parts,
                method=method,
                params=params or {},
                body=None if body is None else json.dumps(body),
                allow_nonstandard_methods=True,
            )
        except HTTPClientError as error:
            assert error.response is not None
            raise Refused(error.code, json.loads(error.response.body)) from error
        self.last_status = answer.code
        return json.loads(answer.body) if answer.body else None

    async def link(self, local: str, remote: Path | str, **more: Any) -> dict[str, Any]:
        """Link two folders and wait for the first sync."""
        status = await self.ask(
            "POST", "projects", body={"local": local, "remote": str(remote), **more}
        )
        return await self.until(status["project"]["id"], "in_sync", "conflict")

    async def status(self, project: str) -> dict[str, Any]:
        return await self.ask("GET", "projects", project)

    async def until(self, project: str, *words: str, seconds: float = 20) -> dict[str, Any]:
        """Wait until a project is in one of some states with nothing waiting."""
        return await self.until_true(
            project,
            lambda status: status["state"]["word"] in words,
            seconds=seconds,
        )

    async def until_true(
        self, project: str, check: Callable[[dict[str, Any]], bool], seconds: float = 20
    ) -> dict[str, Any]:
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            status = await self.status(project)
            if check(status):
                return status
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"not within {seconds} s: {json.dumps(status, indent=2)}")
            await asyncio.sleep(0.05)


class Refused(Exception):
    """An HTTP error with its decoded body."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


@pytest.fixture
def browser(
    jp_serverapp: Any, jp_fetch: Fetch, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Browser]:
    app: ExtensionApp = next(
        iter(jp_serverapp.extension_manager.extension_apps["jupyter_drive_sync"])
    )
    page = Browser(jp_fetch, Path(jp_serverapp.root_dir))

    async def hear(logger: object, schema_id: str, data: dict[str, Any]) -> None:
        page.events.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=STATUS_SCHEMA, listener=hear)
    # pytest-jupyter does not call this hook, a server does.
    jp_asyncio_loop.run_until_complete(app._start_jupyter_server_extension(jp_serverapp))
    yield page
    jp_asyncio_loop.run_until_complete(app.stop_extension())


@pytest.fixture
def project(jp_root_dir: Path) -> Path:
    """A small project below the server's root."""
    folder = jp_root_dir / "spam"
    folder.mkdir()
    (folder / "train.py").write_text("print('hello')\n")
    return folder


@pytest.fixture
def drive_folder(tmp_path: Path) -> Path:
    """A plain folder that plays Drive."""
    folder = tmp_path / "Drive" / "spam"
    folder.mkdir(parents=True)
    return folder


async def until(check: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not check():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError("not in time")
        await asyncio.sleep(0.05)


@pytest.fixture
def google(drive_emulator: DriveEmulator, monkeypatch: pytest.MonkeyPatch) -> DriveEmulator:
    """Google, reached by this process and all that it starts."""
    for name, value in drive_emulator.environment().items():
        monkeypatch.setenv(name, value)
    return drive_emulator


@pytest.fixture
def drive(google: DriveEmulator, gdrive: GDrive) -> DriveEmulator:
    """Google Drive, with a remote that is signed in."""
    return google


@pytest.fixture
def sign_in_port() -> Iterator[None]:
    """Be the only test that uses rclone's sign-in port, which is one for the whole machine."""
    deadline = time.monotonic() + 200
    while True:
        guard = socket.socket()
        try:
            guard.bind(("127.0.0.1", 53681))
            with socket.socket() as page:
                if os.name != "nt":  # there it would take a port that is in use
                    page.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                page.bind(("127.0.0.1", 53682))
        except OSError:
            guard.close()
            assert time.monotonic() < deadline, "other tests do not give the sign-in port back"
            time.sleep(0.1)
        else:
            break
    with guard:
        yield


@pytest.fixture
def person(sign_in_port: None, google: DriveEmulator, browser: Browser) -> Person:
    """Somebody who connects, with every answer held against api/openapi.yaml."""
    from .connecting import Person
    from .contract import CheckedBrowser

    CheckedBrowser(browser)
    return Person(browser, google)


@pytest.fixture
def own_config(person: Person, jp_data_dir: Path) -> Path:
    """The configuration that new remotes go into."""
    return jp_data_dir / "drive-sync" / "rclone.conf"
