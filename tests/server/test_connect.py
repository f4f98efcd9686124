"""Connecting Google Drive in the browser, with rclone's real sign-in against the emulator."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.connections import make_connecting
from jupyter_drive_sync.handlers.connect import CONNECT_KEY
from jupyter_drive_sync.ports.connecting import Rules
from jupyter_drive_sync.service.connecting import Connecting
from tests.drive_emulator import DriveEmulator

from .conftest import Refused
from .connecting import Flow, Person, port_is_free

WORK = "connecting"


@pytest.fixture
def extension_config(google: DriveEmulator) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "longest_seconds": 1.0}


@pytest.fixture
def client(person: Person, tmp_path: Path) -> str:
    return person.client_text(tmp_path)


def nothing_left(own_config: Path) -> bool:
    """Say whether a flow left no listener, no temporary configuration and no remote."""
    work = own_config.parent / WORK
    assert port_is_free()
    assert not work.exists() or list(work.iterdir()) == []
    return not own_config.exists() or "[" not in own_config.read_text()


async def refused(awaitable: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as caught:
        await awaitable
    assert caught.value.body["message"]
    assert caught.value.body["hint"]
    return caught.value.body


async def test_an_own_client_leads_to_a_synced_project(
    person: Person, own_config: Path, project: Path, client: str
) -> None:
    person.drive.set_quota(15_000_000_000)
    overview = await person.browser.ask("GET", "connect")
    assert overview["config"] == str(own_config)
    assert overview["remotes"] == []
    assert overview["local_browser"] is True
    read = await person.browser.ask("POST", "connect", "client", body={"text": client})
    assert read["project_id"] == "emulator"
    flow = await person.connect(client)
    assert flow["step"] == "done"
    assert flow["name"] == "gdrive"
    assert flow["account"]["client"] == "own"
    assert flow["account"]["scope"] == "drive"
    assert "@" in flow["account"]["email"]
    assert flow["account"]["free"] == 15_000_000_000
    assert stat.S_IMODE(own_config.stat().st_mode) == 0o600
    assert list((own_config.parent / WORK).iterdir()) == []
    assert port_is_free()
    status = await person.browser.link("spam", "gdrive:ml/spam")
    assert status["state"]["word"] == "in_sync"
    assert person.drive.read("ml/spam/train.py") == (project / "train.py").read_bytes()
    (remote,) = (await person.browser.ask("GET", "connect"))["remotes"]
    assert (remote["name"], remote["ours"], remote["projects"]) == ("gdrive", True, 1)
    account = await person.browser.ask("GET", "connect", "remotes", "gdrive", "account")
    assert account["email"] == flow["account"]["email"]


async def test_a_browser_elsewhere_pastes_the_address_of_the_page_that_failed(
    person: Person, project: Path, client: str
) -> None:
    flow = await person.until(
        await person.start(way="own_client", client_text=client, redirect="paste"), "sign_in"
    )
    assert flow["expires"]
    address = person.consent(flow)
    for wrong, code in [
        ("http://127.0.0.1:53682/", "address_invalid"),
        ("https://evil.example/?state=a&code=b", "address_invalid"),
        (address.replace("53682", "8888"), "address_invalid"),
        (address.replace("127.0.0.1", "192.0.2.1"), "address_invalid"),
        (address.partition("&code")[0], "address_invalid"),
        (address.replace("state=", "state=x"), "address_of_another_sign_in"),
        ("what?", "address_invalid"),
        ("http://[", "address_invalid"),
    ]:
        assert (await refused(person.paste(flow, wrong)))["code"] == code, wrong
    flow = await person.paste(flow, f"  {address}\n")
    flow = await person.until(flow, "done")
    assert (await refused(person.paste(flow, address)))["code"] == "not_asked"
    await person.browser.link("spam", "gdrive:ml/spam")
    assert person.drive.exists("ml/spam/train.py")


async def test_refused_consent_is_told_and_leaves_nothing(
    person: Person, own_config: Path, client: str
) -> None:
    flow = await person.until(await person.start(way="own_client", client_text=client), "sign_in")
    person.drive.tokens.consent = False
    assert await person.go_back(person.consent(flow)) in (0, 400)
    flow = await person.until(flow, "failed")
    assert flow["error"]["code"] == "sign_in_refused"
    assert flow["auth_url"] is None
    assert nothing_left(own_config)


@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
async def test_a_client_that_google_does_not_know_is_told_before_any_page(
    person: Person, own_config: Path, wrong: str
) -> None:
    values = {
        "client_id": person.drive.tokens.client_id,
        "client_secret": person.drive.tokens.client_secret,
    }
    values[wrong] = "9-" + values[wrong]
    flow = await person.until(await person.start(way="own_client", client=values), "failed")
    assert flow["error"]["code"] == "client_refused"
    assert nothing_left(own_config)


async def test_a_client_that_is_deleted_meanwhile_is_told(
    person: Person, own_config: Path, client: str
) -> None:
    flow = await person.until(await person.start(way="own_client", client_text=client), "sign_in")
    address = person.consent(flow)
    person.drive.tokens.client_secret = "another one by now"
    await person.go_back(address)
    flow = await person.until(flow, "failed")
    assert flow["error"]["code"] == "client_refused"
    assert nothing_left(own_config)


async def test_an_api_that_is_not_enabled_is_told(
    person: Person, own_config: Path, client: str
) -> None:
    person.drive.disable_api()
    flow = await person.until(await person.start(way="own_client", client_text=client), "sign_in")
    await person.go_back(person.consent(flow))
    flow = await person.until(flow, "failed")
    assert "Google Drive API is not enabled" in flow["error"]["message"]
    assert nothing_left(own_config)


async def test_two_sign_ins_at_once_do_not_mix(
    person: Person, own_config: Path, client: str
) -> None:
    first = await person.until(await person.start(way="own_client", client_text=client), "sign_in")
    other = person.start(way="own_client", client_text=client, name="second")
    assert (await refused(other))["code"] == "sign_in_busy"
    address = person.consent(first)
    await person.cancel(first)
    assert (await person.look(first))["step"] == "cancelled"
    await person.cancel(first)
    assert nothing_left(own_config)
    second = await person.until(
        await person.start(way="own_client", client_text=client, name="second"), "sign_in"
    )
    assert (await refused(person.paste(first, address)))["code"] == "not_asked"
    old = await refused(person.paste(second, address))
    assert old["code"] == "address_of_another_sign_in"
    done = await person.until(await person.paste(second, person.consent(second)), "done")
    assert done["name"] == "second"
    assert done["id"] != first["id"]
    assert (await refused(person.look({"id": "nobody", "revision": 1})))["code"] == "flow_unknown"


async def test_another_rclone_that_waits_for_a_sign_in_is_told(
    person: Person, own_config: Path, client: str
) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 53682)
    async with server:
        flow = await person.start(way="own_client", client_text=client)
        flow = await person.until(flow, "failed")
    assert flow["error"]["code"] == "sign_in_busy"
    assert nothing_left(own_config)


def with_short_sign_in(jp_serverapp: Any, seconds: float) -> Connecting:
    """Give the server a Connecting that waits for so many seconds on the sign-in page."""
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_drive_sync"]))
    workbench = app.service.workbench
    connecting = make_connecting(
        workbench.find_rclone,
        workbench.configs,
        Rules(),
        projects=workbench.projects,
        read_marker=workbench.read_marker,
        renewed=app.service.sync_soon,
        sign_in_seconds=seconds,
    )
    jp_serverapp.web_app.settings[CONNECT_KEY] = connecting
    return connecting


async def test_a_sign_in_ends_by_itself_when_nobody_comes(
    person: Person, own_config: Path, client: str, jp_serverapp: Any
) -> None:
    connecting = with_short_sign_in(jp_serverapp, 1.0)
    flow = await person.until(await person.start(way="own_client", client_text=client), "sign_in")
    address = person.consent(flow)
    flow = await person.until(flow, "expired")
    assert flow["error"]["code"] == "sign_in_expired"
    assert nothing_left(own_config)
    assert (await refused(person.paste(flow, address)))["code"] == "not_asked"
    await connecting.stop()


async def test_the_server_closes_the_listener_when_it_stops(
    person: Person, own_config: Path, client: str, jp_serverapp: Any
) -> None:
    await person.until(await person.start(way="own_client", client_text=client), "sign_in")
    assert not port_is_free()
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_drive_sync"]))
    await app.connecting.stop()
    assert nothing_left(own_config)


SIGNS_IN = """
import sys, threading
from pathlib import Path
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.connector import RcloneConnector
folder = Path(sys.argv[1])
connector = RcloneConnector(find_rclone, lambda: [folder / "c"], folder / "c", folder / "work")
page = lambda address: print("page", flush=True)
talk = connector.converse("gdrive", "drive", page)
talk.begin({"client_id": "a", "client_secret": "b"}, ask_all=False)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_server_leaves_no_rclone_behind(
    sign_in_port: None, google: DriveEmulator, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SIGNS_IN, str(tmp_path)], stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"page\n"
        assert not port_is_free()
        server.send_signal(signal.SIGKILL)
        server.wait()
    for _ in range(100):
        if port_is_free():
            break
        asyncio.run(asyncio.sleep(0.05))
    assert port_is_free()


