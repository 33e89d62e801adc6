"""Read what a response body says about success, for every family of operations.

Each family has its own format (``1``, ``{"status": "ok"}``, JSON lines,
``{"code", "error", "status"}``), and some report failure inside a 200. A body is parsed
as leniently as it is displayed; one that cannot be parsed proves nothing.
"""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mixtui.jsonbytes import NotJson, decode, decode_text, read_leniently
from mixtui.jsontext import is_open
from mixtui.mixpanel.apis import Service
from mixtui.patterns import compile_late

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange, Response
    from mixtui.model.prepared import PreparedRequest


MAX_PARSED_BYTES = 500_000
"""Only the end of a larger body is examined."""
MAX_PARSED_REJECTION_BYTES = 5_000_000
"""Larger, because a response may list 2,000 rejected records."""
_OUTCOME_KEYS = (
    "code",
    "error",
    "status",
    "message",
    "detail",
    "type",
    "failed_records",
    "num_records_imported",
)
_RESULT_KEYS = ("event", "flags", "results")
_TAIL_BYTES = 1 << 16
_MAX_COUNT = 10**9
"""Records; no batch has as many."""
_HEAD_LENGTH = 4096
_MAX_EXCERPT = 300
_WHITESPACE = " \t\r\n"
_JQL_ERROR = "UserVisiblePreconditionFailedError"
_ENDED_EARLY = compile_late(r"(export )?terminated early\.?", re.IGNORECASE)
_JSONP_START = compile_late(
    r"""(?:/\*.*?\*/)?\s*[A-Za-z_$][\w$.]*\s*\(\s*(?=[\[{"01])""", re.DOTALL
)
_PAGE = compile_late(
    r"(?:\s+|<\?xml.*?\?>|<!--.*?-->)*+<(?:!doctype\s+html|html|head|body)\b",
    re.DOTALL | re.IGNORECASE,
)
"""The start of HTML, which may have a declaration and comments before it."""
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_FAILURE = compile_late(r"error|fail(ed|ure)?", re.IGNORECASE)
_SUCCESS = compile_late(r"ok|success", re.IGNORECASE)


class BodyForm(Enum):
    """The form of a body, as far as it can be detected."""

    EMPTY = auto()
    BARE = auto()
    """``1`` or ``0``."""
    OBJECT = auto()
    LIST = auto()
    SCALAR = auto()
    """Another JSON value."""
    LINES = auto()
    """JSON lines whose last line is complete."""
    TEXT = auto()
    PAGE = auto()
    """HTML, probably from a proxy."""
    BINARY = auto()
    TRUNCATED = auto()
    """JSON, or JSON lines, that ends in the middle of a value."""
    MALFORMED = auto()
    """It starts like JSON but is not valid."""
    UNEXAMINED = auto()
    """Too long to be parsed in full; its end looks like that of JSON."""


class BodyFacts(Struct, frozen=True):
    """What a body says about the outcome of its request."""

    form: BodyForm
    jsonp: bool = False
    """Whether it is a script that calls a function with what the rest describes."""
    bare: str = ""
    """``1`` or ``0``, if that is the entire body."""
    failed: bool = False
    """Whether it reports a failure, regardless of the HTTP status."""
    succeeded: bool = False
    """Whether it states success, as ``{"status": "ok"}`` or ``{"status": 1}`` does."""
    error: str = ""
    """The server's error message: secrets masked, safe for the terminal, shortened."""
    members: frozenset[str] = frozenset()
    """Which of the members that show the outcome an object has."""
    stored: int | None = None
    """``num_records_imported``"""
    rejected: int = 0
    """How many ``failed_records`` are listed."""
    ended_early: bool = False
    """Whether the server aborted a raw export."""


def read_body_facts(exchange: Exchange) -> BodyFacts:
    """Read what the body of a response says about the outcome."""
    facts = _read_body(exchange.response)
    return replace(facts, error=exchange.redactor.excerpt(facts.error, _MAX_EXCERPT))


def _read_body(response: Response) -> BodyFacts:
    body = response.body
    if not response.body_bytes:
        return BodyFacts(BodyForm.EMPTY)
    limit = MAX_PARSED_REJECTION_BYTES if response.status >= 400 else MAX_PARSED_BYTES
    if response.body_bytes > limit or len(body) < response.body_bytes:
        return _read_end(response)
    text = decode_text(body).strip(_WHITESPACE)
    if (start := _JSONP_START.match(text)) is not None:
        value = text[start.end() :].rstrip(_WHITESPACE + ";")
        if not value.endswith(")"):
            return BodyFacts(BodyForm.TRUNCATED, jsonp=True, error=_plain_text(text))
        value = value[:-1].rstrip(_WHITESPACE)
        facts = _read_text(value.encode("utf-8", "replace"), value)
        if facts is not None:
            return replace(facts, jsonp=True)
    if (facts := _read_text(body, text)) is not None:
        return facts
    form = _detect_form(response, text)
    return BodyFacts(
        form,
        error="" if form is BodyForm.PAGE else _plain_text(text),
        ended_early=_has_ended_early(text),
    )


