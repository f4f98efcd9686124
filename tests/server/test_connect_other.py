"""The other ways in: any rclone backend, service accounts, tokens, the machine's credentials."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.fixtures import rclone_binary

from .conftest import Refused, until
from .connecting import Flow, Person, port_is_free

Serve = Callable[..., int]


@pytest.fixture
def extension_config(google: DriveEmulator) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "longest_seconds": 1.0}


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """What the storage holds."""
    folder = tmp_path / "served"
    (folder / "bucket").mkdir(parents=True)
    return folder


@pytest.fixture
def serve(served: Path, tmp_path: Path) -> Iterator[Serve]:
    """Start a server of rclone's own; returns its port."""
    running: list[subprocess.Popen[bytes]] = []

    def start(kind: str, **settings: str) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        names = {f"RCLONE_{name.upper()}": value for name, value in settings.items()}
        names |= {"RCLONE_ADDR": f"127.0.0.1:{port}", "RCLONE_CONFIG": str(tmp_path / "none.conf")}
        running.append(
            subprocess.Popen(
                [rclone_binary(), "serve", kind, str(served)],
                env={**os.environ, **names, "HOME": str(tmp_path)},
                stderr=subprocess.DEVNULL,
            )
        )
        return port

    yield start
    for process in running:
        process.kill()
        process.wait()


async def listening(port: int) -> None:
    await until(lambda: not port_is_free(port), seconds=60)


async def ends_in_a_synced_project(person: Person, flow: Flow, folder: Path) -> None:
    assert flow["step"] == "done", flow["error"]
    assert flow["account"]["client"] == "none"
    status = await person.browser.link("spam", f"{flow['name']}:bucket/spam")
    assert status["state"]["word"] == "in_sync"
    assert (folder / "bucket" / "spam" / "train.py").read_text() == "print('hello')\n"


async def test_webdav_by_its_questions(
    person: Person, project: Path, served: Path, serve: Serve
) -> None:
    port = serve("webdav", user="me", **{"pass": "a very-long-pass=word #1"})
    await listening(port)
    flow = await person.until(await person.start(way="other", type="webdav"), "question")
    question = flow["question"]
    assert (question["name"], question["required"], question["position"]) == ("url", True, 0)
    flow = await person.until(await person.answer(flow, " "), "question")
    assert flow["question"]["error"]
    answers = {
        "url": f"http://127.0.0.1:{port}",
        "vendor": "other",
        "user": "me",
        "pass": "a very-long-pass=word #1",
        "config_advanced": "false",
    }
    flow["question"]["error"] = None
    flow = await person.fill_in(flow, answers)
    await ends_in_a_synced_project(person, flow, served)


async def test_sftp_by_its_questions(
    person: Person, own_config: Path, project: Path, served: Path, serve: Serve
) -> None:
    port = serve("sftp", user="me", **{"pass": "hunter2"})
    await listening(port)
    answers = {"host": "127.0.0.1", "user": "me", "port": str(port), "pass": "wrong"}
    flow = await person.fill_in(await person.start(way="other", type="sftp"), answers)
    assert flow["step"] == "failed"
    assert not own_config.exists()
    flow = await person.start(way="other", type="sftp", name="box")
    while flow["question"]["name"] != "port":
        flow = await person.answer(flow, answers[flow["question"]["name"]])
    assert flow["question"]["type"] == "int"
    flow = await person.until(await person.answer(flow, "ssh"), "question")
    assert flow["question"]["error"] == "This must be a whole number."
    flow = await person.answer(flow, str(port))
    secret = flow["question"]
    assert (secret["name"], secret["secret"], secret["default"]) == ("pass", True, "")
    flow = await person.fill_in(flow, {**answers, "pass": "hunter2"})
    assert flow["name"] == "box"
    assert "hunter2" not in own_config.read_text()
    await ends_in_a_synced_project(person, flow, served)


async def test_s3_by_its_questions(
    person: Person, project: Path, served: Path, serve: Serve
) -> None:
    port = serve("s3", auth_key='"the-key,the-secret-of-s3"')
    await listening(port)
    flow = await person.until(await person.start(way="other", type="s3"), "question")
    assert flow["question"]["name"] == "provider"
    assert flow["question"]["type"] == "choice"
    answers = {
        "provider": "Rclone",
        "access_key_id": "the-key",
        "secret_access_key": "the-secret-of-s3",
        "endpoint": f"http://127.0.0.1:{port}",
    }
    flow = await person.fill_in(flow, answers)
    await ends_in_a_synced_project(person, flow, served)


async def test_the_backends_are_listed_with_google_drive_first(person: Person) -> None:
    found = (await person.browser.ask("GET", "connect", "backends"))["backends"]
    types = [item["type"] for item in found]
    assert types[0] == "drive"
    assert {"s3", "webdav", "sftp", "onedrive", "dropbox"} <= set(types)
    assert not {"local", "alias", "crypt", "memory"} & set(types)


async def test_the_advanced_questions_come_only_when_wanted(person: Person) -> None:
    flow = await person.until(await person.start(way="other", type="webdav"), "question")
    seen = []
    while not flow["question"]["advanced"]:
        question = flow["question"]
        seen.append(question["name"])
        answers = {"url": "http://127.0.0.1:9", "config_advanced": "true"}
        value = answers.get(question["name"], question["default"])
        flow = await person.until(await person.answer(flow, value), "question")
    assert seen[-1] == "config_advanced"
    await person.cancel(flow)


