"""A one-line text field: Textual's `Input`, quiet and frugal."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Input

from mixtui.ui.widgets.frugal import MinimalRepaint
from mixtui.ui.widgets.ordered_keys import OrderedInputKeys

_STEP = 512


class TextInput(OrderedInputKeys, MinimalRepaint, Input):
    """An `Input` that sends a few bytes a key, and nothing while nobody types."""

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
