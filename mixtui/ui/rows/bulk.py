"""The bulk editor: all rows as text, one a line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from mixtui.ui.widgets.code_area import CodeArea


class BulkArea(CodeArea):
    """The text; escape leaves it."""

    BINDINGS = [Binding("escape", "leave", show=False)]

    class Left(Message):
        """Posted when escape is pressed."""

    def action_leave(self) -> None:
        self.post_message(self.Left())


class BulkEditor(Vertical):
    """Edit all rows as text; escape goes back to the list."""

    DEFAULT_CSS = """
    BulkEditor { height: 1fr; }
    BulkEditor > Static { height: 1; color: $text-muted; padding: 0 1; }
    """

    def __init__(self, text: str, separator: str) -> None:
        super().__init__()
        self._area = BulkArea(text)
        line = "name: value" if separator == ":" else "name=value"
        self._hint = f"{line}, one per line · # Disable row · esc Back to rows"

    def compose(self) -> ComposeResult:
        yield self._area
        yield Static(self._hint, markup=False)

    def at_row(self, row: int) -> CodeArea:
        """Put the cursor on a row, and return the text area."""
        self._area.move_cursor((row, 0))
        return self._area