def service_account(person: Person) -> tuple[str, str]:
    key = person.drive.add_service_account()
    return json.dumps(key), key["client_email"]


async def test_a_service_account_reaches_what_is_shared_with_it(
    person: Person, own_config: Path, project: Path
) -> None:
    text, email = service_account(person)
    person.drive.mkdir("ml/private")
    shared = person.drive.mkdir("ml/course")
    flow = await person.start(way="service_account", service_account_text=text)
    flow = await person.until(flow, "question")
    assert flow["question"]["name"] == "root_folder"
    assert flow["question"]["choices"] == []
    assert email in flow["question"]["help"]
    address = f"https://drive.google.com/drive/folders/{shared.id}?usp=sharing"
    flow = await person.until(await person.answer(flow, address), "question")
    assert email in flow["question"]["error"]
    assert "editor" in flow["question"]["error"]
    assert not own_config.exists()
    person.drive.share("ml/course", email)
    flow = await person.until(await person.answer(flow, address), "done")
    account = flow["account"]
    assert (account["client"], account["email"]) == ("service_account", email)
    await person.browser.link("spam", "gdrive:spam")
    assert person.drive.exists("ml/course/spam/train.py")
    # Once it is shared, it is listed.
    flow = await person.start(way="service_account", service_account_text=text)
    flow = await person.until(flow, "question")
    assert {"value": shared.id, "help": "course"} in flow["question"]["choices"]
    await person.cancel(flow)


async def test_a_token_from_another_computer(person: Person, own_config: Path) -> None:
    client = {
        "client_id": person.drive.tokens.client_id,
        "client_secret": person.drive.tokens.client_secret,
    }
    flow = await person.until(await person.start(way="token", client=client), "question")
    assert (
        flow["command"] == f'rclone authorize "drive" "{client["client_id"]}" "YOUR_CLIENT_SECRET"'
    )
    assert (flow["question"]["name"], flow["question"]["secret"]) == ("token", True)
    flow = await person.until(await person.answer(flow, "no token"), "question")
    assert "rclone authorize" in flow["question"]["error"]
    flow = await person.until(await person.answer(flow, person.drive.token()), "done")
    assert flow["account"]["client"] == "own"
    blob = base64.urlsafe_b64encode(json.dumps({"token": person.drive.token()}).encode()).decode()
    flow = await person.start(way="token", client=client, token=blob.rstrip("="))
    assert (await person.until(flow, "done"))["name"] == "gdrive2"
    before = own_config.read_text()
    token = person.drive.token()
    person.drive.tokens.revoke()
    flow = await person.until(await person.start(way="token", client=client, token=token), "failed")
    assert flow["error"]["code"] == "token_invalid"
    assert own_config.read_text() == before


async def test_the_credentials_of_the_machine(
    person: Person, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = person.drive.add_service_account("machine")
    file = tmp_path / "machine.json"
    file.write_text(json.dumps(key))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    person.drive.mkdir("ml")
    person.drive.share("ml", key["client_email"])
    flow = await person.until(await person.start(way="env_auth"), "question")
    choices = {item["help"]: item["value"] for item in flow["question"]["choices"]}
    flow = await person.until(await person.answer(flow, choices["ml"]), "done")
    assert flow["account"]["client"] == "machine"
    await person.browser.link("spam", "gdrive:spam")
    assert person.drive.exists("ml/spam/train.py")


class TestWithAPresetServiceAccount:
    @pytest.fixture
    def extension_config(self, google: DriveEmulator, tmp_path: Path) -> dict[str, Any]:
        file = tmp_path / "preset.json"
        file.write_text(json.dumps(google.add_service_account("course")))
        return {"poll_seconds": 3600.0, "service_account_file": str(file)}

    async def test_one_click_and_a_folder_connect(self, person: Person, project: Path) -> None:
        team = person.drive.state.add_shared_drive("Course")
        person.drive.share_drive(team, "course@emulator.iam.gserviceaccount.com")
        overview = await person.browser.ask("GET", "connect")
        assert overview["preset"] == {"kind": "service_account", "label": "preset.json"}
        flow = await person.until(await person.start(way="preset"), "question")
        flow = await person.until(await person.answer(flow, team), "done")
        assert flow["account"]["client"] == "preset"
        await person.browser.link("spam", "gdrive:spam")
        assert [file.name for file in person.drive.state.children(team)] == ["spam"]


async def test_an_answer_that_is_sent_twice_does_not_answer_the_next_question(
    person: Person,
) -> None:
    first = await person.until(await person.start(way="other", type="webdav"), "question")
    assert first["question"]["name"] == "url"
    second = await person.until(await person.answer(first, "http://127.0.0.1:9"), "question")
    assert second["question"]["name"] == "vendor"
    with pytest.raises(Refused) as caught:
        await person.answer(first, "http://127.0.0.1:9")
    assert (caught.value.status, caught.value.body["code"]) == (409, "question_changed")
    assert await person.look(second) == second
    await person.cancel(second)


async def test_a_question_that_was_answered_takes_no_second_answer(person: Person) -> None:
    flow = await person.until(await person.start(way="folder"), "done")
    with pytest.raises(Refused) as caught:
        await person.answer(flow, "x")
    assert caught.value.body["code"] == "not_asked"
