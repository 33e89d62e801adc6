"""A diff of lines: drawn by the line, with the numbers of both sides."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mixtui.diff.text_diff import Row, TextDiff
from mixtui.text import sanitize
from mixtui.ui.widgets.repaint import MinimalRepaint
from mixtui.ui.widgets.text_page import MOVEMENT_BINDINGS, CursorMovement

_COLUMNS = 8
"""Cells that one key scrolls sideways."""
_LONGEST = 65_536
"""Bytes of a line that are shown."""
_CLASSES = {"+": "text-diff--added", "-": "text-diff--removed", "@": "text-diff--hunk"}


class TextDiffView(CursorMovement, MinimalRepaint, ScrollView, inherit_bindings=False):
    """Shows a text diff; scrolls in both directions."""

    DEFAULT_CSS = """
    TextDiffView {
        background: transparent; color: $foreground; height: 1fr;
        scrollbar-size: 1 1; scrollbar-gutter: stable;
    }
    TextDiffView > .text-diff--added { color: $text-success; }
    TextDiffView > .text-diff--removed { color: $text-error; }
    TextDiffView > .text-diff--hunk { color: $text-accent; }
    TextDiffView > .text-diff--gutter { color: $text-disabled; }
    """
    COMPONENT_CLASSES = {*_CLASSES.values(), "text-diff--gutter"}
    BINDINGS = MOVEMENT_BINDINGS

    _diff: TextDiff | None = None

    def show(self, diff: TextDiff | None) -> None:
        """Show a diff from its top; None = nothing."""
        self._diff = diff
        if diff is None:
            self.virtual_size = Size(0, 0)
        else:
            width = self._gutter + min(diff.width, _LONGEST)
            self.virtual_size = Size(width, diff.row_count)
        self.scroll_to(0, 0, animate=False, force=True)
        self.refresh()

    def move(self, rows: int) -> None:
        """Move by some rows."""
        self.scroll_relative(y=rows, animate=False, force=True)

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        return max(1, self.scrollable_content_region.height - 1)

    def sideways(self, steps: int) -> None:
        """Move by some columns."""
        self.scroll_relative(x=steps * _COLUMNS, animate=False, force=True)

    def go(self, row: int) -> None:
        """Bring a row to the top."""
        self.scroll_to(y=row, animate=False, force=True)

    def to_end(self) -> None:
        """Show the last row."""
        self.go(self.max_scroll_y)

    def step(self, direction: int) -> None:
        """Bring the next hunk to the top, or the one before."""
        if self._diff is None or not self._diff.hunks:
            return
        hunks, top = self._diff.hunks, round(self.scroll_y)
        find = bisect_right if direction > 0 else bisect_left
        at = find(hunks, top) - (direction < 0)
        self.go(hunks[max(0, min(at, len(hunks) - 1))])

    @property
    def _digits(self) -> int:
        return len(str(self._diff.line_count)) if self._diff else 1

    @property
    def _gutter(self) -> int:
        return 2 * self._digits + 3

    def draw_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        index = y + round(self.scroll_y)
        if self._diff is None or index >= self._diff.row_count:
            return Strip.blank(width, self.rich_style)
        row = self._diff.row(index)
        text, left = _shown(row), round(self.scroll_x)
        gutter = "".join(f"{n or '':>{self._digits}} " for n in (row.old, row.new))
        style = self._style(_CLASSES[row.sign]) if row.sign != " " else self.rich_style
        numbers = Strip([Segment(gutter, self._style("text-diff--gutter"))])
        line = Strip([Segment(text, style)], cell_len(text)).crop(left, left + width)
        return Strip.join([numbers, line]).adjust_cell_length(width, self.rich_style)

    def _style(self, name: str) -> Style:
        whole = self.get_component_rich_style(name)
        return self.rich_style + Style(color=whole.color, dim=whole.dim)


def _shown(row: Row) -> str:
    text = row.text[:_LONGEST].decode("utf-8", "replace")
    return sanitize(text) if row.sign == "@" else f"{row.sign}{sanitize(text)}"
