"""What a success means, where it is less or more than "done"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mixtui.core.families import Family
from mixtui.core.visible import sanitize_excerpt
from mixtui.core.words import pluralise

if TYPE_CHECKING:
    from mixtui.core.answers import AnswerFacts
    from mixtui.core.exchange import Exchange

_READ = 100_000
"""Bytes; what tells something beside its status is small."""
_TEXT = 80


def not_verified_detail(family: Family) -> str:
    """What a bare ``1`` means; it differs by family, and is never proof.

    https://developer.mixpanel.com/reference/track-event and .../create-identity.
    """
    if family is Family.IDENTITY:
        return (
            "Mixpanel took the ids; it checks the token and links them later, so look "
            "for them in the project."
        )
    return (
        "Mixpanel took the request, perhaps only some of its records; it checks token "
        "and records later, so look for them in the project."
    )


def success_detail(exchange: Exchange, body: AnswerFacts, family: Family) -> str:
    """What to know about an answer that was accepted; empty = nothing."""
    response = exchange.response
    if body.stored is not None:
        return f"{pluralise(body.stored, 'record')} stored."
    if family is Family.EXPORT and not response.body_bytes:
        return (
            "No events: none fit these days and this filter. Both dates are days of "
            "the project's time zone, and included."
        )
    if family in (Family.TRACK, Family.PROFILES):
        return (
            "The token is checked later: look for the records in the project."
            if body.verbose
            else ""
        )
    if family is Family.LOOKUP and exchange.request.method == "PUT":
        return "The whole table was replaced."
    if response.body_bytes > _READ:
        return ""
    tells = _TELLS.get(family)
    return tells(_decoded(response.body), exchange) if tells else ""


def _decoded(body: bytes) -> Any:
    import msgspec

    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _of_flags(answer: Any, exchange: Exchange) -> str:
    if isinstance(answer, dict) and answer.get("flags") == {}:
        return "No flag applies: only those that the user is enrolled in are listed."
    return ""


def _of_gdpr(answer: Any, exchange: Exchange) -> str:
    """A job that was created, its state, or that it was cancelled."""
    if exchange.request.method == "DELETE":
        return "The deletion was cancelled."
    results = answer.get("results") if isinstance(answer, dict) else None
    # The description has an object, the page a list of them.
    job = results[0] if isinstance(results, list) and results else results
    if not isinstance(job, dict):
        return ""
    if exchange.request.method == "POST":
        number = job.get("tracking_id") or job.get("task_id")
        asks = sanitize_excerpt(str(number), _TEXT) if number else "its id"
        return f"The job was taken, not done: ask for the state of {asks} from time to time."
    state = str(job.get("status", ""))
    return _JOB_STATES.get(
        state, f"The job is {sanitize_excerpt(state, _TEXT)}." if state else ""
    )


_JOB_STATES = {
    "SUCCESS": "The job is done.",
    "FAILURE": "The job failed: start it again.",
    "REVOKED": "The job was cancelled.",
    "NOT_FOUND": "There is no such job: check its id, and the token of the project.",
    "UNKNOWN": "Mixpanel does not know what became of the job.",
}


def _of_accounts(answer: Any, exchange: Exchange) -> str:
    if exchange.request.method != "POST":
        return ""
    return "The secret of a new account is told this once: keep it now."


def _of_app(answer: Any, exchange: Exchange) -> str:
    """How many schemas were added or deleted."""
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, dict):
        return ""
    words = {"added": "added", "deleted": "deleted", "delete_count": "deleted"}
    told = [
        f"{results[name]:,} {word}"
        for name, word in words.items()
        if type(results.get(name)) is int
    ]
    return f"{', '.join(told)}." if told else ""


_TELLS = {
    Family.FLAGS: _of_flags,
    Family.GDPR: _of_gdpr,
    Family.SERVICE_ACCOUNTS: _of_accounts,
    Family.APP: _of_app,
}
