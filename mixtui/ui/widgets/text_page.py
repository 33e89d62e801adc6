"""A page of text that is wrapped to its place and drawn by the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from mixtui.ui.widgets.frugal import MinimalRepaint
from mixtui.ui.widgets.moving import CursorMovement

MakeLines = Callable[[int], Sequence[Content]]
"""Gives the lines of a page for a width in cells."""


class TextPage(CursorMovement, MinimalRepaint, ScrollView, inherit_bindings=False):
    """Shows a page; it takes no focus unless a subclass does."""

    DEFAULT_CSS = """
    TextPage {
        background: transparent; color: $foreground; width: 1fr; height: 1fr;
        scrollbar-size: 1 1; scrollbar-gutter: stable; overflow-x: hidden;
    }
    """
    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._make: MakeLines = lambda width: ()
        self._lines: Sequence[Content] = ()
        self._width = 0

    def show(self, make: MakeLines) -> None:
        """Show another page, from its beginning."""
        self._make = make
        self._wrap()
        self.scroll_to(y=0, animate=False, force=True)

    @property
    def text(self) -> str:
        """What is on the page."""
        return "\n".join(line.plain for line in self._lines)

    def on_resize(self) -> None:
        """Wrap it to the new width."""
        if self.scrollable_content_region.width != self._width:
            self._wrap()

    def _wrap(self) -> None:
        self._width = self.scrollable_content_region.width
        self._lines = self._make(self._width) if self._width > 0 else ()
        self.virtual_size = Size(0, len(self._lines))
        self.refresh()

    # Moving

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        return max(1, self.scrollable_content_region.height - 1)

    def move(self, rows: int) -> None:
        """Scroll by some rows."""
        self.scroll_relative(y=rows, animate=False, force=True)

    def go(self, row: int) -> None:
        """Scroll to a row."""
        self.scroll_to(y=row, animate=False, force=True)

    def to_end(self) -> None:
        """Scroll to the end."""
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        at = y + round(self.scroll_y)
        if at >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        strips = Visual.to_strips(self, self._lines[at], width, 1, self.visual_style)
        strip = strips[0] if strips else Strip.blank(0)
        return strip.adjust_cell_length(width, self.rich_style)
