"""The keys that move the cursor of a table."""

from __future__ import annotations

_FAR = 1 << 40
"""Beyond any row or column."""


class CursorKeys:
    """Mix into a grid that knows how to put its cursor on a cell."""

    row = 0
    """The cursor's row, from 0, in the order shown."""
    column = 0
    """The cursor's column, among those not hidden."""

    @property
    def page_rows(self) -> int:
        """How many rows fit on the screen."""
        raise NotImplementedError

    def move_to(self, row: int, column: int) -> None:
        """Put the cursor on a cell, or the nearest there is."""
        raise NotImplementedError

    def page(self, rows: int) -> None:
        """Move by rows, and the screen with the cursor."""
        raise NotImplementedError

    def action_cursor_up(self) -> None:
        """One row up."""
        self.move_to(self.row - 1, self.column)

    def action_cursor_down(self) -> None:
        """One row down."""
        self.move_to(self.row + 1, self.column)

    def action_cursor_left(self) -> None:
        """One column to the left."""
        self.move_to(self.row, self.column - 1)

    def action_cursor_right(self) -> None:
        """One column to the right."""
        self.move_to(self.row, self.column + 1)

    def action_page_up(self) -> None:
        """A screen up."""
        self.page(-self.page_rows)

    def action_page_down(self) -> None:
        """A screen down."""
        self.page(self.page_rows)

    def action_first_column(self) -> None:
        """The first column."""
        self.move_to(self.row, 0)

    def action_last_column(self) -> None:
        """The last column."""
        self.move_to(self.row, _FAR)

    def action_first_row(self) -> None:
        """The first row."""
        self.move_to(0, self.column)

    def action_last_row(self) -> None:
        """The last row."""
        self.move_to(_FAR, self.column)
