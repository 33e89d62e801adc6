"""What the body of an answer says about success, whatever family it comes from.

Mixpanel's families answer in their own ways (``1``, ``{"status": "ok"}``, JSON lines,
``{"code", "error", "status"}``), and some report failure inside a 200.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.mixpanel.apis import Service
from mixtui.text import sanitize_excerpt

if TYPE_CHECKING:
    from mixtui.model.exchange import Response
    from mixtui.model.prepared import PreparedRequest


PARSED = 500_000
"""Bytes; of a bigger body only the end is looked at."""
PARSED_REFUSAL = 5_000_000
"""Bytes; a refusal of 2,000 records names each of them."""
_TOLD = ("error", "status", "message", "detail", "type", "failed_records")
_COUNT = "num_records_imported"
_TAIL = 4096
_TEXT = 300
_SPACE = b" \t\r\n"
_THROWN = "UserVisiblePreconditionFailedError"
_EARLY = re.compile(rb"(export )?terminated early\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What a body says."""

    bare: str = ""
    """``1`` or ``0``, if it is the whole body."""
    failed: bool = False
    """It reports a failure, whatever the HTTP status."""
    error: str = ""
    """The server's own words, short and fit for the terminal."""
    verbose: bool = False
    """``{"status": 1}``: what verbose=1 makes of a bare ``1``."""
    is_text: bool = False
    """The whole body is that text."""
    stored: int | None = None
    """``num_records_imported``"""
    refused: int = 0
    """How many ``failed_records`` there are."""
    ended_early: bool = False
    """A raw export that the server gave up."""
    is_page: bool = False
    """It is HTML, for people with a browser."""


def read_answer(response: Response) -> AnswerFacts:
    """Read what an answer says."""
    body = response.body
    if not response.body_bytes:
        return AnswerFacts()
    limit = PARSED_REFUSAL if response.status >= 400 else PARSED
    if response.body_bytes > limit or len(body) < response.body_bytes:
        return AnswerFacts(ended_early=_ended_early(body))
    if (bare := body.strip(_SPACE)) in (b"1", b"0"):
        return AnswerFacts(bare=bare.decode(), failed=bare == b"0")
    parsed = _parsed(body)
    if isinstance(parsed, dict):
        return _of_object(parsed)
    if parsed is not None:
        return AnswerFacts()
    if _is_page(response):
        return AnswerFacts(is_page=True)
    lines = body.lstrip(_SPACE)[:1] == b"{"
    return AnswerFacts(
        error=_plain_text(body), is_text=not lines, ended_early=_ended_early(body)
    )


