"""What the body of a response says about success, whatever family it comes from.

Mixpanel's families answer in their own ways (``1``, ``{"status": "ok"}``, JSON lines,
``{"code", "error", "status"}``), and some report failure inside a 200. A body is read
as leniently as it is shown; one that cannot be read says nothing about success.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.jsontext import NotJson, decode_text, is_open, read_leniently
from mixtui.mixpanel.apis import Service
from mixtui.text import sanitize_excerpt

if TYPE_CHECKING:
    from mixtui.model.exchange import Response
    from mixtui.model.prepared import PreparedRequest


PARSED = 500_000
"""Bytes; of a bigger body only the end is examined."""
PARSED_REFUSAL = 5_000_000
"""Bytes; a refusal of 2,000 records names each of them."""
_TELLING = ("error", "status", "message", "detail", "type", "failed_records")
_COUNT = "num_records_imported"
_TAIL = 1 << 16
_START = 4096
_EXCERPT = 300
_SPACE = " \t\r\n"
_THROWN = "UserVisiblePreconditionFailedError"
_EARLY = re.compile(r"(export )?terminated early\.?", re.IGNORECASE)
_JSONP = re.compile(r"(?:/\*.*?\*/)?\s*[A-Za-z_$][\w$.]*\s*\((.*)\)\s*;?", re.DOTALL)


class BodyForm(Enum):
    """What a body is, as far as it can be told."""

    EMPTY = auto()
    BARE = auto()
    """``1`` or ``0``."""
    OBJECT = auto()
    VALUE = auto()
    """Another JSON value."""
    LINES = auto()
    """Several JSON values, a line each, to the last of them."""
    TEXT = auto()
    PAGE = auto()
    """HTML, for people with a browser."""
    BINARY = auto()
    TRUNCATED = auto()
    """JSON that breaks off, or JSON lines whose last one does."""
    MALFORMED = auto()
    """Meant as JSON, and not valid."""
    UNEXAMINED = auto()
    """Too long to be read whole; nothing is wrong with its end."""


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What a body says."""

    form: BodyForm
    bare: str = ""
    """``1`` or ``0``, if it is the whole body."""
    failed: bool = False
    """It reports a failure, whatever the HTTP status."""
    error: str = ""
    """The server's own words, short and fit for the terminal."""
    verbose: bool = False
    """``{"status": 1}``: what verbose=1 makes of a bare ``1``."""
    stored: int | None = None
    """``num_records_imported``"""
    rejected: int = 0
    """How many ``failed_records`` there are."""
    ended_early: bool = False
    """A raw export that the server gave up."""


def read_answer(response: Response) -> AnswerFacts:
    """Read what a response says."""
    body = response.body
    if not response.body_bytes:
        return AnswerFacts(BodyForm.EMPTY)
    limit = PARSED_REFUSAL if response.status >= 400 else PARSED
    if response.body_bytes > limit or len(body) < response.body_bytes:
        return _read_end(response)
    text = decode_text(body).strip(_SPACE)
    if jsonp := _JSONP.fullmatch(text):
        text = jsonp[1].strip(_SPACE)
        body = text.encode("utf-8", "replace")
    if not text:
        return AnswerFacts(BodyForm.EMPTY)
    if text in ("1", "0"):
        return AnswerFacts(BodyForm.BARE, bare=text, failed=text == "0")
    value = _read_json(body, text)
    if isinstance(value, dict):
        return _read_object(value)
    if value is not None:
        return AnswerFacts(BodyForm.VALUE)
    form = _form_of(response, text)
    return AnswerFacts(
        form,
        error="" if form is BodyForm.PAGE else _plain_text(text),
        ended_early=_ended_early(text),
    )


