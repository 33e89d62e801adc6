"""One quiet line below the rows: what the parameter under the cursor is."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from mixtui.core.visible import sanitize


class RowHelp(Static):
    """Takes a line only while the rows are worked with and something is known."""

    DEFAULT_CSS = """
    RowHelp {
        dock: bottom; layer: rows; display: none; height: 1; padding: 0 1;
        color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
    _words: str | None = None

    def show(self, words: str | None) -> None:
        """Explain a row.

        Args:
            words: A line; empty = nothing is known of this one; None = of none of them.
        """
        if words == self._words:
            return
        self._words = words
        self.display = words is not None
        self.update(Content(sanitize(words or "")))
