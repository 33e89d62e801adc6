"""What really happened: HTTP status, body and method together, in words.

At Mixpanel a status of 200 may hold a refusal, a 400 may have stored most records, and
a bare ``1`` says little.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mixtui.jsontext import NotJson, decode_text, read_leniently
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import Method
from mixtui.model.errors import ExitStatus, SendError
from mixtui.model.secrets import Redactor
from mixtui.outcome.answers import AnswerFacts, BodyForm, Family, family_of, read_answer
from mixtui.outcome.refusals import (
    Refusal,
    by_text,
    classify_refusal,
    is_plain_refusal,
    quota_detail,
)
from mixtui.outcome.regions import OtherRegion, loss_warning
from mixtui.text import pluralise, sanitize_excerpt

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange


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
    try:
        return read_leniently(decode_text(body))
    except NotJson:
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
    verbs = {"added": "added", "deleted": "deleted", "delete_count": "deleted"}
    messages = [
        f"{results[name]:,} {word}"
        for name, word in verbs.items()
        if type(results.get(name)) is int
    ]
    return f"{', '.join(messages)}." if messages else ""


_TELLS = {
    Family.FLAGS: _of_flags,
    Family.GDPR: _of_gdpr,
    Family.SERVICE_ACCOUNTS: _of_accounts,
    Family.APP: _of_app,
}


class OutcomeKind(StrEnum):
    """One of the ways a call can end; the value is what people read."""

    ACCEPTED = "accepted"
    NOT_VERIFIED = "accepted, not verified"
    REJECTED = "rejected"
    """Answered with success, but an error inside."""
    PARTLY_STORED = "partly stored"
    INCOMPLETE = "incomplete"
    UNAUTHORISED = "unauthorised"
    WRONG_REGION = "wrong region?"
    PLAN = "plan does not allow"
    QUOTA = "quota used up"
    REFUSED = "refused"
    """Any other 4xx."""
    SERVER_ERROR = "server error"
    REDIRECT = "redirect not followed"
    NO_ANSWER = "no answer"
    MAYBE_DONE = "no answer; the server may have done it"


_EXIT = {
    OutcomeKind.ACCEPTED: ExitStatus.ACCEPTED,
    OutcomeKind.NOT_VERIFIED: ExitStatus.ACCEPTED,
    OutcomeKind.PARTLY_STORED: ExitStatus.PARTLY_STORED,
    OutcomeKind.INCOMPLETE: ExitStatus.NO_ANSWER,
    OutcomeKind.QUOTA: ExitStatus.QUOTA,
    OutcomeKind.NO_ANSWER: ExitStatus.NO_ANSWER,
    OutcomeKind.MAYBE_DONE: ExitStatus.NO_ANSWER,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended."""

    kind: OutcomeKind
    label: str
    """Short, for beside the status: the kind, with its numbers if it has some."""
    detail: str = ""
    """What it means and what to do; empty if there is nothing to add."""
    exit_status: int = ExitStatus.ACCEPTED
    """What a process ends with (see `ExitStatus`)."""


def outcome(exchange: Exchange, known: tuple[OtherRegion, ...] = ()) -> Outcome:
    """How a call that was answered ended.

    Args:
        exchange: What was sent and answered.
        known: Environments that have the project in another region: evidence that the
            region is the wrong one, where an answer leaves that open.
    """
    status, body = exchange.response.status, read_answer(exchange.response)
    if body.rejected and body.stored:
        return _partly_stored(exchange, body)
    if 200 <= status < 300:
        return _of_success(exchange, body, known)
    if status >= 500:
        return _server_error(exchange, body)
    if status == 400 and exchange.response.cut_short and _stores(exchange):
        return _ended(OutcomeKind.INCOMPLETE, _cut_refusal(exchange.response.cut_short))
    if status >= 400:
        return _of_refusal(exchange, body, classify_refusal(exchange, body, known))
    why = " ".join(exchange.notices) or "The answer is a redirect that leads nowhere."
    return _ended(OutcomeKind.REDIRECT, why)


def no_response(error: SendError) -> Outcome:
    """How a call that was not answered ended."""
    kind = OutcomeKind.MAYBE_DONE if error.maybe_done else OutcomeKind.NO_ANSWER
    return _ended(kind, str(error))


def cancelled(safety: Safety) -> Outcome:
    """How a call ended that the person stopped before an answer came."""
    if safety.writes:
        detail = "The server may have done it: look before you send it again."
        return _ended(OutcomeKind.MAYBE_DONE, detail, "cancelled")
    return _ended(OutcomeKind.NO_ANSWER, "Nothing more was read.", "cancelled")


def _ended(kind: OutcomeKind, detail: str = "", text: str = "") -> Outcome:
    return Outcome(
        kind, text or kind.value, detail, _EXIT.get(kind, ExitStatus.REFUSED)
    )


def _of_success(
    exchange: Exchange, body: AnswerFacts, known: tuple[OtherRegion, ...]
) -> Outcome:
    response, family = exchange.response, family_of(exchange.request)
    if body.failed or body.rejected or _is_refusal(body):
        return _rejected(exchange, body, known)
    if body.form is BodyForm.PAGE:
        return _ended(
            OutcomeKind.REJECTED,
            "The answer is a web page and none of the API's: check API, path and any "
            "proxy.",
        )
    if response.cut_short:
        return _ended(OutcomeKind.INCOMPLETE, response.cut_short)
    if body.ended_early:
        return _ended(
            OutcomeKind.INCOMPLETE,
            "The server ended the export early, as its last line says: records are "
            "missing, so ask for fewer days at once.",
        )
    if body.bare == "1":
        detail = not_verified_detail(family)
        return _ended(OutcomeKind.NOT_VERIFIED, _or_lost(detail, family, known))
    if (unproven := _unproven(exchange, body.form, family)) is not None:
        return unproven
    detail = success_detail(exchange, body, family)
    return _ended(OutcomeKind.ACCEPTED, _or_lost(detail, family, known))


