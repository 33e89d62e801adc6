"""The keys that move about in a comparison, the same in both of its views."""

from __future__ import annotations

from mixtui.ui.action import Scope
from mixtui.ui.diff_actions import DIFF_MOVES
from mixtui.ui.keymap import bindings

MOVEMENT_BINDINGS = bindings(Scope.DIFF, DIFF_MOVES)
"""The bindings of a view that is `Moving`."""


class CursorMovement:
    """Mix into a view; says in its own way what each step does."""

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        raise NotImplementedError

    def move(self, rows: int) -> None:
        """Move by some rows."""
        raise NotImplementedError

    def go(self, row: int) -> None:
        """Go to a row."""
        raise NotImplementedError

    def to_end(self) -> None:
        """Go to the last row."""
        raise NotImplementedError

    def sideways(self, steps: int) -> None:
        """Move by some columns, where there are more than fit."""

    def step(self, direction: int) -> None:
        """Go to the next hunk, or the one before, where there are any."""

    def action_up(self) -> None:
        """One row up."""
        self.move(-1)

    def action_down(self) -> None:
        """One row down."""
        self.move(1)

    def action_page_up(self) -> None:
        """One page up."""
        self.move(-self.page)

    def action_page_down(self) -> None:
        """One page down."""
        self.move(self.page)

    def action_left(self) -> None:
        """A few columns to the left."""
        self.sideways(-1)

    def action_right(self) -> None:
        """A few columns to the right."""
        self.sideways(1)

    def action_top(self) -> None:
        """The first row."""
        self.go(0)

    def action_bottom(self) -> None:
        """The last row."""
        self.to_end()

    def action_next(self) -> None:
        """The next hunk."""
        self.step(1)

    def action_previous(self) -> None:
        """The hunk before."""
        self.step(-1)
