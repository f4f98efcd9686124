"""The one question that rclone cannot answer: what a folder's id stands for.

Asked with the runtime's own credentials through google-auth, where that is there; nothing depends
on the answer but the wording of a refusal and the project's name.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

SCOPE = "https://www.googleapis.com/auth/drive"
_FOLDER = "application/vnd.google-apps.folder"


@dataclass(frozen=True)
class Folder:
    """What Drive says of an id.

    Attributes
    ----------
    found : bool
        Whether this account sees something of that id.
    name : str
        Its name on Drive.
    """

    found: bool
    name: str = ""
    trashed: bool = False
    is_folder: bool = False
    shared_drive: bool = False


def credentials() -> Any:  # noqa: ANN401 - google-auth has no types, and may not be there
    """Return the machine's own credentials with a fresh token.

    Raises
    ------
    ImportError
        google-auth or requests is not there.
    google.auth.exceptions.GoogleAuthError
        There are no credentials.
    """
    import google.auth
    import google.auth.transport.requests

    found, _ = google.auth.default(scopes=[SCOPE])
    if not found.valid:
        found.refresh(google.auth.transport.requests.Request())
    return found


def token() -> str | None:
    """Return an access token; None when google-auth has none."""
    try:
        return str(credentials().token)
    except ImportError:
        return None
    except Exception as error:
        # google-auth may be of any version here; all its errors come from one of its modules.
        if type(error).__module__.startswith("google.auth"):
            return None
        raise


def look_up(folder_id: str, timeout: float = 20.0) -> Folder | None:
    """Ask Drive about an id; None when that is not known."""
    access = token()
    if access is None:
        return None
    address = (
        "https://www.googleapis.com/drive/v3/files/"
        + urllib.parse.quote(folder_id, safe="")
        + "?fields=name,trashed,mimeType,driveId&supportsAllDrives=true"
    )
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {access}"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            about = json.load(answer)
    except urllib.error.HTTPError as error:
        return Folder(found=False) if error.code == 404 else None
    except (OSError, ValueError):
        return None
    return Folder(
        found=True,
        name=str(about.get("name", "")),
        trashed=bool(about.get("trashed")),
        is_folder=about.get("mimeType") == _FOLDER,
        shared_drive=bool(about.get("driveId")),
    )
