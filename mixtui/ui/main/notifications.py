"""Room for notifications of several lines."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets._toast import Toast


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
        # The rack itself is invisible, and has no size.
        toasts = self._screen.query(Toast)
        rows = sum(toast.outer_size.height for toast in toasts if toast.is_attached)
        margin = max(0, min(rows, self._screen.size.height // 2) - 1)
        if self._panes.styles.margin.bottom != margin:
            self._panes.styles.margin = (0, 0, margin, 0)
