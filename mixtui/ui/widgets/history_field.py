"""The line that says which calls of the history to list."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from mixtui.storage.history_query import HINT
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.handing_over import forward_if_unfocused

_LEAVING = ("enter", "escape", "tab", "shift+tab", "up", "down", "pageup", "pagedown")


class HistoryQueryInput(TextInput):
    """Takes a filter; its special keys act at once, in the order typed."""

    def __init__(self, leave: Callable[[str], None]) -> None:
        """An empty line.

        Args:
            leave: Called with the key that goes to the list.
        """
        super().__init__(placeholder=HINT, compact=True, select_on_focus=False)
        self._leave = leave

    async def _on_key(self, event: events.Key) -> None:
        if forward_if_unfocused(self, event):
            return
        if event.key in _LEAVING:
            event.stop()
            event.prevent_default()
            self._leave(event.key)
        else:
            await super()._on_key(event)
