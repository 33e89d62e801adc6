"""Keys that were on their way to a widget when the focus left it."""

from __future__ import annotations

from textual import events
from textual.widget import Widget


def forward_if_unfocused(widget: Widget, event: events.Key) -> bool:
    """Give a key to what has the focus now, if that is not the widget any more.

    Keys that arrive together, over a slow line, are all on their way to the widget that
    had the focus before the first of them acted.
    """
    if widget.app.screen is widget.screen and widget.screen.focused is widget:
        return False
    event.stop()
    event.prevent_default()
    widget.app.post_message(events.Key(event.key, event.character))
    return True
