"""Why Mixpanel refused a call: read from status and words, as no code says it."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.core.authentication import ServiceAccountBasic
from mixtui.core.families import Family, family_of
from mixtui.core.refusal_advice import advice_for_status, advice_for_text
from mixtui.core.regions import OtherRegion, advice, region_doubt, unsure_advice
from mixtui.core.words import pluralise

if TYPE_CHECKING:
    from mixtui.core.answers import AnswerFacts
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
_DAYS = re.compile(r"date range exceeds (\d{1,6}) days into the past", re.I)
_PAYMENT = re.compile(r"payment is required", re.I)
_QUOTA = re.compile(r"rate limit exceeded|exceeded rate limits", re.I)
_CREDENTIALS = re.compile(
    r"unable to authenticate|authentication failed"
    r"|(invalid|missing|incorrect) (project |api |service account )?(secret|credentials)"
    r"|unauthori[sz]ed",
    re.I,
)
_TWICE = re.compile(r"/([a-z-]+)/\1(?:/|$)")
"""Such as ``/export`` typed behind a base URL that ends with it."""
_SECRET = re.compile(r"invalid project secret", re.I)
_APP = frozenset({Family.APP, Family.SERVICE_ACCOUNTS, Family.GDPR})


def classify_refusal(
    exchange: Exchange, body: AnswerFacts, known: tuple[OtherRegion, ...] = ()
) -> tuple[Refusal, str]:
    """The reason for a 4xx, and a sentence with what to do.

    Args:
        exchange: What was refused.
        body: What its body says.
        known: Environments that have the project in another region.
    """
    status = exchange.response.status
    if status == 429:
        return Refusal.QUOTA, _quota_advice(exchange, body.error)
    if (found := by_words(exchange, body.error, known)) is not None:
        return found
    if status == 402:
        return Refusal.PLAN, _plan_advice(body.error)
    if status in (401, 403):
        return _of_credentials(exchange, body.error, known)
    return Refusal.OTHER, _other_advice(exchange, body)


def by_words(
    exchange: Exchange, text: str, known: tuple[OtherRegion, ...] = ()
) -> tuple[Refusal, str] | None:
    """The same from the words alone, whatever the status; None = they do not tell."""
    if _REGION.search(text):
        return Refusal.REGION, advice(exchange.request, known)
    if _PLAN.search(text):
        return Refusal.PLAN, _plan_advice(text)
    if _CREDENTIALS.search(text):
        return _of_credentials(exchange, text, known)
    if _QUOTA.search(text):
        return Refusal.QUOTA, _quota_advice(exchange, text)
    return None


def is_plain_refusal(text: str) -> bool:
    """Whether a text that is a whole body is a refusal, and not what was asked for."""
    return any(p.match(text) for p in (_PLAN, _CREDENTIALS)) or (
        _PAYMENT.search(text[:200]) is not None and text.startswith("Your ")
    )


def _other_advice(exchange: Exchange, body: AnswerFacts) -> str:
    family, status = family_of(exchange.request), exchange.response.status
    if body.refused and family is Family.LOOKUP:
        return (
            "The table stays as it was: correct the rows and send it whole. Mixpanel "
            "names the first 10."
        )
    if body.refused:
        return (
            f"Nothing was stored, {pluralise(body.refused, 'record')} refused: correct "
            "them and send all again."
        )
    twice = _TWICE.search(urlsplit(exchange.request.url).path)
    if status == 404 and twice is not None:
        return (
            f"There is nothing at this URL: {twice[1]} stands in it twice, as the API's "
            "own part ends with it, so leave it out."
        )
    return advice_for_text(family, body.error) or advice_for_status(
        family, exchange.request.method, status
    )


def _plan_advice(text: str) -> str:
    if _PAYMENT.search(text):
        return (
            "The account is blocked until a payment is made: somebody who may see its "
            "billing settles that."
        )
    if found := _DAYS.search(text):
        return f"The plan looks back {int(found[1]):,} days: choose a later from_date."
    return (
        "The project's plan does not include this call; nothing is wrong with the "
        "request."
    )


_WAITS = {
    Family.GDPR: "Nothing was done: wait longer each time, for hours if need be.",
}


def _quota_advice(exchange: Exchange, text: str) -> str:
    if "concurrently" in text or "last hour" in text:
        return "Nothing was done: wait until the project may ask again."
    return _WAITS.get(
        family_of(exchange.request),
        "Nothing was done: the project sends too much, so wait and send less.",
    )


def _of_credentials(
    exchange: Exchange, text: str, known: tuple[OtherRegion, ...]
) -> tuple[Refusal, str]:
    """A 401 of the App server does not tell a wrong region from a wrong credential."""
    request = exchange.request
    unsure = exchange.response.status == 401 and family_of(request) in _APP
    if unsure and known and request.authorization is not None:
        return Refusal.REGION, unsure_advice(request, known)
    sentence = _credential_advice(exchange, text)
    return Refusal.CREDENTIALS, f"{sentence} {region_doubt(known)}".strip()


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
