"""What only Google can tell the doctor: its time, and whose account a token is for."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

from jupyter_drive_sync.drive.calls import API, DriveCalls
from jupyter_drive_sync.errors import Offline, RcloneFailed

SECONDS = 10.0
"""How long Google may take to answer."""


def clock_ahead() -> float:
    """Return how many seconds this computer's clock is ahead of Google's.

    Needs no sign-in: every answer says what time it is there, the one that refuses too.

    Raises
    ------
    Offline
        Google cannot be reached.
    RcloneFailed
        Something answers that is not Google.
    """
    before = time.time()
    date = _date()
    after = time.time()
    if date is None:
        raise RcloneFailed(
            "What answers in Google's place does not say what time it is.",
            "A proxy or a sign-in page of the network may be in between.",
        )
    # The header counts whole seconds.
    ahead, behind = before - (date + 1), after - date
    return ahead if ahead > 0 else min(behind, 0.0)


def account(token: str) -> str:
    """Return whose account an access token is for: an address, else a name, else nothing.

    Raises
    ------
    SignInNeeded, Offline, RateLimited, RcloneFailed
        Google does not say.
    """
    user = DriveCalls(token).get("about", fields="user(displayName,emailAddress)").get("user")
    found = user if isinstance(user, dict) else {}
    return str(found.get("emailAddress") or found.get("displayName") or "")


def _date() -> float | None:
    context = ssl.create_default_context()
    try:
        with urllib.request.urlopen(f"{API}/about", timeout=SECONDS, context=context) as answer:  # noqa: S310
            date = answer.headers.get("Date")
    except urllib.error.HTTPError as error:
        with error:
            date = error.headers.get("Date")
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
        raise Offline("Google cannot be reached from this computer.") from error
    try:
        return None if date is None else parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
