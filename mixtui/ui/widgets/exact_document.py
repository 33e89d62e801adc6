"""A text in an editor, kept as it is: lines end at a line feed and nowhere else."""

from __future__ import annotations

from textual.document._document import Document, EditResult, Location


class ExactDocument(Document):
    """Textual's document also splits at U+2028, U+0085, form feeds and the like, and
    joins lines with one kind of line end. A body would not be sent as it was typed.
    """

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
