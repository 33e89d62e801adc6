"""The list of suggestions below a field that completes what is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.strip import Strip

from mixtui.text import sanitize
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.row_list import RowList

if TYPE_CHECKING:
    from mixtui.editing.suggestions import Suggestion

_MAX_ROWS = 8
_MAX_WIDTH = 76
_BORDER = 2
_CURSOR = 2
"""Cells of the cursor and the space behind it."""
_GAP = 2
_HINT = "↓ chooses · enter takes it"
_COUNT_WIDTH = 16
"""Cells beside the hint: the number of suggestions, and the border."""


class ListOwner(Protocol):
    """The field that a list belongs to."""

    def take_highlighted(self) -> None:
        """Take the suggestion under the cursor."""


class SuggestionList(RowList, can_focus=False):
    """Shows suggestions; the field keeps the focus, and passes on the keys."""

    DEFAULT_CSS = """
    SuggestionList {
        overlay: screen; display: none; width: auto; height: auto; overflow: hidden;
        background: $panel; color: $foreground;
        border: round $border-blurred; border-subtitle-color: $text-muted;
    }
    SuggestionList > .suggestion--note { color: $text-muted; }
    """
    COMPONENT_CLASSES = {"suggestion--note"}

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Suggestion] = ()
        self._label_width = 0
        self._fitted = Size(0, 0)
        self.owner: ListOwner | None = None
        """The field that shows the list."""

    @property
    def row_count(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> Sequence[Suggestion]:
        """The suggestions that are listed."""
        return self._rows

    @property
    def highlighted(self) -> Suggestion | None:
        """The suggestion under the cursor; None = the cursor is not in the list."""
        return None if self.cursor is None else self._rows[self.cursor]

    def show(self, rows: Sequence[Suggestion], field: Region, screen: Size) -> None:
        """List suggestions under a field, or above it where there is more room.

        Args:
            rows: At least one.
            field: The region of the field on the screen.
            screen: The size of the screen.
        """
        self._rows = rows
        self._label_width = max(cell_len(sanitize(row.label)) for row in rows)
        note_width = max(cell_len(sanitize(row.note)) for row in rows)
        wanted = _CURSOR + self._label_width + (_GAP + note_width if note_width else 0)
        width = min(
            max(wanted, len(_HINT) + _COUNT_WIDTH), _MAX_WIDTH, screen.width - _BORDER
        )
        below, above = screen.height - field.bottom - _BORDER, field.y - _BORDER
        height = min(len(rows), _MAX_ROWS, max(below, above, 1))
        is_below = height <= below or below >= above
        y = field.bottom if is_below else field.y - height - _BORDER
        x = max(0, min(field.x - _BORDER - 1, screen.width - width - _BORDER))
        count = f"{len(rows)} in all · " if len(rows) > height else ""
        self.border_subtitle = count + _HINT
        self._move_below(Offset(x, y), Size(width, height))
        self.show_rows(cursor=None)

    def _move_below(self, offset: Offset, size: Size) -> None:
        """Move and resize the list; the screen is laid out only if that changed."""
        if (offset, size, self.display) != (self.absolute_offset, self._fitted, True):
            self.absolute_offset, self._fitted = offset, size
            self.display = True
            self.refresh(layout=True)

    def hide(self) -> None:
        """Hide the list, and take the cursor out of it."""
        self.display = False
        self.cursor = None

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._fitted.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._fitted.height

    # Movement

    @property
    def page_rows(self) -> int:
        return max(1, self._fitted.height - 1)

    def step(self, rows: int) -> bool:
        """Move the cursor by some rows; up from the first one, out of the list.

        Returns:
            Whether the list had a use for the key.
        """
        if self.cursor is None and rows < 0:
            return False
        if self.cursor is None:
            self.move_to(0)
        elif self.cursor + rows < 0:
            self.cursor = None
        else:
            self.move_by(rows)
        return True

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

    # Drawing

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        row, plain = self._rows[index], self.rich_style
        note = self.get_component_rich_style("suggestion--note")
        label = truncate_end(row.label, min(self._label_width, width - _CURSOR))
        strip = Strip(
            [
                Segment("› " if selected else "  ", plain + Style(bold=True)),
                Segment(label, plain + Style(bold=selected)),
                Segment(" " * _GAP, plain),
                Segment(sanitize(row.note), plain + Style(color=note.color)),
            ]
        )
        if strip.cell_length <= width:
            yield from strip
        else:
            yield from strip.crop(0, width - 1)
            yield Segment("…", plain)
