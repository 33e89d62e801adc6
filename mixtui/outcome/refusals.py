"""Classify refusals by status and message, as Mixpanel has no error codes."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mixtui.mixpanel.limits import MAX_PERIOD
from mixtui.model.prepared import ServiceAccountBasic
from mixtui.model.quota import Correction
from mixtui.outcome.body_facts import BodyForm, Family, family_of
from mixtui.outcome.regions import (
    OtherRegion,
    ambiguous_region_hint,
    default_region_note,
    region_hint,
)
from mixtui.patterns import compile_late
from mixtui.text import pluralise

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest
    from mixtui.model.quota import Account
    from mixtui.outcome.body_facts import BodyFacts


_STATUS_HINTS: Final = {
    200: "The status reports success but the body an error: trust the body.",
    400: "The request is not valid for this operation: fix it.",
    404: "Not found: check the API, the path, the ids and the region.",
    405: "This URL does not support this method: use another.",
    407: "The proxy requires authentication: put user:password@host in HTTP_PROXY.",
    408: "The request took too long to arrive: resend it.",
    412: "The query or script failed: fix it.",
    413: "The body is too large: split it.",
    414: "The URL is too long: send the data in the body of a POST.",
    415: "Unsupported content type: choose another body type.",
    422: "The request is not valid for this operation: fix it.",
}
_FAMILY_HINTS: Final = {
    (Family.IMPORT, 413): (
        "The batch is too large: send at most 2,000 events and 2 MB, as some servers "
        "do not accept 10 MB."
    ),
    (Family.TRACK, 413): (
        "The batch is too large: send at most 2,000 events and 10 MB."
    ),
    (Family.PROFILES, 413): (
        "The batch is too large: send at most 2,000 updates of at most 1 MB each."
    ),
    (Family.LOOKUP, 413): "The table is too large: send at most 100 MB of CSV.",
    (Family.LOOKUP, 404): ("Lookup table not found: GET /lookup-tables lists them."),
    (Family.JQL, 412): "The script failed: fix it.",
    (Family.PIPELINES, 404): ("Pipeline not found: GET /pipeline/jobs lists them."),
    (Family.GDPR, 404): ("Job not found: check its id, the token and the region."),
}
# Texts seen from Mixpanel's servers, in public issue reports and client code.
_TEXT_HINTS: Final = (
    (
        r"to_date cannot be later than today",
        "to_date is later than today in the project's time zone: use an earlier date.",
    ),
    (
        r"request for page in uncached query",
        "Mixpanel no longer has the pages of this query: start over at page 0, and "
        "with behaviors send as_of_timestamp.",
    ),
    (
        r"invalid json format: ?(event|values|distinct_ids)",
        'This parameter must be a JSON list, such as ["Sign up"].',
    ),
)
_TIMEOUT_TEXT = compile_late(
    r"^\W*time-?out|(query|request|gateway|server|computation) time-?out"
    r"|time-?out (error|exceeded|expired|while|after)|timed out|deadline exceeded"
    r"|took too long",
    re.IGNORECASE,
)


def hint_for_text(text: str, writes: bool) -> str:
    """Return a hint for a message of the server; empty = the message is unknown."""
    if _TIMEOUT_TEXT.search(text):
        if writes:
            return (
                "The server timed out, but may have processed it: check before you "
                "resend it."
            )
        return (
            "The server timed out: retry, or request less (fewer days, events or "
            "properties)."
        )
    for pattern, sentence in _TEXT_HINTS:
        if re.search(pattern, text, re.IGNORECASE):
            return sentence
    return ""


def hint_for_status(family: Family, method: str, status: int) -> str:
    """Return a hint for a status."""
    if (family, method, status) == (Family.GDPR, "DELETE", 405):
        return "Too late to cancel: the deletion has started."
    if status < 300:
        status = 200
    general = _STATUS_HINTS.get(status, "The request was rejected: fix it.")
    return _FAMILY_HINTS.get((family, status), general)


class Refusal(Enum):
    """The reason for a refusal, as far as the user has to react to it differently."""

    CREDENTIALS = auto()
    REGION = auto()
    PLAN = auto()
    QUOTA = auto()
    OTHER = auto()


# Texts seen from Mixpanel's servers, in public issue reports and client code.
_REGION_TEXT = compile_late(
    r"invalid project id for cluster|wrong (cluster|region)", re.I
)
_PLAN_TEXT = compile_late(
    r"your plan does not|upgrade (at|your plan)|account is blocked because payment"
    r"|date range exceeds \d+ days into the past",
    re.I,
)
_DAYS_TEXT = compile_late(r"date range exceeds (\d{1,6}) days into the past", re.I)
_PAYMENT_TEXT = compile_late(r"payment is required", re.I)
_QUOTA_TEXT = compile_late(r"rate limit exceeded|exceeded rate limits", re.I)
_CREDENTIALS_TEXT = compile_late(
    r"unable to authenticate|authentication failed"
    r"|(invalid|missing|incorrect) (project |api |service account )?(secret|credentials)"
    r"|unauthori[sz]ed",
    re.I,
)
_REPEATED_SEGMENT = compile_late(r"/([a-z-]+)/\1(?:/|$)")
"""Such as ``/export`` after a base URL that ends with it."""
_SECRET_TEXT = compile_late(r"invalid project secret", re.I)
_APP_SERVER_FAMILIES = frozenset({Family.APP, Family.SERVICE_ACCOUNTS, Family.GDPR})


def classify_refusal(
    exchange: Exchange,
    body: BodyFacts,
    other_environments: tuple[OtherRegion, ...] = (),
) -> tuple[Refusal, str]:
    """Return the reason for a 4xx, and a hint that says what to do.

    Args:
        exchange: Request and response.
        body: What the response body says.
        other_environments: Those that have the project in another region.
    """
    status = exchange.response.status
    if body.form is BodyForm.PAGE and status in (401, 402, 403):
        return Refusal.OTHER, (
            "The response is a web page, not an API response: a proxy or firewall may "
            "have blocked the request. Check it, the API and the path."
        )
    if status == 429:
        return Refusal.QUOTA, _quota_hint(exchange, body.error)
    if (
        classified := classify_text(exchange, body.error, other_environments)
    ) is not None:
        return classified
    if status == 402:
        return Refusal.PLAN, _plan_hint(body.error)
    if status in (401, 403):
        return _classify_credential_refusal(exchange, body.error, other_environments)
    return Refusal.OTHER, _other_hint(exchange, body)


def classify_text(
    exchange: Exchange, text: str, other_environments: tuple[OtherRegion, ...] = ()
) -> tuple[Refusal, str] | None:
    """Classify a refusal by its message alone; None = the message is inconclusive."""
    if _REGION_TEXT.search(text):
        return Refusal.REGION, region_hint(exchange.request, other_environments)
    if _PLAN_TEXT.search(text):
        return Refusal.PLAN, _plan_hint(text)
    if _CREDENTIALS_TEXT.search(text):
        return _classify_credential_refusal(exchange, text, other_environments)
    if _QUOTA_TEXT.search(text):
        return Refusal.QUOTA, _quota_hint(exchange, text)
    return None


def is_plain_refusal(text: str) -> bool:
    """Return whether a plain-text body is a refusal, not the requested data."""
    return any(p.match(text) for p in (_PLAN_TEXT, _CREDENTIALS_TEXT)) or (
        _PAYMENT_TEXT.search(text[:200]) is not None and text.startswith("Your ")
    )


def _other_hint(exchange: Exchange, body: BodyFacts) -> str:
    family, status = family_of(exchange.request), exchange.response.status
    if body.rejected and family is Family.LOOKUP:
        return (
            "The table is unchanged: fix the rows and resend all of it. Mixpanel "
            "lists the first 10."
        )
    if body.rejected:
        return (
            f"Nothing was stored, {pluralise(body.rejected, 'record')} rejected: fix "
            "them and resend all."
        )
    repeated = _REPEATED_SEGMENT.search(urlsplit(exchange.request.url).path)
    if status == 404 and repeated is not None:
        return (
            f"Not found: the path contains {repeated[1]} twice, because the API's "
            "base URL ends with it. Remove one."
        )
    writes = exchange.request.safety.writes
    return hint_for_text(body.error, writes) or hint_for_status(
        family, exchange.request.method, status
    )


def _plan_hint(text: str) -> str:
    if _PAYMENT_TEXT.search(text):
        return (
            "The account is blocked until a payment is made: contact someone with "
            "access to its billing."
        )
    if match := _DAYS_TEXT.search(text):
        return (
            f"The plan covers the last {int(match[1]):,} days: use a later from_date."
        )
    return (
        "The project's plan does not include this operation; the request itself is "
        "valid."
    )


_WAIT_HINTS = {
    Family.GDPR: "Not processed: wait longer before each retry, hours if necessary.",
}


def _quota_hint(exchange: Exchange, text: str) -> str:
    if "concurrently" in text or "last hour" in text:
        return "Not processed: wait until the quota resets."
    return _WAIT_HINTS.get(
        family_of(exchange.request),
        "Not processed: the project sends too much, so wait and send less.",
    )


def _classify_credential_refusal(
    exchange: Exchange, text: str, other_environments: tuple[OtherRegion, ...]
) -> tuple[Refusal, str]:
    """Distinguish a wrong region from a wrong credential; an App 401 may be either."""
    request = exchange.request
    is_ambiguous = (
        exchange.response.status == 401 and family_of(request) in _APP_SERVER_FAMILIES
    )
    if is_ambiguous and other_environments and request.authorization is not None:
        return Refusal.REGION, ambiguous_region_hint(request, other_environments)
    hint = _credential_hint(exchange, text)
    return (
        Refusal.CREDENTIALS,
        f"{hint} {default_region_note(other_environments)}".strip(),
    )


def _credential_hint(exchange: Exchange, text: str) -> str:
    request = exchange.request
    if request.authorization is None:
        return _no_credential_hint(request)
    if _SECRET_TEXT.search(text) and isinstance(
        request.authorization, ServiceAccountBasic
    ):
        # mixpanel/mixpanel-python#110: this text names the wrong credential.
        return (
            f"The {request.authorization} was rejected: check that project_id is "
            "sent, and check the secret and role in the environment "
            f"{request.environment}."
        )
    if exchange.response.status == 403:
        return (
            f"The {request.authorization} is not allowed to do this: check its role "
            f"and the project of the environment {request.environment}."
        )
    return (
        f"The {request.authorization} was rejected: check it, the project and the "
        f"region of the environment {request.environment}."
    )


def _no_credential_hint(request: PreparedRequest) -> str:
    if any(name.lower() == "authorization" for name, _ in request.headers):
        return "The Authorization header you set was rejected: fix it."
    if request.endpoint.token_authenticates:
        return (
            "The project token in the body was rejected: check the one in the "
            f"environment {request.environment}."
        )
    return "No credentials were sent: choose a type in the Auth tab."


# "1/5 queries running concurrently and 61/60 queries running in the last hour."
_COUNTER = compile_late(
    r"(\d{1,9})/(\d{1,9}) [a-z ]{0,40}?(concurrently|in the last hour)", re.IGNORECASE
)
_PERIODS = {"concurrently": " concurrent", "in the last hour": ""}


def quota_detail(exchange: Exchange, text: str) -> str:
    """Return counter and wait in brackets, such as `` (61/60; next in 12 min)``.

    Empty if the response states neither.
    """
    wait = wait_label(exchange)
    parts = [_counter_label(text), f"retry in {wait}" if wait else ""]
    facts = "; ".join(filter(None, parts))
    return f" ({facts})" if facts else ""


def hour_counter(text: str) -> tuple[int, int] | None:
    """Return used and allowed requests of the last hour from the message of a 429."""
    for count, limit, period in _COUNTER.findall(text):
        if period.lower() == "in the last hour":
            return int(count), int(limit)
    return None


def read_correction(
    exchange: Exchange, text: str, account: Account
) -> Correction | None:
    """Return the true counters that a response states; None unless it is a 429.

    Args:
        exchange: Request and response.
        text: The server's error message.
        account: The account that the request was counted against.
    """
    if exchange.response.status != 429:
        return None
    used, limit = hour_counter(text) or (None, None)
    return Correction(account, used, limit, retry_after(exchange))


def retry_after(exchange: Exchange) -> float | None:
    """Return the seconds to wait by ``Retry-After`` (RFC 9110, section 10.2.3).

    None if it is absent, unreadable, or longer than any period of Mixpanel's.
    """
    value = (exchange.response.header("retry-after") or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        seconds = float(value)
    else:
        from email.utils import parsedate_to_datetime  # Late: it loads ten modules.

        try:
            until = parsedate_to_datetime(value)
            if until.tzinfo is None:
                until = until.replace(tzinfo=UTC)
            seconds = (until - _response_time(exchange)).total_seconds()
        except (ValueError, OverflowError):  # A year that no calendar has.
            return None
    return max(seconds, 0.0) if seconds <= MAX_PERIOD else None


def _response_time(exchange: Exchange) -> datetime:
    return exchange.timing.started + timedelta(seconds=exchange.timing.total)


def _counter_label(text: str) -> str:
    """Return the counter with the highest share of its limit."""
    highest_share, label = 0.0, ""
    for count, limit, period in _COUNTER.findall(text):
        share = int(count) / max(int(limit), 1)
        if share > highest_share:
            highest_share, label = share, f"{count}/{limit}{_PERIODS[period.lower()]}"
    return label


def wait_label(exchange: Exchange) -> str:
    """Return how long a response asks to wait, such as ``12 min``; empty = it does not."""
    seconds = retry_after(exchange)
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
