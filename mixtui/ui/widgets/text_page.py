"""A page of text that is wrapped to its place and drawn by the line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from mixtui.actions import DIFF_MOVES, Scope
from mixtui.mixpanel.docs import Row, Section
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.repaint import MinimalRepaint

MOVEMENT_BINDINGS = bindings(Scope.DIFF, DIFF_MOVES)
"""The bindings of a view that is `Moving`."""


class CursorMovement:
    """Mix into a view; says in its own way what each step does."""

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        raise NotImplementedError

    def move(self, rows: int) -> None:
        """Move by some rows."""
        raise NotImplementedError

    def go(self, row: int) -> None:
        """Go to a row."""
        raise NotImplementedError

    def to_end(self) -> None:
        """Go to the last row."""
        raise NotImplementedError

    def sideways(self, steps: int) -> None:
        """Move by some columns, where there are more than fit."""

    def step(self, direction: int) -> None:
        """Go to the next hunk, or the one before, where there are any."""

    def action_up(self) -> None:
        """One row up."""
        self.move(-1)

    def action_down(self) -> None:
        """One row down."""
        self.move(1)

    def action_page_up(self) -> None:
        """One page up."""
        self.move(-self.page)

    def action_page_down(self) -> None:
        """One page down."""
        self.move(self.page)

    def action_left(self) -> None:
        """A few columns to the left."""
        self.sideways(-1)

    def action_right(self) -> None:
        """A few columns to the right."""
        self.sideways(1)

    def action_top(self) -> None:
        """The first row."""
        self.go(0)

    def action_bottom(self) -> None:
        """The last row."""
        self.to_end()

    def action_next(self) -> None:
        """The next hunk."""
        self.step(1)

    def action_previous(self) -> None:
        """The hunk before."""
        self.step(-1)


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


_LEAST = 20
"""Cells; where less is left for the right column, it goes below the left one."""


def columns(
    rows: Iterable[tuple[Content, Content]], left: int, width: int
) -> list[Content]:
    """Rows of two columns as lines.

    Args:
        rows: Left and right; an empty left one continues the row above.
        left: Cells of the left column, with the space behind it.
        width: Cells of a line.
    """
    below = width - left < _LEAST
    indent = 2 if below else left
    lines: list[Content] = []
    for head, text in rows:
        parts = text.wrap(max(1, width - indent))
        if below or head.cell_length >= left:
            lines += head.wrap(max(1, width)) if head else ()
        else:
            first = parts.pop(0) if parts else Content()
            lines.append(head.pad_right(left - head.cell_length) + first)
        lines += [part.pad_left(indent) for part in parts]
    return lines


_WIDEST = 22
"""Cells of the column of names."""


def page_lines(sections: Sequence[Section], width: int) -> list[Content]:
    """A page, its headings in bold, an empty line before each."""
    lines: list[Content] = []
    for section in sections:
        if lines:
            lines.append(Content())
        if section.title:
            lines += Content.styled(sanitize(section.title), "bold").wrap(width)
        names = [len(row.name) for row in section.rows if row.name]
        left = min(_WIDEST, max(names, default=0) + 4, max(8, width // 2))
        for row in section.rows:
            lines += _row(row, left, width)
    return lines


def _row(row: Row, left: int, width: int) -> Iterator[Content]:
    if row.is_code:
        for line in row.text.split("\n"):
            yield from _code(line, width)
    elif row.name:
        mark = "* " if row.required else "  "
        name = Content.assemble((mark, "$text-warning"), (row.name, "$text-primary"))
        yield from columns([(name, _text(row))], left, width)
    else:
        yield from _text(row).wrap(width)


def _text(row: Row) -> Content:
    words = sanitize(row.text)
    text = Content.styled(words, "$text-warning") if row.is_warning else Content(words)
    if row.facts:
        facts = sanitize(row.facts)
        text += Content.styled(f" {facts}" if words else facts, "$text-muted")
    return text


def _code(line: str, width: int) -> Iterator[Content]:
    """A line that may be broken anywhere: it is no prose."""
    text = Content.styled(sanitize(line), "$text-accent")
    yield from text.fold(width) if text.cell_length > width > 1 else [text]
