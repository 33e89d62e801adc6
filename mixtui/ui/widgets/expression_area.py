"""The field of an expression: wrapped, and one line for the server."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.reactive import reactive
from textual.widgets import TextArea

from mixtui.ui.widgets.frugal import MinimalRepaint


class ExpressionArea(MinimalRepaint, TextArea):
    """A text without line breaks; some keys belong to what is around it.

    Args:
        text: What stands in it at first.
        takes: Whether a key is not the field's; acts on it if so.
    """

    DEFAULT_CSS = """
    ExpressionArea { border: none; padding: 0 1; height: 5; background: $panel; }
    ExpressionArea:focus { border: none; }
    """
    cursor_blink = reactive(False, init=False)

    def __init__(self, text: str, takes: Callable[[str], bool]) -> None:
        super().__init__(
            _one_line(text), soft_wrap=True, tab_behavior="focus", compact=True
        )
        self._takes = takes
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        if self._takes(event.key):
            event.stop()
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = _one_line(event.text)

    @property
    def position(self) -> int:
        """Of the cursor, in characters."""
        return self.cursor_location[1]

    def put(self, text: str, position: int) -> None:
        """Another text and place, as one edit that ctrl+z undoes."""
        self.replace(text, (0, 0), self.document.end)
        self.move_cursor((0, position))


def _one_line(text: str) -> str:
    return " ".join(text.split("\n")).replace("\r", "") if "\n" in text else text