def _read_json(body: bytes, text: str) -> object:
    """Read what matters of a JSON body: of an object the few members that tell.

    The others are checked and not made into objects, which would take ten times the
    memory of the body. Returns None if it is not JSON, and True for any other value.
    """
    import msgspec

    names = (*_TELLING, _COUNT)
    telling = msgspec.defstruct(
        "Telling", [(name, object, msgspec.UNSET) for name in names]
    )
    is_object = text[:1] == "{"
    try:
        value = msgspec.json.decode(body, type=telling if is_object else msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_what_msgspec_rejects(text)
    if not is_object:
        return True
    members = {name: getattr(value, name) for name in names}
    return {n: member for n, member in members.items() if member is not msgspec.UNSET}


def _read_what_msgspec_rejects(text: str) -> object:
    try:
        value = read_leniently(text)
    except NotJson:
        return None
    return value if isinstance(value, dict) else True


def _form_of(response: Response, text: str) -> BodyForm:
    """Tell what a body is that is not one JSON value."""
    from mixtui.document.document import FIRST_LINE, Language, detect_language

    start = text[:_START].lower()
    if response.media_type == "text/html" or start.startswith(
        ("<!doctype html", "<html")
    ):
        return BodyForm.PAGE
    if text[:1] in ("{", "["):
        if _ends_with_value(text):
            return BodyForm.LINES
        return BodyForm.TRUNCATED if is_open(text) else BodyForm.MALFORMED
    head = response.body[:FIRST_LINE]
    if detect_language(head, response.media_type, complete=True) is Language.HEX:
        return BodyForm.BINARY
    return BodyForm.TEXT


def _ends_with_value(text: str) -> bool:
    """Return whether the last line of JSON lines is whole."""
    last = text.rpartition("\n")[2]
    try:
        read_leniently(last.strip(_SPACE))
    except NotJson:
        return False
    return "\n" in text


def _read_end(response: Response) -> AnswerFacts:
    """Read the end of a body that is too long to be read whole, or is in a file."""
    body = response.body
    # A tail may start anywhere, also inside a character.
    tail = body[-_TAIL:].decode("utf-8", "replace").rstrip(_SPACE)
    if _ended_early(tail):
        return AnswerFacts(BodyForm.UNEXAMINED, ended_early=True)
    _, newline, last = tail.rpartition("\n")
    # Only of a record is it certain where it starts.
    ends_in_record = newline and last.startswith("{")
    if ends_in_record and not _ends_with_value(tail):
        return AnswerFacts(BodyForm.TRUNCATED)
    if _is_meant_as_json(response) and not tail.endswith(("}", "]", '"')):
        return AnswerFacts(BodyForm.TRUNCATED)
    return AnswerFacts(BodyForm.UNEXAMINED)


def _is_meant_as_json(response: Response) -> bool:
    if response.media_type == "application/json":
        return True
    is_complete = len(response.body) == response.body_bytes
    start = response.body[:_START].strip(_SPACE.encode())
    return is_complete and start.startswith((b"{", b"["))


def _read_object(answer: dict[str, object]) -> AnswerFacts:
    error, status = answer.get("error"), answer.get("status")
    # A result may be keyed by names of the person's own, as in
    # {"error": {"count": 1}}: only a text is an error by itself.
    says_error = status == "error" or (status == 0 and status is not False)
    records = answer.get("failed_records")
    stored = answer.get("num_records_imported")
    return AnswerFacts(
        BodyForm.OBJECT,
        failed=says_error or (isinstance(error, str) and bool(error)),
        error=sanitize_excerpt(_error_text(answer), _EXCERPT) or _nested_error(answer),
        stored=stored if type(stored) is int else None,
        rejected=len(records) if isinstance(records, list) else 0,
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
    messages = [kind] if isinstance(kind, str) else []
    return sanitize_excerpt(": ".join([*messages, *_texts(error)]), _EXCERPT)


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


def _plain_text(text: str) -> str:
    start = text[: 4 * _EXCERPT]
    if "\0" in start:
        return ""
    return sanitize_excerpt(_without_stack(start), _EXCERPT)


def _without_stack(text: str) -> str:
    """Of what a JQL script threw, the message: code, caret and stack come behind it."""
    if not text.startswith(_THROWN):
        return text
    first = text.lstrip().partition("\n")[0]
    return first.removeprefix(_THROWN).strip(": ").removeprefix("Uncaught exception ")


def _ended_early(text: str) -> bool:
    last = text.rpartition("\n")[2]
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
