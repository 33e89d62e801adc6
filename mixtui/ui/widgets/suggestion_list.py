"""The list of suggestions below a field that completes what is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from mixtui.text import sanitize
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.popup_list import CURSOR, PopupList

if TYPE_CHECKING:
    from mixtui.editing.suggestions import Suggestion

_MAX_WIDTH = 76
_GAP = 2
_HINT = "↓ Select · enter Accept"
_MEASURED = 500
"""Suggestions that decide the width; a longer one among those after them is cut."""
_COUNT_WIDTH = 16
"""Cells beside the hint: the number of suggestions, and the border."""


class SuggestionList(PopupList):
    """Shows suggestions; the cursor is outside until a key moves it in."""

    DEFAULT_CSS = """
    SuggestionList > .suggestion--note { color: $text-muted; }
    """
    COMPONENT_CLASSES = {"suggestion--note"}

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Suggestion] = ()
        self._label_width = 0

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

    def show(self, rows: Sequence[Suggestion], field: Region) -> None:
        """List suggestions under a field.

        Args:
            rows: At least one.
            field: The region of the field on the screen.
        """
        self._rows = rows
        measured = rows[:_MEASURED]
        self._label_width = max(cell_len(sanitize(row.label)) for row in measured)
        note_width = max(cell_len(sanitize(row.note)) for row in measured)
        wanted = CURSOR + self._label_width + (_GAP + note_width if note_width else 0)
        self.place(field, min(max(wanted, len(_HINT) + _COUNT_WIDTH), _MAX_WIDTH))
        count = f"{len(rows)} matches · " if self.hidden_rows else ""
        self.border_subtitle = count + _HINT
        self.show_rows(cursor=None)

    # Movement

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

    # Drawing

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        row, plain = self._rows[index], self.rich_style
        note = self.get_component_rich_style("suggestion--note")
        label = truncate_end(row.label, min(self._label_width, width - CURSOR))
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
