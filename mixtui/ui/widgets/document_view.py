"""The viewer of a response body: a few lines are drawn, whatever the body's size.

Each line on the screen is lexed alone (JSON texts hold no line break) and kept as a
strip; nothing else of the document is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from rich.segment import Segment
from textual import events
from textual.cache import LRUCache
from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from mixtui.core.document import Document
from mixtui.ui.action import Scope
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.code_colours import (
    CODE_CLASSES,
    Styles,
    code_css,
    code_styles,
)
from mixtui.ui.widgets.document_rows import Window, drawn, marked
from mixtui.ui.widgets.frugal import Frugal
from mixtui.ui.widgets.wrapping import Anchor, Wrapping

_COLUMNS = 8
"""Cells that one key scrolls sideways."""
_WHEEL = 3
"""Rows that one notch of the wheel scrolls."""
_COPIED_LINES = 20_000
_OWN = (
    "wrap",
    "scroll_up",
    "scroll_down",
    "scroll_left",
    "scroll_right",
    "page_up",
    "page_down",
    "line_start",
    "line_end",
    "top",
    "bottom",
)


class DocumentView(Frugal, ScrollView, inherit_bindings=False):
    """Shows a document; scrolls in both directions, or breaks long lines."""

    DEFAULT_CSS = """
    DocumentView {
        background: transparent;
        color: $foreground;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
    }
    DocumentView > .document--gutter { color: $text-disabled; }
    """ + code_css("DocumentView")
    COMPONENT_CLASSES = {"document--gutter", *CODE_CLASSES}
    BINDINGS = bindings(Scope.RESPONSE, only=_OWN)

    wrap: var[bool] = var(False, init=False)
    """Break long lines instead of scrolling sideways."""

    line_numbers: var[bool] = var(True, init=False)

    _document: Document | None = None
    _top = Anchor(0, 0)
    """What is at the top while lines are broken."""
    _wrapped: Wrapping | None = None
    _rows: Sequence[Anchor] = ()
    _rows_of: tuple[Anchor, int] | None = None
    """The top and the height that the rows belong to."""
    _code_styles: Styles | None = None
    _following = False
    """The scroll bar is being moved to where the text is, not by a person."""

    @cached_property
    def _strips(self) -> LRUCache[tuple[int, int, int], Strip]:
        return LRUCache(1024)

    # What is shown

    @property
    def document(self) -> Document | None:
        """What is shown; None = nothing."""
        return self._document

    @document.setter
    def document(self, document: Document | None) -> None:
        self._document = document
        if self.is_mounted:
            self._lay_out(Anchor(0, 0))
            self.scroll_to(0, 0, animate=False, force=True)

    def on_mount(self) -> None:
        """Show what was set before."""
        self._lay_out(Anchor(0, 0))

    def watch_wrap(self, wrap: bool) -> None:
        """Keep the line at the top where it is."""
        if not self.is_mounted:
            return
        line = round(self.scroll_y) if wrap else self._top.line
        self._lay_out(Anchor(line, 0))
        if not wrap:
            self.scroll_to(0, line, animate=False, force=True)

    def watch_line_numbers(self) -> None:
        """Text becomes wider or narrower."""
        if self.is_mounted:
            self._lay_out(Anchor(self._top.line, 0))

    def on_resize(self) -> None:
        """Break lines at the new width."""
        if self._wrapped is None:
            return
        if self._wrapped.width == self._text_width:
            self._go(self._wrapped, self._top)
        else:
            self._lay_out(Anchor(self._top.line, 0))

    def notify_style_update(self) -> None:
        """Colours changed: nothing that was drawn holds."""
        self._strips.clear()
        self._code_styles = None
        super().notify_style_update()

    def _lay_out(self, top: Anchor) -> None:
        self._strips.clear()
        self._wrapped = self._rows_of = None
        document = self._document
        if document is None or not document.line_count:
            self.virtual_size = Size(0, 0)
        elif self.wrap:
            self._wrapped = Wrapping(document, self._text_width)
            self.virtual_size = Size(0, self._wrapped.height)
            self._go(self._wrapped, top)
        else:
            width = self._gutter_width + document.width
            self.virtual_size = Size(width, document.line_count)
        self.refresh()

    @property
    def _gutter_width(self) -> int:
        if not self.line_numbers or self._document is None:
            return 0
        return len(str(self._document.line_count)) + 2

    @property
    def _text_width(self) -> int:
        return max(1, self._page.width - self._gutter_width)

    @property
    def _page(self) -> Size:
        return self.scrollable_content_region.size

    # Moving

    def _go(self, wrapped: Wrapping, top: Anchor) -> None:
        """Put a row at the top, but nothing beyond the end at the bottom."""
        self._top = min(top, wrapped.last(self._page.height))
        self._following = True
        y = min(wrapped.to_scroll(self._top), self.max_scroll_y)
        self.scroll_to(0, y, animate=False, force=True)
        self._following = False
        self.refresh()

    def _move(self, rows: int) -> None:
        if self._wrapped is None:
            self.scroll_relative(y=rows, animate=False, force=True)
        else:
            self._go(self._wrapped, self._wrapped.moved(self._top, rows))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the scroll bar when a person drags it."""
        super().watch_scroll_y(old_value, new_value)
        if self._wrapped is not None and not self._following:
            at_end = new_value >= self.max_scroll_y
            last = self._wrapped.last(self._page.height)
            top = last if at_end else self._wrapped.from_scroll(round(new_value))
            self._top = min(top, last)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves by rows, also within a long line."""
        self._wheel(event, _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves by rows, also within a long line."""
        self._wheel(event, -_WHEEL)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        if self._wrapped is not None and not (event.ctrl or event.shift):
            event.stop()
            event.prevent_default()
            self._move(rows)

    def action_wrap(self) -> None:
        """Break long lines, or stop it."""
        self.wrap = not self.wrap

    def action_scroll_up(self) -> None:
        """One row up."""
        self._move(-1)

    def action_scroll_down(self) -> None:
        """One row down."""
        self._move(1)

    def action_page_up(self) -> None:
        """A screen up, less one row."""
        self._move(1 - self._page.height)

    def action_page_down(self) -> None:
        """A screen down, less one row."""
        self._move(self._page.height - 1)

    def action_scroll_left(self) -> None:
        """A few columns to the left."""
        self.scroll_relative(x=-_COLUMNS, animate=False, force=True)

    def action_scroll_right(self) -> None:
        """A few columns to the right."""
        self.scroll_relative(x=_COLUMNS, animate=False, force=True)

    def action_line_start(self) -> None:
        """The first column."""
        self.scroll_to(x=0, animate=False, force=True)

    def action_line_end(self) -> None:
        """The last column of the widest line."""
        self.scroll_to(x=self.max_scroll_x, animate=False, force=True)

    def action_top(self) -> None:
        """The first line."""
        if self._wrapped is None:
            self.scroll_to(0, 0, animate=False, force=True)
        else:
            self._go(self._wrapped, Anchor(0, 0))

    def action_bottom(self) -> None:
        """The last line."""
        if self._wrapped is None:
            self.scroll_to(0, self.max_scroll_y, animate=False, force=True)
        else:
            self._go(self._wrapped, self._wrapped.last(self._page.height))

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """One row of the screen."""
        document, ground = self._document, self.rich_style
        shown: tuple[Anchor, int, int | None] | None = None
        if document is not None and self._wrapped is not None:
            rows = self._broken(self._wrapped)
            if y < len(rows):
                shown = (rows[y], *self._wrapped.span(rows[y]))
        elif document is not None and y + round(self.scroll_y) < document.line_count:
            shown = (Anchor(y + round(self.scroll_y), 0), 0, None)
        if document is None or shown is None:
            return Strip.blank(self._page.width, ground)
        return self._row(document, *shown)

    def _broken(self, wrapped: Wrapping) -> Sequence[Anchor]:
        """What is on the screen while lines are broken."""
        wanted = (self._top, self._page.height)
        if wanted != self._rows_of:
            self._rows, self._rows_of = wrapped.visible(*wanted), wanted
        return self._rows

    def _row(
        self, document: Document, at: Anchor, start: int, count: int | None
    ) -> Strip:
        left = round(self.scroll_x)
        key = (at.line, start, left)
        strip = self._strips.get(key)
        if strip is None:
            if self._code_styles is None:
                self._code_styles = code_styles(self)
            looks = (self._code_styles, self.rich_style)
            window = Window(start, count, left, self._text_width)
            strip = drawn(document, at.line, window, *looks)
            self._strips[key] = strip
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(at.line)):
            style = self.screen.get_component_rich_style("screen--selection")
            strip = marked(strip, span, start or left, style)
        strip = strip.apply_offsets(start or left, at.line)
        if not self._gutter_width:
            return strip
        number = str(at.line + 1) if at.row == 0 else ""
        gutter = f"{number:>{self._gutter_width - 2}}  "
        style = self.get_component_rich_style("document--gutter")
        return Strip.join([Strip([Segment(gutter, style)], len(gutter)), strip])

    # Selecting with the mouse

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text: as shown, the first 20,000 lines of it."""
        if self._document is None:
            return None
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self._document.line_count - 1
        last = min(last, self._document.line_count - 1, first + _COPIED_LINES)
        lines = []
        for line in range(first, last + 1):
            if span := selection.get_span(line):
                text = self._document.line(line)
                lines.append(text[span[0] : None if span[1] < 0 else span[1]])
        return "\n".join(lines), "\n"
