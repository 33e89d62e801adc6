"""Where the columns of a table stand on the screen, and how a cell is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from mixtui.core.records.cells import Cell, Kind, Path
from mixtui.core.records.columns import Column, ColumnKind
from mixtui.core.visible import sanitize

NARROWEST = 3
WIDEST = 32
"""Cells that a column takes by itself; people may make it wider."""
GAP = 2
_LONGEST = 400
"""Characters of a cell that are looked at."""
_CUT = "…"


class ColumnSlot(NamedTuple):
    """A column on the screen."""

    number: int
    """Which of the columns shown."""
    column: Column
    width: int


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """The columns that fit, the first one always among them."""

    shown: tuple[ColumnSlot, ...]
    left: int
    """The first column behind the pinned one."""
    more: bool
    """Whether there are more to the right."""


def places(
    columns: Sequence[Column], widths: Mapping[Path, int], left: int, room: int
) -> ColumnLayout:
    """What fits, from a column on.

    Args:
        columns: Those that are not hidden.
        widths: Cells that each takes.
        left: The first one to show behind the pinned one.
        room: Cells that there are.
    """
    left = max(1, min(left, len(columns) - 1))
    shown: list[ColumnSlot] = []
    for index in (0, *range(left, len(columns))):
        if index >= len(columns):
            break
        width = min(widths.get(columns[index].path, NARROWEST), room)
        if width < NARROWEST:
            return ColumnLayout(tuple(shown), left, True)
        shown.append(ColumnSlot(index, columns[index], width))
        room -= width + GAP
    # The last one is cut when it does not fit.
    return ColumnLayout(tuple(shown), left, room < -GAP)


def first_to_show(
    columns: Sequence[Column],
    widths: Mapping[Path, int],
    left: int,
    cursor: int,
    room: int,
) -> int:
    """The first column behind the pinned one, so that the cursor's shows whole."""
    if cursor == 0:
        return left

    def taken(index: int) -> int:
        return widths.get(columns[index].path, NARROWEST) + GAP

    # Backwards from the cursor: there may be thousands of columns.
    first, room = cursor, room - taken(0) - taken(cursor) + GAP
    while first - 1 >= max(1, left) and taken(first - 1) <= room:
        first -= 1
        room -= taken(first)
    return first


def shown_text(cell: Cell | None) -> str:
    """What a cell shows, on one line and fit for the terminal."""
    if cell is None:
        return ""
    return sanitize(cell.text[:_LONGEST])


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """The text in just so many cells; what does not fit ends in ``…``."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + _CUT, width)
    space = " " * (width - length)
    return space + text if right else text + space


def is_right(column: Column, cell: Cell | None) -> bool:
    """Whether a cell stands at the right: numbers do, where they are compared."""
    if column.kind is ColumnKind.NUMBER:
        return True
    return column.kind is ColumnKind.MIXED and cell is not None and _is_number(cell)


def _is_number(cell: Cell) -> bool:
    return cell.kind is Kind.NUMBER


def style_name(cell: Cell | None) -> str:
    """The component class of a cell."""
    if cell is None or cell.is_null:
        return "table--nothing"
    return {
        Kind.NUMBER: "table--number",
        Kind.TEXT: "table--text",
        Kind.WORD: "table--word",
        Kind.NESTED: "table--nested",
    }[cell.kind]
