"""Refuse a request with an error in the format of its API family.

Shapes: https://developer.mixpanel.com/reference and, for Query, responses quoted in
public issue threads (airbytehq/airbyte#9410, mixpanel/mixpanel-python#110).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from mixtui.sandbox.data.json_text import Json

_TYPES = {400: "validation_error", 404: "not_found", 409: "invalid_state"}
"""The ``type`` of an error inside a 200; Mixpanel publishes no list."""


class Family(Enum):
    """The shape of an error."""

    INGESTION = auto()
    """``{"code", "error", "status": "Bad Request"}``"""
    QUERY = auto()
    """``{"request", "error"}``; raw export as well."""
    APP = auto()
    """``{"status": "error", "error"}``; pipelines and the evaluation of flags as well."""
    MANAGEMENT = auto()
    """Flags and experiments: authentication errors as in App; errors about the request
    itself have status 200 and ``{"status": "error", "type", "error"}``.
    """


class Refusal(Exception):
    """Ends a request with an error response."""

    def __init__(
        self,
        status: int,
        error: str,
        *,
        retry_after: int | None = None,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.retry_after = retry_after
        """Seconds; None = the header is not sent."""
        self.extra = extra or {}
        """Further keys of the response, which override the usual ones."""

    def response(self, family: Family, target: str) -> Response:
        """Return the response.

        Args:
            family: The family, which determines the shape.
            target: Path and query of the request, which Query includes.
        """
        headers = (
            {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        )
        body = {**self._body(family, target), **self.extra}
        is_inside_200 = family is Family.MANAGEMENT and self.status in _TYPES
        status = 200 if is_inside_200 else self.status
        return JSONResponse(body, status_code=status, headers=headers)

    def _body(self, family: Family, target: str) -> dict[str, Json]:
        match family:
            case Family.INGESTION:
                return {
                    "code": self.status,
                    "error": self.error,
                    "status": HTTPStatus(self.status).phrase,
                }
            case Family.QUERY:
                return {"request": target, "error": self.error}
            case Family.MANAGEMENT if kind := _TYPES.get(self.status):
                return {"status": "error", "type": kind, "error": self.error}
            case Family.APP | Family.MANAGEMENT:
                return {"status": "error", "error": self.error}


def family_of(path: str) -> Family:
    """Return the family of a path that has no endpoint."""
    if path.startswith(("/api/app", "/api/2.0/nessie", "/flags")):
        return Family.APP
    return Family.QUERY if path.startswith("/api/") else Family.INGESTION
