"""Judge the outcome of a request from status, body and method together.

The status alone is not enough: a 200 from Mixpanel may contain an error, a 400 may have
stored most of the records, and a bare ``1`` proves little.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from mixtui.jsonbytes import NotJson, decode_text, read_leniently
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import Method
from mixtui.model.errors import ExitStatus, SendError
from mixtui.outcome.body_facts import (
    BodyFacts,
    BodyForm,
    Family,
    family_of,
    read_body_facts,
)
from mixtui.outcome.refusals import (
    Refusal,
    classify_refusal,
    classify_text,
    hint_for_text,
    is_plain_refusal,
    quota_detail,
    wait_label,
)
from mixtui.outcome.regions import OtherRegion, loss_warning
from mixtui.outcome.sent_records import count_sent_records
from mixtui.text import pluralise

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest


_MAX_EXAMINED_BYTES = 100_000
"""Larger responses have no details worth reporting."""
_MAX_EXCERPT = 80


def not_verified_detail(family: Family) -> str:
    """Explain what ``1`` means; it depends on the family and never proves success.

    https://developer.mixpanel.com/reference/track-event and .../create-identity.
    """
    if family is Family.IDENTITY:
        return (
            "Accepted. Mixpanel checks the token and links the ids asynchronously, so "
            "verify them in the project."
        )
    return (
        "Accepted. Mixpanel validates asynchronously, so records may still be dropped."
    )


def success_detail(exchange: Exchange, body: BodyFacts, family: Family) -> str:
    """Return the detail of an accepted request; empty = none."""
    response = exchange.response
    if body.stored is not None:
        return f"{pluralise(body.stored, 'record')} stored."
    if family is Family.EXPORT and not response.body_bytes:
        return (
            "No events match this date range and filter. Both dates are inclusive, in "
            "the project's time zone."
        )
    if family is Family.LOOKUP and exchange.request.method == "PUT":
        return "The entire table was replaced."
    if response.body_bytes > _MAX_EXAMINED_BYTES:
        return ""
    family_detail = _FAMILY_DETAILS.get(family)
    return family_detail(_parse_body(response.body), exchange) if family_detail else ""


def _parse_body(body: bytes) -> Any:
    try:
        return read_leniently(decode_text(body))
    except NotJson:
        return None


def _flags_detail(value: Any, exchange: Exchange) -> str:
    if isinstance(value, dict) and value.get("flags") == {}:
        return "No flags apply. Only flags the user is enrolled in are listed."
    return ""


def _gdpr_detail(value: Any, exchange: Exchange) -> str:
    """Describe a GDPR job: created, cancelled, or its current state."""
    if exchange.request.method == "DELETE":
        return "The deletion was cancelled."
    results = value.get("results") if isinstance(value, dict) else None
    # The OpenAPI description has an object here, the reference page a list of objects.
    job = results[0] if isinstance(results, list) and results else results
    if not isinstance(job, dict):
        return ""
    if exchange.request.method == "POST":
        number = job.get("tracking_id") or job.get("task_id")
        job_label = _excerpt(exchange, str(number)) if number else "its id"
        return (
            f"The job was created but has not finished: poll the status of {job_label}."
        )
    state = str(job.get("status", ""))
    return _JOB_STATES.get(
        state, f"The job is {_excerpt(exchange, state)}." if state else ""
    )


def _excerpt(exchange: Exchange, text: str) -> str:
    return exchange.redactor.excerpt(text, _MAX_EXCERPT)


_JOB_STATES = {
    "SUCCESS": "The job has finished.",
    "FAILURE": "The job failed: create it again.",
    "REVOKED": "The job was cancelled.",
    "NOT_FOUND": "Job not found: check its id and the project token.",
    "UNKNOWN": "Mixpanel does not know the status of this job.",
}


def _service_account_detail(value: Any, exchange: Exchange) -> str:
    if exchange.request.method != "POST":
        return ""
    return "The secret of a new account is shown only once: store it now."


def _app_detail(value: Any, exchange: Exchange) -> str:
    """Count the schemas that were added or deleted."""
    results = value.get("results") if isinstance(value, dict) else None
    if not isinstance(results, dict):
        return ""
    verbs = {"added": "added", "deleted": "deleted", "delete_count": "deleted"}
    counts = [
        f"{results[name]:,} {verb}"
        for name, verb in verbs.items()
        if type(results.get(name)) is int
    ]
    return f"{', '.join(counts)}." if counts else ""


_FAMILY_DETAILS = {
    Family.FLAGS: _flags_detail,
    Family.GDPR: _gdpr_detail,
    Family.SERVICE_ACCOUNTS: _service_account_detail,
    Family.APP: _app_detail,
}


class OutcomeKind(StrEnum):
    """How a request can end; the value is the label that users see."""

    ACCEPTED = "accepted"
    NOT_VERIFIED = "accepted, not verified"
    REJECTED = "rejected"
    """A 4xx without a kind of its own, or a 2xx whose body contains an error."""
    PARTLY_STORED = "partially imported"
    INCOMPLETE = "incomplete"
    UNAUTHORIZED = "unauthorized"
    WRONG_REGION = "wrong region?"
    PLAN = "not included in plan"
    QUOTA = "quota exceeded"
    SERVER_ERROR = "server error"
    REDIRECT = "redirect not followed"
    NOT_MODIFIED = "not modified"
    """A 304: there is no body."""
    OTHER = "unknown status"
    """No status that HTTP describes for a response."""
    NOT_HTTP = "not HTTP"
    NO_RESPONSE = "no response"
    MAYBE_DONE = "no response; the server may have processed it"

    @classmethod
    def _missing_(cls, value: object) -> OutcomeKind | None:
        """Return the outcome of a label in an older history."""
        return FORMER_LABELS.get(str(value))


FORMER_LABELS = {
    "partly stored": OutcomeKind.PARTLY_STORED,
    "unauthorised": OutcomeKind.UNAUTHORIZED,
    "plan does not allow": OutcomeKind.PLAN,
    "quota used up": OutcomeKind.QUOTA,
    "refused": OutcomeKind.REJECTED,
    "no answer": OutcomeKind.NO_RESPONSE,
    "no answer; the server may have done it": OutcomeKind.MAYBE_DONE,
}
"""The labels that older histories contain."""

_EXIT_STATUSES = {
    OutcomeKind.ACCEPTED: ExitStatus.ACCEPTED,
    OutcomeKind.NOT_VERIFIED: ExitStatus.ACCEPTED,
    OutcomeKind.PARTLY_STORED: ExitStatus.PARTLY_STORED,
    OutcomeKind.INCOMPLETE: ExitStatus.NO_RESPONSE,
    OutcomeKind.QUOTA: ExitStatus.QUOTA,
    OutcomeKind.NOT_HTTP: ExitStatus.NO_RESPONSE,
    OutcomeKind.NO_RESPONSE: ExitStatus.NO_RESPONSE,
    OutcomeKind.MAYBE_DONE: ExitStatus.NO_RESPONSE,
}


class Outcome(Struct, frozen=True):
    """How a request ended."""

    kind: OutcomeKind
    label: str
    """Short, shown next to the status: the kind, with its numbers if it has any."""
    detail: str = ""
    """What it means and what to do; empty = nothing to add."""
    exit_status: int = ExitStatus.ACCEPTED
    """The exit status of the process (see `ExitStatus`)."""


def judge_response(
    exchange: Exchange, other_environments: tuple[OtherRegion, ...] = ()
) -> Outcome:
    """Judge the outcome of a request that got a response.

    Blocking: bodies of several megabytes may be read.

    Args:
        exchange: Request and response.
        other_environments: Those that have the project in another region, which is
            evidence of a wrong region if the response leaves that open.
    """
    status, body = exchange.response.status, read_body_facts(exchange)
    missing = _missing_records(exchange, body)
    if body.stored and (body.rejected or missing):
        return _partly_stored_outcome(exchange, body, missing)
    if 200 <= status < 300:
        return _success_outcome(exchange, body, missing, other_environments)
    if 500 <= status < 600:
        return _server_error_outcome(exchange, body)
    if (
        status == 400
        and exchange.response.cut_short
        and _may_be_partly_stored(exchange)
    ):
        return _make_outcome(
            OutcomeKind.INCOMPLETE, _cut_short_detail(exchange.response.cut_short)
        )
    if 400 <= status < 500:
        return _refusal_outcome(
            exchange, body, classify_refusal(exchange, body, other_environments)
        )
    return _redirect_outcome(exchange)


def no_response_outcome(error: SendError) -> Outcome:
    """Return the outcome of a request that got no response."""
    kind = OutcomeKind.NOT_HTTP if error.answered else OutcomeKind.NO_RESPONSE
    if not error.maybe_done:
        return _make_outcome(kind, error.reason)
    return _make_outcome(
        OutcomeKind.MAYBE_DONE,
        error.reason,
        f"{kind}; the server may have processed it",
    )


def cancelled_outcome(safety: Safety) -> Outcome:
    """Return the outcome of a request that was cancelled before its response came."""
    if safety.writes:
        detail = "The server may have processed it: check before you resend it."
        return _make_outcome(OutcomeKind.MAYBE_DONE, detail, "cancelled")
    return _make_outcome(
        OutcomeKind.NO_RESPONSE, "The rest of the response was not read.", "cancelled"
    )


def _make_outcome(kind: OutcomeKind, detail: str = "", label: str = "") -> Outcome:
    return Outcome(
        kind, label or kind.value, detail, _EXIT_STATUSES.get(kind, ExitStatus.REFUSED)
    )


def _success_outcome(
    exchange: Exchange,
    body: BodyFacts,
    missing: int,
    other_environments: tuple[OtherRegion, ...],
) -> Outcome:
    family = family_of(exchange.request)
    if (
        body.failed
        or body.rejected
        or (body.bare == "0" and family in _FAMILIES_WITH_SILENT_LOSS)
        or _is_plain_text_refusal(body)
    ):
        return _rejected_outcome(exchange, body, other_environments)
    if body.form is BodyForm.PAGE:
        return _make_outcome(
            OutcomeKind.REJECTED,
            "The response is a web page, not an API response: check the API, the path "
            "and any proxy.",
        )
    if (unproven := _unproven_outcome(exchange, body, family)) is not None:
        return unproven
    if (body.bare and family is Family.IMPORT) or family in _FAMILIES_CHECKED_LATER:
        detail = not_verified_detail(family)
        return _make_outcome(
            OutcomeKind.NOT_VERIFIED,
            _with_loss_warning(detail, family, other_environments),
        )
    if missing:
        return _make_outcome(
            OutcomeKind.REJECTED,
            f"None of {pluralise(missing, 'record')} was stored, and the response "
            "does not say why: fix and resend all of them.",
        )
    detail = success_detail(exchange, body, family)
    return _make_outcome(
        OutcomeKind.ACCEPTED, _with_loss_warning(detail, family, other_environments)
    )


def _is_plain_text_refusal(body: BodyFacts) -> bool:
    return body.form is BodyForm.TEXT and is_plain_refusal(body.error)


_JSON = frozenset({BodyForm.OBJECT, BodyForm.LIST, BodyForm.UNEXAMINED})
_OBJECT = frozenset({BodyForm.OBJECT, BodyForm.UNEXAMINED})
_STATEMENT = frozenset({BodyForm.OBJECT, BodyForm.BARE})
_FORMS = {
    Family.IMPORT: _STATEMENT,
    Family.TRACK: _STATEMENT,
    Family.IDENTITY: _STATEMENT,
    Family.PROFILES: _STATEMENT,
    Family.LOOKUP: _OBJECT,
    Family.FLAGS: _OBJECT,
    Family.QUERY: _JSON,
    Family.PROFILE_QUERY: _OBJECT,
    Family.JQL: _JSON | {BodyForm.SCALAR, BodyForm.BARE},
    Family.EXPORT: _OBJECT | {BodyForm.LINES, BodyForm.EMPTY},
    Family.PIPELINES: _JSON | {BodyForm.EMPTY},
    Family.GDPR: _OBJECT,
    Family.SERVICE_ACCOUNTS: _JSON,
    Family.APP: _JSON,
}
"""The forms in which the operations of a family report success."""
_MEMBERS = {
    Family.FLAGS: "flags",
    Family.PROFILE_QUERY: "results",
    Family.EXPORT: "event",
}
"""The member that an object must have to be the answer of a family."""
_FORM_SENTENCES = {
    BodyForm.EMPTY: (
        "The response is empty, but this operation returns JSON: try again."
    ),
    BodyForm.TRUNCATED: ("The JSON in the response is truncated: try again."),
    BodyForm.MALFORMED: ("The response is not valid JSON and cannot be trusted."),
    BodyForm.BINARY: (
        "The response is binary, not an API response: check the API, the path and any "
        "proxy."
    ),
}
_TABLE_HEAD = 1 << 14
"""Bytes of a table that are read."""
_INCOMPLETE_FORMS = (BodyForm.EMPTY, BodyForm.TRUNCATED, BodyForm.MALFORMED)


def _unproven_outcome(
    exchange: Exchange, body: BodyFacts, family: Family
) -> Outcome | None:
    """Return the outcome of a 2xx response that does not prove success, or None."""
    response, kind = exchange.response, OutcomeKind.INCOMPLETE
    if response.cut_short:
        detail = response.cut_short
    elif response.status == 206 and not _asks_for_a_part(exchange.request):
        detail = (
            "The server sent partial content (206) that was not requested: try again."
        )
    elif body.ended_early:
        detail = (
            "The server ended the export early, as its last line says, so records are "
            "missing: export fewer days at a time."
        )
    elif _reports_success(exchange, body, family):
        return None
    else:
        detail = _FORM_SENTENCES.get(
            body.form,
            "This operation does not return responses of this form: check the API, "
            "the path and any proxy.",
        )
        if body.form not in _INCOMPLETE_FORMS:
            kind = OutcomeKind.REJECTED
    if exchange.request.safety.writes:
        doubt = (
            "The response does not confirm the write: check the project before you "
            "resend it."
        )
        detail = f"{response.cut_short} {doubt}".strip()
        kind = OutcomeKind.NOT_VERIFIED
    return _make_outcome(kind, detail)


def _reports_success(exchange: Exchange, body: BodyFacts, family: Family) -> bool:
    """Return whether a body is what the operation answers with when it succeeds."""
    request, form = exchange.request, body.form
    parameters = _parameters(request)
    if (
        body.jsonp
        and "callback" not in parameters
        and family not in _FAMILIES_WITH_SILENT_LOSS  # These accept it in a form, too.
    ):
        return False
    if (
        form is BodyForm.EMPTY
        and request.safety.writes
        and family is not Family.IMPORT
        and (exchange.response.status in (204, 205) or request.method is Method.DELETE)
    ):
        return True
    if form is BodyForm.OBJECT and family is Family.IMPORT:
        return body.stored is not None
    if form is BodyForm.OBJECT and family in _MEMBERS:
        return _MEMBERS[family] in body.members
    if form is BodyForm.OBJECT and family in _FAMILIES_CHECKED_LATER:
        return body.succeeded
    if form is BodyForm.TEXT and family is Family.QUERY:
        return parameters.get("format") == "csv" and _is_table(exchange.response.body)
    if family is Family.OTHER:
        # What an undocumented path answers with is unknown.
        unread = (BodyForm.TRUNCATED, BodyForm.MALFORMED)
        return form in _JSON if request.safety.writes else form not in unread
    return form in _FORMS[family]


def _is_table(body: bytes) -> bool:
    """Return whether a body begins as CSV: two columns or more, as many in each row.

    Mixpanel does not document the columns, so this is all that tells it from a message.
    """
    import csv

    text = body[:_TABLE_HEAD].decode("utf-8", "replace")
    lines = text.splitlines()[: None if len(body) <= _TABLE_HEAD else -1]
    try:
        widths = {len(row) for row in csv.reader(lines) if row}
    except csv.Error:
        return False
    return len(widths) == 1 and widths.pop() > 1


def _asks_for_a_part(request: PreparedRequest) -> bool:
    return any(name.lower() == "range" for name, _ in request.headers)


def _parameters(request: PreparedRequest) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.url).query))


def _may_be_partly_stored(exchange: Exchange) -> bool:
    """Return whether a 400 may have stored some records, as only its body would show."""
    return family_of(exchange.request) is Family.IMPORT


def _cut_short_detail(reason: str) -> str:
    return (
        f"{reason} Some records were rejected and the others may be stored: check "
        "before you resend them."
    )


_FAMILIES_CHECKED_LATER = frozenset({Family.TRACK, Family.IDENTITY, Family.PROFILES})
_FAMILIES_WITH_SILENT_LOSS = _FAMILIES_CHECKED_LATER | {Family.IMPORT}


def _with_loss_warning(
    detail: str, family: Family, other_environments: tuple[OtherRegion, ...]
) -> str:
    """Append a warning, as Ingestion accepts records even in the wrong region."""
    return (
        f"{detail} {loss_warning(other_environments)}".strip()
        if family in _FAMILIES_WITH_SILENT_LOSS
        else detail
    )


def _rejected_outcome(
    exchange: Exchange, body: BodyFacts, other_environments: tuple[OtherRegion, ...]
) -> Outcome:
    if body.bare:
        return _make_outcome(
            OutcomeKind.REJECTED,
            "Mixpanel rejected the records: check their token and structure, or add "
            "verbose=1 to the query to see the reason.",
        )
    if (
        classified := classify_text(exchange, body.error, other_environments)
    ) is not None:
        return _refusal_outcome(exchange, body, classified)
    _, hint = classify_refusal(exchange, body, other_environments)
    return _make_outcome(
        OutcomeKind.REJECTED, _with_server_message(hint, exchange, body)
    )


def _missing_records(exchange: Exchange, body: BodyFacts) -> int:
    """Return how many sent records a response counts neither as stored nor as refused."""
    if body.stored is None or family_of(exchange.request) is not Family.IMPORT:
        return 0
    sent = count_sent_records(exchange.request)
    return 0 if sent is None else max(sent - body.stored - body.rejected, 0)


def _partly_stored_outcome(
    exchange: Exchange, body: BodyFacts, missing: int
) -> Outcome:
    stored, rejected = body.stored or 0, body.rejected
    counts, remedies = [f"{stored:,} stored"], []
    if rejected:
        counts.append(f"{rejected:,} rejected")
        remedies.append("fix the rejected records and resend only those")
    if missing:
        counts.append(f"{missing:,} missing")
        remedies.append(
            f"check the project for the {missing:,} that the response does not "
            "account for before you resend them"
        )
    detail = f"{pluralise(stored, 'record')} stored; {'; '.join(remedies)}."
    return _make_outcome(
        OutcomeKind.PARTLY_STORED,
        _with_server_message(detail, exchange, body),
        f"{OutcomeKind.PARTLY_STORED}: {', '.join(counts)}",
    )


_REDIRECT_STATUSES = (301, 302, 303, 307, 308)


def _redirect_outcome(exchange: Exchange) -> Outcome:
    """Return the outcome of a 3xx, or of a status that no response should have."""
    request, family = exchange.request, family_of(exchange.request)
    location = exchange.response.header("location")
    if (
        family in _FAMILIES_WITH_SILENT_LOSS
        and location
        and location == _parameters(request).get("redirect")
    ):
        return _make_outcome(OutcomeKind.NOT_VERIFIED, not_verified_detail(family))
    match exchange.response.status:
        case 304:
            return _make_outcome(
                OutcomeKind.NOT_MODIFIED,
                "Not modified since the version named in the request. To get the "
                "body, remove If-None-Match and If-Modified-Since.",
            )
        case 300:
            detail = exchange.not_followed or (
                "The server offers several URLs: choose one from the response."
            )
        case status if status in _REDIRECT_STATUSES:
            detail = exchange.not_followed or "The redirect has no Location header."
        case status:
            return _make_outcome(
                OutcomeKind.OTHER, f"mixtui does not handle status {status}."
            )
    return _make_outcome(OutcomeKind.REDIRECT, detail)


def _server_error_outcome(exchange: Exchange, body: BodyFacts) -> Outcome:
    writes, wait = exchange.request.safety.writes, wait_label(exchange)
    detail = hint_for_text(body.error, writes)
    if not detail and writes:
        detail = "The server failed, but may have processed it: check before you retry."
    elif not detail:
        moment = f"in {wait}, as the server asks" if wait else "later"
        detail = f"The server failed: retry {moment}."
    return _make_outcome(
        OutcomeKind.SERVER_ERROR,
        _with_server_message(detail, exchange, body),
        OutcomeKind.SERVER_ERROR + (f" (retry in {wait})" if wait else ""),
    )


_REFUSAL_KINDS = {
    Refusal.CREDENTIALS: OutcomeKind.UNAUTHORIZED,
    Refusal.REGION: OutcomeKind.WRONG_REGION,
    Refusal.PLAN: OutcomeKind.PLAN,
    Refusal.QUOTA: OutcomeKind.QUOTA,
    Refusal.OTHER: OutcomeKind.REJECTED,
}


def _refusal_outcome(
    exchange: Exchange, body: BodyFacts, classified: tuple[Refusal, str]
) -> Outcome:
    refusal, hint = classified
    kind = _REFUSAL_KINDS[refusal]
    label = kind.value
    if refusal is Refusal.QUOTA:
        label += quota_detail(exchange, body.error)
    detail = _with_server_message(hint, exchange, body)
    if kind is OutcomeKind.UNAUTHORIZED or exchange.response.status in (401, 403):
        return Outcome(kind, label, detail, ExitStatus.CREDENTIALS)
    return _make_outcome(kind, detail, label)


def _with_server_message(detail: str, exchange: Exchange, body: BodyFacts) -> str:
    if exchange.response.cut_short:
        # The status stands for the refusal, whose text is incomplete.
        detail = f"{detail} {exchange.response.cut_short}"
    if not body.error:
        return detail
    return f"{detail} The server says: “{body.error.rstrip('.')}”."
