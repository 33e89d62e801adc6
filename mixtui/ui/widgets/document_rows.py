"""One row of a document as a strip of cells."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mixtui.core.folding import FoldedView
from mixtui.core.highlight import Token, TokenKind, tokens
from mixtui.ui.widgets.code_colours import Styles, coloured

WHOLE = 2048
"""Characters; a longer line is lexed by the part that shows."""


class Window(NamedTuple):
    """What of a line shows."""

    start: int
    """The first character, where lines are broken."""
    length: int | None
    """How many of them; None = to the end."""
    left: int
    """Cells scrolled away on the left, where lines are not broken."""
    width: int
    """Cells that there are."""


def drawn(
    view: FoldedView, row: int, window: Window, styles: Styles, ground: Style
) -> Strip:
    """The text of a row, coloured, and filled up to the width."""
    start, length, left, width = window
    language = view.document.language
    text = view.text(row, 0, WHOLE + 1)
    if len(text) <= WHOLE:
        parts = _cut(tokens(text, language), start, length)
        if length is None and (hidden := view.hidden_text(row)):
            parts.append((TokenKind.FOLDED, hidden))
        strip = Strip(coloured(parts, styles, ground)).crop(left, left + width)
    else:
        begin = start or left
        text = view.text(row, begin, length or width)
        parts = tokens(text, language, cropped=begin > 0)
        strip = Strip(coloured(parts, styles, ground))
    return strip.adjust_cell_length(width, ground)


def marked(strip: Strip, span: tuple[int, int], left: int, style: Style) -> Strip:
    """A row with a part of it selected.

    Args:
        strip: The row.
        span: The first selected cell of the line and the one after the last; -1 = all.
        left: The cell of the line that the strip starts with.
        style: That of the selection.
    """
    width = strip.cell_length
    begin = max(0, min(span[0] - left, width))
    end = width if span[1] < 0 else max(begin, min(span[1] - left, width))
    if begin == end:
        return strip
    before, inside, after = strip.divide([begin, end, width])
    return Strip.join([before, overlaid(inside, style), after])


def overlaid(strip: Strip, style: Style) -> Strip:
    """A row with a style over its own."""
    return Strip(
        [Segment(s.text, (s.style or Style()) + style) for s in strip],
        strip.cell_length,
    )


def _cut(parts: list[Token], start: int, count: int | None) -> list[Token]:
    """The characters of a row out of a line's parts."""
    if not start and count is None:
        return parts
    end = None if count is None else start + count
    found: list[Token] = []
    at = 0
    for kind, text in parts:
        piece = text[max(0, start - at) : None if end is None else max(0, end - at)]
        if piece:
            found.append((kind, piece))
        at += len(text)
    return found
