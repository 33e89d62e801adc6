"""Why Mixpanel refused a call: read from status and words, as no code says it."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from mixtui.core.authentication import ServiceAccountBasic

if TYPE_CHECKING:
    from mixtui.core.answers import Said
    from mixtui.core.exchange import Exchange
    from mixtui.core.prepare import PreparedRequest


class Refusal(Enum):
    """The reasons that call for different actions."""

    CREDENTIALS = auto()
    REGION = auto()
    PLAN = auto()
    QUOTA = auto()
    OTHER = auto()


# Texts seen from Mixpanel's servers, in public issue reports and client code.
_REGION = re.compile(r"invalid project id for cluster|wrong (cluster|region)", re.I)
_PLAN = re.compile(
    r"your plan does not|upgrade (at|your plan)|account is blocked because payment"
    r"|date range exceeds \d+ days into the past",
    re.I,
)
_CREDENTIALS = re.compile(
    r"unable to authenticate|authentication failed"
    r"|(invalid|missing|incorrect) (project |api |service account )?(secret|credentials)"
    r"|unauthori[sz]ed",
    re.I,
)
_SECRET = re.compile(r"invalid project secret", re.I)

_ADVICE = {
    400: "The request is not what the operation wants: correct it.",
    404: "There is nothing at this URL: check API, path, ids and region.",
    405: "This URL does not take this method: choose another.",
    412: "The query or script failed: correct it.",
    413: "The body is too big: split it.",
    414: "The URL is too long: put the data into the body of a POST.",
    415: "The content type is not the right one: choose another body type.",
    422: "The request is not what the operation wants: correct it.",
}


def recognise(exchange: Exchange, body: Said) -> tuple[Refusal, str]:
    """The reason for a 4xx, and a sentence with what to do."""
    status, text = exchange.response.status, body.error
    where = exchange.request
    if status == 429:
        return Refusal.QUOTA, _quota_advice(text)
    if _REGION.search(text):
        return Refusal.REGION, (
            f"The project {where.project_id or '(none)'} seems to live elsewhere than "
            f"in {where.region}: check region and project of the environment "
            f"{where.environment}."
        )
    if status == 402 or _PLAN.search(text):
        return Refusal.PLAN, "The project's plan does not include this call."
    if status in (401, 403) or _CREDENTIALS.search(text):
        return Refusal.CREDENTIALS, _credential_advice(exchange, text)
    return Refusal.OTHER, _ADVICE.get(status, "The request was refused: correct it.")


def _quota_advice(text: str) -> str:
    if "concurrently" in text or "last hour" in text:
        return "Nothing was done: wait until the project may ask again."
    return "Nothing was done: the project sends too much, so wait and send less."


def _credential_advice(exchange: Exchange, text: str) -> str:
    request = exchange.request
    if request.authorization is None:
        return _advice_without_credential(request)
    if _SECRET.search(text) and isinstance(request.authorization, ServiceAccountBasic):
        # mixpanel/mixpanel-python#110: this text names the wrong credential.
        return (
            f"The {request.authorization} was refused: check that project_id is sent, "
            f"and secret and role in the environment {request.environment}."
        )
    if exchange.response.status == 403:
        return (
            f"The {request.authorization} may not do this: check its role and the "
            f"project of the environment {request.environment}."
        )
    return (
        f"The {request.authorization} was refused: check it, the project and the "
        f"region of the environment {request.environment}."
    )


def _advice_without_credential(request: PreparedRequest) -> str:
    if any(name.lower() == "authorization" for name, _ in request.headers):
        return "The Authorization header that you typed was refused: correct it."
    if request.endpoint.token_authenticates:
        return (
            "The project token in the body was refused: check that of the environment "
            f"{request.environment}."
        )
    return "No credential was sent: choose one in the Auth tab."