def _parsed(body: bytes) -> object:
    """What is looked at of a JSON body: of an object the few members that tell.

    The others are checked and not made into objects, which would take ten times the
    memory of the body. None = it is no JSON.
    """
    import msgspec

    kept = [(name, object, msgspec.UNSET) for name in (*_TOLD, _COUNT)]
    answer = msgspec.defstruct("Answer", kept)
    start = body.lstrip(_SPACE)[:1]
    try:
        if start != b"{":
            msgspec.json.decode(body, type=msgspec.Raw)
            return True
        told = msgspec.json.decode(body, type=answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    members = {name: getattr(told, name) for name in (*_TOLD, _COUNT)}
    return {n: value for n, value in members.items() if value is not msgspec.UNSET}


def _of_object(answer: dict[str, object]) -> AnswerFacts:
    error, status = answer.get("error"), answer.get("status")
    # A result may be keyed by names of the person's own, as in
    # {"error": {"count": 1}}: only a text is an error by itself.
    says_error = status == "error" or (status == 0 and status is not False)
    records = answer.get("failed_records")
    stored = answer.get("num_records_imported")
    return AnswerFacts(
        failed=says_error or (isinstance(error, str) and bool(error)),
        error=sanitize_excerpt(_error_text(answer), _TEXT) or _nested_error(answer),
        stored=stored if type(stored) is int else None,
        refused=len(records) if isinstance(records, list) else 0,
        verbose=type(status) is int and status == 1,
    )


def _error_text(answer: dict[str, object]) -> str:
    error = answer.get("error")
    if isinstance(error, dict):
        answer, error = error, error.get("error")
    for text in (error, answer.get("message"), answer.get("detail")):
        if isinstance(text, str) and text:
            return _without_stack(text)
    records = answer.get("failed_records")
    first = records[0] if isinstance(records, list) and records else None
    return str(first.get("message", "")) if isinstance(first, dict) else ""


def _nested_error(answer: dict[str, object]) -> str:
    """An error that is told by fields and not by a sentence, on one line."""
    error = answer.get("error")
    if answer.get("status") != "error" or not isinstance(error, dict | list):
        return ""
    kind = answer.get("type")
    told = [kind] if isinstance(kind, str) else []
    return sanitize_excerpt(": ".join([*told, *_texts(error)]), _TEXT)


def _texts(error: object) -> list[str]:
    """Names and texts in the order that they stand in."""
    match error:
        case dict():
            return [t for n, inner in error.items() for t in (str(n), *_texts(inner))]
        case list():
            return [text for inner in error for text in _texts(inner)]
        case str():
            return [error]
        case _:
            return []


def _is_page(response: Response) -> bool:
    start = response.body[:_TAIL].lstrip(_SPACE).lower()
    return response.media_type == "text/html" or start.startswith(
        (b"<!doctype html", b"<html")
    )


def _plain_text(body: bytes) -> str:
    start = body[: 4 * _TEXT]
    if b"\0" in start:
        return ""
    return sanitize_excerpt(_without_stack(start.decode("utf-8", "replace")), _TEXT)


def _without_stack(text: str) -> str:
    """Of what a JQL script threw, the message: code, caret and stack come behind it."""
    if not text.startswith(_THROWN):
        return text
    first = text.lstrip().partition("\n")[0]
    return first.removeprefix(_THROWN).strip(": ").removeprefix("Uncaught exception ")


def _ended_early(body: bytes) -> bool:
    last = body[-_TAIL:].rstrip(_SPACE).rpartition(b"\n")[2]
    return _EARLY.fullmatch(last.strip(_SPACE)) is not None


class Family(Enum):
    """Operations that answer alike."""

    IMPORT = auto()
    TRACK = auto()
    IDENTITY = auto()
    """``/track#create-identity`` and ``#identity-create-alias``."""
    PROFILES = auto()
    """Changes of users and groups."""
    LOOKUP = auto()
    FLAGS = auto()
    """Evaluation; management is App."""
    QUERY = auto()
    PROFILE_QUERY = auto()
    JQL = auto()
    EXPORT = auto()
    PIPELINES = auto()
    GDPR = auto()
    SERVICE_ACCOUNTS = auto()
    APP = auto()
    """Everything else on the App server."""
    OTHER = auto()


_PATHS = (
    (Service.INGESTION, r"/import", Family.IMPORT),
    (Service.INGESTION, r"/track", Family.TRACK),
    (Service.INGESTION, r"/(engage|groups)", Family.PROFILES),
    (Service.INGESTION, r"/lookup-tables(/[^/]*)?", Family.LOOKUP),
    (Service.INGESTION, r"/flags(/.*)?", Family.FLAGS),
    (Service.DATA, r"/export", Family.EXPORT),
    (Service.DATA, r"/nessie/.*", Family.PIPELINES),
    (Service.WEB, r"/app/data-(retrievals|deletions)/.*", Family.GDPR),
    (
        Service.WEB,
        r"/app/organizations/[^/]+/service-accounts",
        Family.SERVICE_ACCOUNTS,
    ),
    (Service.WEB, r"/app/.*", Family.APP),
    (Service.WEB, r"/(query|2\.0)/jql", Family.JQL),
    (Service.WEB, r"/(query|2\.0)/engage", Family.PROFILE_QUERY),
    (Service.WEB, r"/(query|2\.0)/.*", Family.QUERY),
)
_FAMILIES = tuple(
    (service, re.compile(rf"(?:/.*)?{path}/?"), family)
    for service, path, family in _PATHS
)


def family_of(request: PreparedRequest) -> Family:
    """The family of a request."""
    parts = urlsplit(request.url)
    for service, path, family in _FAMILIES:
        if service is request.endpoint.service and path.fullmatch(parts.path):
            if family is Family.TRACK and "identity" in parts.fragment:
                return Family.IDENTITY
            return family
    return Family.OTHER
