"""What people paste or point to: tokens and key files."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from jupyter_drive_sync.errors import ServiceAccountInvalid, TokenInvalid
from jupyter_drive_sync.ports.connecting import ServiceAccount
from jupyter_drive_sync.ports.connector import Google


def read_token(text: str) -> str:
    """Return a token as rclone keeps it, on one line.

    Raises
    ------
    TokenInvalid
    """
    data = _decoded(text.strip())
    if isinstance(data.get("token"), str):  # newer ones wrap it with what else was asked
        data = _decoded(data["token"])
    if not isinstance(data.get("access_token"), str):
        raise TokenInvalid("That is not what `rclone authorize` prints.")
    if not data.get("refresh_token"):
        raise TokenInvalid(
            "This token ends within the hour: it cannot be renewed.",
            "Run the command again on the other computer.",
        )
    # Renewed at once: that shows whether it belongs to this client, and still counts.
    return json.dumps({**data, "expiry": "2000-01-01T00:00:00Z"}, separators=(",", ":"))


def _decoded(text: str) -> dict[str, Any]:
    try:
        if not text.startswith("{"):
            padded = "".join(text.split())
            padded += "=" * (-len(padded) % 4)
            text = base64.urlsafe_b64decode(padded.replace("+", "-").replace("/", "_")).decode()
        data = json.loads(text)
    except (ValueError, RecursionError, binascii.Error):
        # Not chained: the cause would carry the text.
        raise TokenInvalid("That is not what `rclone authorize` prints.") from None
    if not isinstance(data, dict):
        raise TokenInvalid("That is not what `rclone authorize` prints.")
    return data


def account_in(google: Google, path: str) -> ServiceAccount:
    """Read the key file of a service account on the server.

    Raises
    ------
    ServiceAccountInvalid
        In the same words whether the file is not there, may not be read or is no key: nobody is
        to look for files in this way.
    """
    file = Path(path).expanduser()
    if not file.is_absolute():
        raise ServiceAccountInvalid(f"{path} is no absolute path.")
    try:
        return google.read_service_account(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ServiceAccountInvalid):
        # Not chained: the cause would carry the text.
        raise ServiceAccountInvalid(
            f"{path} is no key of a service account that the server can read.",
            "Check that the file is there, that the server may read it, and that it is the JSON "
            "key of a service account.",
        ) from None
