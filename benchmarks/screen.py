"""The screen of a program as text, built incrementally from its output."""

from __future__ import annotations

import pyte

from benchmarks.escapes import fit_for_pyte, split_partial


class Screen:
    """Rows of text, without colours.

    Args:
        columns: The width.
        rows: The height.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._pending = b""
        self._texts: dict[int, str] = {}

    def feed(self, data: bytes) -> set[int]:
        """Add output; returns the changed rows."""
        complete, self._pending = split_partial(self._pending + data)
        self._screen.dirty.clear()
        self._stream.feed(fit_for_pyte(complete))
        dirty = {row for row in self._screen.dirty if row < self.rows}
        for row in dirty:
            self._texts.pop(row, None)
        return dirty

    def row(self, number: int) -> str:
        """Return the text of a row."""
        text = self._texts.get(number)
        if text is None:
            cells = self._screen.buffer[number]
            text = "".join(cells[column].data for column in range(self.columns))
            self._texts[number] = text
        return text

    def lines(self) -> list[str]:
        """Return the text of every row."""
        return [self.row(number) for number in range(self.rows)]

    def cells(self) -> list[tuple[object, ...]]:
        """Return every row with its colours and attributes, to be compared."""
        columns = range(self.columns)
        rows = (self._screen.buffer[number] for number in range(self.rows))
        return [tuple(row[column] for column in columns) for row in rows]

    def shows(self, text: str) -> bool:
        """Return whether any row contains the text."""
        return any(text in self.row(number) for number in range(self.rows))

    def is_blank(self) -> bool:
        """Return whether nothing has been written."""
        return all(line.isspace() for line in self.lines())
