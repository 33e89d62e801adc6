"""The page of an operation as lines of a certain width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from mixtui.core.operation_page import Row, Section
from mixtui.core.visible import sanitize
from mixtui.ui.columns import columns

_WIDEST = 22
"""Cells of the column of names."""


def page_lines(sections: Sequence[Section], width: int) -> list[Content]:
    """A page, its headings in bold, an empty line before each."""
    lines: list[Content] = []
    for section in sections:
        if lines:
            lines.append(Content())
        if section.title:
            lines += Content.styled(sanitize(section.title), "bold").wrap(width)
        names = [len(row.name) for row in section.rows if row.name]
        left = min(_WIDEST, max(names, default=0) + 4, max(8, width // 2))
        for row in section.rows:
            lines += _row(row, left, width)
    return lines


def _row(row: Row, left: int, width: int) -> Iterator[Content]:
    if row.is_code:
        for line in row.text.split("\n"):
            yield from _code(line, width)
    elif row.name:
        mark = "* " if row.required else "  "
        name = Content.assemble((mark, "$text-warning"), (row.name, "$text-primary"))
        yield from columns([(name, _text(row))], left, width)
    else:
        yield from _text(row).wrap(width)


def _text(row: Row) -> Content:
    words = sanitize(row.text)
    text = Content.styled(words, "$text-warning") if row.is_warning else Content(words)
    if row.facts:
        facts = sanitize(row.facts)
        text += Content.styled(f" {facts}" if words else facts, "$text-muted")
    return text


def _code(line: str, width: int) -> Iterator[Content]:
    """A line that may be broken anywhere: it is no prose."""
    text = Content.styled(sanitize(line), "$text-accent")
    yield from text.fold(width) if text.cell_length > width > 1 else [text]
