"""Room for notifications of several lines."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets._toast import Toast, ToastHolder


class NotificationRoom:
    """Makes the panes of a screen end above its notifications.

    The first line of these lies over the last line of the screen, which names keys.
    """

    def __init__(self, screen: Screen[Any], panes: Widget) -> None:
        self._screen, self._panes = screen, panes

    def keep(self) -> None:
        """Give the room from now on, and free it when a notification expires."""
        self._screen.screen_layout_refresh_signal.subscribe(self._screen, self._fit)

    def _fit(self, _: object) -> None:
        most, rows, fits = self._screen.size.height // 3, 0, True
        # The newest, which are the last, have room; older ones come back when it is free.
        # Their rack is invisible: Textual can neither measure nor scroll it.
        for toast in reversed(self._screen.query(Toast).nodes):
            holder = toast.parent
            if not toast.is_attached or not isinstance(holder, ToastHolder):
                continue
            height = toast.outer_size.height
            fits = holder.display = fits and (not rows or rows + height <= most)
            rows += height if fits else 0
        margin = max(0, min(rows, most) - 1)
        if self._panes.styles.margin.bottom != margin:
            self._panes.styles.margin = (0, 0, margin, 0)