def _read_text(body: bytes, text: str) -> BodyFacts | None:
    """Read a body that is empty or one JSON value; None = it is something else."""
    if not text:
        return BodyFacts(BodyForm.EMPTY)
    if text in ("1", "0"):
        return BodyFacts(BodyForm.BARE, bare=text)
    value = _read_json(body, text)
    if isinstance(value, dict):
        return _read_object(value)
    if value is None:
        return None
    return BodyFacts(BodyForm.LIST if text[0] == "[" else BodyForm.SCALAR)


def _read_json(body: bytes, text: str) -> object:
    """Parse a JSON body; of an object, only the members that show the outcome.

    The other members are validated but not turned into Python objects, which would take
    ten times the memory of the body.

    Returns:
        The members of an object; True for any other value; None if it is not JSON.
    """
    import msgspec

    is_object = text[:1] == "{"
    try:
        value = decode(body, _outcome_type() if is_object else msgspec.Raw)
    except NotJson:
        return _read_json_leniently(text)
    if not is_object:
        return True
    members = msgspec.structs.asdict(value)
    return {n: member for n, member in members.items() if member is not msgspec.UNSET}


@cache
def _outcome_type() -> type[Struct]:
    """Return the type of an object of which only those members are read."""
    import msgspec

    kinds: dict[str, type] = dict.fromkeys(_OUTCOME_KEYS, object)
    kinds |= dict.fromkeys(_RESULT_KEYS, msgspec.Raw)
    members = [(name, kind, msgspec.UNSET) for name, kind in kinds.items()]
    return msgspec.defstruct("Telling", members)


def _read_json_leniently(text: str) -> object:
    try:
        value = read_leniently(text)
    except NotJson:
        return None
    return value if isinstance(value, dict) else True


def _detect_form(response: Response, text: str) -> BodyForm:
    """Detect the form of a body that is not a single JSON value."""
    from mixtui.document.document import FIRST_LINE, Language, detect_language

    if _is_page(response, text):
        return BodyForm.PAGE
    if text[:1] in ("{", "["):
        if _ends_with_record(text):
            return BodyForm.LINES
        return BodyForm.TRUNCATED if is_open(text) else BodyForm.MALFORMED
    head = response.body[:FIRST_LINE]
    if detect_language(head, response.media_type, complete=True) is Language.HEX:
        return BodyForm.BINARY
    return BodyForm.TEXT


def _is_page(response: Response, text: str) -> bool:
    return (
        response.media_type in _PAGE_TYPES
        or _PAGE.match(text[:_HEAD_LENGTH]) is not None
    )


def _ends_with_record(text: str) -> bool:
    """Return whether the last line of JSON lines is a complete record."""
    last = text.rpartition("\n")[2]
    try:
        record = read_leniently(last.strip(_WHITESPACE))
    except NotJson:
        return False
    return "\n" in text and isinstance(record, dict)


def _read_end(response: Response) -> BodyFacts:
    """Examine the end of a body that is too long to be parsed, or is in a file."""
    body = response.body
    # A tail may start anywhere, even inside a character; the start of a body that is
    # in a file is gone, and with it a sign of another encoding than UTF-8.
    is_whole = len(body) == response.body_bytes
    if _is_page(response, decode_text(body[:_HEAD_LENGTH]) if is_whole else ""):
        return BodyFacts(BodyForm.PAGE)
    encoding = json.detect_encoding(body[:4]) if is_whole else "utf-8"
    tail = body[-_TAIL_BYTES:].decode(encoding, "replace").rstrip(_WHITESPACE)
    if _has_ended_early(tail):
        return BodyFacts(BodyForm.UNEXAMINED, ended_early=True)
    _, newline, last = tail.rpartition("\n")
    # Only a record is certain to start at the beginning of a line.
    if newline and last.startswith("{"):
        is_complete = _ends_with_record(tail)
        return BodyFacts(BodyForm.LINES if is_complete else BodyForm.TRUNCATED)
    if tail.endswith(("}", "]", '"')):
        return BodyFacts(BodyForm.UNEXAMINED)
    if _is_intended_as_json(response):
        return BodyFacts(BodyForm.TRUNCATED)
    return BodyFacts(BodyForm.BINARY if "\0" in tail else BodyForm.TEXT)


