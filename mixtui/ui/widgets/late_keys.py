"""Keys that were typed before what they are meant for was there."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import App
from textual.widget import Widget


class TypeAhead:
    """Keeps keys while a field is being opened, and hands them to it.

    Over a slow line a command and the text typed behind it arrive together; the text
    must not be taken for more commands.
    """

    def __init__(self) -> None:
        self._keys: list[events.Key] = []
        self._waiting = False

    def start(self) -> None:
        """Keep keys from now on."""
        self._waiting = True

    def push(self, event: events.Key) -> bool:
        """Keep a key, if keys are being kept."""
        if not self._waiting:
            return False
        event.stop()
        event.prevent_default()
        self._keys.append(events.Key(event.key, event.character))
        return True

    def clear(self) -> None:
        """Keep none, and forget those that were."""
        self._waiting = False
        self._keys.clear()

    def replay_to_app(self, app: App[Any]) -> None:
        """Give the keys to whatever has the focus now, such as another screen's field."""
        self._waiting = False
        keys, self._keys = self._keys, []
        for key in keys:
            app.post_message(key)

    def replay_to(self, widget: Widget) -> None:
        """Focus a widget and give it the keys."""
        widget.screen.set_focus(widget)
        self._waiting = False
        keys, self._keys = self._keys, []
        for key in keys:
            widget.post_message(key)
