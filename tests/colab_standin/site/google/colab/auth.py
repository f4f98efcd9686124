"""Signing in: a dialog in the page, then credentials from the metadata server."""

import os

from google.colab import _message, errors

__all__ = ["authenticate_user"]


def _signed_in():
    import google.auth
    import google.auth.exceptions
    import google.auth.transport.requests

    try:
        credentials, _ = google.auth.default(scopes=["email"])
        credentials.refresh(google.auth.transport.requests.Request())
    except google.auth.exceptions.GoogleAuthError:
        return False
    return credentials.valid


def authenticate_user(clear_output=True, project_id=None):
    if os.environ.get("VERTEX_PRODUCT") == "COLAB_ENTERPRISE":
        print("WARNING: authenticate_user() is not supported in Colab Enterprise.")
        return
    if _signed_in():
        return
    _message.blocking_request(
        "request_auth", request={"authType": "auth_user_ephemeral"}, timeout_sec=None
    )
    if not _signed_in():
        raise errors.AuthorizationError("Failed to fetch user credentials")
