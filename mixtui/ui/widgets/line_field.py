"""The field of a line under a view, whose special keys belong to the line."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.handing_over import forward_if_unfocused


class CommandInput(TextInput):
    """Special keys act at once, in the order typed.

    Args:
        text: What stands in it at first.
        takes: Whether a key is the line's; acts on it if so.
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
        if forward_if_unfocused(self, event):
            return
        if self._takes(event.key):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)
