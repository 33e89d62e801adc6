"""Rows of cells: text cut or filled to a width, whatever its characters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mixtui.core.visible import sanitize

_EIGHTHS = " ▏▎▍▌▋▊▉"


class ChartRenderer(Protocol):
    """A chart drawn for a place of some size: rows, of which some may scroll."""

    @property
    def scrolls(self) -> int:
        """Rows by which it can be scrolled; 0 = all of it is seen."""

    @property
    def columns(self) -> int:
        """Columns by which it can be scrolled sideways."""

    def row(self, y: int, top: int, left: int) -> Strip:
        """A row of the place.

        Args:
            y: From 0.
            top: Rows that are scrolled out of sight.
            left: Columns that are.
        """


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """A name in exactly so many cells: filled, or cut with an ellipsis."""
    text = sanitize(text)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + "…" if width > 0 else ""
    blank = " " * (width - length)
    return blank + text if right else text + blank


def width_of(texts: Iterable[str]) -> int:
    """Cells of the widest."""
    return max((cell_len(sanitize(text)) for text in texts), default=0)


def strip(parts: Iterable[tuple[str, Style]], width: int, ground: Style) -> Strip:
    """Texts as one row of exactly that width."""
    segments = [Segment(text, style) for text, style in parts if text]
    return Strip(segments).adjust_cell_length(width, ground)


def bar(share: float, width: int) -> str:
    """A bar of that share of a width, to an eighth of a cell; never nothing of some."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
