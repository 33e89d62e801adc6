"""One-line text fields: Textual's `Input`, repainting little."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.reactive import reactive
from textual.widgets import Input

from mixtui.ui.keys.paste import plain_text
from mixtui.ui.widgets.repaint import MinimalRepaint

_STEP = 512


def one_line(text: str) -> str:
    """Join the lines of a text by blanks."""
    lines = text.splitlines()
    if len(lines) < 2:
        return "".join(lines)
    return " ".join(line.strip() for line in lines if line.strip())


class TextInput(MinimalRepaint, Input):
    """An `Input` that repaints only what changed, and has no blinking cursor."""

    cursor_blink = reactive(False, init=False)

    @property
    def content_width(self) -> int:
        """The width to scroll in, in steps: a new width lays the screen out again."""
        return -(-super().content_width // _STEP) * _STEP

    def on_resize(self) -> None:
        """Scroll back what need not be scrolled: before the first layout no text fits."""
        last = max(0, super().content_width - self.scrollable_content_region.width)
        if self.scroll_x > last:
            self.scroll_to(x=last, animate=False, immediate=True)

    def paste_text(self, text: str) -> str:
        """Return what a paste inserts; by default its lines, joined by blanks.

        Args:
            text: What was pasted; its lines end in a newline.
        """
        return one_line(text)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual's own handler keeps the first line, and silently drops the others.
        event.stop()
        event.prevent_default()
        self._insert(self.paste_text(event.text))

    def action_paste(self) -> None:
        """Paste what was copied in the app."""
        self._insert(self.paste_text(plain_text(self.app.clipboard)))

    def _insert(self, text: str) -> None:
        if not text:
            return
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *self.selection)


class CommandInput(TextInput):
    """A field whose owner handles some keys before it.

    Args:
        text: The initial text.
        takes: Acts on a key of the owner; returns whether it was one.
        placeholder: Shown while it is empty.
        id: Of the widget.
    """

    def __init__(
        self, text: str, takes: Callable[[str], bool], *, placeholder: str, id: str
    ) -> None:
        super().__init__(
            text, placeholder=placeholder, compact=True, select_on_focus=False, id=id
        )
        self._takes = takes

    async def _on_key(self, event: events.Key) -> None:
        if self._takes(event.key):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)
