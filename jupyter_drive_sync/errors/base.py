"""What all errors are."""

from __future__ import annotations

from typing import ClassVar


class DriveSyncError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    message : str
        What happened, for a person, without secrets.
    hint : str, optional
        What the person can do now. Falls back to the class's ``default_hint``.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint

    def as_json(self) -> dict[str, str]:
        """Return the wire form ``{code, message, hint}``."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class InvalidInput(DriveSyncError):
    """The request itself is at fault."""

    code = "invalid_input"
    status = 400


class NotFound(DriveSyncError):
    """The thing asked for is not there."""

    code = "not_found"
    status = 404


class NotPossible(DriveSyncError):
    """The request is well formed but does not fit the present situation."""

    code = "not_possible"
    status = 409
