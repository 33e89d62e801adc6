"""A page of text, wrapped to the width of its widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual

from mixtui.page import PageRow, PageSection
from mixtui.text import sanitize
from mixtui.ui.widgets.row_list import RowView

MakeLines = Callable[[int], Sequence[Content]]
"""Wraps a page into lines for a width in cells."""


class TextPage(RowView):
    """Shows a page of text; it takes no focus unless a subclass does."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._make_lines: MakeLines = lambda width: ()
        self._lines: Sequence[Content] = ()
        self._wrap_width = 0

    @property
    def row_count(self) -> int:
        return len(self._lines)

    @property
    def text(self) -> str:
        """The text of the page."""
        return "\n".join(line.plain for line in self._lines)

    def show(self, make_lines: MakeLines) -> None:
        """Show another page, from its beginning."""
        self._make_lines = make_lines
        self._wrap()
        self.move_to(0)

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._wrap_width:
            self._wrap()

    def _wrap(self) -> None:
        width = self._wrap_width = self.scrollable_content_region.width
        self._lines = self._make_lines(width) if width > 0 else ()
        self.show_rows()

    def draw_row(self, index: int, width: int) -> Strip:
        strips = Visual.to_strips(self, self._lines[index], width, 1, self.visual_style)
        strip = strips[0] if strips else Strip.blank(0)
        return strip.adjust_cell_length(width, self.rich_style)


_MIN_RIGHT = 20
"""Cells of the right column; where fewer are left, it goes below the left one."""


def columns(
    rows: Iterable[tuple[Content, Content]], left: int, width: int
) -> list[Content]:
    """Lay out rows of two columns as lines.

    Args:
        rows: Left and right; an empty left one continues the row above.
        left: Cells of the left column, with the space behind it.
        width: Cells of a line.
    """
    below = width - left < _MIN_RIGHT
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


_MAX_NAME = 26
"""Cells of the column of names."""


def page_lines(sections: Sequence[PageSection], width: int) -> list[Content]:
    """Wrap the sections of a page, with bold headings and empty lines in between."""
    lines: list[Content] = []
    for section in sections:
        if lines:
            lines.append(Content())
        if section.title:
            lines += Content.styled(sanitize(section.title), "bold").wrap(width)
        names = [len(row.name) for row in section.rows if row.name]
        left = min(_MAX_NAME, max(names, default=0) + 4, max(8, width // 2))
        for row in section.rows:
            lines += _row(row, left, width)
    return lines


def _row(row: PageRow, left: int, width: int) -> Iterator[Content]:
    if row.is_code:
        for line in row.text.split("\n"):
            yield from _code(line, width)
    elif row.name:
        mark = "* " if row.required else "  "
        name = Content.assemble((mark, "$text-warning"), (row.name, "$text-primary"))
        yield from columns([(name, _text(row))], left, width)
    else:
        yield from _text(row).wrap(width)


def _text(row: PageRow) -> Content:
    plain = sanitize(row.text)
    text = Content.styled(plain, "$text-warning") if row.is_warning else Content(plain)
    if row.facts:
        facts = sanitize(row.facts)
        text += Content.styled(f" {facts}" if plain else facts, "$text-muted")
    return text


def _code(line: str, width: int) -> Iterator[Content]:
    """Fold a line of code: unlike prose, it may be broken anywhere."""
    text = Content.styled(sanitize(line), "$text-accent")
    yield from text.fold(width) if text.cell_length > width > 1 else [text]
