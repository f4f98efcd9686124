"""Connecting a storage: ways in, flows, accounts, disconnecting."""

from __future__ import annotations

import ipaddress
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.ports.connecting import Client, FlowRequest, Way
from jupyter_drive_sync.service.connecting import Connecting
from jupyter_drive_sync.service.flow import account_json

CONNECT_KEY = "jupyter_drive_sync_connecting"
"""Where connecting stands in Tornado's settings."""

LONGEST_WAIT = 25
"""Seconds that a request may wait for a flow to change: less than proxies cut off."""


class ConnectingHandler(DriveSyncHandler):
    """Base of the handlers of connecting."""

    @property
    def connecting(self) -> Connecting:
        """Connecting, for this server."""
        connecting = self.settings[CONNECT_KEY]
        if not isinstance(connecting, Connecting):
            raise TypeError(CONNECT_KEY)
        return connecting

    @property
    def local_browser(self) -> bool:
        """Whether the browser seems to be on this very machine."""
        return _is_loopback(self.request.host_name) and _is_loopback(self.request.remote_ip or "")


class ConnectHandler(ConnectingHandler):
    """``/connect``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the ways in and the remotes."""
        self.answer(await self.connecting.overview(local_browser=self.local_browser))


class ClientHandler(ConnectingHandler):
    """``/connect/client``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Read a client secret file."""
        client = self.connecting.read_client(self.body(bodies.CLIENT)["text"])
        self.answer(
            {"client_id": client.client_id, "project_id": client.project_id, "kind": "installed"}
        )


class BackendsHandler(ConnectingHandler):
    """``/connect/backends``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the kinds of storage."""
        found = await self.connecting.backends()
        self.answer(
            {
                "backends": [
                    {"type": item.type, "name": item.name, "description": item.description}
                    for item in found
                ]
            }
        )


class FlowsHandler(ConnectingHandler):
    """``/connect/flows``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Begin to connect."""
        flow = await self.connecting.start(_request(self.body(bodies.FLOW)))
        self.answer(flow.json(), 201)


class FlowHandler(ConnectingHandler):
    """``/connect/flows/{flow}``."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, flow_id: str) -> None:
        """Say how it goes, at once or when it changed."""
        flow = self.connecting.flow(flow_id)
        seconds = self.whole_number("wait", 0, 0, LONGEST_WAIT) or 0
        known = self.whole_number("revision", flow.revision, 0, 2**31)
        if seconds and known is not None:
            await flow.changed(known, seconds)
        self.answer(flow.json())

    @web.authenticated
    @authorized
    async def delete(self, flow_id: str) -> None:
        """Give it up."""
        await self.connecting.cancel(flow_id)
        self.set_status(204)
        self.finish()


class FlowAddressHandler(ConnectingHandler):
    """``/connect/flows/{flow}/address``."""

    @web.authenticated
    @authorized
    async def post(self, flow_id: str) -> None:
        """Finish a sign-in with a pasted address."""
        address = self.body(bodies.ADDRESS)["address"]
        self.answer((await self.connecting.deliver(flow_id, address)).json())


class FlowAnswerHandler(ConnectingHandler):
    """``/connect/flows/{flow}/answer``."""

    @web.authenticated
    @authorized
    async def post(self, flow_id: str) -> None:
        """Answer a question."""
        given = self.body(bodies.ANSWER)
        flow = await self.connecting.answer(flow_id, given["value"], given["revision"])
        self.answer(flow.json())


class RemoteHandler(ConnectingHandler):
    """``/connect/remotes/{name}``."""

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Delete a remote of ours, and revoke its sign-in."""
        self.answer(
            await self.connecting.disconnect(
                name,
                revoke=self.get_query_argument("revoke", "") == "true",
                stop_projects=self.get_query_argument("stop_projects", "") == "true",
            )
        )


class RemoteAccountHandler(ConnectingHandler):
    """``/connect/remotes/{name}/account``."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Say whose storage it is."""
        self.answer(account_json(await self.connecting.account(name)))


def _request(body: dict[str, Any]) -> FlowRequest:
    client = body.get("client")
    return FlowRequest(
        way=Way(body["way"]) if "way" in body else None,
        name=body.get("name"),
        scope=body.get("scope"),
        client=None if client is None else Client(client["client_id"], client["client_secret"]),
        client_text=body.get("client_text"),
        service_account_text=body.get("service_account_text"),
        service_account_path=body.get("service_account_path"),
        token=body.get("token"),
        type=body.get("type"),
        remote=body.get("remote"),
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
