"""Print operations of the catalogue: a line, all of the documentation, or JSON values."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from mixtui.mixpanel.catalogue import Operation, Stage
from mixtui.mixpanel.docs import (
    SAFETY_LABELS,
    operation_page,
    stage_label,
)
from mixtui.page import PageRow, PageSection

_WIDTH = 80
_MAX_NAME_WIDTH = 26
"""Characters; a longer name has a line of its own."""


def operation_line(operation: Operation, width: int) -> str:
    """Return one line of a list: id, method, title, life cycle and safety."""
    marks = [stage_label(operation)] if operation.stage is not Stage.CURRENT else []
    if operation.safety.value == "destructive":
        marks.append(SAFETY_LABELS[operation.safety])
    suffix = f" ({', '.join(marks)})" if marks else ""
    return f"{operation.id:<{width}}  {operation.method:<6}  {operation.title}{suffix}"


def page_lines(operation: Operation) -> Iterator[str]:
    """Yield the lines of an operation's documentation."""
    yield operation.title
    yield f"{operation.id} · {operation.family_title}"
    for section in operation_page(operation):
        yield ""
        if section.title:
            yield section.title
        yield from _section_lines(section)


def _section_lines(section: PageSection) -> Iterator[str]:
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
    first = f"{'*' if row.required else ' '} {row.name}"
    if len(row.name) > _MAX_NAME_WIDTH:
        yield first
        first = ""
    yield from _wrap(label, f"{first:<{label_width}}", " " * label_width)


def _wrap(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def operation_values(operation: Operation) -> dict[str, Any]:
    """Return an operation as JSON values, without those that are empty."""
    plain = {
        "id": operation.id,
        "title": operation.title,
        "family": operation.family,
        "help": operation.help,
        "words": operation.synonyms,
        "method": operation.method,
        "api": operation.api,
        "url": operation.url,
        "path": operation.official_path,
        "regions": operation.regions,
        "safety": operation.safety,
        "repeat": operation.repeat,
        "bucket": operation.bucket,
        "stage": operation.stage,
        "replacement": operation.replacement,
        "ends": operation.ends.isoformat() if operation.ends else None,
        "credentials": operation.credentials,
        "adds": operation.adds,
        "link": operation.link,
        "parameters": [_without_empty(asdict(each)) for each in operation.parameters],
        "body": _without_empty(asdict(operation.body)) if operation.body else None,
    }
    return _without_empty(plain)


def _without_empty(row: dict[str, Any]) -> dict[str, Any]:
    non_empty = {
        k: v for k, v in row.items() if v not in (None, "", (), 0) or v is False
    }
    return {k: _plain(v) for k, v in non_empty.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [
            _without_empty(each) if isinstance(each, dict) else each for each in value
        ]
    return value
