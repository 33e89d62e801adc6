"""The records that Mixpanel rejected, as a response names them, and where they are.

https://developer.mixpanel.com/reference/import-events and .../replace-lookup-table. The
reference says ``$insert_id``, servers say ``insert_id``: both are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mixtui.jsontext import Span, line_and_column, record_spans
from mixtui.model.draft import Body, BodyType
from mixtui.outcome.answers import PARSED_REFUSAL

PATH = ".failed_records"
"""Where a response lists them, in jq's notation."""


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record that was rejected."""

    index: int
    """Its position in the request's body, from 0."""
    message: str = ""
    field: str = ""
    """Such as ``properties.time``; empty = not stated."""
    insert_id: str = ""

    @property
    def reasons(self) -> str:
        """Why it was rejected."""
        return ": ".join(filter(None, (self.field, self.message))) or "refused"


def failed_records(body: bytes) -> tuple[FailedRecord, ...]:
    """Return the rejected records that a response names, in its order."""
    import msgspec

    if len(body) > PARSED_REFUSAL or b'"failed_records"' not in body:
        return ()
    answer = msgspec.defstruct("Answer", [("failed_records", object, None)])
    try:
        parsed = msgspec.json.decode(body, type=answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    listed = getattr(parsed, "failed_records", None)
    if not isinstance(listed, list):
        return ()
    return tuple(filter(None, map(_record, listed)))


def read_failed_records(
    size: int, read: Callable[[int, int], bytes]
) -> tuple[FailedRecord, ...]:
    """Return the rejected records that a body names, wherever it is stored.

    Raises:
        OSError: It cannot be read.
    """
    return failed_records(read(0, size)) if size <= PARSED_REFUSAL else ()


def _record(value: Any) -> FailedRecord | None:
    index = value.get("index") if isinstance(value, dict) else None
    if isinstance(index, float) and index.is_integer():
        index = int(index)
    if type(index) is not int or index < 0:
        return None
    return FailedRecord(
        index,
        _text(value.get("message")),
        _text(value.get("field")),
        _text(value.get("insert_id", value.get("$insert_id"))),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


_TYPES = {
    ".json": BodyType.JSON,
    ".ndjson": BodyType.NDJSON,
    ".jsonl": BodyType.NDJSON,
    ".csv": BodyType.CSV,
}


@dataclass(frozen=True, slots=True)
class RecordPosition:
    """The position of a record in a body."""

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    note: str = ""
    """What is uncertain about it, in a sentence; empty = it is that record."""


def file_type(suffix: str) -> BodyType:
    """Return the type of a body file, by the suffix of its name."""
    return _TYPES.get(suffix.lower(), BodyType.TEXT)


def spans(body: Body) -> Iterator[Span]:
    """Yield every record of a body, in its order; none if its type has no records."""
    match body.type:
        case BodyType.JSON:
            return record_spans(body.text)
        case BodyType.NDJSON:
            return (s for s in _lines(body.text) if body.text[s.start : s.end].strip())
        case BodyType.CSV:
            return _rows(body.text)
        case _:
            return iter(())


def locate_record(body: Body, index: int) -> RecordPosition | None:
    """Return the position of a record; None = the body has no such record."""
    span = next(islice(spans(body), index, None), None)
    return None if span is None else _position(body.text, span)


def record_lines(body: Body, indexes: Collection[int]) -> dict[int, int]:
    """Return the lines of many records, from 1, in one pass through the body."""
    result: dict[int, int] = {}
    line, offset, last = 1, 0, max(indexes, default=-1)
    for index, span in enumerate(islice(spans(body), last + 1)):
        if index in indexes:
            line += body.text.count("\n", offset, span.start)
            offset = span.start
            result[index] = line
    return result


def locate_again(record: FailedRecord, sent: Body, now: Body) -> RecordPosition | None:
    """Return the position of a sent record in a body that may have changed since.

    None = it is not in it any more.
    """
    if now == sent:
        return locate_record(now, record.index)
    span = next(islice(spans(sent), record.index, None), None)
    text = sent.text[span.start : span.end].strip() if span else ""
    results = list(enumerate(spans(now)))
    # Of equal records, the nearest one.
    results.sort(key=lambda numbered: abs(numbered[0] - record.index))
    for _, span_now in results:
        if text and now.text[span_now.start : span_now.end].strip() == text:
            return _position(now.text, span_now)
    quoted = f'"{record.insert_id}"'
    for _, span_now in results if record.insert_id else ():
        if now.text.find(quoted, span_now.start, span_now.end) >= 0:
            note = "This record was changed since it was refused."
            return _position(now.text, span_now, note)
    if not results or results[0][0] != record.index:
        return None
    note = (
        f"The body was changed since: this is record {record.index} as it is now, "
        "which may be another."
    )
    return _position(now.text, results[0][1], note)


def _position(text: str, span: Span, note: str = "") -> RecordPosition:
    return RecordPosition(*line_and_column(text, span.start), note)


def _lines(text: str) -> Iterator[Span]:
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield Span(start, end)
        start = end + 1


def _rows(text: str) -> Iterator[Span]:
    """Yield the rows of CSV, header first; line breaks in quotes end none (RFC 4180)."""
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
