"""Refusals, in the shape that each family of Mixpanel APIs gives them.

Shapes: https://developer.mixpanel.com/reference and, for Query, answers quoted in public
issue threads (airbytehq/airbyte#9410, mixpanel/mixpanel-python#110).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from mixtui.sandbox.json_text import Json


class Family(Enum):
    """Which shape an error has."""

    INGESTION = auto()
    """``{"code", "error", "status": "Bad Request"}``"""
    QUERY = auto()
    """``{"request", "error"}``; raw export as well."""
    APP = auto()
    """``{"status": "error", "error"}``; pipelines and flags as well."""


class Refusal(Exception):
    """Ends a call with an error answer."""

    def __init__(
        self,
        status: int,
        error: str,
        *,
        retry_after: int | None = None,
        more: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.retry_after = retry_after
        """Seconds; None = the header is not sent."""
        self.more = more or {}
        """Further keys of the answer; they win over the usual ones."""

    def response(self, family: Family, target: str) -> Response:
        """The answer.

        Args:
            family: Whose shape it takes.
            target: Path and query of the request, which Query repeats.
        """
        headers = (
            {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        )
        body = {**self._body(family, target), **self.more}
        return JSONResponse(body, status_code=self.status, headers=headers)

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
            case Family.APP:
                return {"status": "error", "error": self.error}


def family_of(path: str) -> Family:
    """The family that a path belongs to, for paths that nothing answers."""
    if path.startswith(("/api/app", "/api/2.0/nessie", "/flags")):
        return Family.APP
    return Family.QUERY if path.startswith("/api/") else Family.INGESTION
