"""The access token that rclone keeps, for calls that rclone cannot make."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from jupyter_drive_sync.errors import NotPossible
from jupyter_drive_sync.rclone.config import access_section
from jupyter_drive_sync.rclone.outcome import command_error
from jupyter_drive_sync.rclone.process import Runner

SPARE = timedelta(minutes=2)
"""A token that ends sooner is renewed first."""


def access_token(runner: Runner, name: str) -> str:
    """Return a good access token of a remote: never to be shown, logged or kept.

    Raises
    ------
    NotPossible
        The remote does not sign in by a token (but by a service account, for instance).
    SignInNeeded, Offline, ConfigUnreadable
        It cannot be renewed.
    """
    token, ends = _kept(runner, name)
    if ends is not None and ends - datetime.now(timezone.utc) < SPARE:
        # rclone renews it when it makes a call, and writes the new one into its configuration.
        finished = runner.run(["about", "--low-level-retries", "2"], [f"{name}:"])
        if finished.exit_code != 0:
            raise command_error(finished.exit_code, finished.lines, remote=f"{name}:")
        token, _ = _kept(runner, name)
    return token


def _kept(runner: Runner, name: str) -> tuple[str, datetime | None]:
    section = access_section(runner, name)
    try:
        kept = json.loads(section["token"])
        return str(kept["access_token"]), _time(str(kept.get("expiry", "")))
    except (KeyError, ValueError, TypeError):
        # Not chained: the cause could carry the token.
        raise NotPossible(
            "What Drive keeps of earlier versions can only be seen with a personal sign-in.",
            "Look at the file's versions on its page on Drive.",
        ) from None


def _time(text: str) -> datetime | None:
    """Read Go's time, which may have nanoseconds; None for a token that does not end."""
    if not text or text.startswith("0001-"):
        return None
    whole, zone = text[:19], text[19:].lstrip(".0123456789")
    return datetime.fromisoformat(whole + (zone.replace("Z", "+00:00") or "+00:00"))
