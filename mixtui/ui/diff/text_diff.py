"""A line-by-line diff, with the line numbers of both sides."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from mixtui.actions import DIFF_MOVES, Scope
from mixtui.diff.text_diff import Row, TextDiff, diff_text
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.row_list import RowView

_SIDEWAYS = 8
"""Cells that one key scrolls sideways."""
_MAX_LINE = 65_536
"""Bytes of a line that are shown."""
_SIGN_CLASSES = {
    "+": "text-diff--added",
    "-": "text-diff--removed",
    "@": "text-diff--hunk",
}


class TextDiffView(RowView, can_focus=True):
    """Shows a text diff; scrolls in both directions."""

    DEFAULT_CSS = """
    TextDiffView { overflow-x: auto; }
    TextDiffView > .text-diff--added { color: $text-success; }
    TextDiffView > .text-diff--removed { color: $text-error; }
    TextDiffView > .text-diff--hunk { color: $text-accent; }
    TextDiffView > .text-diff--gutter { color: $text-muted; }
    """
    COMPONENT_CLASSES = {*_SIGN_CLASSES.values(), "text-diff--gutter"}
    BINDINGS = bindings(Scope.DIFF, DIFF_MOVES)

    def __init__(self, diff: TextDiff | None = None) -> None:
        super().__init__()
        self._diff = diff

    def on_mount(self) -> None:
        """Show the diff from its top."""
        self.show(self._diff)

    @property
    def row_count(self) -> int:
        return self._diff.row_count if self._diff else 0

    @property
    def row_width(self) -> int:
        return self._gutter + min(self._diff.width, _MAX_LINE) if self._diff else 0

    def show(self, diff: TextDiff | None) -> None:
        """Show a diff from its top; None = show nothing."""
        self._diff = diff
        self.show_rows()
        self.scroll_to(0, 0, animate=False, force=True)

    # Movement

    def move_sideways(self, columns: int) -> None:
        """Scroll by some steps of columns."""
        self.scroll_relative(x=columns * _SIDEWAYS, animate=False, force=True)

    def action_next(self) -> None:
        """Scroll the next hunk, or that of a count, to the top."""
        by, hunks = self.take_count() or 1, self._hunks
        self._move_to_hunk(bisect_right(hunks, round(self.scroll_y)) + by - 1)

    def action_previous(self) -> None:
        """Scroll the hunk before, or that of a count, to the top."""
        by, hunks = self.take_count() or 1, self._hunks
        self._move_to_hunk(bisect_left(hunks, round(self.scroll_y)) - by)

    @property
    def _hunks(self) -> Sequence[int]:
        return self._diff.hunks if self._diff else ()

    def _move_to_hunk(self, number: int) -> None:
        if hunks := self._hunks:
            self.move_to(hunks[max(0, min(number, len(hunks) - 1))])

    # Drawing

    @property
    def _digits(self) -> int:
        return len(str(self._diff.line_count)) if self._diff else 1

    @property
    def _gutter(self) -> int:
        return 2 * self._digits + 3

    def draw_row(self, index: int, width: int) -> Strip:
        if self._diff is None:
            return Strip.blank(width, self.rich_style)
        row = self._diff.row(index)
        text, left = _line(row), round(self.scroll_x)
        gutter = "".join(f"{n or '':>{self._digits}} " for n in (row.old, row.new))
        style = self.rich_style
        if row.sign in _SIGN_CLASSES:
            style = self.foreground_style(_SIGN_CLASSES[row.sign])
        numbers = Strip([Segment(gutter, self.foreground_style("text-diff--gutter"))])
        line = Strip([Segment(text, style)], cell_len(text)).crop(left, left + width)
        return Strip.join([numbers, line]).adjust_cell_length(width, self.rich_style)


def _line(row: Row) -> str:
    text = sanitize(row.text[:_MAX_LINE].decode("utf-8", "replace"))
    return text if row.sign == "@" else f"{row.sign}{text}"


async def difference(old: str, new: str) -> TextDiffView | None:
    """Compare two texts in a thread, for a dialog; None = they cannot be compared."""
    diff = await asyncio.to_thread(diff_text, old.encode(), new.encode())
    return TextDiffView(diff) if isinstance(diff, TextDiff) else None
