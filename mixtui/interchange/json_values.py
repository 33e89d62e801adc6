"""The JSON values of a file, and the texts that they become in a draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

from mixtui.request.templates import escape_text

Value: TypeAlias = "str | int | Decimal | bool | list[Value] | dict[str, Value] | None"
MAX_DEPTH = 100
"""Levels of nesting; a deeper file is rejected as broken or hostile."""


class Template(str):
    """A value that mixtui writes for a file, with templates; any other is data."""

    __slots__ = ()


class ParsedFile(Struct, frozen=True):
    """A file that was read."""

    value: Value
    notes: tuple[str, ...] = ()
    """A sentence for each ambiguity."""


def as_mapping(value: Value) -> dict[str, Value]:
    """Return a value if it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Value) -> list[Value]:
    """Return a value if it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def mappings_in(value: Value) -> list[dict[str, Value]]:
    """Return the objects in a list."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def as_text(value: Value) -> str:
    """Return a value if it is text, otherwise an empty one."""
    return value if isinstance(value, str) else ""


def texts_in(value: Value) -> list[str]:
    """Return the texts in a list."""
    return [item for item in as_list(value) if isinstance(item, str)]


def is_scalar(value: Value) -> bool:
    """Return whether a value is neither an object nor a list."""
    return not isinstance(value, dict | list)


def query_text(value: Value) -> str:
    """Write a value as it stands; objects and lists become JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case _:
            return compact_json(value)


def template_text(value: Value) -> str:
    """Write a value for a row or a form of a draft, so that exactly it is sent."""
    text = query_text(value)
    return text if isinstance(value, Template | dict | list) else escape_text(text)


def compact_json(value: Value) -> str:
    """Write a value as JSON on one line, for a draft: its texts are escaped."""
    return "".join(_json_pieces(value, "", ""))


def indented_json(value: Value) -> str:
    """Write a value as indented JSON, for a draft: its texts are escaped."""
    return "".join(_json_pieces(value, "\n", "  "))


def _json_pieces(value: Value, line: str, indent: str) -> Iterator[str]:
    match value:
        case dict():
            rows = [(f"{_quoted(name)}: ", inside) for name, inside in value.items()]
            yield from _json_block("{", rows, "}", line, indent)
        case list():
            yield from _json_block(
                "[", [("", item) for item in value], "]", line, indent
            )
        case str():
            yield _quoted(value)
        case bool() | None:
            yield json.dumps(value)
        case int():
            # str() refuses integers of more than 4300 digits; Decimal does not.
            yield str(Decimal(value)) if value.bit_length() > 64 else str(value)
        case Decimal():
            yield str(value)


def _json_block(
    opener: str, rows: list[tuple[str, Value]], closer: str, line: str, indent: str
) -> Iterator[str]:
    yield opener
    inner = line + indent
    separator = "," + (inner or " ")
    for number, (name, value) in enumerate(rows):
        yield separator if number else inner
        yield name
        yield from _json_pieces(value, inner, indent)
    if rows:
        yield line
    yield closer


def _quoted(value: str) -> str:
    quoted = json.dumps(value, ensure_ascii=False)
    return quoted if isinstance(value, Template) else escape_text(quoted)
