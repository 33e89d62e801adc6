"""One-line text fields: Textual's `Input`, repainting little."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.reactive import reactive
from textual.widgets import Input

from mixtui.ui.widgets.repaint import MinimalRepaint

_STEP = 512


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
