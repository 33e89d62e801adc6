"""What forms share: ↓ and ↑ lead from field to field, and no field holds them."""

from __future__ import annotations

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.widgets import TextArea

from mixtui.ui.widgets.code_colours import text_area_css

FORM_BINDINGS: tuple[BindingType, ...] = (
    Binding("down", "app.focus_next", "Next field", show=False),
    Binding("up", "app.focus_previous", "Previous field", show=False),
)
"""The keys of a form, for what contains its fields."""


class FormScroll(VerticalScroll, can_focus=False):
    """Fields that may need to be scrolled, which moving between them does."""

    BINDINGS = [*FORM_BINDINGS]


class FormTextArea(TextArea):
    """A few lines of text in a form; an arrow past the first or last line leaves it."""

    DEFAULT_CSS = text_area_css("FormTextArea")
    cursor_blink = reactive(False, init=False)

    def __init__(self, text: str, *, id: str, placeholder: str) -> None:
        super().__init__(
            text,
            id=id,
            placeholder=placeholder,
            soft_wrap=False,
            compact=True,
            highlight_cursor_line=False,
        )

    async def _on_paste(self, event: events.Paste) -> None:
        """Keep a paste: `TextArea` inserts it, and passes it on."""
        event.stop()

    def action_cursor_down(self, select: bool = False) -> None:
        """Go to the line below, or the next field."""
        if self.cursor_at_last_line and not select:
            self.screen.focus_next()
        else:
            super().action_cursor_down(select)

    def action_cursor_up(self, select: bool = False) -> None:
        """Go to the line above, or the previous field."""
        if self.cursor_at_first_line and not select:
            self.screen.focus_previous()
        else:
            super().action_cursor_up(select)
