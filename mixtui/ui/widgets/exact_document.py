"""A text in an editor: kept as it is, and never wrapped.

Textual's own document also splits at U+2028, U+0085, form feeds and the like, and joins
lines with one kind of line end: a body would not be sent as it was typed. Its wrapping
goes through every line at each line break, which is felt in a body of a megabyte.
"""

from __future__ import annotations

from bisect import bisect_right

from textual.document._document import Document, EditResult, Location
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Offset

from mixtui.ui.widgets.code_line import cell_starts


class VerbatimDocument(Document):
    """Lines end at a line feed and nowhere else."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._lines = text.split("\n")

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Put a text in the place of what is between two locations."""
        top, bottom = sorted((start, end))
        replaced = self.get_text_range(top, bottom)
        before = self._lines[top[0]][: top[1]]
        after = self._lines[bottom[0]][bottom[1] :]
        lines = (before + text + after).split("\n")
        self._lines[top[0] : bottom[0] + 1] = lines
        end_location = (top[0] + len(lines) - 1, len(lines[-1]) - len(after))
        return EditResult(end_location, replaced)


class NoWrapDocument(WrappedDocument):
    """A line of the document is a line of the screen, so nothing is worked out ahead."""

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Only the tab stops can be set."""
        self._tab_width = tab_width or self._tab_width

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Nothing depends on an edit."""

    @property
    def height(self) -> int:
        """Lines of the screen."""
        return self.document.line_count

    def get_offsets(self, line_index: int) -> list[int]:
        """Where a line is broken: nowhere."""
        return []

    def get_sections(self, line_index: int) -> list[str]:
        """The line, whole."""
        return [self.document[line_index]]

    def get_target_document_column(
        self, line_index: int, x_offset: int, y_offset: int
    ) -> int:
        """The character in a cell of a line."""
        text = self.document[line_index]
        starts = cell_starts(text, self._tab_width)
        return min(len(text), max(0, bisect_right(starts, x_offset) - 1))

    def location_to_offset(self, location: Location) -> Offset:
        """The cell and the line of a location."""
        row = min(max(location[0], 0), self.document.line_count - 1)
        before = self.document[row][: location[1]]
        return Offset(cell_starts(before, self._tab_width)[-1], row)

    def offset_to_location(self, offset: Offset) -> Location:
        """The location at a cell and line."""
        row = min(max(offset.y, 0), self.document.line_count - 1)
        return row, self.get_target_document_column(row, offset.x, 0)
