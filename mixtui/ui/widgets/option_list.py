"""Textual's list of options, and a page that scrolls, with the motions of all lists."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.widgets import OptionList

from mixtui.actions import Scope
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.keys.motions import Motions
from mixtui.ui.widgets.reversing import KeepsReverse


class ColoredList(KeepsReverse, OptionList):
    """An `OptionList` whose labels may have colors of their own.

    They could not be read on the background of Textual's cursor.
    """

    DEFAULT_CSS = """
    ColoredList > .option-list--option-highlighted,
    ColoredList:focus > .option-list--option-highlighted {
        color: $foreground; background: $primary-muted; text-style: bold;
    }
    ColoredList:ansi > .option-list--option-highlighted { text-style: underline; }
    ColoredList:ansi:focus > .option-list--option-highlighted { text-style: reverse; }
    """


class MotionList(Motions, ColoredList):
    """A list that is moved through as every list."""

    BINDINGS = bindings(Scope.LIST)

    def action_up(self) -> None:
        """Go to the option above; from the first to the last, as in any `OptionList`."""
        if count := self.take_count():
            self.move_by(-count)
        else:
            self.action_cursor_up()

    def action_down(self) -> None:
        """Go to the option below; from the last to the first, as in any `OptionList`."""
        if count := self.take_count():
            self.move_by(count)
        else:
            self.action_cursor_down()

    def move_by(self, rows: int) -> None:
        """Move the cursor by some options."""
        self.move_to(max(0, (self.highlighted or 0) + rows))

    def move_to(self, row: int) -> None:
        """Move the cursor to an option, or to one before it that can be selected."""
        enabled = [i for i, each in enumerate(self.options) if not each.disabled]
        before = [index for index in enabled if index <= row]
        if enabled:
            self.highlighted = before[-1] if before else enabled[0]

    def move_to_end(self) -> None:
        self.action_last()


class ScrollPage(Motions, VerticalScroll):
    """A `VerticalScroll` that is moved through as every list."""

    BINDINGS = bindings(Scope.LIST)

    def move_by(self, rows: int) -> None:
        self.scroll_relative(y=rows, animate=False, force=True)

    def move_to(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, force=True)

    def move_to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
