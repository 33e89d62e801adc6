"""Parse the rejected records of a response, and locate them in the request body.

https://developer.mixpanel.com/reference/import-events and .../replace-lookup-table. The
reference says ``$insert_id``, servers say ``insert_id``: both are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from mixtui.jsonbytes import NotJson, decode
from mixtui.jsontext import (
    Span,
    check,
    line_and_column,
    locate,
    record_spans,
    skip_space,
)
from mixtui.model.draft import Body, BodyType
from mixtui.model.redaction import Redactor
from mixtui.outcome.body_facts import MAX_PARSED_REJECTION_BYTES
from mixtui.request.templates import mask_templates

_NO_SECRETS = Redactor()
FAILED_RECORDS_PATH = ".failed_records"
"""The path of the rejected records in a response, in jq notation."""


class FailedRecord(Struct, frozen=True):
    """A record that was rejected."""

    index: int
    """Its index in the request body, from 0."""
    message: str = ""
    field: str = ""
    """Such as ``properties.time``; empty = not stated."""
    insert_id: str = ""

    @property
    def reasons(self) -> str:
        """Field and message, or ``refused``."""
        return ": ".join(filter(None, (self.field, self.message))) or "refused"


def parse_failed_records(
    body: bytes, redactor: Redactor = _NO_SECRETS
) -> tuple[FailedRecord, ...]:
    """Parse the rejected records that a response lists, in its order, secrets masked.

    A body of the history is masked already, so it needs no redactor.
    """
    import msgspec

    if len(body) > MAX_PARSED_REJECTION_BYTES or b'"failed_records"' not in body:
        return ()
    response_type = msgspec.defstruct("Answer", [("failed_records", object, None)])
    try:
        parsed = decode(body, response_type)
    except NotJson:
        return ()
    rejected = getattr(parsed, "failed_records", None)
    if not isinstance(rejected, list):
        return ()
    return tuple(filter(None, (_parse_record(each, redactor) for each in rejected)))


def read_failed_records(
    size: int,
    read: Callable[[int, int], bytes],
    redactor: Redactor = _NO_SECRETS,
) -> tuple[FailedRecord, ...]:
    """Parse the rejected records of a stored response body.

    Args:
        size: Length of the body in bytes.
        read: Returns the bytes from one offset to another.
        redactor: Masks secrets.

    Raises:
        OSError: It cannot be read.
    """
    return (
        parse_failed_records(read(0, size), redactor)
        if size <= MAX_PARSED_REJECTION_BYTES
        else ()
    )


def _parse_record(value: Any, redactor: Redactor) -> FailedRecord | None:
    index = value.get("index") if isinstance(value, dict) else None
    if isinstance(index, float) and index.is_integer():
        index = int(index)
    if type(index) is not int or index < 0:
        return None
    return FailedRecord(
        index,
        redactor.redact(_text(value.get("message"))),
        redactor.redact(_text(value.get("field"))),
        redactor.redact(_text(value.get("insert_id", value.get("$insert_id")))),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


_TYPES_BY_SUFFIX = {
    ".json": BodyType.JSON,
    ".ndjson": BodyType.NDJSON,
    ".jsonl": BodyType.NDJSON,
    ".csv": BodyType.CSV,
}


class RecordPosition(Struct, frozen=True):
    """The position of a record in a body."""

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    note: str = ""
    """Why it may be another record; empty = it is certainly the right one."""


def body_type_for_suffix(suffix: str) -> BodyType:
    """Return the body type of a file by its suffix, such as ``.csv``."""
    return _TYPES_BY_SUFFIX.get(suffix.lower(), BodyType.TEXT)


def body_record_spans(body: Body) -> Iterator[Span]:
    """Return the span of every record in order; none if the type has no records."""
    match body.type:
        case BodyType.JSON:
            return record_spans(body.text)
        case BodyType.NDJSON:
            return (s for s in _lines(body.text) if body.text[s.start : s.end].strip())
        case BodyType.CSV:
            return _csv_rows(body.text)
        case _:
            return iter(())


def locate_record(body: Body, index: int, field: str = "") -> RecordPosition | None:
    """Return the position of a record, or of the value of a field in it.

    Args:
        body: As it was typed.
        index: Of the record, from 0.
        field: Such as ``properties.time``; empty = the record.

    Returns:
        None if the body has no such record.
    """
    span = next(islice(body_record_spans(body), index, None), None)
    return None if span is None else _position(body.text, span, field)


def keep_records(body: Body, indexes: Collection[int]) -> Body | None:
    """Return a body with only some of its records, as they are written.

    None if it has none of them, or is not JSON: CSV begins with a row of names.
    """
    if body.type not in (BodyType.JSON, BodyType.NDJSON):
        return None
    text, spans = body.text, list(body_record_spans(body))
    kept = [s for index, s in enumerate(spans) if index in indexes]
    if not kept:
        return None
    separator = text[spans[0].end : spans[1].start] if len(spans) > 1 else ""
    inner = separator.join(text[span.start : span.end] for span in kept)
    whole = text[: spans[0].start] + inner + text[spans[-1].end :]
    return Body(body.type, whole, body.path)


def record_lines(body: Body, indexes: Collection[int]) -> dict[int, int]:
    """Return the lines of many records, from 1, in one pass through the body."""
    lines: dict[int, int] = {}
    line, offset, last = 1, 0, max(indexes, default=-1)
    for index, span in enumerate(islice(body_record_spans(body), last + 1)):
        if index in indexes:
            line += body.text.count("\n", offset, span.start)
            offset = span.start
            lines[index] = line
    return lines


def relocate_record(
    record: FailedRecord, sent: Body, current: Body
) -> RecordPosition | None:
    """Return the position of a sent record in a body that may have been edited since.

    None if the body no longer contains it.
    """
    if current == sent:
        return locate_record(current, record.index, record.field)
    span = next(islice(body_record_spans(sent), record.index, None), None)
    text = sent.text[span.start : span.end].strip() if span else ""
    candidates = list(enumerate(body_record_spans(current)))
    # Of several equal records, prefer the nearest one.
    candidates.sort(key=lambda numbered: abs(numbered[0] - record.index))
    for _, candidate in candidates:
        if text and current.text[candidate.start : candidate.end].strip() == text:
            return _position(current.text, candidate, record.field)
    quoted = f'"{record.insert_id}"'
    for _, candidate in candidates if record.insert_id else ():
        if current.text.find(quoted, candidate.start, candidate.end) >= 0:
            note = "This record has changed since it was rejected."
            return _position(current.text, candidate, record.field, note)
    if not candidates or candidates[0][0] != record.index:
        return None
    note = (
        f"The body has changed since: this is now record {record.index}, which may be "
        "a different one."
    )
    return _position(current.text, candidates[0][1], record.field, note)


def _position(text: str, span: Span, field: str = "", note: str = "") -> RecordPosition:
    inner = 0
    if field:
        record = mask_templates(text[span.start : span.end])
        # A row of CSV, or JSON with a mistake, has no fields to go to.
        if check(record) is None:
            inner = locate(record, skip_space(record, 0), tuple(field.split(".")))
    return RecordPosition(*line_and_column(text, span.start + inner), note)


def _lines(text: str) -> Iterator[Span]:
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield Span(start, end)
        start = end + 1


def _csv_rows(text: str) -> Iterator[Span]:
    """Yield CSV rows, header first; a quoted line break does not end a row (RFC 4180)."""
    start, quoted = 0, False
    for line in _lines(text):
        if text.count('"', line.start, line.end) % 2:
            quoted = not quoted
        if not quoted and line.start <= len(text):
            if line.end > start or line.end < len(text):
                yield Span(start, line.end)
            start = line.end + 1
    if quoted:
        yield Span(start, len(text))
