"""Print operations of the catalogue: a line, all of the documentation, or JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import to_builtins

from mixtui.cli.page_text import section_lines
from mixtui.mixpanel.catalogue import Operation, Stage
from mixtui.mixpanel.docs import (
    SAFETY_LABELS,
    operation_page,
    stage_label,
)


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
        yield from section_lines(section)


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
        "parameters": [
            _without_empty(to_builtins(each)) for each in operation.parameters
        ],
        "body": _without_empty(to_builtins(operation.body)) if operation.body else None,
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
