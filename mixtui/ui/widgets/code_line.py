"""The part of a line of code that shows, from characters to cells."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mixtui.core.visible import sanitize

StyledSpan = tuple[int, int, Style]
"""Characters from, up to; how they look."""


class LineWindow:
    """A line, seen through a window of cells."""

    def __init__(self, text: str, tab: int, left: int, width: int) -> None:
        self.text = text
        self._tab = tab
        self._left = left
        self._cells: Sequence[int] = cell_starts(text, tab)
        self.start = max(0, bisect_right(self._cells, left) - 1)
        """The first character that shows."""
        self.end = min(len(text), bisect_left(self._cells, left + width))

    def strip(
        self,
        ground: Style,
        colours: Sequence[StyledSpan],
        marks: Sequence[StyledSpan],
        width: int,
    ) -> Strip:
        """The window as a strip of a width; one cell behind the text can be marked."""
        count = self.end - self.start + 1
        styles = [ground] * count
        for first, last, style in (*colours, *marks):
            span = range(max(first - self.start, 0), min(last - self.start, count))
            for index in span:
                styles[index] = styles[index] + style
        segments = self._segments(styles)
        hidden = self._left - self._cells[min(self.start, len(self._cells) - 1)]
        strip = Strip(segments)
        return strip.crop(hidden, hidden + width).adjust_cell_length(width, ground)

    def _segments(self, styles: Sequence[Style]) -> list[Segment]:
        """Characters with one style together; the last is the cell behind the text."""
        text = self.text[self.start : self.end] + " "
        segments: list[Segment] = []
        first = 0
        for index in range(1, len(text) + 1):
            if index < len(text) and styles[index] == styles[first]:
                continue
            segments.append(
                Segment(self._shown(first, text[first:index]), styles[first])
            )
            first = index
        return segments

    def _shown(self, first: int, piece: str) -> str:
        if "\t" not in piece:
            return sanitize(piece)
        at = self.start + first
        return "".join(
            " " * (self._cells[at + i + 1] - self._cells[at + i])
            if character == "\t"
            else sanitize(character)
            for i, character in enumerate(piece)
        )


def cell_starts(text: str, tab: int) -> Sequence[int]:
    """The cell that each character starts at, and the one after the last."""
    if text.isascii() and "\t" not in text:
        return range(len(text) + 1)
    return list(accumulate(text, _advance(tab), initial=0))


def _advance(tab: int) -> Callable[[int, str], int]:
    def after(cell: int, character: str) -> int:
        if character == "\t":
            return cell + tab - cell % tab
        return cell + get_character_cell_size(sanitize(character))

    return after
