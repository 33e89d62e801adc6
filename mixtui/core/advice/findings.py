"""What was found in a body: each rule once, at the first record that breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mixtui.core.advice.model import Hint
from mixtui.core.advice.reading import BodyIndex, JsonPath, Record
from mixtui.core.errors import Field
from mixtui.core.requests import Draft
from mixtui.core.words import pluralise


@dataclass(slots=True)
class _Finding:
    record: Record
    path: JsonPath
    message: str
    suggestion: Draft | None
    severe: bool
    more: int = 0
    """Other records that break the same rule."""


class Findings:
    """Gathers findings of one body."""

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
        """A record breaks a rule.

        Args:
            rule: A name that is the same for each record that breaks it.
            record: The record.
            path: From the record to the value in question.
            sentence: In words, without the record's number.
            suggestion: The corrected draft, where it is certain.
            grave: False = worth knowing only.
        """
        if (known := self._found.get(rule)) is None:
            found = _Finding(record, path, sentence, suggestion, grave)
            self._found[rule] = found
        elif known.record is not record:
            known.more += 1

    def advice(self) -> Iterator[Hint]:
        """All of it, in the order found."""
        for found in self._found.values():
            sentence, several = found.message, self._reading.total > 1
            if several:
                sentence = f"Record {found.record.number:,}: {sentence}"
            if found.more:
                others = pluralise(found.more, "other record")
                sentence = f"{sentence.rstrip('.')} (and {others})."
            yield Hint(
                Field.BODY,
                sentence,
                line=self._reading.line(found.record, found.path),
                suggestion=found.suggestion,
                severe=found.severe,
            )
