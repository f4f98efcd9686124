"""The sign-in service: access tokens, refresh tokens, and codes from the consent page."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode

CLIENT_ID = "123456789012-emulator.apps.googleusercontent.com"
CLIENT_SECRET = "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or"
SCOPE = "https://www.googleapis.com/auth/drive"


class SignInError(Exception):
    """A refusal in OAuth's own form: a word, and a sentence."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        self.error = error
        self.description = description
        self.status = status
        super().__init__(f"{error}: {description}")

    def body(self) -> dict[str, str]:
        """Return the JSON body."""
        return {"error": self.error, "error_description": self.description}


@dataclass(frozen=True, slots=True)
class _Code:
    redirect_uri: str
    challenge: str
    scope: str


class Tokens:
    """Who may come in.

    Attributes
    ----------
    lifetime : int
        Seconds that an access token is good for.
    refuse_refresh : bool
        Answer every refresh with ``invalid_grant``, as after a revoked or lapsed grant.
    consent : bool
        Whether the person on the consent page says yes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.client_id = CLIENT_ID
        self.client_secret = CLIENT_SECRET
        self.lifetime = 3599
        self.refuse_refresh = False
        self.consent = True
        self._access: dict[str, float] = {}
        self._refresh: set[str] = set()
        self._codes: dict[str, _Code] = {}

    def new_access(self, lifetime: float | None = None) -> str:
        """Make a good access token, for so many seconds if not for the usual ones."""
        token = "ya29." + secrets.token_urlsafe(40)
        with self._lock:
            self._access[token] = time.monotonic() + (
                self.lifetime if lifetime is None else lifetime
            )
        return token

    def new_refresh(self) -> str:
        """Make a good refresh token."""
        token = "1//0" + secrets.token_urlsafe(40)
        with self._lock:
            self._refresh.add(token)
        return token

    def expire(self) -> None:
        """Make every access token given so far worthless; refresh tokens stay good."""
        with self._lock:
            self._access.clear()

    def revoke(self) -> None:
        """Make every token given so far worthless."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()

    def is_good(self, authorization: str) -> bool:
        """Judge the ``Authorization`` header of a call to Drive."""
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            return scheme == "Bearer" and self._access.get(token, 0.0) > time.monotonic()

    def consent_page(self, query: dict[str, str]) -> str:
        """Play the person on the consent page; return the address to go back to.

        Raises
        ------
        SignInError
            For an unknown client or an address to go back to that is missing.
        """
        if query.get("client_id") != self.client_id:
            raise SignInError("invalid_client", "The OAuth client was not found.", 401)
        redirect = query.get("redirect_uri", "")
        if not redirect:
            raise SignInError("invalid_request", "Missing required parameter: redirect_uri")
        answer = {"state": query["state"]} if "state" in query else {}
        if self.consent:
            code = "4/0A" + secrets.token_urlsafe(30)
            scope = query.get("scope", SCOPE)
            with self._lock:
                self._codes[code] = _Code(redirect, query.get("code_challenge", ""), scope)
            answer |= {"code": code, "scope": scope}
        else:
            answer["error"] = "access_denied"
        return redirect + ("&" if "?" in redirect else "?") + urlencode(answer)

    def exchange(self, form: dict[str, str], authorization: str = "") -> dict[str, object]:
        """Answer the token endpoint.

        Raises
        ------
        SignInError
            ``invalid_client``, ``invalid_grant`` or ``unsupported_grant_type``.
        """
        client = (form.get("client_id", ""), form.get("client_secret", ""))
        if authorization.startswith("Basic "):
            user, _, password = base64.b64decode(authorization[6:]).decode().partition(":")
            client = (user, password)
        if client != (self.client_id, self.client_secret):
            raise SignInError("invalid_client", "The OAuth client was not found.", 401)
        match form.get("grant_type"):
            case "refresh_token":
                with self._lock:
                    known = form.get("refresh_token") in self._refresh
                if self.refuse_refresh or not known:
                    raise SignInError("invalid_grant", "Token has been expired or revoked.")
                return self._answer(SCOPE)
            case "authorization_code":
                with self._lock:
                    code = self._codes.pop(form.get("code", ""), None)
                if code is None or code.redirect_uri != form.get("redirect_uri"):
                    raise SignInError("invalid_grant", "Malformed auth code.")
                if code.challenge and code.challenge != _challenge(form.get("code_verifier", "")):
                    raise SignInError("invalid_grant", "Invalid code verifier.")
                return self._answer(code.scope) | {"refresh_token": self.new_refresh()}
            case other:
                raise SignInError("unsupported_grant_type", f"Invalid grant_type: {other}")

    def _answer(self, scope: str) -> dict[str, object]:
        return {
            "access_token": self.new_access(),
            "expires_in": self.lifetime,
            "scope": scope,
            "token_type": "Bearer",
        }


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
