"""What all handlers share: authentication, bodies, and one map from errors to answers."""

from __future__ import annotations

import json
from http import HTTPStatus
from types import TracebackType
from typing import Any

import jsonschema
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_drive_sync.errors import BodyInvalid, DriveSyncError
from jupyter_drive_sync.service.keeper import ProjectKeeper
from jupyter_drive_sync.service.service import DriveSyncService

SERVICE_KEY = "jupyter_drive_sync_service"
"""Where the service stands in Tornado's settings."""

RESOURCE = "jupyter_drive_sync"
"""The resource that an administrator's authorizer is asked about."""


class DriveSyncHandler(APIHandler):
    """Base of all handlers."""

    auth_resource = RESOURCE

    @property
    def service(self) -> DriveSyncService:
        """The service of this server."""
        service = self.settings[SERVICE_KEY]
        if not isinstance(service, DriveSyncService):
            raise TypeError(SERVICE_KEY)
        return service

    async def prepare(self) -> None:  # type: ignore[override]  # as in APIHandler
        """Check who asks, and wait until there is something to answer with."""
        await super().prepare()
        await self.service.started()

    def keeper(self, project_id: str) -> ProjectKeeper:
        """Return a project's keeper, or answer 404."""
        return self.service.keeper(project_id)

    def body(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the request's JSON body, checked; an empty one counts as ``{}``.

        Raises
        ------
        BodyInvalid
        """
        try:
            data = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise BodyInvalid("The body is not JSON.") from error
        try:
            jsonschema.validate(data, schema, format_checker=jsonschema.FormatChecker())
        except jsonschema.ValidationError as error:
            where = "/".join(str(part) for part in error.absolute_path)
            raise BodyInvalid(
                f"The body does not fit: {where or 'body'}: {_short(error)}"
            ) from error
        if not isinstance(data, dict):
            raise BodyInvalid("The body is not a JSON object.")
        return data

    def whole_number(self, name: str, default: int | None, low: int, high: int) -> int | None:
        """Return a query parameter that is a whole number within bounds.

        Raises
        ------
        BodyInvalid
        """
        text = self.get_query_argument(name, "")
        if not text:
            return default
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise BodyInvalid(f"{name} must be a whole number from {low} to {high}.")
        return value

    def answer(self, data: dict[str, Any], status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.finish(json.dumps(data))

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 - Tornado's
        """Answer with the `Error` of api/openapi.yaml."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        self.set_header("Content-Type", "application/json")
        if isinstance(error, DriveSyncError):
            self.set_status(error.status)
            self.finish(json.dumps(error.as_json()))
            return
        reason = HTTPStatus(status_code).phrase
        if isinstance(error, web.HTTPError) and error.log_message and status_code < 500:
            reason = error.log_message % error.args if error.args else error.log_message
        data = {"code": f"http_{status_code}", "message": reason, "hint": ""}
        if status_code == HTTPStatus.FORBIDDEN:
            data["hint"] = "Ask the administrator of this server to allow it."
        if status_code >= 500:
            data["hint"] = "The details are in the server's log."
        self.finish(json.dumps(data))

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Keep errors that a person can mend out of the log's errors."""
        if isinstance(value, DriveSyncError):
            self.log.info("Drive Sync: %s: %s", value.code, value.message)
            return
        super().log_exception(typ, value, tb)


def _short(error: jsonschema.ValidationError) -> str:
    return error.message if len(error.message) < 200 else error.message[:200] + "..."
