"""Vim's motions, with counts: j k h l g G, 5j, 12G.

Their keys are declared with the other actions (`mixtui.actions`); here is what they do, once
for every list, table, tree and text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from mixtui.ui.keys.hints import KeyHints

if TYPE_CHECKING:
    from textual.widget import Widget

    _Base = Widget
else:
    # Textual takes a widget's CSS from its first base that is a DOM node. That must be
    # the widget this is mixed into.
    _Base = object

MAX_COUNT = 99_999_999
_DIGITS = frozenset("0123456789")


class Motions(_Base):
    """Mix into a widget with a cursor, or with text that scrolls, before its base class.

    A subclass overrides `move_by`, `move_to` and `move_to_end`, and `move_sideways` where
    there are columns, and binds the actions here.
    """

    takes_counts = True
    """Digits before a key are a count; False = digits have another use there."""
    _typed_count = 0
    """The count that is being typed; 0 = none."""
    _given_count = 0
    """The count that was typed before the last key; 0 = none."""
    _last_motion = ("", 0)
    """The last key that was not a digit, and its count."""

    # What a subclass overrides

    @property
    def page_rows(self) -> int:
        """Rows of a page, less one that stays in sight."""
        return max(1, self.scrollable_content_region.height - 1)

    def move_by(self, rows: int) -> None:
        """Move by some rows, at most to an end."""
        raise NotImplementedError

    def move_to(self, row: int) -> None:
        """Move to a row, from 0, or to the last."""
        raise NotImplementedError

    def move_to_end(self) -> None:
        """Move to the last row."""
        raise NotImplementedError

    def move_sideways(self, columns: int) -> None:
        """Move by some columns, at most to an end."""

    # Counts

    def take_count(self) -> int:
        """Return the count typed before the key of this action, once; 0 = none."""
        count, self._given_count = self._given_count, 0
        return count

    def on_key(self, event: events.Key) -> None:
        """Read a count; any other key ends it."""
        if self._is_count(event.key):
            self._set_typed_count(
                min(self._typed_count * 10 + int(event.key), MAX_COUNT)
            )
            event.stop()
            event.prevent_default()
        elif not self._typed_count and self._last_motion[0] == event.key == "g":
            self._given_count = self._last_motion[1]  # The second g of gg, as in 5gg.
        else:
            self._given_count = self._typed_count
            self._last_motion = event.key, self._given_count
            self._set_typed_count(0)

    def on_blur(self) -> None:
        """Forget a count: the next key goes elsewhere."""
        self._given_count, self._last_motion = 0, ("", 0)
        self._set_typed_count(0)

    def _is_count(self, key: str) -> bool:
        is_digit = key in _DIGITS and (key != "0" or self._typed_count > 0)
        return self.takes_counts and is_digit and key not in self.screen.active_bindings

    def _set_typed_count(self, count: int) -> None:
        """Set the count typed so far, and show it in the last line, if there is one."""
        if count != self._typed_count:
            self._typed_count = count
            for hints in self.screen.query(KeyHints):
                hints.count = str(count or "")

    # Actions

    def action_up(self) -> None:
        self.move_by(-(self.take_count() or 1))

    def action_down(self) -> None:
        self.move_by(self.take_count() or 1)

    def action_page_up(self) -> None:
        self.move_by(-self.page_rows * (self.take_count() or 1))

    def action_page_down(self) -> None:
        self.move_by(self.page_rows * (self.take_count() or 1))

    def action_left(self) -> None:
        self.move_sideways(-(self.take_count() or 1))

    def action_right(self) -> None:
        self.move_sideways(self.take_count() or 1)

    def action_top(self) -> None:
        """Go to the first row, or to the row of the count."""
        self.move_to(max(0, self.take_count() - 1))

    def action_bottom(self) -> None:
        """Go to the last row, or to the row of the count."""
        if count := self.take_count():
            self.move_to(count - 1)
        else:
            self.move_to_end()
