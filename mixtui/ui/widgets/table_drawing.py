"""The header and the rows of a table as strips of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mixtui.core.records.columns import ColumnKind
from mixtui.core.records.table import Row
from mixtui.core.records.view import View
from mixtui.core.visible import sanitize
from mixtui.ui.widgets.table_layout import (
    GAP,
    ColumnLayout,
    fitted,
    is_right,
    shown_text,
    style_name,
)


@dataclass(frozen=True, slots=True)
class TableStyles:
    """The styles of a table."""

    ground: Style
    _parts: Mapping[str, Style]

    def style(self, name: str) -> Style:
        """The whole style of a component class."""
        return self.ground + self._parts[name]

    def on_row(self) -> TableStyles:
        """The styles where the cursor's row is."""
        return TableStyles(self.style("table--row"), self._parts)


@dataclass(frozen=True, slots=True)
class Page:
    """Where things stand."""

    places: ColumnLayout
    gutter: int
    """Cells of the row numbers, and of the gap behind them."""
    width: int
    """Cells of all."""
    looks: TableStyles


@dataclass(frozen=True, slots=True)
class Cursor:
    """The cursor in its row."""

    column: int
    has_focus: bool


def header(view: View, page: Page, cursor_column: int) -> Strip:
    """The labels of the columns; an arrow where the rows are sorted."""
    looks = page.looks
    style, dim = looks.style("table--header"), looks.style("table--gutter")
    segments = [Segment(" " * page.gutter, looks.ground)]
    for place in page.places.shown:
        column, label, arrow = place.column, sanitize(place.column.label), ""
        if view.sort is not None and view.sort.path == column.path:
            arrow = " ↓" if view.sort.descending else " ↑"
        room = max(1, min(place.width - len(arrow), cell_len(label)))
        right = column.kind is ColumnKind.NUMBER
        text = fitted(fitted(label, room) + arrow, place.width, right=right)
        here = Style(underline=True) if place.number == cursor_column else Style()
        segments += [Segment(text, style + here), _gap(page, place.number, dim)]
    strip = Strip(segments).adjust_cell_length(page.width, looks.ground)
    if page.places.more:
        end = Strip([Segment("›", dim)], 1)
        strip = Strip.join([strip.crop(0, page.width - 1), end])
    return strip


def drawn(row: Row, page: Page, cursor: Cursor | None) -> Strip:
    """A row behind its number.

    Args:
        row: What it shows.
        page: Where.
        cursor: If it is in this row.
    """
    looks = page.looks if cursor is None else page.looks.on_row()
    dim = looks.style("table--gutter") + Style(bold=cursor is not None)
    number = f"{row.number + 1:>{page.gutter - GAP}}"
    segments = [Segment(number + ("  " if cursor is None else "▸ "), dim)]
    for place in page.places.shown:
        cell = row.cell(place.column)
        right = is_right(place.column, cell)
        text = fitted(shown_text(cell), place.width, right=right)
        name = style_name(cell)
        if cursor is not None and place.number == cursor.column:
            name = "table--cursor" if cursor.has_focus else "table--blurred-cursor"
        segments += [Segment(text, looks.style(name)), _gap(page, place.number, dim)]
    return Strip(segments).adjust_cell_length(page.width, looks.ground)


def _gap(page: Page, number: int, style: Style) -> Segment:
    """What stands behind a column: a mark where columns are scrolled away."""
    is_scrolled = number == 0 and page.places.left > 1
    return Segment("‹ " if is_scrolled else " " * GAP, style)
