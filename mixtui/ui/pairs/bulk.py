"""All rows as text, one a line."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from mixtui.ui.keys.order import TypeAhead
from mixtui.ui.widgets.code_area import CodeArea


class BulkArea(CodeArea):
    """The text; escape leaves it."""

    class Left(Message):
        """The text is done."""

    def __init__(self, text: str, late: TypeAhead) -> None:
        super().__init__(text)
        self._late = late

    async def _on_key(self, event: events.Key) -> None:
        if self._late.push(event) or event.key != "escape":
            return
        event.stop()
        event.prevent_default()
        self._late.start()
        self.post_message(self.Left())


class PairsBulk(Vertical):
    """An editor for the text of all rows; escape goes back to the list."""

    DEFAULT_CSS = """
    PairsBulk { height: 1fr; }
    PairsBulk > Static { height: 1; color: $text-muted; padding: 0 1; }
    """

    def __init__(self, text: str, separator: str, late: TypeAhead) -> None:
        super().__init__()
        self._area = BulkArea(text, late)
        line = "name: value" if separator == ":" else "name=value"
        self._hint = f"{line}, one a line · # in front switches it off · esc: rows"

    def compose(self) -> ComposeResult:
        """The text and how to write it."""
        yield self._area
        yield Static(self._hint, markup=False)

    def at_row(self, row: int) -> CodeArea:
        """The text, with the cursor on a row."""
        self._area.move_cursor((row, 0))
        return self._area
