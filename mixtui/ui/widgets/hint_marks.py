"""The mark of a row that something is said of."""

from __future__ import annotations

from collections.abc import Collection

MARK = "!"


def marked(
    parts: list[tuple[str, str]], index: int, hinted: Collection[int]
) -> list[tuple[str, str]]:
    """The parts of a row with a mark in its first cell, if something is said of it.

    Args:
        parts: Texts and the names of their styles; the first begins with a blank.
        index: The row.
        hinted: The rows that something is said of.
    """
    if index not in hinted or not parts:
        return parts
    (first, style), *rest = parts
    return [(MARK, "rows--hinted"), (first[1:], style), *rest]
