"""The emulator of another process, by its controls: for what only needs to look and to sign in."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from .model import FOLDER


@dataclass(frozen=True)
class Found:
    """A file or folder there.

    Attributes
    ----------
    id : str
        Drive's id.
    is_folder : bool
        Whether it is one.
    """

    id: str
    is_folder: bool


class TokensElsewhere:
    """The sign-in service there."""

    def __init__(self, drive: EmulatorElsewhere) -> None:
        self._drive = drive

    def new_access(self, lifetime: float) -> str:
        """Make a good access token, for so many seconds."""
        made = self._drive.ask("POST", "tokens/access", seconds=str(lifetime))
        return str(json.loads(made)["access_token"])

    def revoke(self) -> None:
        """Make all that was given worthless."""
        self._drive.ask("POST", "tokens/revoke")


class EmulatorElsewhere:
    """Google Drive, played by another process of this computer.

    Parameters
    ----------
    controls : str
        Address of its controls, with a slash at the end.

    Attributes
    ----------
    tokens : TokensElsewhere
        Its sign-in service.
    ca_file : Path
        Its certificate.
    """

    def __init__(self, controls: str) -> None:
        self._controls = controls
        # Straight there, whatever proxy this process was told to use.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._environment: dict[str, str] = json.loads(self.ask("GET", "environment"))
        self.tokens = TokensElsewhere(self)
        self.ca_file = Path(self._environment["SSL_CERT_FILE"])

    def ask(self, method: str, name: str, **query: str) -> bytes:
        """Use a control; return its answer.

        Raises
        ------
        FileNotFoundError
            Nothing is there.
        """
        url = f"{self._controls}{name}?{urlencode(query)}"
        request = urllib.request.Request(url, method=method)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise FileNotFoundError(query.get("path", name)) from error
            raise

    def environment(self) -> dict[str, str]:
        """Return the variables that lead a process there."""
        return dict(self._environment)

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return self.ask("GET", "read", path=path)

    def find(self, path: str) -> Found:
        """Return the file or folder at a path."""
        return _found(json.loads(self.ask("GET", "find", path=path)))

    def walk(self, folder: str) -> Iterator[tuple[str, Found]]:
        """Walk all that is below a folder and not in the trash."""
        tree = json.loads(self.ask("GET", "tree", path=folder))
        return iter([(path, _found(shown)) for path, shown in tree.items()])

    def delete(self, path: str) -> None:
        """Remove a file or folder for good."""
        self.ask("POST", "delete", path=path)

    def throttle(self, bytes_per_second: float) -> None:
        """Let no more than so many bytes a second pass through each connection."""
        self.ask("POST", "throttle", bytes_per_second=str(bytes_per_second))

    def empty_trash(self) -> None:
        """Remove for good all that is in the trash."""
        self.ask("POST", "empty_trash")


def _found(shown: dict[str, Any]) -> Found:
    return Found(str(shown["id"]), shown["mimeType"] == FOLDER)
