"""The hint, and what rules share to build hints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from mixtui import spelling
from mixtui.jsontext import (
    JsonPath,
    Located,
    check,
    check_lines,
    first_character,
    line_and_column,
    line_records,
    locate,
    records,
)
from mixtui.model.draft import BodyType, Draft
from mixtui.model.errors import Field
from mixtui.text import pluralise


class Hint(Struct, frozen=True):
    """A probable mistake; it never stops a send."""

    field: Field
    message: str
    """What is wrong and how to fix it; contains no secret."""
    row: int | None = None
    """Index of the row in the draft's query or headers."""
    line: int | None = None
    """Line of the body's text, from 1."""
    suggestion: Draft | None = None
    """The corrected draft, if the fix is certain."""
    severe: bool = True
    """False = the request works, but the user should know."""


MAX_CHECKED_RECORDS = 2000
"""Of a body; further records are only counted."""


class Record(Struct, frozen=True):
    """One record of a body, or the entire body if it is not a list."""

    number: int
    """From 1."""
    value: object
    start: int
    """Offset in the text."""
    end: int


class ParsedBody(Struct, frozen=True):
    """The parsed records of a JSON body."""

    text: str
    is_list: bool
    records: tuple[Record, ...]
    """At most the first `MAX_CHECKED_RECORDS`."""
    total: int

    def line(self, record: Record, path: JsonPath = ()) -> int:
        """Return the line of a value in a record, from 1; a missing value has its parent's."""
        offset = locate(self.text, record.start, path)
        return line_and_column(self.text, offset)[0]


def parse_body(text: str, kind: BodyType) -> ParsedBody | None:
    """Parse a body of JSON or JSON lines; None if it is invalid or blank."""
    if not text.strip():
        return None
    match kind:
        case BodyType.JSON if check(text) is None:
            return _parse_records(
                text, records(text), is_list=first_character(text) == "["
            )
        case BodyType.NDJSON if check_lines(text) is None:
            return _parse_records(text, line_records(text), is_list=True)
        case _:
            return None


def _parse_records(
    text: str, values: Iterator[Located], *, is_list: bool
) -> ParsedBody:
    checked: list[Record] = []
    total = 0
    for total, each in enumerate(values, 1):
        if total <= MAX_CHECKED_RECORDS:
            checked.append(Record(total, each.value, each.start, each.end))
    return ParsedBody(text, is_list, tuple(checked), total)


class _Finding(Struct):
    record: Record
    path: JsonPath
    message: str
    suggestion: Draft | None
    severe: bool
    other_records: int = 0
    """How many other records break the same rule."""


class Findings:
    """Collects what is wrong in the records of one body, a hint per rule."""

    def __init__(self, body: ParsedBody) -> None:
        self._body = body
        self._findings: dict[str, _Finding] = {}

    def add(
        self,
        rule: str,
        record: Record,
        path: JsonPath,
        message: str,
        *,
        suggestion: Draft | None = None,
        severe: bool = True,
    ) -> None:
        """Add a record that breaks a rule.

        Args:
            rule: The rule's name; records that break the same rule share a hint.
            record: The record that breaks it.
            path: Of the value in the record.
            message: Without the record's number.
            suggestion: The corrected draft, if the fix is certain.
            severe: False = the request works, but the user should know.
        """
        if (finding := self._findings.get(rule)) is None:
            finding = _Finding(record, path, message, suggestion, severe)
            self._findings[rule] = finding
        elif finding.record is not record:
            finding.other_records += 1

    def hints(self) -> Iterator[Hint]:
        """Yield the hints in the order in which their rules were broken."""
        for finding in self._findings.values():
            message, number = finding.message, finding.record.number
            line = self._body.line(finding.record, finding.path)
            # The line is always shown with the hint: where each record has one, it is enough.
            if self._body.total > 1 and line != number:
                message = f"Record {number:,}: {message}"
            if finding.other_records:
                others = pluralise(finding.other_records, "other record")
                message = f"{message.rstrip('.')} (and {others})."
            yield Hint(
                Field.BODY,
                message,
                line=line,
                suggestion=finding.suggestion,
                severe=finding.severe,
            )


_MIN_SIMILARITY = 0.72


def closest_name(name: str, candidates: Iterable[str]) -> str:
    """Return the candidate that a name is surely a misspelling of; empty = none is."""
    return spelling.closest_name(name, candidates, cutoff=_MIN_SIMILARITY)


def first_clause(text: str) -> str:
    """Return the first clause of a help text, for use in brackets."""
    clause = text.partition(";")[0].partition(". ")[0].rstrip(". ")
    return clause if clause[:2].isupper() else clause[:1].lower() + clause[1:]