def web_client(text: str) -> str:
    return json.dumps({"web": json.loads(text)["installed"]})


NO_CLIENTS = [
    ("not JSON", "not JSON"),
    ("[1]", "not JSON"),
    ("{}", "no client secret file"),
    ('{"installed": {"client_id": "a.apps.googleusercontent.com"}}', "no client secret"),
    ('{"installed": {"client_id": "a", "client_secret": "b"}}', "no client id of Google"),
    ('{"type": "service_account", "private_key": "x"}', "service account"),
    ('{"type": "authorized_user", "refresh_token": "x"}', "saved sign-in"),
    ("web", "Web application"),
    ("[" * 5000, "not JSON"),
]


async def test_a_file_that_is_no_desktop_client_is_told(
    person: Person, own_config: Path, client: str
) -> None:
    for name, says in NO_CLIENTS:
        text = web_client(client) if name == "web" else name
        for asked in (
            person.browser.ask("POST", "connect", "client", body={"text": text}),
            person.start(way="own_client", client_text=text),
        ):
            body = await refused(asked)
            assert body["code"] == "client_invalid"
            assert says in body["message"]
    assert nothing_left(own_config)


BAD_REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({}, "body_invalid"),
    ({"way": "own_client"}, "body_invalid"),
    ({"way": "magic"}, "body_invalid"),
    ({"way": "preset"}, "way_locked"),
    ({"way": "other", "type": "local"}, "body_invalid"),
    ({"way": "other"}, "body_invalid"),
    ({"way": "service_account"}, "body_invalid"),
    ({"way": "service_account", "service_account_text": "{}"}, "service_account_invalid"),
    ({"way": "service_account", "service_account_text": "x"}, "service_account_invalid"),
    ({"way": "service_account", "service_account_path": "a"}, "service_account_invalid"),
    ({"way": "service_account", "service_account_path": "/none"}, "service_account_invalid"),
    ({"way": "token", "token": "abc"}, "token_invalid"),
    ({"way": "token", "token": '{"access_token": "only"}'}, "token_invalid"),
    ({"way": "token", "name": "a:b"}, "name_invalid"),
    ({"way": "token", "name": "-a"}, "name_invalid"),
    ({"way": "existing", "remote": "nobody"}, "remote_unknown"),
    ({"remote": "nobody"}, "remote_unknown"),
    ({"way": "env_auth"}, "not_possible"),
]


