"""The viewer of a document: a few lines are drawn, whatever the body's size.

Each line on the screen is lexed alone (JSON texts hold no line break) and kept as a
strip; nothing else of the document is looked at.
"""

from __future__ import annotations

from functools import cached_property

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.reactive import var
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from mixtui.core.document import Document
from mixtui.core.folding import FoldedView
from mixtui.ui.action import Scope
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.code_colours import (
    CODE_CLASSES,
    Styles,
    code_css,
    code_styles,
)
from mixtui.ui.widgets.document_rows import Window, drawn, marked, overlaid
from mixtui.ui.widgets.row_cursor import TOP, LineCursorView
from mixtui.ui.widgets.wrapping import Anchor, Wrapping

_COPIED_LINES = 20_000


class DocumentView(LineCursorView, inherit_bindings=True):
    """Shows a document; scrolls in both directions, or breaks long lines."""

    DEFAULT_CSS = """
    DocumentView {
        background: transparent;
        color: $foreground;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
    }
    DocumentView > .document--gutter { color: $text-disabled; }
    DocumentView > .document--cursor { background: $boost; }
    DocumentView:focus > .document--cursor { background: $surface-lighten-2; }
    DocumentView > .document--cursor-number { color: $text-primary; text-style: bold; }
    """ + code_css("DocumentView")
    COMPONENT_CLASSES = {
        "document--gutter",
        "document--cursor",
        "document--cursor-number",
        *CODE_CLASSES,
    }
    BINDINGS = bindings(Scope.RESPONSE, only=("wrap",))

    wrap: var[bool] = var(False, init=False)
    """Break long lines instead of scrolling sideways."""

    line_numbers: var[bool] = var(True, init=False)

    _gutter = 0
    """Cells of the line numbers and of the space behind them."""
    _height = 0
    """Rows of the screen that there were before the size changed."""
    _code_styles: Styles | None = None

    @cached_property
    def _strips(self) -> LRUCache[tuple[int, int, int], Strip]:
        return LRUCache(1024)

    # What is shown

    @property
    def document(self) -> Document | None:
        """What is shown; None = nothing."""
        return None if self.view is None else self.view.document

    @document.setter
    def document(self, document: Document | None) -> None:
        self._show(document)

    def _show(self, document: Document | None) -> None:
        self.view = None if document is None else FoldedView(document)
        self._cursor = self._top = TOP
        if self.is_mounted:
            self._lay_out(TOP)
            self.scroll_to(0, 0, animate=False, force=True)
        self.post_message(self.CursorMoved())

    def on_mount(self) -> None:
        """Show what was set before."""
        self._lay_out(TOP)

    def grown(self) -> None:
        """There are more lines than before, or the last one is longer."""
        if self.view is None or not self.is_mounted:
            return
        if self._gutter != self._gutter_wanted():
            self._lay_out(self._top)
            return
        last = max(0, self._known - 1)
        drawn_rows = self._strips.keys()
        for key in [key for key in drawn_rows if key[0] >= last]:
            self._strips.discard(key)
        self._measure(self._top)
        if last < round(self.scroll_y) + self._page.height:
            self.refresh()

    def watch_wrap(self, wrap: bool) -> None:
        """Keep the line at the top where it is, and the cursor in sight."""
        if not self.is_mounted:
            return
        seen = self._on_screen(self._cursor, self._page.height)
        row = round(self.scroll_y) if wrap else self._top.line
        self._cursor = Anchor(self._cursor.line, 0)
        self._lay_out(Anchor(row, 0))
        if not wrap:
            self.scroll_to(0, row, animate=False, force=True)
        if seen:
            self._place(self._cursor)

    def watch_line_numbers(self) -> None:
        """Text becomes wider or narrower."""
        if self.is_mounted:
            self._lay_out(Anchor(self._top.line, 0))

    def on_resize(self) -> None:
        """Draw at the new width; a cursor that was in sight stays there."""
        seen = self._on_screen(self._cursor, self._height)
        self._height = self._page.height
        if self._wrapped is None:
            self._strips.clear()
        elif self._wrapped.width == self._text_width:
            self._show_from(self._top)
        else:
            self._cursor = Anchor(self._cursor.line, 0)
            self._lay_out(Anchor(self._top.line, 0))
        if seen:
            self._place(self._cursor)

    def notify_style_update(self) -> None:
        """Colours changed: nothing that was drawn holds."""
        self._strips.clear()
        self._code_styles = None
        super().notify_style_update()

    def _lay_out(self, top: Anchor) -> None:
        """Everything is somewhere else, or looks different."""
        self._strips.clear()
        self._gutter = self._gutter_wanted()
        self._measure(top)
        self.refresh()

    def _measure(self, top: Anchor) -> None:
        """Take in how many rows there are, and how wide they are."""
        self._wrapped = self._rows_of = None
        view = self.view
        self._known = 0 if view is None else view.row_count
        if view is None or not self._known:
            self._take_room(Size(0, 0))
        elif self.wrap:
            self._wrapped = Wrapping(view, self._text_width, self._known)
            self._take_room(Size(0, self._wrapped.height))
            self._show_from(top)
        else:
            self._take_room(Size(self._gutter + view.document.width, self._known))

    def _take_room(self, size: Size) -> None:
        """Scroll over so much.

        Setting `virtual_size` would arrange the whole screen anew, and paint all of
        this: for a line that came below what is seen.
        """
        self.set_reactive(Widget.virtual_size, size)
        self._refresh_scrollbars()
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = size.height
        if self.show_horizontal_scrollbar:
            self.horizontal_scrollbar.window_virtual_size = size.width
        self.scroll_x = self.validate_scroll_x(self.scroll_x)
        self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def _gutter_wanted(self) -> int:
        if not self.line_numbers or self.document is None:
            return 0
        return len(str(self.document.line_count)) + 2

    @property
    def _text_width(self) -> int:
        return max(1, self._page.width - self._gutter)

    def action_wrap(self) -> None:
        """Break long lines, or stop it."""
        self.wrap = not self.wrap

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """One row of the screen."""
        at = self._at(y)
        if self.view is None or at is None:
            return Strip.blank(self._page.width, self.rich_style)
        start, count = (0, None) if self._wrapped is None else self._wrapped.span(at)
        window = Window(start, count, round(self.scroll_x), self._text_width)
        return self._row(self.view, at, window)

    def _row(self, view: FoldedView, at: Anchor, window: Window) -> Strip:
        key = (at.line, window.start, window.left)
        strip = self._strips.get(key)
        if strip is None:
            if self._code_styles is None:
                self._code_styles = code_styles(self)
            strip = drawn(view, at.line, window, self._code_styles, self.rich_style)
            self._strips[key] = strip
        line, left = view.line_of(at.line), window.start or window.left
        if at == self._cursor:
            strip = overlaid(strip, self._style("document--cursor"))
        for cells, name in self.highlights(line, window):
            strip = marked(strip, cells, 0, self._style(name))
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(line)):
            style = self.screen.get_component_rich_style("screen--selection")
            strip = marked(strip, span, left, style)
        strip = strip.apply_offsets(left, line)
        if not self._gutter:
            return strip
        number = str(line + 1) if at.row == 0 else ""
        gutter = f"{number:>{self._gutter - 2}}  "
        style = self.get_component_rich_style(
            f"document--{'cursor-number' if at == self._cursor else 'gutter'}"
        )
        return Strip.join([Strip([Segment(gutter, style)], len(gutter)), strip])

    def _style(self, name: str) -> Style:
        """Only what a class changes: it lies over other styles."""
        return self.get_component_rich_style(name, partial=True)

    def highlights(
        self, line: int, window: Window
    ) -> list[tuple[tuple[int, int], str]]:
        """What to mark in the part of a line that is seen.

        From and to in cells of that part, each with a component class.
        """
        return []

    # Selecting with the mouse

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text: as shown, the first 20,000 lines of it."""
        if self.document is None:
            return None
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self.document.line_count - 1
        last = min(last, self.document.line_count - 1, first + _COPIED_LINES)
        lines = []
        for line in range(first, last + 1):
            if span := selection.get_span(line):
                text = self.document.line(line)
                lines.append(text[span[0] : None if span[1] < 0 else span[1]])
        return "\n".join(lines), "\n"
