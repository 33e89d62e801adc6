"""A view's keys, and those of its screen, act in the order typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
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


if TYPE_CHECKING:
    from textual.widget import Widget

    _Base = Widget
else:
    # Textual takes a widget's CSS from its first base that is a DOM node. That must be
    # the widget this is mixed into.
    _Base = object


class OrderedBindings(_Base):
    """Mix into a view without text, before its base class.

    Textual runs a bound key when it has passed every handler. Keys that arrive
    together, over a slow line, would find the view as it was before the first of them.
    """

    async def drain(self) -> None:
        """Wait until what the keys before have started is done."""

    async def _on_key(self, event: events.Key) -> None:
        """Run what a key is bound to, and only then look at the next one."""
        if forward_if_unfocused(self, event):
            return
        active = self.screen.active_bindings.get(event.key)
        if active is None or active.node not in (self, self.screen):
            return
        event.stop()
        event.prevent_default()
        if event.key != "escape":
            await self.drain()
        await self.app.run_action(active.binding.action, active.node)


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


_SCROLLING = ("scroll_", "page_")
"""What a field inherits and does not need: those keys are for what is around it."""


class OrderedInputKeys(_Base):
    """Mix into a text field, before its base class.

    Textual types a letter at once and runs a bound key such as ctrl+u only when the
    key has passed every handler: a letter typed right behind it comes first. Keys that
    arrive together, over a slow line, would so delete what was typed after them.
    """

    async def _on_key(self, event: events.Key) -> None:
        """Run a key of the field's own at once."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if binding.action.startswith(_SCROLLING):
                continue
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
            return
