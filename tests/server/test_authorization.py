"""Who may do what, and what an error may say."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.utils import JupyterServerAuthWarning
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from jupyter_drive_sync.errors import Offline
from jupyter_drive_sync.handlers.routes import ROUTES
from jupyter_drive_sync.service.service import DriveSyncService
from jupyter_drive_sync.wiring import LocalWorkbench

from .conftest import Browser, Fetch, Refused
from .contract import operations

NOBODY = "00000000-0000-4000-8000-000000000000"
OPERATIONS = sorted(operations())


def parts_of(path: str) -> list[str]:
    return path.replace("{id}", NOBODY).replace("{name}", "gdrive").strip("/").split("/")


class NoOne(Authorizer):
    """Refuses everything, and remembers what it was asked about."""

    asked: ClassVar[set[tuple[str, str]]] = set()

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        NoOne.asked.add((action, resource))
        return False


class Readers(Authorizer):
    """Lets everybody look and nobody change."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action == "read"


def with_authorizer(kind: type[Authorizer]) -> Callable[..., dict[str, Any]]:
    def config(self: object, extension_config: dict[str, Any]) -> dict[str, Any]:
        return {
            "ServerApp": {
                "jpserver_extensions": {"jupyter_drive_sync": True},
                "authorizer_class": kind,
            },
            "DriveSyncApp": extension_config,
        }

    return config


def test_state_changes_only_by_methods_that_are_checked_for_forgery() -> None:
    for path, handler in ROUTES.items():
        unchecked = {name for name in ("get", "head", "options") if name in vars(handler)}
        assert unchecked <= {"get"}, path
    looked = {operation for operation in OPERATIONS if operation[1] == "get"}
    assert {path for path, _ in looked}.isdisjoint(
        {"/projects/{id}/sync", "/projects/{id}/cancel", "/projects/{id}/colab"}
    )


class TestAnAuthorizerThatRefusesEverything:
    jp_server_config = pytest.fixture(with_authorizer(NoOne))

    async def test_every_operation_is_refused(self, browser: Browser) -> None:
        NoOne.asked = set()
        for path, method in OPERATIONS:
            with pytest.raises(Refused) as caught:
                await browser.ask(
                    method.upper(), *parts_of(path), body={} if method != "get" else None
                )
            assert caught.value.status == 403, (path, method)
            assert set(caught.value.body) == {"code", "message", "hint"}
        assert {resource for _, resource in NoOne.asked} == {"jupyter_drive_sync"}
        assert {action for action, _ in NoOne.asked} == {"read", "write"}


class TestAnAuthorizerThatLetsEverybodyLook:
    jp_server_config = pytest.fixture(with_authorizer(Readers))

    async def test_looking_is_allowed_and_changing_is_not(
        self, browser: Browser, project: Path, drive_folder: Path
    ) -> None:
        assert (await browser.ask("GET", "projects"))["projects"] == []
        assert (await browser.ask("GET", "version"))["api"] == 2
        for path, method in OPERATIONS:
            if method == "get":
                continue
            with pytest.raises(Refused) as caught:
                await browser.ask(
                    method.upper(),
                    *parts_of(path),
                    body={"local": "spam", "remote": str(drive_folder)},
                )
            assert caught.value.status == 403, (path, method)
        assert list(drive_folder.iterdir()) == []
        assert [file.name for file in project.iterdir()] == ["train.py"]


async def test_without_a_token_every_operation_is_refused(
    browser: Browser, jp_serverapp: Any, jp_http_port: int, jp_base_url: str
) -> None:
    for path, method in OPERATIONS:
        address = "/".join(["jupyter-drive-sync", *parts_of(path)])
        with pytest.raises(HTTPClientError) as caught:
            await AsyncHTTPClient().fetch(
                f"http://127.0.0.1:{jp_http_port}{jp_base_url}{address}",
                method=method.upper(),
                body="{}" if method != "get" else None,
                allow_nonstandard_methods=True,
            )
        assert caught.value.code in (401, 403), (path, method)
        assert caught.value.response is not None
        assert set(json.loads(caught.value.response.body)) == {"code", "message", "hint"}


class TestAServerThatAllowsNothingWithoutSigningIn:
    @pytest.fixture
    def jp_server_config(self, extension_config: dict[str, Any]) -> dict[str, Any]:
        return {
            "ServerApp": {
                "jpserver_extensions": {"jupyter_drive_sync": True},
                "allow_unauthenticated_access": False,
            },
            "DriveSyncApp": extension_config,
        }

    async def test_no_handler_of_ours_is_found_without_its_decorator(
        self, jp_configurable_serverapp: Any
    ) -> None:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", JupyterServerAuthWarning)
            app = jp_configurable_serverapp()
        assert app.allow_unauthenticated_access is False
        found = [str(warning.message) for warning in said]
        assert [text for text in found if "drive_sync" in text or "drive-sync" in text] == []


