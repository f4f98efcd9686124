"""rclone's sign-in listener: the page that it wants opened, and the address that comes back."""

from __future__ import annotations

import http.client
import re
import threading
from urllib.parse import parse_qs, urlsplit

from jupyter_drive_sync.errors import (
    AddressInvalid,
    AddressOfAnotherSignIn,
    CodeUsed,
    RcloneFailed,
)

HOST = "127.0.0.1"
PORT = 53682
"""Where rclone listens; it stands in every Google client of the type Desktop app."""

SECONDS = 10.0
"""Longest silence of a listener on this very machine."""

_LINK = re.compile(rf"http://{re.escape(HOST)}:{PORT}/auth\?state=([\w-]+)")


def state_in(message: str) -> str | None:
    """Return the state of the sign-in that a message of rclone's log asks for, if it does."""
    found = _LINK.search(message)
    return None if found is None else found[1]


def page_behind(state: str) -> str:
    """Return the address of the sign-in page itself.

    rclone gives out an address of its own listener, which leads on to the page. A browser on
    another computer cannot open that one, so it is opened here.

    Raises
    ------
    RcloneFailed
        The listener does not answer as expected.
    """
    status, location = _get(f"/auth?state={state}")
    if status not in (301, 302, 303, 307, 308) or urlsplit(location).scheme != "https":
        raise RcloneFailed("rclone did not say which page to open.", "Start again.")
    return location


class ComingBack:
    """One sign-in that waits for its address; thread-safe.

    Parameters
    ----------
    state : str
        The random word that the address has to hold.
    """

    def __init__(self, state: str) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._used = False

    def deliver(self, address: str) -> None:
        """Hand an address that a person pasted to the listener, once.

        Raises
        ------
        AddressInvalid
            It is not one that Google's sign-in ends at.
        AddressOfAnotherSignIn
            Its state is another one's.
        CodeUsed
            It was taken already.
        """
        query = check_address(address, self._state)
        with self._lock:
            if self._used:
                raise CodeUsed("This sign-in was finished already.")
            self._used = True
        _get(f"/?{query}")


def check_address(address: str, state: str) -> str:
    """Return the query of an address that belongs to a sign-in.

    Raises
    ------
    AddressInvalid, AddressOfAnotherSignIn
    """
    try:
        parts = urlsplit(address.strip())
        place = (parts.scheme, parts.hostname, parts.port)
        given = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        raise AddressInvalid("That is no address of a page.") from None
    if place not in {("http", HOST, PORT), ("http", "localhost", PORT)} or parts.path not in (
        "",
        "/",
    ):
        raise AddressInvalid("That is not the address at which signing in ends.")
    if "state" not in given or not ({"code", "error"} & given.keys()):
        raise AddressInvalid("The address was not copied whole.")
    if given["state"] != [state]:
        raise AddressOfAnotherSignIn("That address belongs to another sign-in, or to an old one.")
    return parts.query


def _get(target: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(HOST, PORT, timeout=SECONDS)
    try:
        try:
            connection.connect()
        except OSError as error:
            raise RcloneFailed("The sign-in does not wait any more.", "Start again.") from error
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException):
            # With what it waited for in hand, rclone hangs up, sometimes before it answers.
            return 0, ""
        return answer.status, answer.getheader("Location") or ""
    finally:
        connection.close()
