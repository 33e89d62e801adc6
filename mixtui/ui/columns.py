"""Words beside what they mean, wrapped in a column of its own."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

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
