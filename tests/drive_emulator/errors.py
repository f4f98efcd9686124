"""Refusals in the form Google's API gives them."""

from __future__ import annotations

from typing import Any

_DOMAINS = {
    "rateLimitExceeded": "usageLimits",
    "userRateLimitExceeded": "usageLimits",
    "dailyLimitExceeded": "usageLimits",
    "accessNotConfigured": "usageLimits",
}

MESSAGES = {
    "accessNotConfigured": (
        "Google Drive API has not been used in project 123456789012 before or it is disabled. "
        "Enable it by visiting https://console.developers.google.com/apis/api/"
        "drive.googleapis.com/overview?project=123456789012 then retry."
    ),
    "authError": "Invalid Credentials",
    "backendError": "Backend Error",
    "rateLimitExceeded": "Rate Limit Exceeded",
    "storageQuotaExceeded": "The user's Drive storage quota has been exceeded.",
    "userRateLimitExceeded": "User Rate Limit Exceeded.",
}


class ApiError(Exception):
    """An answer other than success.

    Attributes
    ----------
    status : int
        The HTTP status.
    reason : str
        Google's word for the cause; empty for an answer without a JSON body.
    message : str
        Google's sentence.
    retry_after : int or None
        Seconds for the ``Retry-After`` header.
    """

    def __init__(
        self, status: int, reason: str = "", message: str = "", retry_after: int | None = None
    ) -> None:
        self.status = status
        self.reason = reason
        self.message = message or MESSAGES.get(reason, f"Answer {status}")
        self.retry_after = retry_after
        super().__init__(f"{status} {reason}: {self.message}")

    def body(self) -> dict[str, Any] | None:
        """Return the JSON body, or None for a bare answer."""
        if not self.reason:
            return None
        entry = {
            "domain": _DOMAINS.get(self.reason, "global"),
            "reason": self.reason,
            "message": self.message,
        }
        return {"error": {"errors": [entry], "code": self.status, "message": self.message}}


def not_found(file_id: str) -> ApiError:
    """Build the answer for an id that names nothing."""
    return ApiError(404, "notFound", f"File not found: {file_id}.")


def invalid(what: str) -> ApiError:
    """Build the answer for a parameter that makes no sense."""
    return ApiError(400, "invalid", f"Invalid Value: {what}")
