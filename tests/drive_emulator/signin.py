"""The sign-in service: access tokens, refresh tokens, and codes from the consent page."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT_ID = "123456789012-emulator.apps.googleusercontent.com"
CLIENT_SECRET = "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or"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
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
    account: str


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
    account : str
        With which account the person on the consent page is signed in; empty: the owner's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.client_id = CLIENT_ID
        self.client_secret = CLIENT_SECRET
        self.lifetime = 3599
        self.refuse_refresh = False
        self.consent = True
        self.account = ""
        self._access: dict[str, tuple[float, str]] = {}
        self._refresh: dict[str, str] = {}
        self._keys: dict[str, rsa.RSAPublicKey] = {}
        self._codes: dict[str, _Code] = {}
        self._scopes: dict[str, str] = {}

    def new_access(self, lifetime: float | None = None, account: str = "") -> str:
        """Make a good access token, for so many seconds if not for the usual ones."""
        token = "ya29." + secrets.token_urlsafe(40)
        seconds = self.lifetime if lifetime is None else lifetime
        with self._lock:
            self._access[token] = (time.monotonic() + seconds, account)
        return token

    def new_refresh(self, account: str = "") -> str:
        """Make a good refresh token."""
        token = "1//0" + secrets.token_urlsafe(40)
        with self._lock:
            self._refresh[token] = account
        return token

    def add_service_account(self, name: str) -> dict[str, str]:
        """Make a service account; return its key."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        email = f"{name}@emulator.iam.gserviceaccount.com"
        with self._lock:
            self._keys[email] = key.public_key()
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": "emulator",
            "private_key_id": "0123456789abcdef",
            "private_key": private.decode(),
            "client_email": email,
            "client_id": "123456789012345678901",
            "token_uri": "https://oauth2.googleapis.com/token",
        }

    def forget(self, token: str) -> None:
        """Revoke one sign-in, by its refresh token or its access token.

        Raises
        ------
        SignInError
            It is not known.
        """
        with self._lock:
            if self._refresh.pop(token, None) is None and self._access.pop(token, None) is None:
                raise SignInError("invalid_token", "Token expired or revoked")

    def knows(self, token: str) -> bool:
        """Say whether a refresh token is good."""
        with self._lock:
            return token in self._refresh

    def account_of(self, authorization: str) -> str:
        """Return whose token is in an ``Authorization`` header; empty for the owner's."""
        with self._lock:
            return self._access.get(authorization.partition(" ")[2], (0.0, ""))[1]

    def scope_of(self, token: str) -> str:
        """Return what a token allows: all of Drive unless less was asked for."""
        with self._lock:
            return self._scopes.get(token, SCOPE)

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
            return scheme == "Bearer" and self._access.get(token, (0.0, ""))[0] > time.monotonic()

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
                self._codes[code] = _Code(
                    redirect, query.get("code_challenge", ""), scope, self.account
                )
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
        if form.get("grant_type") == JWT_GRANT:
            return self._answer(SCOPE, self._service_account(form.get("assertion", "")))
        client = (form.get("client_id", ""), form.get("client_secret", ""))
        if authorization.startswith("Basic "):
            user, _, password = base64.b64decode(authorization[6:]).decode().partition(":")
            client = (user, password)
        if client != (self.client_id, self.client_secret):
            raise SignInError("invalid_client", "The OAuth client was not found.", 401)
        match form.get("grant_type"):
            case "refresh_token":
                with self._lock:
                    account = self._refresh.get(form.get("refresh_token", ""))
                if self.refuse_refresh or account is None:
                    raise SignInError("invalid_grant", "Token has been expired or revoked.")
                return self._answer(self.scope_of(form.get("refresh_token", "")), account)
            case "authorization_code":
                with self._lock:
                    code = self._codes.pop(form.get("code", ""), None)
                if code is None or code.redirect_uri != form.get("redirect_uri"):
                    raise SignInError("invalid_grant", "Malformed auth code.")
                if code.challenge and code.challenge != _challenge(form.get("code_verifier", "")):
                    raise SignInError("invalid_grant", "Invalid code verifier.")
                answer = self._answer(code.scope, code.account)
                refresh = self.new_refresh(code.account)
                self._scopes[refresh] = code.scope
                return answer | {"refresh_token": refresh}
            case other:
                raise SignInError("unsupported_grant_type", f"Invalid grant_type: {other}")

    def _service_account(self, assertion: str) -> str:
        """Return the address of the service account that signed an assertion."""
        signed, _, signature = assertion.rpartition(".")
        try:
            email = json.loads(_unpadded(signed.split(".")[1]))["iss"]
            self._keys[email].verify(
                _unpadded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except (ValueError, IndexError, KeyError, InvalidSignature):
            raise SignInError("invalid_grant", "Invalid JWT Signature.") from None
        return str(email)

    def _answer(self, scope: str, account: str) -> dict[str, object]:
        access = self.new_access(account=account)
        self._scopes[access] = scope
        return {
            "access_token": access,
            "expires_in": self.lifetime,
            "scope": scope,
            "token_type": "Bearer",
        }


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
