"""The records that Mixpanel refused, as an answer names them.

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
"""Where they stand in an answer, in jq's notation."""


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record that was refused."""

    index: int
    """Its place in the request's body, from 0."""
    message: str = ""
    field: str = ""
    """Such as ``properties.time``; empty = not told."""
    insert_id: str = ""

    @property
    def reasons(self) -> str:
        """What is wrong with it."""
        return ": ".join(filter(None, (self.field, self.message))) or "refused"


def failed_records(body: bytes) -> tuple[FailedRecord, ...]:
    """The refused records of an answer, in its order; none if it names none."""
    import msgspec

    if len(body) > PARSED_REFUSAL or b'"failed_records"' not in body:
        return ()
    answer = msgspec.defstruct("Answer", [("failed_records", object, None)])
    try:
        told = msgspec.json.decode(body, type=answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    listed = getattr(told, "failed_records", None)
    if not isinstance(listed, list):
        return ()
    return tuple(filter(None, map(_record, listed)))


def read_failed_records(
    size: int, read: Callable[[int, int], bytes]
) -> tuple[FailedRecord, ...]:
    """The same for a body that may be on the disk.

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
    """Where a record is in a body."""

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    note: str = ""
    """What is to be known about it, in a sentence; empty = it is the record."""


def file_type(suffix: str) -> BodyType:
    """How a body file is written, by the ending of its name."""
    return _TYPES.get(suffix.lower(), BodyType.TEXT)


def spans(body: Body) -> Iterator[Span]:
    """Every record of a text, in its order; none for a type that has no records."""
    match body.type:
        case BodyType.JSON:
            return record_spans(body.text)
        case BodyType.NDJSON:
            return (s for s in _lines(body.text) if body.text[s.start : s.end].strip())
        case BodyType.CSV:
            return _rows(body.text)
        case _:
            return iter(())


def find(body: Body, index: int) -> RecordPosition | None:
    """Where a record is; None = the body has no such record."""
    span = next(islice(spans(body), index, None), None)
    return None if span is None else _position(body.text, span)


def record_lines(body: Body, wanted: Collection[int]) -> dict[int, int]:
    """The line of each of many records, from 1, in one walk through the body."""
    result: dict[int, int] = {}
    line, at, last = 1, 0, max(wanted, default=-1)
    for index, span in enumerate(islice(spans(body), last + 1)):
        if index in wanted:
            line += body.text.count("\n", at, span.start)
            at = span.start
            result[index] = line
    return result


def find_again(record: FailedRecord, sent: Body, now: Body) -> RecordPosition | None:
    """Where a record that was sent is in a body that may have been changed since.

    None = it is not there any more.
    """
    if now == sent:
        return find(now, record.index)
    span = next(islice(spans(sent), record.index, None), None)
    text = sent.text[span.start : span.end].strip() if span else ""
    results = list(enumerate(spans(now)))
    # Of records that are the same, the nearest.
    results.sort(key=lambda numbered: abs(numbered[0] - record.index))
    for _, found in results:
        if text and now.text[found.start : found.end].strip() == text:
            return _position(now.text, found)
    quoted = f'"{record.insert_id}"'
    for _, found in results if record.insert_id else ():
        if now.text.find(quoted, found.start, found.end) >= 0:
            note = "This record was changed since it was refused."
            return _position(now.text, found, note)
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
    """Rows of CSV, the header first: a line break inside quotes ends none (RFC 4180)."""
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
