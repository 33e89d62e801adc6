"""A list that lies under a field, or above it, while the field keeps the focus."""

from __future__ import annotations

from typing import Protocol

from textual import events
from textual.geometry import Offset, Region, Size

from mixtui.ui.widgets.row_list import RowList

BORDER = 2
"""Cells that the border takes, as rows or columns."""
CURSOR = 2
"""Cells of the cursor and the space behind it."""
_MAX_ROWS = 8


class ListOwner(Protocol):
    """The field that a list belongs to."""

    def take_highlighted(self) -> None:
        """Take the row under the cursor."""


class PopupList(RowList, can_focus=False):
    """Lists what a field may hold; the field passes on the keys.

    A subclass overrides `row_count` and `row_segments`, and calls `place`.
    """

    # In a layer of its own: within the layer of a dialog it would take part in its
    # alignment, and move the box as it opens.
    DEFAULT_CSS = """
    PopupList {
        layer: popup; overlay: screen; constrain: inside inside; display: none; width: auto; height: auto; overflow: hidden;
        background: $panel; color: $foreground;
        border: round $border-blurred; border-subtitle-color: $text-muted;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._fitted = Size(0, 0)
        self.owner: ListOwner | None = None
        """The field that shows the list."""

    def place(self, field: Region, width: int) -> None:
        """Show the list under a field, or above it where there is more room.

        Args:
            field: The region of the field on the screen.
            width: Cells of the rows; there may be fewer.
        """
        screen = self.screen.size
        width = min(width, screen.width - BORDER)
        below, above = screen.height - field.bottom - BORDER, field.y - BORDER
        height = min(self.row_count, _MAX_ROWS, max(below, above, 1))
        is_below = height <= below or below >= above
        y = field.bottom if is_below else field.y - height - BORDER
        x = max(0, min(field.x - BORDER - 1, screen.width - width - BORDER))
        self._fit(Offset(x, y), Size(width, height))

    def _fit(self, offset: Offset, size: Size) -> None:
        """Move and resize the list; the screen is laid out only if that changed."""
        if (offset, size, self.display) != (self.absolute_offset, self._fitted, True):
            self.absolute_offset, self._fitted = offset, size
            self.display = True
            self.refresh(layout=True)

    @property
    def hidden_rows(self) -> int:
        """How many rows there is no room for."""
        return self.row_count - self._fitted.height

    def hide(self) -> None:
        """Hide the list, and take the cursor out of it."""
        self.display = False
        self.cursor = None

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._fitted.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._fitted.height

    @property
    def page_rows(self) -> int:
        return max(1, self._fitted.height - 1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        # Not when the button is released: the field shall keep the focus.
        event.stop()
        row = self.row_at(event)
        if row is not None and self.owner is not None:
            self.move_to(row)
            self.owner.take_highlighted()

    def on_click(self, event: events.Click) -> None:
        # The list may be another one since the button was pressed.
        event.stop()
        event.prevent_default()
