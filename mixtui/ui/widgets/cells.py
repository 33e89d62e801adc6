"""Text truncated to a number of cells, with an ellipsis."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells, set_cell_size

from mixtui.text import sanitize

_ELLIPSIS = "…"


def truncate_end(text: str, width: int) -> str:
    """Return the beginning of a text, sanitized, in exactly `width` cells."""
    shown = sanitize(text[: width + 1])
    if len(text) <= width + 1 and cell_len(shown) <= width:
        return set_cell_size(shown, width)
    cut = chop_cells(shown, max(1, width - 1))[0] + _ELLIPSIS
    return set_cell_size(cut, width)


def truncate_start(text: str, width: int) -> str:
    """Return the end of a text, sanitized, in exactly `width` cells."""
    shown = sanitize(text[-width - 1 :])
    if len(text) <= width + 1 and cell_len(shown) <= width:
        return set_cell_size(shown, width)
    while cell_len(shown) >= width and shown:
        shown = shown[1:]
    return set_cell_size(_ELLIPSIS + shown, width)
