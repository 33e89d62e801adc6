"""Long lines broken to a width, worked out for what is looked at and no further.

A position is a line that is not folded away and a row within it. Moving by a screen
reads a screen's worth of lines, whatever the size of the document; only the height of a
short document is counted exactly.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from textual.cache import LRUCache

from mixtui.document.folding import FoldedView

EXACT_LINES = 1000
"""Up to so many lines all rows are counted, so that the scroll bar is exact."""
_LONG = 8192
"""Characters; longer lines that are not ASCII get half-filled rows, not a survey."""


class Anchor(NamedTuple):
    """A row of the screen: a line that is not folded away, and which of its rows."""

    line: int
    row: int


class Wrapping:
    """The rows of a document at a width."""

    def __init__(self, view: FoldedView, width: int, count: int) -> None:
        """Wrap a short document at once; a long one is wrapped as it is looked at.

        Args:
            view: What is shown.
            width: In cells.
            count: How many of its rows to know of: a thread may add to them.
        """
        self.width = max(1, width)
        self._view, self._count = view, count
        self._starts: LRUCache[int, range | list[int]] = LRUCache(2048)
        self._before: list[int] | None = None
        if count <= EXACT_LINES:
            counts = (self.rows(line) for line in range(count))
            self._before = list(accumulate(counts, initial=0))

    def rows(self, line: int) -> int:
        """Return the rows of a line; at least one."""
        return len(self._row_starts(line))

    def span(self, anchor: Anchor) -> tuple[int, int | None]:
        """Return the first character of a row, and their number; None = to the end."""
        starts = self._row_starts(anchor.line)
        start = starts[anchor.row]
        if anchor.row + 1 == len(starts):
            return start, None
        return start, starts[anchor.row + 1] - start

    def row_with(self, line: int, character: int) -> Anchor:
        """Return the row of its line that a character is in."""
        return Anchor(line, bisect_right(self._row_starts(line), character) - 1)

    def moved(self, anchor: Anchor, by: int) -> Anchor:
        """Move up or down by rows, within the document."""
        line, row = anchor.line, anchor.row + by
        while row < 0 and line > 0:
            line -= 1
            row += self.rows(line)
        last = self._count - 1
        while line < last and row >= (rows := self.rows(line)):
            row -= rows
            line += 1
        return Anchor(line, max(0, min(row, self.rows(line) - 1)))

    def last(self, height: int) -> Anchor:
        """Return the top position when the end is at the bottom."""
        end = self._count - 1
        return self.moved(Anchor(end, self.rows(end) - 1), 1 - height)

    def visible(self, top: Anchor, height: int) -> list[Anchor]:
        """Return the rows of a screen; fewer at the end."""
        anchors: list[Anchor] = []
        line, row = top
        while len(anchors) < height and line < self._count:
            rows = self.rows(line)
            wanted = height - len(anchors)
            anchors += [Anchor(line, r) for r in range(row, min(rows, row + wanted))]
            line, row = line + 1, 0
        return anchors

    @property
    def height(self) -> int:
        """The height for the scroll bar: rows, or lines where rows are not counted."""
        return self._before[-1] if self._before else self._count

    def to_scroll(self, anchor: Anchor) -> int:
        """Return the scroll bar's offset of a position."""
        return self._before[anchor.line] + anchor.row if self._before else anchor.line

    def from_scroll(self, y: int) -> Anchor:
        """Return the position at an offset of the scroll bar."""
        if not self._before:
            return Anchor(max(0, min(y, self._count - 1)), 0)
        y = max(0, min(y, self._before[-1] - 1))
        line = bisect_right(self._before, y) - 1
        return Anchor(line, y - self._before[line])

    def _row_starts(self, line: int) -> range | list[int]:
        starts = self._starts.get(line)
        if starts is None:
            starts = self._starts[line] = self._survey(self._view.text(line))
        return starts

    def _survey(self, text: str) -> range | list[int]:
        step = self.width
        if not text.isascii():
            if len(text) <= _LONG:
                if cell_len(text) <= step:
                    return [0]
                rows = chop_cells(text, step)
                return list(accumulate(map(len, rows[:-1]), initial=0))
            step = max(1, step // 2)  # No character is wider than two cells.
        return range(0, max(1, len(text)), step)
