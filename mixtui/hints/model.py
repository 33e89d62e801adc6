"""The hint, and what rules share to build hints."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Hint:
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


EXAMINED = 2000
"""Records that are checked; the others are only counted."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a body, or the entire body if it is not a list."""

    number: int
    """From 1."""
    value: object
    start: int
    """Offset in the text."""
    end: int


@dataclass(frozen=True, slots=True)
class BodyIndex:
    """The parsed records of a JSON body."""

    text: str
    is_list: bool
    records: tuple[Record, ...]
    """At most the first `EXAMINED`."""
    total: int

    def line(self, record: Record, path: JsonPath = ()) -> int:
        """Return the line of a value in a record, from 1; if it is missing, that of its
        parent.
        """
        offset = locate(self.text, record.start, path)
        return line_and_column(self.text, offset)[0]


def read(text: str, kind: BodyType) -> BodyIndex | None:
    """Parse a body of JSON or JSON lines; None if it is invalid or blank."""
    if not text.strip():
        return None
    match kind:
        case BodyType.JSON if check(text) is None:
            return _index(text, records(text), is_list=first_character(text) == "[")
        case BodyType.NDJSON if check_lines(text) is None:
            return _index(text, line_records(text), is_list=True)
        case _:
            return None


def _index(text: str, values: Iterator[Located], *, is_list: bool) -> BodyIndex:
    examined: list[Record] = []
    total = 0
    for total, each in enumerate(values, 1):
        if total <= EXAMINED:
            examined.append(Record(total, each.value, each.start, each.end))
    return BodyIndex(text, is_list, tuple(examined), total)


@dataclass(slots=True)
class _Finding:
    record: Record
    path: JsonPath
    message: str
    suggestion: Draft | None
    severe: bool
    more: int = 0
    """The number of other records that break the same rule."""


class Findings:
    """Collects the findings of one body."""

    def __init__(self, reading: BodyIndex) -> None:
        self._reading = reading
        self._found: dict[str, _Finding] = {}

    def add(
        self,
        rule: str,
        record: Record,
        path: JsonPath,
        sentence: str,
        *,
        suggestion: Draft | None = None,
        grave: bool = True,
    ) -> None:
        """Add a record that breaks a rule.

        Args:
            rule: A name shared by all records that break it.
            record: The record.
            path: The path of the value in the record.
            sentence: The message, without the record's number.
            suggestion: The corrected draft, if the fix is certain.
            grave: False = only worth knowing.
        """
        if (known := self._found.get(rule)) is None:
            finding = _Finding(record, path, sentence, suggestion, grave)
            self._found[rule] = finding
        elif known.record is not record:
            known.more += 1

    def hints(self) -> Iterator[Hint]:
        """Yield the hints in the order of their discovery."""
        for finding in self._found.values():
            sentence, several = finding.message, self._reading.total > 1
            if several:
                sentence = f"Record {finding.record.number:,}: {sentence}"
            if finding.more:
                others = pluralise(finding.more, "other record")
                sentence = f"{sentence.rstrip('.')} (and {others})."
            yield Hint(
                Field.BODY,
                sentence,
                line=self._reading.line(finding.record, finding.path),
                suggestion=finding.suggestion,
                severe=finding.severe,
            )


_ALIKE = 0.72
_LONGEST = 60
"""Characters; a longer name is not a typo."""


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Return the known name most similar to a misspelt one; empty if none is
    similar.
    """
    if not name or len(name) > _LONGEST:
        return ""
    known = tuple(known)
    plain = _plain(name)
    same = next((each for each in known if _plain(each) == plain), "")
    if same:
        return same
    results = difflib.get_close_matches(name, known, n=1, cutoff=_ALIKE)
    return results[0] if results else ""


def _plain(name: str) -> str:
    """Ignore differences in style: fromDate, from_date, From-Date."""
    return "".join(c for c in name.lower() if c.isalnum())


def first_clause(text: str) -> str:
    """Return the first clause of a help text, to be put in brackets."""
    clause = text.partition(";")[0].partition(". ")[0].rstrip(". ")
    return clause if clause[:2].isupper() else clause[:1].lower() + clause[1:]
