"""A field's editing keys act in the order typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from textual.widget import Widget

    _Base = Widget
else:
    # Textual takes a widget's CSS from its first base that is a DOM node. That must be
    # the widget this is mixed into.
    _Base = object


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
