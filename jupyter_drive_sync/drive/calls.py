"""Calls to Drive's own interface, for what rclone has no words for."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jupyter_drive_sync.errors import (
    DriveSyncError,
    Offline,
    RateLimited,
    RcloneFailed,
    SignInNeeded,
    VersionGone,
)

API = "https://www.googleapis.com/drive/v3"

SECONDS = 30.0
"""Longest silence of Drive."""

_CHUNK = 1 << 20


class DriveCalls:
    """Asks Drive API v3. ``HTTPS_PROXY`` and ``SSL_CERT_FILE`` hold for it as for rclone.

    Parameters
    ----------
    token : str
        A good access token. It is never shown or logged.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def get(self, *parts: str, **query: str) -> dict[str, Any]:
        """Return the JSON of one resource.

        Raises
        ------
        VersionGone
            Drive does not know it (any more).
        SignInNeeded, RateLimited, Offline, RcloneFailed
            It cannot be asked now.
        """
        with self._open(parts, query) as answer:
            try:
                data = json.loads(answer.read())
            except ValueError as error:
                raise RcloneFailed("Drive gave an answer that makes no sense.") from error
        if not isinstance(data, dict):
            raise RcloneFailed("Drive gave an answer that makes no sense.")
        return data

    def pages(self, key: str, *parts: str, **query: str) -> Iterator[dict[str, Any]]:
        """Return the items of a list, page by page."""
        token = ""
        while True:
            more = {"pageToken": token} if token else {}
            page = self.get(*parts, **query, **more)
            yield from page.get(key, [])
            token = page.get("nextPageToken", "")
            if not token:
                return

    def download(self, into: Path, *parts: str, **query: str) -> str:
        """Write a resource's bytes to a new file and return their md5."""
        md5 = hashlib.md5(usedforsecurity=False)
        with self._open(parts, {**query, "alt": "media"}) as answer, into.open("xb") as target:
            while chunk := answer.read(_CHUNK):
                md5.update(chunk)
                target.write(chunk)
        return md5.hexdigest()

    @contextmanager
    def _open(self, parts: tuple[str, ...], query: dict[str, str]) -> Iterator[Any]:
        address = "/".join([API, *(quote(part, safe="") for part in parts)])
        request = urllib.request.Request(f"{address}?{urlencode(query)}")  # noqa: S310 - https
        request.add_header("Authorization", f"Bearer {self._token}")
        context = ssl.create_default_context()
        try:
            with urllib.request.urlopen(request, timeout=SECONDS, context=context) as answer:  # noqa: S310
                yield answer
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code) from None
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
            raise Offline("Drive cannot be reached, or did not answer to the end.") from error


def _refusal(status: int) -> DriveSyncError:
    if status == 404:
        return VersionGone("Drive does not keep that version any more.")
    if status == 401:
        return SignInNeeded("Google Drive no longer accepts the saved sign-in.")
    if status in (403, 429):
        return RateLimited("Drive asks to slow down, or does not allow it.")
    return RcloneFailed(f"Drive answers with {status}.")
