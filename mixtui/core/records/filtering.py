"""Rows that hold some words: ``berlin``, ``plan:pro``, ``"two words"``."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass

from mixtui.core.records.cells import Cell, Kind
from mixtui.core.records.columns import Column
from mixtui.core.records.readers import Pick, Reader
from mixtui.core.records.table import Table
from mixtui.core.records.watch import Watch

_STEP = 1024
_WORD = re.compile(
    r'(?:(?P<column>"[^"]+"|[^\s":][^\s:]*):)?(?P<word>"[^"]*"?|[^\s"]\S*)'
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a row has to hold."""

    text: str
    """In lower case."""
    column: Column | None = None
    """Where; None = anywhere."""


def words(text: str, table: Table) -> tuple[Word, ...]:
    """The words of a filter.

    What stands before a colon is a column if the table has one of that name; otherwise
    it is part of the word, as in ``https://example.com``.
    """
    found = []
    for match in _WORD.finditer(text):
        name, word = match["column"], match["word"]
        column = table.column(name.strip('"')) if name else None
        plain = word.strip('"') if column or not name else match[0]
        if plain:
            found.append(Word(plain.lower(), column))
    return tuple(found)


def matching_rows(table: Table, wanted: tuple[Word, ...], watch: Watch) -> bytearray:
    """A byte for each row: 1 where all words are found, whatever their case.

    Raises:
        Stopped: As wanted.
        OSError: The body cannot be read.
    """
    count = table.row_count
    found = bytearray(count)
    tests = [_Test(table.reader, word) for word in wanted]
    records = zip(range(count), table.records.texts(), strict=False)
    for row, record in records:
        if row % _STEP == 0:
            watch.step(row, count)
        # Most rows need not be taken apart, unless an escape may hide a character.
        if b"\\" not in record:
            lowered = record.decode("utf-8", "replace").lower()
            if not all(test.may_be_in(lowered) for test in tests):
                continue
        found[row] = all(test.holds(record) for test in tests)
    return found


def kept(order: array[int] | None, found: bytearray, watch: Watch) -> array[int]:
    """The rows that were found, in the order given; None = that of the body.

    Raises:
        Stopped: As wanted.
    """
    rows = range(len(found)) if order is None else order
    result = array("I")
    for start in range(0, len(rows), _STEP * 8):
        watch.step(start, len(rows))
        part = rows[start : start + _STEP * 8]
        # More rows may have been sorted than were looked through.
        result.extend([row for row in part if row < len(found) and found[row]])
    return result


class _Test:
    """Whether a record holds a word."""

    def __init__(self, reader: Reader, word: Word) -> None:
        self._reader = reader
        self._word = word.text
        # A nested value is searched without the spaces that it came with, and the lower
        # case of a sigma depends on what follows it.
        self._can_skip = not any(sign in word.text for sign in '",:[]{}σς')
        self._pick: Pick | None = None
        if word.column is not None:
            self._pick = reader.pick(word.column.path)

    def may_be_in(self, lowered: str) -> bool:
        return self._word in lowered or not self._can_skip

    def holds(self, record: bytes) -> bool:
        if self._pick is not None:
            raw = self._pick(record)
            return raw is not None and self._is_in(raw)
        return any(map(self._is_in, self._reader.values(record).values()))

    def _is_in(self, raw: bytes) -> bool:
        return self._word in searched(self._reader.cell(raw))


def searched(cell: Cell) -> str:
    """What a filter looks at: of a nested value all that it holds."""
    return (cell.whole if cell.kind is Kind.NESTED else cell.text).lower()
