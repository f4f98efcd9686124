"""Reading the files that Google's console gives out: OAuth clients and service account keys."""

from __future__ import annotations

import json
from typing import Any

from jupyter_drive_sync.errors import ClientInvalid, DriveSyncError, ServiceAccountInvalid
from jupyter_drive_sync.ports.connecting import Client, ServiceAccount


def read_client(text: str) -> Client:
    """Read a downloaded ``client_secret_*.json``.

    Raises
    ------
    ClientInvalid
        It is something else; the message says what.
    """
    data = _json(text, ClientInvalid("That is no client secret file of Google: it is not JSON."))
    if data.get("type") == "service_account":
        raise ClientInvalid(
            "That is the key of a service account, not an OAuth client.",
            "Choose the way with a service account for it.",
        )
    if data.get("type") == "authorized_user" or "refresh_token" in data:
        raise ClientInvalid(
            "That is a saved sign-in, not an OAuth client.",
            "Choose the way with the credentials of this machine, or with a token.",
        )
    if "web" in data:
        raise ClientInvalid(
            "That is an OAuth client of the type Web application; here a Desktop app is needed.",
            "In Google's console, under Clients, create another client and choose Desktop app as "
            "its type; then download its JSON.",
        )
    client = data.get("installed")
    if not isinstance(client, dict):
        raise ClientInvalid("That JSON is no client secret file of Google.")
    client_id, secret = client.get("client_id"), client.get("client_secret")
    if not (isinstance(client_id, str) and isinstance(secret, str) and client_id and secret):
        raise ClientInvalid(
            "The file holds no client secret.",
            "Google shows the secret only when the client is new: create another Desktop app "
            "client, or add a secret to this one, and download its JSON at once.",
        )
    project = client.get("project_id")
    return check_values(client_id, secret, project if isinstance(project, str) else None)


def check_values(client_id: str, client_secret: str, project_id: str | None = None) -> Client:
    """Return a client made of its two values.

    Raises
    ------
    ClientInvalid
        They do not look like a Google client.
    """
    client_id, client_secret = client_id.strip(), client_secret.strip()
    if not client_id.endswith(".apps.googleusercontent.com"):
        raise ClientInvalid(
            "That is no client id of Google: it ends in .apps.googleusercontent.com."
        )
    if not client_secret or any(sign.isspace() for sign in client_id + client_secret):
        raise ClientInvalid("The client id or the client secret was not copied whole.")
    return Client(client_id, client_secret, project_id)


def read_service_account(text: str) -> ServiceAccount:
    """Read a service account's key.

    Raises
    ------
    ServiceAccountInvalid
        It is something else; the message says what.
    """
    data = _json(text, ServiceAccountInvalid("That is no key of a service account: no JSON."))
    if "installed" in data or "web" in data:
        raise ServiceAccountInvalid(
            "That is an OAuth client, not the key of a service account.",
            "Choose the way with your own Google client for it.",
        )
    email, key = data.get("client_email"), data.get("private_key")
    if data.get("type") != "service_account" or not isinstance(email, str):
        raise ServiceAccountInvalid("That JSON is no key of a service account.")
    if not isinstance(key, str) or "PRIVATE KEY" not in key:
        raise ServiceAccountInvalid("The key file holds no private key.")
    return ServiceAccount(email, json.dumps(data, separators=(",", ":")))


def _json(text: str, otherwise: DriveSyncError) -> dict[str, Any]:
    # Never chained: the cause would carry the text.
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise otherwise from None
    if not isinstance(data, dict):
        raise otherwise
    return data
