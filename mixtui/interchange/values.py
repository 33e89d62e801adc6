"""What a JSON or YAML file holds, as plain values.

A number stays exactly what was written (`Decimal` where it is no whole number), and a
key is always text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = "str | int | Decimal | bool | list[Value] | dict[str, Value] | None"

DEEPEST = 100
"""Levels of nesting that are read; more is a mistake, or malice."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file that was read."""

    value: Value
    notes: tuple[str, ...] = ()
    """A sentence for each thing that is not clear in it."""


def mapping(value: Value) -> dict[str, Value]:
    """The value if it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Value) -> list[Value]:
    """The value if it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: Value) -> list[dict[str, Value]]:
    """The objects in a list."""
    return [item for item in items(value) if isinstance(item, dict)]


def text(value: Value) -> str:
    """The value if it is text, otherwise an empty one."""
    return value if isinstance(value, str) else ""


def texts(value: Value) -> list[str]:
    """The texts in a list."""
    return [item for item in items(value) if isinstance(item, str)]


def is_scalar(value: Value) -> bool:
    """Whether it is neither an object nor a list."""
    return not isinstance(value, dict | list)


def plain(value: Value) -> str:
    """A value as it stands in a query or a form; objects and lists as JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case _:
            return compact_json(value)


def compact_json(value: Value) -> str:
    """JSON on one line."""
    return "".join(_pieces(value, "", ""))


def indented_json(value: Value) -> str:
    """JSON as people read it."""
    return "".join(_pieces(value, "\n", "  "))


def _pieces(value: Value, line: str, indent: str) -> Iterator[str]:
    match value:
        case dict():
            rows = [(f"{_quoted(name)}: ", inside) for name, inside in value.items()]
            yield from _block("{", rows, "}", line, indent)
        case list():
            yield from _block("[", [("", one) for one in value], "]", line, indent)
        case str():
            yield _quoted(value)
        case bool() | None:
            yield json.dumps(value)
        case int():
            # Decimal writes numbers longer than int() may print.
            yield str(Decimal(value)) if value.bit_length() > 64 else str(value)
        case Decimal():
            yield str(value)


def _block(
    opener: str, rows: list[tuple[str, Value]], closer: str, line: str, indent: str
) -> Iterator[str]:
    yield opener
    inner = line + indent
    between = "," + (inner or " ")
    for number, (name, value) in enumerate(rows):
        yield between if number else inner
        yield name
        yield from _pieces(value, inner, indent)
    if rows:
        yield line
    yield closer


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
