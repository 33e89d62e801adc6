"""The viewer of a document; it draws the visible lines only, whatever the body's size.

Each line on the screen is lexed alone (JSON texts hold no line break) and kept as a
strip; nothing else of the document is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from mixtui.actions import Scope
from mixtui.document.document import Document
from mixtui.document.folding import FoldedView, Folds
from mixtui.document.highlight import Token, TokenKind, tokens
from mixtui.model.redaction import Redactor
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.keys.motions import Motions
from mixtui.ui.response.wrapping import Anchor, Wrapping
from mixtui.ui.widgets.code_colours import (
    CODE_CLASSES,
    Styles,
    code_css,
    code_styles,
    coloured,
)

WHOLE = 2048
"""Characters; a longer line is lexed by the part that shows."""


class Window(NamedTuple):
    """The visible part of a line."""

    start: int
    """The first character, where lines are broken."""
    length: int | None
    """How many of them; None = to the end."""
    left: int
    """Cells scrolled away on the left, where lines are not broken."""
    width: int
    """Cells that there are."""


def drawn(
    view: FoldedView, row: int, window: Window, styles: Styles, ground: Style
) -> Strip:
    """Draw the text of a row, coloured and padded to the width."""
    start, length, left, width = window
    language = view.document.language
    text = view.text(row, 0, WHOLE + 1)
    if len(text) <= WHOLE:
        parts = _cut(tokens(text, language), start, length)
        if length is None and (hidden := view.hidden_text(row)):
            parts.append((TokenKind.FOLDED, hidden))
        strip = Strip(coloured(parts, styles, ground)).crop(left, left + width)
    else:
        begin = start or left
        text = view.text(row, begin, length or width)
        parts = tokens(text, language, cropped=begin > 0)
        strip = Strip(coloured(parts, styles, ground))
    return strip.adjust_cell_length(width, ground)


def marked(strip: Strip, span: tuple[int, int], left: int, style: Style) -> Strip:
    """Draw the selection over a part of a row.

    Args:
        strip: The row.
        span: The first selected cell of the line and the one after the last; -1 = all.
        left: The cell of the line that the strip starts with.
        style: That of the selection.
    """
    width = strip.cell_length
    begin = max(0, min(span[0] - left, width))
    end = width if span[1] < 0 else max(begin, min(span[1] - left, width))
    if begin == end:
        return strip
    before, inside, after = strip.divide([begin, end, width])
    return Strip.join([before, overlaid(inside, style), after])


def overlaid(strip: Strip, style: Style) -> Strip:
    """Lay a style over that of a row."""
    return Strip(
        [Segment(s.text, (s.style or Style()) + style) for s in strip],
        strip.cell_length,
    )


def _cut(parts: list[Token], start: int, count: int | None) -> list[Token]:
    """Cut the characters of a row out of a line's tokens."""
    if not start and count is None:
        return parts
    end = None if count is None else start + count
    tokens: list[Token] = []
    index = 0
    for kind, text in parts:
        piece = text[
            max(0, start - index) : None if end is None else max(0, end - index)
        ]
        if piece:
            tokens.append((kind, piece))
        index += len(text)
    return tokens


TOP = Anchor(0, 0)
_COLUMNS = 8
"""Cells that one key scrolls sideways."""
_MOST_ROWS = 10_000
"""That a count moves by: where lines are broken, the rows between are measured."""
_WHEEL = 3
"""Rows that one notch of the wheel scrolls."""
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


_COPIED_LINES = 20_000


class Place(Struct, frozen=True):
    """Where one is in a document."""

    cursor: Anchor = TOP
    top: Anchor = TOP
    """The first row on the screen."""
    left: int = 0
    """Cells scrolled away on the left."""
    folds: Folds | None = None


START = Place()