def _is_intended_as_json(response: Response) -> bool:
    if response.media_type == "application/json":
        return True
    is_complete = len(response.body) == response.body_bytes
    start = response.body[:_HEAD_LENGTH].strip(_WHITESPACE.encode())
    return is_complete and start.startswith((b"{", b"["))


def _read_object(members: dict[str, object]) -> BodyFacts:
    error, status, code = (members.get(name) for name in ("error", "status", "code"))
    # A result may be keyed by the user's own event names, as in
    # {"error": {"count": 1}}: only a string counts as an error by itself.
    failed = (
        _says(_FAILURE, status)
        or _is_number(status, 0)
        or (type(code) is int and code >= 400)
        or (isinstance(error, str) and bool(error))
    )
    records = members.get("failed_records")
    stored = members.get("num_records_imported")
    return BodyFacts(
        BodyForm.OBJECT,
        members=frozenset(members),
        failed=failed,
        succeeded=not failed and (_says(_SUCCESS, status) or _is_number(status, 1)),
        error=_error_text(members) or _nested_error(members),
        stored=_count(stored),
        rejected=len(records) if isinstance(records, list) else 0,
    )


def _is_number(value: object, number: int) -> bool:
    return type(value) in (int, float) and value == number


def _count(value: object) -> int | None:
    """Return a number of records; None = it is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= _MAX_COUNT else None


def _says(words: re.Pattern[str], status: object) -> bool:
    return isinstance(status, str) and words.fullmatch(status) is not None


def _error_text(members: dict[str, object]) -> str:
    error = members.get("error")
    if isinstance(error, dict):
        members, error = error, error.get("error")
    for text in (error, members.get("message"), members.get("detail")):
        if isinstance(text, str) and text:
            return _without_stack(text)
    records = members.get("failed_records")
    first = records[0] if isinstance(records, list) and records else None
    return str(first.get("message", "")) if isinstance(first, dict) else ""


def _nested_error(members: dict[str, object]) -> str:
    """Return an error that has fields instead of a message."""
    error = members.get("error")
    if members.get("status") != "error" or not isinstance(error, dict | list):
        return ""
    kind = members.get("type")
    messages = [kind] if isinstance(kind, str) else []
    return ": ".join([*messages, *_collect_texts(error)])


def _collect_texts(error: object) -> list[str]:
    """Return all keys and strings of a nested error, in order."""
    match error:
        case dict():
            return [
                t
                for n, inner in error.items()
                for t in (str(n), *_collect_texts(inner))
            ]
        case list():
            return [text for inner in error for text in _collect_texts(inner)]
        case str():
            return [error]
        case _:
            return []


def _plain_text(text: str) -> str:
    start = text[:_HEAD_LENGTH]
    return "" if "\0" in start else _without_stack(start)


def _without_stack(text: str) -> str:
    """Cut code, caret and stack trace from the error of a JQL script."""
    if not text.startswith(_JQL_ERROR):
        return text
    first = text.lstrip().partition("\n")[0]
    return (
        first.removeprefix(_JQL_ERROR).strip(": ").removeprefix("Uncaught exception ")
    )


def _has_ended_early(text: str) -> bool:
    """Return whether the last line says so, in words or as an error among records."""
    last = text.rpartition("\n")[2].strip(_WHITESPACE)
    return _ENDED_EARLY.fullmatch(last) is not None or _is_error_record(last)


def _is_error_record(line: str) -> bool:
    try:
        record = read_leniently(line)
    except NotJson:
        return False
    return (
        isinstance(record, dict)
        and "event" not in record
        and _read_object(record).failed
    )


class Family(Enum):
    """Operations whose responses have the same format."""

    IMPORT = auto()
    TRACK = auto()
    IDENTITY = auto()
    """``/track#create-identity`` and ``#identity-create-alias``."""
    PROFILES = auto()
    """Changes of users and groups."""
    LOOKUP = auto()
    FLAGS = auto()
    """Evaluation of flags; their management belongs to `APP`."""
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


_FAMILY_PATHS = (
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
_FAMILY_PATTERNS = tuple(
    (service, compile_late(rf"(?:/.*)?{path}/?"), family)
    for service, path, family in _FAMILY_PATHS
)


def family_of(request: PreparedRequest) -> Family:
    """Return the family that a request belongs to, by its URL."""
    parts = urlsplit(request.url)
    for service, path, family in _FAMILY_PATTERNS:
        if service is request.endpoint.service and path.fullmatch(parts.path):
            if family is Family.TRACK and "identity" in parts.fragment:
                return Family.IDENTITY
            return family
    return Family.OTHER