def _is_refusal(body: AnswerFacts) -> bool:
    return body.form is BodyForm.TEXT and is_plain_refusal(body.error)


_UNREADABLE = {
    BodyForm.EMPTY: (
        OutcomeKind.INCOMPLETE,
        "The answer is empty, and this operation answers with JSON: ask again.",
    ),
    BodyForm.TRUNCATED: (
        OutcomeKind.INCOMPLETE,
        "The answer breaks off inside its JSON: the rest is missing, so ask again.",
    ),
    BodyForm.MALFORMED: (
        OutcomeKind.INCOMPLETE,
        "The answer is meant as JSON and is not valid: it cannot be relied on.",
    ),
    BodyForm.BINARY: (
        OutcomeKind.REJECTED,
        "The answer is binary and none of the API's: check API, path and any proxy.",
    ),
}
_MAY_BE_EMPTY = frozenset({Family.EXPORT, Family.PIPELINES, Family.OTHER})
_PROVES_STORAGE = frozenset({BodyForm.OBJECT, BodyForm.BARE})


def _unproven(exchange: Exchange, form: BodyForm, family: Family) -> Outcome | None:
    """Return the outcome of a success whose body does not prove it, or None.

    What cannot be read is never taken for a success.
    """
    unreadable = form in _UNREADABLE
    if form is BodyForm.EMPTY:
        unreadable = not (
            exchange.response.status in (204, 205)
            or exchange.request.method is Method.DELETE
            or family in _MAY_BE_EMPTY
        )
    if exchange.request.safety.writes:
        if unreadable or (family in _LOSES and form not in _PROVES_STORAGE):
            return _ended(
                OutcomeKind.NOT_VERIFIED,
                "The answer is none that this operation gives, and proves nothing: look "
                "in the project before you send the request again.",
            )
        return None
    if form is BodyForm.BINARY and family is Family.OTHER:
        return None  # Nobody knows what an undocumented path answers.
    return _ended(*_UNREADABLE[form]) if unreadable else None


def _stores(exchange: Exchange) -> bool:
    """A 400 of this operation may have stored a part, and only the body tells."""
    return family_of(exchange.request) is Family.IMPORT


def _cut_refusal(why: str) -> str:
    return (
        f"{why} Some records were refused and the others may be stored: look before "
        "you send them again."
    )


_LOSES = frozenset({Family.IMPORT, Family.TRACK, Family.IDENTITY, Family.PROFILES})


def _or_lost(detail: str, family: Family, known: tuple[OtherRegion, ...]) -> str:
    """Ingestion takes records in a region where the project does not live, too."""
    return f"{detail} {loss_warning(known)}".strip() if family in _LOSES else detail


def _rejected(
    exchange: Exchange, body: AnswerFacts, known: tuple[OtherRegion, ...]
) -> Outcome:
    if body.bare:
        return _ended(
            OutcomeKind.REJECTED,
            "Mixpanel refused the records: check their token and layout, or add "
            "verbose=1 to the query to be told why.",
        )
    if (classified := by_text(exchange, body.error, known)) is not None:
        return _of_refusal(exchange, body, classified)
    _, advice = classify_refusal(exchange, body, known)
    return _ended(OutcomeKind.REJECTED, _with_server_text(advice, exchange, body))


def _partly_stored(exchange: Exchange, body: AnswerFacts) -> Outcome:
    text = f"{OutcomeKind.PARTLY_STORED}: {body.stored:,} in, {body.rejected:,} refused"
    sentence = (
        f"{pluralise(body.stored or 0, 'record')} stored; correct the others and send "
        "those alone."
    )
    detail = _with_server_text(sentence, exchange, body)
    return _ended(OutcomeKind.PARTLY_STORED, detail, text)


def _server_error(exchange: Exchange, body: AnswerFacts) -> Outcome:
    sentence = "The server failed: try again later."
    if exchange.request.safety.writes:
        sentence = "The server failed and may have done it: look before you try again."
    return _ended(OutcomeKind.SERVER_ERROR, _with_server_text(sentence, exchange, body))


_KINDS = {
    Refusal.CREDENTIALS: OutcomeKind.UNAUTHORISED,
    Refusal.REGION: OutcomeKind.WRONG_REGION,
    Refusal.PLAN: OutcomeKind.PLAN,
    Refusal.QUOTA: OutcomeKind.QUOTA,
    Refusal.OTHER: OutcomeKind.REFUSED,
}


def _of_refusal(
    exchange: Exchange, body: AnswerFacts, classified: tuple[Refusal, str]
) -> Outcome:
    refusal, advice = classified
    kind = _KINDS[refusal]
    text = kind.value
    if refusal is Refusal.QUOTA:
        text += quota_detail(exchange, body.error)
    detail = _with_server_text(advice, exchange, body)
    if kind is OutcomeKind.UNAUTHORISED or exchange.response.status in (401, 403):
        return Outcome(kind, text, detail, ExitStatus.CREDENTIALS)
    return _ended(kind, detail, text)


def _with_server_text(sentence: str, exchange: Exchange, body: AnswerFacts) -> str:
    if not body.error:
        return sentence
    text = Redactor(exchange.request.sensitive).redact(body.error)
    return f"{sentence} The server says: «{text.rstrip('.')}»."
