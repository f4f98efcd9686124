"""Google's side of connecting: clients, credentials of the machine, people, revoking."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

from jupyter_drive_sync.drive import client_file
from jupyter_drive_sync.drive.calls import DriveCalls
from jupyter_drive_sync.errors import ClientRefused, Offline
from jupyter_drive_sync.ports.connecting import Client, Person, ServiceAccount

SIGN_IN = "https://oauth2.googleapis.com"

SECONDS = 15.0
"""How long Google may take to answer."""

_WELL_KNOWN = "application_default_credentials.json"
_METADATA_NAMES = ("Google", "Google Compute Engine")


class GoogleSignIn:
    """The `jupyter_drive_sync.ports.connector.Google` of the real Google.

    Tokens and secrets go in the body of a request, never in an address.
    """

    def read_client(self, text: str) -> Client:
        """Read a client secret file."""
        return client_file.read_client(text)

    def check_values(self, client_id: str, client_secret: str) -> Client:
        """Return a client made of its two values."""
        return client_file.check_values(client_id, client_secret)

    def read_service_account(self, text: str) -> ServiceAccount:
        """Read a service account's key."""
        return client_file.read_service_account(text)

    def check_client(self, client: Client) -> None:
        """Ask Google whether it knows a client.

        A code that cannot be right is handed in: Google looks at the client first. Without this,
        a person would only see Google's own page of error, and nothing would come back.
        """
        status, said = _post(
            "token",
            {
                "grant_type": "authorization_code",
                "code": "0",
                "redirect_uri": "http://127.0.0.1:53682/",
                "client_id": client.client_id,
                "client_secret": client.client_secret,
            },
        )
        if status in (400, 401) and said in (
            "invalid_client",
            "deleted_client",
            "disabled_client",
            "unauthorized_client",
        ):
            raise ClientRefused("Google does not know this client, or its secret is wrong.")

    def machine_credentials(self) -> str | None:
        """Say why this machine has no Google credentials; None when it seems to have some."""
        named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        if named:
            if Path(named).is_file():
                return None
            return "GOOGLE_APPLICATION_CREDENTIALS names a file that is not there."
        if (_config_folder() / _WELL_KNOWN).is_file() or _is_google_machine():
            return None
        return "This machine has no Google credentials of its own."

    def person(self, access_token: str) -> Person:
        """Ask who is signed in."""
        user = (
            DriveCalls(access_token)
            .get("about", fields="user(displayName,emailAddress)")
            .get("user")
        )
        found = user if isinstance(user, dict) else {}
        return Person(found.get("displayName") or None, found.get("emailAddress") or None)

    def granted(self, access_token: str) -> str:
        """Ask Google what a token allows; empty where Google does not say."""
        status, data = _ask("tokeninfo", {"access_token": access_token})
        scope = data.get("scope")
        return scope if status == http.client.OK and isinstance(scope, str) else ""

    def revoke(self, token: str) -> str | None:
        """Ask Google to forget a sign-in; return why it did not, or None."""
        try:
            status, said = _post("revoke", {"token": token})
        except Offline as error:
            return error.message
        if status == http.client.OK:
            return None
        if said == "invalid_token":
            return "Google had forgotten this sign-in already."
        return f"Google answered with {said or status}."


def _post(place: str, form: dict[str, str]) -> tuple[int, str]:
    """Return the status and OAuth's word for the error, if any."""
    status, data = _ask(place, form)
    word = data.get("error")
    return status, word if isinstance(word, str) and status != http.client.OK else ""


def _ask(place: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
    """Return the status and what Google answers."""
    request = urllib.request.Request(  # noqa: S310 - https
        f"{SIGN_IN}/{place}", data=urlencode(form).encode(), method="POST"
    )
    context = ssl.create_default_context()
    try:
        with urllib.request.urlopen(request, timeout=SECONDS, context=context) as answer:  # noqa: S310
            return answer.status, _decoded(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _decoded(error)
    except (OSError, http.client.HTTPException):
        # Not chained: nothing of the request may be kept.
        raise Offline("Google cannot be reached from this computer.") from None


def _decoded(answer: IO[bytes]) -> dict[str, object]:
    try:
        data = json.loads(answer.read())
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    return data if isinstance(data, dict) else {}


def _config_folder() -> Path:
    named = os.environ.get("CLOUDSDK_CONFIG")
    if named:
        return Path(named)
    if os.name == "nt":
        return Path(os.environ.get("APPDATA", "")) / "gcloud"
    return Path.home() / ".config" / "gcloud"


def _is_google_machine() -> bool:
    """Say whether this is one of Google's own machines, which answer for themselves."""
    try:
        name = Path("/sys/class/dmi/id/product_name").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return False
    return name in _METADATA_NAMES
