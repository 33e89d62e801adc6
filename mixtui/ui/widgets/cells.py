"""Text truncated to a number of cells, with an ellipsis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len, chop_cells, set_cell_size, split_graphemes
from rich.segment import Segment
from rich.style import Style

from mixtui.text import sanitize

_ELLIPSIS = "…"


CHARACTERS_OF_A_CELL = 8
"""How many are looked at: an emoji of two cells may have ten of them, or more."""


def truncate_end(text: str, width: int) -> str:
    """Return the beginning of a text, sanitized, in exactly `width` cells."""
    limit = width * CHARACTERS_OF_A_CELL + 1
    shown = sanitize(text[:limit])
    if len(text) <= limit and cell_len(shown) <= width:
        return set_cell_size(shown, width)
    cut = next(iter(chop_cells(shown, max(1, width - 1))), "") + _ELLIPSIS
    return set_cell_size(cut, width)


def truncate_start(text: str, width: int) -> str:
    """Return the end of a text, sanitized, in exactly `width` cells."""
    limit = width * CHARACTERS_OF_A_CELL + 1
    shown = sanitize(text[-limit:])
    if len(text) <= limit and cell_len(shown) <= width:
        return set_cell_size(shown, width)
    return set_cell_size(_ELLIPSIS + shown[start_of_last(shown, width - 1) :], width)


def start_of_last(text: str, width: int) -> int:
    """Return the first character of the end of a text that fits in `width` cells."""
    first = len(text)
    for start, _, cells in reversed(split_graphemes(text)[0]):
        if cells > width:
            break
        first, width = start, width - cells
    return first


_MARK = Style(bold=True, underline=True)
"""What matches a search, also where there are no colours."""


def marked_segments(
    text: str,
    spans: Iterable[tuple[int, int]],
    width: int,
    style: Style,
    *,
    keep_end: bool = False,
) -> Iterator[Segment]:
    """Draw a text in exactly `width` cells, with parts of it in bold and underlined.

    Args:
        text: Sanitized.
        spans: Start and end of each part, in order and disjoint.
        width: Cells.
        style: Of the text.
        keep_end: Whether the beginning is left out where there is too little room.
    """
    shown, shift = truncate_end(text, width), 0
    if keep_end and cell_len(text) > width:
        first = start_of_last(text, width - 1)
        shown = set_cell_size(_ELLIPSIS + text[first:], width)
        shift = first - len(_ELLIPSIS)
    end, marked = 0, style + _MARK
    for start, stop in spans:
        start, stop = max(start - shift, end), min(stop - shift, len(shown))
        if start < stop:
            yield Segment(shown[end:start], style)
            yield Segment(shown[start:stop], marked)
            end = stop
    yield Segment(shown[end:], style)