class DocumentView(Motions, ScrollView, inherit_bindings=False):
    """Shows a document; scrolls in both directions, or breaks long lines."""

    view: FoldedView | None = None
    """The rows of what is shown; None = nothing is."""
    redactor = Redactor()
    """Masks secrets in what is copied; what is shown is what came."""
    _cursor = TOP
    _top = TOP
    """What is at the top while lines are broken."""
    _wrapped: Wrapping | None = None
    """The rows of broken lines; None = lines are not broken."""
    _rows: Sequence[Anchor] = ()
    _rows_of: tuple[Anchor, int] | None = None
    """The top and the height that the rows belong to."""
    _following = False
    """Whether the scroll bar is being moved by the view itself, not by a person."""
    _known = 0
    """Rows of the last layout; a thread may know more."""
    DEFAULT_CSS = """
    DocumentView {
        background: transparent;
        color: $foreground;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
    }
    DocumentView > .document--gutter { color: $text-muted; }
    DocumentView > .document--cursor { background: $panel; }
    DocumentView:focus > .document--cursor { background: $primary-muted; }
    DocumentView:ansi:focus > .document--cursor {
        color: ansi_default; background: ansi_default; text-style: reverse;
    }
    DocumentView > .document--cursor-number { color: $text-primary; text-style: bold; }
    """ + code_css("DocumentView")
    COMPONENT_CLASSES = {
        "document--gutter",
        "document--cursor",
        "document--cursor-number",
        *CODE_CLASSES,
    }
    BINDINGS = bindings(Scope.RESPONSE, only=_OWN)
    wrap: var[bool] = var(False, init=False)
    """Break long lines instead of scrolling sideways."""
    line_numbers: var[bool] = var(True, init=False)
    _gutter = 0
    """Cells of the line numbers and of the space behind them."""
    _height = 0
    """Rows of the screen that there were before the size changed."""
    _code_styles: Styles | None = None

    class CursorMoved(Message):
        """Posted when the cursor is in another line or another document."""

    @cached_property
    def _strips(self) -> LRUCache[tuple[int, int, int], Strip]:
        return LRUCache(1024)

    # What is shown

    @property
    def document(self) -> Document | None:
        """The document shown; None = none."""
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

    @property
    def place(self) -> Place:
        """Where the cursor is, what is on the screen and what is folded."""
        wrapped = self._wrapped is not None
        top = self._top if wrapped else Anchor(round(self.scroll_y), 0)
        folds = None if self.view is None else self.view.folds
        return Place(self._cursor, top, round(self.scroll_x), folds)

    @place.setter
    def place(self, place: Place) -> None:
        """Go back to where one was in the document shown."""
        if self.view is None or place is START:
            return
        if place.folds is not None:
            self.view.folds = place.folds
        # Broken lines may have other rows by now.
        self._cursor = Anchor(place.cursor.line, 0)
        top = Anchor(place.top.line, 0)
        self._lay_out(top)
        if self._wrapped is None:
            self.scroll_to(place.left, top.line, animate=False, force=True)
        self.post_message(self.CursorMoved())

    def on_mount(self) -> None:
        self._lay_out(TOP)

    def grown(self) -> None:
        """Take in new lines, and a last line that has grown."""
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
        """Keep the top line where it is, and the cursor visible."""
        if not self.is_mounted:
            return
        seen = self._on_screen(self._cursor, self._page.height)
        row = round(self.scroll_y) if wrap else self._top.line
        self._cursor = Anchor(self._cursor.line, 0)
        self._lay_out(Anchor(row, 0))
        if not wrap:
            self.scroll_to(0, row, animate=False, force=True)
        if seen:
            self._place_cursor(self._cursor)

    def watch_line_numbers(self) -> None:
        if self.is_mounted:
            self._lay_out(Anchor(self._top.line, 0))

    def on_resize(self) -> None:
        """Draw at the new width; keep a visible cursor visible."""
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
            self._place_cursor(self._cursor)

    def notify_style_update(self) -> None:
        """Discard what was drawn in the old colours."""
        self._strips.clear()
        self._code_styles = None
        super().notify_style_update()

    def _lay_out(self, top: Anchor) -> None:
        """Lay out and draw everything again."""
        self._strips.clear()
        self._gutter = self._gutter_wanted()
        self._measure(top)
        self.refresh()

    def _measure(self, top: Anchor) -> None:
        """Measure the rows: how many, how wide."""
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
        """Set the size that can be scrolled over.

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
        self.wrap = not self.wrap

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw a row of the screen."""
        anchor = self._line_at(y)
        if self.view is None or anchor is None:
            return Strip.blank(self._page.width, self.rich_style)
        start, count = (
            (0, None) if self._wrapped is None else self._wrapped.span(anchor)
        )
        window = Window(start, count, round(self.scroll_x), self._text_width)
        return self._row(self.view, anchor, window)

    def _row(self, view: FoldedView, anchor: Anchor, window: Window) -> Strip:
        key = (anchor.line, window.start, window.left)
        strip = self._strips.get(key)
        if strip is None:
            if self._code_styles is None:
                self._code_styles = code_styles(self)
            strip = drawn(view, anchor.line, window, self._code_styles, self.rich_style)
            self._strips[key] = strip
        line, left = view.line_of(anchor.line), window.start or window.left
        if anchor == self._cursor:
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
        number = str(line + 1) if anchor.row == 0 else ""
        gutter = f"{number:>{self._gutter - 2}}  "
        style = self.get_component_rich_style(
            f"document--{'cursor-number' if anchor == self._cursor else 'gutter'}"
        )
        return Strip.join([Strip([Segment(gutter, style)], len(gutter)), strip])

    def _style(self, name: str) -> Style:
        """Return only what a component class changes: it is laid over other styles."""
        return self.get_component_rich_style(name, partial=True)

    def highlights(
        self, line: int, window: Window
    ) -> list[tuple[tuple[int, int], str]]:
        """Return the cells to mark in the visible part of a line.

        From and to in cells of that part, each with a component class.
        """
        return []

    # Selecting with the mouse

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, up to 20,000 lines; it goes to the clipboard."""
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
        return self.redactor.redact("\n".join(lines)), "\n"

    @property
    def cursor_line(self) -> int:
        """The line of the document under the cursor."""
        return 0 if self.view is None else self.view.line_of(self._cursor.line)

    @property
    def _page(self) -> Size:
        return self.scrollable_content_region.size

    # Where things are

    def _line_at(self, y: int) -> Anchor | None:
        """Return the position shown in a row of the screen; None = none."""
        if self._wrapped is None:
            row = y + round(self.scroll_y)
            return Anchor(row, 0) if row < self._known else None
        wanted = (self._top, self._page.height)
        if wanted != self._rows_of:
            # Worked out once for all rows of the screen.
            self._rows, self._rows_of = self._wrapped.visible(*wanted), wanted
        return self._rows[y] if y < len(self._rows) else None

    def _on_screen(self, cursor: Anchor, height: int) -> bool:
        """Return whether a position is visible on a screen of some height."""
        if self._wrapped is None:
            top = round(self.scroll_y)
            return top <= cursor.line < top + height
        return self._top <= cursor <= self._wrapped.moved(self._top, height - 1)

    def _rows_above(self) -> int:
        """Count the rows of the screen above the cursor; 0 = it is not visible."""
        height = self._page.height
        if not self._on_screen(self._cursor, height):
            return 0
        if self._wrapped is None:
            return self._cursor.line - round(self.scroll_y)
        return self._wrapped.visible(self._top, height).index(self._cursor)

    def _moved(self, anchor: Anchor, rows: int) -> Anchor:
        if self._wrapped is not None:
            return self._wrapped.moved(anchor, rows)
        last = max(0, self._known - 1)
        return Anchor(max(0, min(anchor.line + rows, last)), 0)

    # Moving the text

    def _show_from(self, top: Anchor) -> None:
        """Scroll a row to the top, but not beyond the end."""
        if self._wrapped is None:
            self.scroll_to(y=top.line, animate=False, force=True)
            return
        self._top = min(top, self._wrapped.last(self._page.height))
        self._following = True
        y = min(self._wrapped.to_scroll(self._top), self.max_scroll_y)
        self.scroll_to(0, y, animate=False, force=True)
        self._following = False
        self.refresh()

    def _scroll(self, rows: int) -> None:
        """Scroll by rows; the cursor keeps its row of the screen."""
        if self._wrapped is None:
            self.scroll_relative(y=rows, animate=False, force=True)
        else:
            self._show_from(self._wrapped.moved(self._top, rows))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the scroll bar when a person drags it."""
        super().watch_scroll_y(old_value, new_value)
        if self._wrapped is not None and not self._following:
            at_end = new_value >= self.max_scroll_y
            last = self._wrapped.last(self._page.height)
            top = last if at_end else self._wrapped.from_scroll(round(new_value))
            self._top = min(top, last)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by rows, also within a long line."""
        self._wheel(event, _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by rows, also within a long line."""
        self._wheel(event, -_WHEEL)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        if self._wrapped is not None and not (event.ctrl or event.shift):
            event.stop()
            event.prevent_default()
            self._scroll(rows)

    # Moving the cursor

    def _place_cursor(self, cursor: Anchor) -> None:
        """Move the cursor to a position, and scroll it into view."""
        if self.view is None:
            return
        moved, self._cursor = cursor.line != self._cursor.line, cursor
        height = self._page.height
        if self._wrapped is None:
            top = round(self.scroll_y)
            top = max(min(top, cursor.line), cursor.line - height + 1)
            self.scroll_to(y=top, animate=False, force=True)
        elif cursor < self._top:
            self._show_from(cursor)
        elif cursor > self._wrapped.moved(self._top, height - 1):
            self._show_from(self._wrapped.moved(cursor, 1 - height))
        self.refresh()
        if moved:
            self.post_message(self.CursorMoved())

    def _move(self, rows: int) -> None:
        """Move the cursor by rows, and scroll it into view."""
        self._place_cursor(self._moved(self._cursor, rows))

    def move_by(self, rows: int) -> None:
        """Move the cursor by rows, and scroll it into view."""
        if self._wrapped is not None:
            rows = max(-_MOST_ROWS, min(rows, _MOST_ROWS))
        self._move(rows)

    def move_to(self, row: int) -> None:
        """Move the cursor to a line by its number, less one."""
        if row:
            self.go_to_line(row)
        else:
            self._place_cursor(TOP)

    def move_to_end(self) -> None:
        if self._wrapped is None:
            self._place_cursor(Anchor(max(0, self._known - 1), 0))
        else:
            self._place_cursor(self._wrapped.last(1))

    def move_sideways(self, columns: int) -> None:
        """Scroll by some steps of columns."""
        self.scroll_relative(x=columns * _COLUMNS, animate=False, force=True)

    def _page_by(self, rows: int) -> None:
        if not self._on_screen(self._cursor, self._page.height):
            self._place_cursor(self._cursor)
        self._scroll(rows)
        self._move(rows)

    def go_to_line(self, line: int, character: int = 0) -> None:
        """Move the cursor to a line, with a third of the screen above it.

        Args:
            line: From 0; one that is folded away is where its fold is.
            character: Of the line; says which of its rows, where lines are broken.
        """
        view = self.view
        if view is None or not view.row_count:
            return
        row = view.row_of(max(0, min(line, view.document.line_count - 1)))
        if row >= self._known:
            self.grown()
        cursor = Anchor(row, 0)
        if self._wrapped is not None:
            cursor = self._wrapped.row_with(row, character)
        height = self._page.height
        if not self._on_screen(cursor, height):
            self._show_from(self._moved(cursor, -(height // 3)))
        self._place_cursor(cursor)

    def on_click(self, event: events.Click) -> None:
        anchor = self._line_at(event.y)
        if anchor is not None:
            self._place_cursor(anchor)

    action_scroll_up, action_scroll_down = Motions.action_up, Motions.action_down
    action_scroll_left, action_scroll_right = Motions.action_left, Motions.action_right

    def action_page_up(self) -> None:
        self._page_by(-self.page_rows * self._pages)

    def action_page_down(self) -> None:
        self._page_by(self.page_rows * self._pages)

    @property
    def page_rows(self) -> int:
        return self._page.height - 1

    @property
    def _pages(self) -> int:
        """The count before the key, as pages."""
        return min(self.take_count() or 1, _MOST_ROWS // max(1, self.page_rows))

    def action_line_start(self) -> None:
        self.scroll_to(x=0, animate=False, force=True)

    def action_line_end(self) -> None:
        """Scroll to the last column of the widest line."""
        self.scroll_to(x=self.max_scroll_x, animate=False, force=True)
