"""A view's keys, and those of its screen, act in the order typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from mixtui.ui.widgets.handing_over import forward_if_unfocused

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
