"""A page of sections and rows as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from mixtui.page import PageRow, PageSection

_WIDTH = 80
_MAX_NAME_WIDTH = 26
"""Characters; a longer name has a line of its own."""


def section_lines(section: PageSection) -> Iterator[str]:
    """Yield the lines of a section of a page, for 80 columns."""
    if section.title:
        yield section.title
    names = [len(row.name) for row in section.rows if len(row.name) <= _MAX_NAME_WIDTH]
    label_width = max(names, default=0) + 4
    for row in section.rows:
        yield from _row_lines(row, label_width, "  " if section.title else "")


def _row_lines(row: PageRow, label_width: int, indent: str) -> Iterator[str]:
    if row.is_code:
        for text in row.text.split("\n"):
            yield f"{indent}{text}"
        return
    label = f"{row.text} ({row.facts})" if row.text and row.facts else row.text
    if not row.name:
        yield from _wrap(label, indent, indent)
        return
    first = f"{_mark(row)} {row.name}"
    if len(row.name) > _MAX_NAME_WIDTH:
        yield first
        first = ""
    yield from _wrap(label, f"{first:<{label_width}}", " " * label_width)


def _mark(row: PageRow) -> str:
    if row.is_warning:
        return "!"
    return "*" if row.required else " "


def _wrap(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
