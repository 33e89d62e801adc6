"""A small list of suggestions under a field, over whatever lies there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.strip import Strip
from textual.widget import Widget

from mixtui.core.completing import Suggestion
from mixtui.core.visible import sanitize
from mixtui.ui.widgets.fitting import truncate_end
from mixtui.ui.widgets.frugal import MinimalRepaint

_MOST = 8
"""Rows."""
_WIDEST = 76
_GAP = 2
_HINT = "↓ chooses · enter takes it"


class ListOwner(Protocol):
    """A field that a list lies under."""

    def take_highlighted(self) -> None:
        """Take the suggestion under the cursor."""


class SuggestionList(MinimalRepaint, Widget):
    """Shows suggestions; the field keeps the focus and tells it what to do."""

    DEFAULT_CSS = """
    SuggestionList {
        overlay: screen; display: none; width: auto; height: auto;
        background: $panel; color: $foreground;
        border: round $border-blurred; border-subtitle-color: $text-muted;
    }
    SuggestionList > .suggestion--note { color: $text-muted; }
    SuggestionList > .suggestion--cursor { background: $primary-muted; }
    SuggestionList:ansi > .suggestion--cursor {
        background: transparent; text-style: reverse;
    }
    """
    COMPONENT_CLASSES = {"suggestion--note", "suggestion--cursor"}
    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Suggestion] = ()
        self._at: int | None = None
        self._top = 0
        self._fits = Size(0, 0)
        self._left = 0
        self.owner: ListOwner | None = None
        """The field that shows the list."""

    @property
    def rows(self) -> Sequence[Suggestion]:
        """What is listed."""
        return self._rows

    @property
    def highlighted(self) -> Suggestion | None:
        """The one under the cursor; None = none is yet."""
        return self._rows[self._at] if self._at is not None else None

    def show(self, rows: Sequence[Suggestion], field: Region, room: Size) -> None:
        """List some under a field, or above it where there is more room.

        Args:
            rows: At least one.
            field: Where the field is on the screen.
            room: The size of the screen.
        """
        self._rows, self._at, self._top = rows, None, 0
        self._left = max(cell_len(sanitize(row.label)) for row in rows)
        right = max(cell_len(sanitize(row.note)) for row in rows)
        wanted = 2 + self._left + (_GAP + right if right else 0)
        width = min(max(wanted, len(_HINT) + 16), _WIDEST, room.width - 2)
        below, above = room.height - field.bottom - 2, field.y - 2
        height = min(len(rows), _MOST, max(below, above, 1))
        y = field.bottom if height <= below or below >= above else field.y - height - 2
        x = max(0, min(field.x - 3, room.width - width - 2))
        more = f"{len(rows)} in all · " if len(rows) > height else ""
        self.border_subtitle = more + _HINT
        self._place(Offset(x, y), Size(width, height))
        self.refresh()

    def _place(self, offset: Offset, size: Size) -> None:
        """Lays the screen out again only where something moved."""
        if (offset, size, self.display) != (self.absolute_offset, self._fits, True):
            self.absolute_offset, self._fits = offset, size
            self.display = True
            self.refresh(layout=True)

    def hide(self) -> None:
        """Show nothing."""
        self.display = False
        self._at = None

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        return max(1, self._fits.height - 1)

    def move(self, by: int) -> bool:
        """Move the cursor; up from the first one leaves the list. Whether it moved."""
        if self._at is None:
            if by < 0:
                return False
            self._at = 0
        elif self._at + by < 0:
            self._at = None
        else:
            self._at = min(self._at + by, len(self._rows) - 1)
        at, height = self._at or 0, max(1, self._fits.height)
        self._top = max(min(self._top, at), at - height + 1)
        self.refresh()
        return True

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as its rows."""
        return self._fits.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line a row."""
        return self._fits.height

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take what is under the mouse; the field keeps the focus."""
        event.stop()
        offset = event.get_content_offset(self)
        if offset is not None and offset.y + self._top < len(self._rows):
            self._at = offset.y + self._top
            if self.owner is not None:
                self.owner.take_highlighted()

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """A suggestion: its text, and a few words about it."""
        width = self.content_size.width
        at = y + self._top
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row, here = self._rows[at], at == self._at
        plain = self.rich_style
        note = self.get_component_rich_style("suggestion--note")
        left = min(self._left, width - 2)
        strip = Strip(
            [
                Segment("› " if here else "  ", plain + Style(bold=True)),
                Segment(truncate_end(row.label, left), plain + Style(bold=here)),
                Segment(" " * _GAP, plain),
                Segment(sanitize(row.note), plain + Style(color=note.color)),
            ]
        )
        cut = strip.cell_length > width
        strip = strip.adjust_cell_length(width, plain)
        if cut:
            strip = Strip([*strip.crop(0, width - 1), Segment("…", plain)])
        return self._lit(strip) if here else strip

    def _lit(self, strip: Strip) -> Strip:
        cursor = self.get_component_rich_style("suggestion--cursor")
        if cursor.reverse:  # One colour for all: the terminal has few.
            plain = Strip([Segment(s.text, self.rich_style + cursor) for s in strip])
            return plain.simplify()
        light = Style(bgcolor=cursor.bgcolor)
        return Strip([Segment(s.text, (s.style or Style()) + light) for s in strip])