class Cookies:
    """A person's browser: signed in by cookie, not by token."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.jar: dict[str, str] = {}

    async def fetch(self, path: str, **how: Any) -> HTTPResponse:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items()),
            **how.pop("headers", {}),
        }
        answer = await AsyncHTTPClient().fetch(
            self.address + path,
            headers=headers,
            follow_redirects=False,
            raise_error=False,
            allow_nonstandard_methods=True,
            **how,
        )
        for cookie in answer.headers.get_list("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.jar[name] = value.strip('"') if name == "_xsrf" else value
        return answer

    async def sign_in(self, token: str) -> None:
        await self.fetch("login")
        answer = await self.fetch(
            "login", method="POST", body=urlencode({"password": token, "_xsrf": self.jar["_xsrf"]})
        )
        assert answer.code == 302, answer.body


async def test_a_browser_must_show_that_a_change_is_its_own(
    browser: Browser, jp_serverapp: Any, jp_http_port: int, jp_base_url: str
) -> None:
    person = Cookies(f"http://127.0.0.1:{jp_http_port}{jp_base_url}")
    await person.sign_in(jp_serverapp.identity_provider.token)
    for path, method in OPERATIONS:
        if method == "get":
            continue
        address = "/".join(["jupyter-drive-sync", *parts_of(path)])
        forged = await person.fetch(address, method=method.upper(), body="{}")
        assert forged.code == 403, (path, method)
        own = await person.fetch(
            address,
            method=method.upper(),
            body="{}",
            headers={"X-XSRFToken": person.jar["_xsrf"]},
        )
        # To give up a flow that there is not is harmless; all else is refused for what it asks.
        if (path, method) == ("/connect/flows/{flow}", "delete"):
            assert own.code == 204, own.body
            continue
        assert own.code in (400, 404), (path, method, own.body)
        assert set(json.loads(own.body)) == {"code", "message", "hint"}


async def test_addresses_stand_below_the_servers_base_url_and_nowhere_else(
    browser: Browser, jp_base_url: str, jp_http_port: int, jp_auth_header: dict[str, str]
) -> None:
    assert jp_base_url not in ("", "/")
    found = {}
    for base in (jp_base_url, "/"):
        answer = await AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{jp_http_port}{base}jupyter-drive-sync/projects",
            headers=jp_auth_header,
            raise_error=False,
        )
        found[base] = answer.code
    assert found == {jp_base_url: 200, "/": 404}


SECRET = "1//0refresh-token-of-ada"


async def test_a_fault_of_ours_answers_without_its_details(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, jp_logging_stream: Any
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"could not use {SECRET}")

    monkeypatch.setattr(LocalWorkbench, "rclone", broken)
    monkeypatch.setattr(DriveSyncService, "keeper", broken)
    for parts in (("version",), ("projects", NOBODY)):
        with pytest.raises(Refused) as caught:
            await browser.ask("GET", *parts)
        assert caught.value.status == 500
        assert caught.value.body["code"] == "http_500"
        assert caught.value.body["hint"]
        told = json.dumps(caught.value.body)
        assert SECRET not in told
        assert "Traceback" not in told
        assert "RuntimeError" not in told


async def test_a_fault_in_a_run_is_shown_without_its_details_and_heals(
    browser: Browser, project: Path, drive_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]

    def broken(*_: object) -> None:
        raise RuntimeError(f"could not use {SECRET}")

    monkeypatch.setattr("jupyter_drive_sync.service.keeper.execute", broken)
    await browser.ask("POST", "projects", number, "sync")
    status = await browser.until(number, "failed")
    assert "RuntimeError" in status["state"]["cause"]["message"]
    assert SECRET not in json.dumps(status)
    assert SECRET not in json.dumps(browser.events)
    assert status["state"]["next"] is not None
    monkeypatch.undo()
    await browser.ask("POST", "projects", number, "sync")
    status = await browser.until(number, "in_sync")
    assert status["state"]["cause"] is None


async def test_an_error_of_ours_answers_with_its_words_and_status(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object) -> None:
        raise Offline("Drive cannot be reached.", "Plug it in.")

    monkeypatch.setattr(LocalWorkbench, "remotes", offline)
    with pytest.raises(Refused) as caught:
        await browser.ask("GET", "remotes")
    assert caught.value.status == 502
    assert caught.value.body == {
        "code": "offline",
        "message": "Drive cannot be reached.",
        "hint": "Plug it in.",
    }


async def test_looking_at_the_status_does_not_count_as_activity(
    browser: Browser, jp_fetch: Fetch, jp_serverapp: Any, project: Path, drive_folder: Path
) -> None:
    settings = jp_serverapp.web_app.settings
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    await browser.ask("POST", "projects", number, "sync")
    before = settings["api_last_activity"]
    await browser.until(number, "in_sync")
    await asyncio.sleep(0.01)
    await browser.ask("GET", "projects")
    await browser.ask("GET", "projects", number)
    await browser.ask("GET", "projects", number, "history")
    await browser.ask("GET", "version")
    assert settings["api_last_activity"] == before
    await browser.ask("POST", "projects", number, "sync")
    assert settings["api_last_activity"] > before