async def test_a_request_that_does_not_fit_is_told_and_leaves_nothing(
    person: Person, own_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(own_config.parent / "none"))
    for body, code in BAD_REQUESTS:
        assert (await refused(person.start(**body)))["code"] == code, body
    assert nothing_left(own_config)


async def test_a_name_that_is_taken_is_told_and_what_is_there_stays(
    person: Person, own_config: Path, client: str
) -> None:
    await person.connect(client)
    before = own_config.read_text()
    taken = person.start(way="own_client", client_text=client, name="GDrive")
    assert (await refused(taken))["code"] == "remote_exists"
    assert own_config.read_text() == before
    flow = await person.connect(client)
    assert flow["name"] == "gdrive2"
    assert before.strip() in own_config.read_text()


async def test_a_shared_drive_can_be_chosen(person: Person, project: Path, client: str) -> None:
    team = person.drive.state.add_shared_drive("Team ML")
    flow = await person.connect(client)
    question = flow["question"]
    assert question["name"] == "team_drive"
    assert [item["help"] for item in question["choices"]] == ["My Drive", "Team ML"]
    flow = await person.until(await person.answer(flow, "nonsense"), "question")
    assert flow["question"]["error"]
    flow = await person.until(await person.answer(flow, team), "done")
    assert flow["account"]["shared_drive"] == team
    await person.browser.link("spam", "gdrive:spam")
    assert [file.name for file in person.drive.state.children(team)] == ["spam"]


async def test_the_smaller_permission_asks_for_no_shared_drive(person: Person, client: str) -> None:
    person.drive.state.add_shared_drive("Team ML")
    flow: Flow = await person.until(
        await person.start(way="own_client", client_text=client, scope="drive.file"), "sign_in"
    )
    assert "auth%2Fdrive.file" in flow["auth_url"]
    await person.go_back(person.consent(flow))
    flow = await person.until(flow, "done")
    assert flow["account"]["scope"] == "drive.file"


async def test_a_plain_folder_needs_nothing(person: Person, own_config: Path) -> None:
    flow = await person.until(await person.start(way="folder"), "done")
    assert (flow["type"], flow["account"]) == ("folder", None)
    assert nothing_left(own_config)
