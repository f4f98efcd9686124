"""What people do to connect: in the browser, and on Google's pages."""

from __future__ import annotations

import asyncio
import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.drive_emulator import DriveEmulator

from .conftest import Browser

Flow = dict[str, Any]


@dataclass
class Person:
    """Somebody who connects."""

    browser: Browser
    drive: DriveEmulator

    def client_text(self, folder: Path) -> str:
        """Return the client secret file that Google's console gave out."""
        return self.drive.write_client_file(folder / "client_secret.json").read_text()

    async def start(self, **body: Any) -> Flow:
        return await self.browser.ask("POST", "connect", "flows", body=body)

    async def look(self, flow: Flow, wait: int = 0) -> Flow:
        params = {"wait": str(wait), "revision": str(flow["revision"])} if wait else {}
        return await self.browser.ask("GET", "connect", "flows", flow["id"], params=params)

    async def until(self, flow: Flow, *steps: str) -> Flow:
        """Wait until a flow is at one of some steps."""
        while flow["step"] not in steps:
            assert flow["step"] in ("checking", "sign_in", "question"), json.dumps(flow, indent=2)
            flow = await self.look(flow, wait=20)
        return flow

    async def answer(self, flow: Flow, value: str) -> Flow:
        return await self.browser.ask(
            "POST",
            "connect",
            "flows",
            flow["id"],
            "answer",
            body={"value": value, "revision": flow["revision"]},
        )

    async def paste(self, flow: Flow, address: str) -> Flow:
        return await self.browser.ask(
            "POST", "connect", "flows", flow["id"], "address", body={"address": address}
        )

    async def cancel(self, flow: Flow) -> None:
        await self.browser.ask("DELETE", "connect", "flows", flow["id"])

    def consent(self, flow: Flow) -> str:
        """Say yes (or no) on Google's page; return the address that it leads back to."""
        page = urlsplit(flow["auth_url"])
        assert page.hostname == "accounts.google.com"
        return self.drive.tokens.consent_page(dict(parse_qsl(page.query)))

    async def go_back(self, address: str) -> int:
        """Open the address in a browser on the server's machine; return the page's status."""
        parts = urlsplit(address)

        def get() -> int:
            connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=10)
            try:
                connection.connect()
                connection.request("GET", f"{parts.path or '/'}?{parts.query}")
                return connection.getresponse().status
            except (http.client.RemoteDisconnected, ConnectionResetError):
                return 0  # rclone had what it wanted, and hung up
            finally:
                connection.close()

        return await asyncio.get_running_loop().run_in_executor(None, get)

    async def fill_in(self, flow: Flow, answers: dict[str, str]) -> Flow:
        """Answer rclone's questions: by name, else with the default, without advanced ones."""
        flow = await self.until(flow, "question", "done", "failed")
        while flow["step"] == "question":
            question = flow["question"]
            assert question["error"] is None, question
            value = answers.get(question["name"], question["default"])
            flow = await self.until(await self.answer(flow, value), "question", "done", "failed")
        return flow

    async def connect(self, text: str, **more: Any) -> Flow:
        """Connect Google Drive with one's own client, to the end."""
        flow = await self.until(
            await self.start(way="own_client", client_text=text, **more), "sign_in"
        )
        await self.go_back(self.consent(flow))
        return await self.until(flow, "done", "question")


def port_is_free(port: int = 53682) -> bool:
    """Say whether nobody listens for a sign-in."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.connect()
    except ConnectionRefusedError:
        return True
    finally:
        connection.close()
    return False
