"""The texts of a line of rows, each with the class that colours it."""

from __future__ import annotations

from rich.cells import cell_len

from mixtui.core.requests import Pair
from mixtui.core.visible import sanitize
from mixtui.ui.widgets.fitting import truncate_end
from mixtui.ui.widgets.given_rows import GeneratedRow

GAP = 2
"""Cells between name and value."""
_SHORTEST_REASON = 6


def pair_parts(pair: Pair, name_width: int) -> list[tuple[str, str]]:
    """A row of the person's own."""
    name = truncate_end(pair.name, name_width)
    value = sanitize(pair.value)
    gap = " " * GAP
    if pair.enabled:
        return [
            ("  ✓  ", "rows--mark"),
            (name + gap, "rows--name"),
            (value, "rows--value"),
        ]
    blank = name[len(name.rstrip()) :] + gap
    return [
        (" off ", "rows--off-mark"),
        (name.rstrip(), "rows--off"),
        (blank, "rows--hint"),
        (value, "rows--off"),
    ]


def generated_row_parts(
    given: GeneratedRow, name_width: int, width: int
) -> list[tuple[str, str]]:
    """The texts of a row with the class of each.

    Args:
        given: The row.
        name_width: Cells of the column of names.
        width: Cells of the whole row.
    """
    gap, value = " " * GAP, sanitize(given.value)
    name = truncate_end(given.name, name_width)
    head = [("  +  ", "rows--given"), (name + gap + value, "rows--given")]
    if given.off:
        head = [
            (" off ", "rows--off-mark"),
            (name.rstrip(), "rows--off"),
            (name[len(name.rstrip()) :] + gap, "rows--hint"),
            (value, "rows--off"),
        ]
    room = width - sum(cell_len(text) for text, _ in head) - GAP - 1
    if not given.reason or room < _SHORTEST_REASON:
        return head
    reason = truncate_end(given.reason, min(room, cell_len(given.reason)))
    pad = " " * (room - cell_len(reason) + GAP)
    return [*head, (pad + reason, "rows--given")]
