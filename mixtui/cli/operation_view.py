"""An operation of the catalogue, as lines and as JSON values."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from mixtui.core.operation_page import Row, Section, page
from mixtui.core.operation_words import SAFETY, stage
from mixtui.mixpanel.operations import Operation, Stage

_WIDTH = 80
_WIDEST_NAME = 26
"""A longer name has a line of its own."""


def operation_line(operation: Operation, width: int) -> str:
    """One line of a list: id, method, title, and what to watch."""
    marks = [stage(operation)] if operation.stage is not Stage.CURRENT else []
    if operation.safety.value == "destructive":
        marks.append(SAFETY[operation.safety])
    noted = f" ({', '.join(marks)})" if marks else ""
    return f"{operation.id:<{width}}  {operation.method:<6}  {operation.title}{noted}"


def page_lines(operation: Operation) -> Iterator[str]:
    """The whole page."""
    yield operation.title
    yield f"{operation.id} · {operation.family_title}"
    for section in page(operation):
        yield ""
        if section.title:
            yield section.title
        yield from _section_lines(section)


def _section_lines(section: Section) -> Iterator[str]:
    names = [len(row.name) for row in section.rows if len(row.name) <= _WIDEST_NAME]
    left = max(names, default=0) + 4
    for row in section.rows:
        yield from _row_lines(row, left, "  " if section.title else "")


def _row_lines(row: Row, left: int, indent: str) -> Iterator[str]:
    if row.is_code:
        for text in row.text.split("\n"):
            yield f"{indent}{text}"
        return
    words = f"{row.text} ({row.facts})" if row.text and row.facts else row.text
    if not row.name:
        yield from _wrapped(words, indent, indent)
        return
    first = f"{'*' if row.required else ' '} {row.name}"
    if len(row.name) > _WIDEST_NAME:
        yield first
        first = ""
    yield from _wrapped(words, f"{first:<{left}}", " " * left)


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def operation_values(operation: Operation) -> dict[str, Any]:
    """Everything about it, as JSON values; what is empty is left out."""
    plain = {
        "id": operation.id,
        "title": operation.title,
        "family": operation.family,
        "help": operation.help,
        "words": operation.words,
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
        "parameters": [_filled(asdict(each)) for each in operation.parameters],
        "body": _filled(asdict(operation.body)) if operation.body else None,
    }
    return _filled(plain)


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in row.items() if v not in (None, "", (), 0) or v is False}
    return {k: _plain(v) for k, v in kept.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_filled(each) if isinstance(each, dict) else each for each in value]
    return value
