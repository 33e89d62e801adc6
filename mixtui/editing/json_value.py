"""JSON inside a parameter: formatted for editing, compacted, checked, decoded.

Numbers, duplicate keys and order are the user's: a value is only ever split between its
tokens, never parsed and serialized. ``{{templates}}`` may appear anywhere.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from urllib.parse import unquote

from msgspec import Struct

from mixtui import jsontext
from mixtui.jsontext import Mistake, first_character
from mixtui.mixpanel.catalogue import Operation, ValueType
from mixtui.patterns import compile_late
from mixtui.request.forms import form_line
from mixtui.request.templates import (
    REFERENCE,
    Reference,
    days_from_today,
    map_literals,
    mask_templates,
    parse_template,
    sole_reference,
)

_PART = compile_late(rf'"(?:[^"\\]|\\.)*"|{REFERENCE}|[ \t\r\n]+', re.DOTALL)
_PERCENT = compile_late(r"%[0-9A-Fa-f]{2}")
_MOST_STEPS = 3
"""The number of decoding steps tried in search of JSON."""


class Decoded(Struct, frozen=True):
    """The decoded value, and how it was encoded."""

    text: str
    description: str
    """Such as "percent-encoded already"."""


def check(text: str) -> Mistake | None:
    """Return the first error, or None; a template matches anything."""
    return jsontext.check(mask_templates(text))


def compact(text: str) -> str:
    """Remove the white space between the tokens of valid JSON."""
    return _PART.sub(lambda found: "" if found[0].isspace() else found[0], text)


def format_json(text: str) -> str:
    """Format a valid list or object with one item or member per line; anything else
    unchanged.

    The inside of an item is not changed.
    """
    filled = mask_templates(text)
    opening = jsontext.first_character(filled)
    if opening not in ("[", "{") or jsontext.check(filled):
        return text
    start = jsontext.skip_space(filled, 0)
    if opening == "[":
        parts = [text[a:b] for a, b in _items(filled)]
    else:
        parts = []
        for member in jsontext.members(filled, start):
            key = compact(text[member.key_start : member.start]).removesuffix(":")
            parts.append(f"{key}: {text[member.start : member.end]}")
    if not parts:
        return text.strip()
    closing = "]" if opening == "[" else "}"
    lines = ",\n".join(f"  {part}" for part in parts)
    return f"{opening}\n{lines}\n{closing}"


def is_list(text: str) -> bool:
    """Return whether a text is a valid JSON list."""
    return jsontext.first_character(text) == "[" and check(text) is None


def as_lines(text: str) -> str:
    """Format a valid list as one item per line, with strings unquoted where
    unambiguous.
    """
    filled = mask_templates(text)
    return "\n".join(_line(compact(text[a:b])) for a, b in _items(filled))


def from_lines(text: str) -> str:
    """Return the compact list for lines: each is JSON if valid, otherwise a string."""
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return f"[{','.join(_item(line) for line in lines if line.strip())}]"


def decode(text: str) -> Decoded | None:
    """Return the JSON in an encoded value; None = the value needs no decoding.

    A value is encoded when it is sent: one that is already encoded would be encoded
    twice.
    """
    if check(text) is None and not _is_wrapped_text(text):
        return None
    steps: list[str] = []
    for _ in range(_MOST_STEPS):
        step = _unwrapped(text)
        if step is None:
            return None
        text = step.text
        steps.append(step.description)
        if check(text) is None and not _is_wrapped_text(text):
            return Decoded(text, " and ".join(dict.fromkeys(steps)))
    return None


def _unwrapped(text: str) -> Decoded | None:
    text = text.strip()
    if _is_wrapped_text(text):
        return Decoded(json.loads(text), "in quotes")
    if len(text) > 1 and text[0] == text[-1] == "'":
        return Decoded(text[1:-1], "in quotes")
    if '\\"' in text:
        return Decoded(text.replace('\\"', '"'), "with escaped quotes")
    if _PERCENT.search(text):
        return Decoded(map_literals(text, _percent_decoded), "percent-encoded")
    return None


def _percent_decoded(text: str) -> str:
    return unquote(text.replace("+", " "), errors="replace")


def _is_wrapped_text(text: str) -> bool:
    """Return whether it is a JSON string that contains a list or an object."""
    if jsontext.first_character(text) != '"' or jsontext.check(text):
        return False
    inside = json.loads(text)
    begins = jsontext.first_character(inside)
    if _PERCENT.match(inside):
        begins = unquote(inside)[:1]
    return begins in ("[", "{") and not _starts_with_reference(inside)


def _starts_with_reference(text: str) -> bool:
    return isinstance(next(parse_template(text), None), Reference)


def _items(filled: str) -> list[tuple[int, int]]:
    return [(item.start, item.end) for item in jsontext.records(filled)]


def _line(item: str) -> str:
    """Format an item as a line that `_item` parses back to the same item."""
    if not item.startswith('"'):
        return item
    try:
        text = str(json.loads(item))
    except ValueError:
        return item
    unquoted = text.strip() == text != "" and "\n" not in text
    return text if unquoted and _item(text) == item else item


def _item(line: str) -> str:
    if check(line) is None and not sole_reference(line.strip()):
        return compact(line)
    return '"' + map_literals(line, _escaped_in_json) + '"'


def _escaped_in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


_EXPRESSIONS = ("where", "on", "born_where")
_DATE = compile_late(r"\d{4}-\d{2}-\d{2}")


class ValueKind(StrEnum):
    """The kind of a value in an editor; its text is shown in the last line."""

    LIST = "list"
    OBJECT = "object"
    JSON = "JSON"
    """Any JSON."""
    EXPRESSION = "expression"
    DATE = "date"
    TEXT = "value"
    """Any text."""

    @property
    def is_json(self) -> bool:
        """Whether it is JSON."""
        return self in (ValueKind.LIST, ValueKind.OBJECT, ValueKind.JSON)


_KINDS = {
    ValueType.LIST: ValueKind.LIST,
    ValueType.OBJECT: ValueKind.OBJECT,
    ValueType.EXPRESSION: ValueKind.EXPRESSION,
    ValueType.DATE: ValueKind.DATE,
}


def documented_kind(name: str, operation: Operation | None) -> ValueKind | None:
    """Return the kind that the operation documents for a parameter or field, if it has
    an editor.
    """
    if operation is None:
        return None
    if parameter := operation.parameter(name):
        return _KINDS.get(parameter.type)
    if operation.body is None:
        return None
    fields = [*operation.body.fields]
    fields += [f for variant in operation.body.variants for f in variant.fields]
    return next((_KINDS.get(f.type) for f in fields if f.name == name), None)


def _is_date(text: str) -> bool:
    name = sole_reference(text)
    is_day = name == "month_start" or days_from_today(name) is not None
    return is_day or bool(_DATE.fullmatch(text))


def kind_of(name: str, value: str, operation: Operation | None) -> ValueKind:
    """Return the kind of a value."""
    if kind := documented_kind(name, operation):
        return kind
    if name in _EXPRESSIONS:
        return ValueKind.EXPRESSION
    if _is_date(value.strip()):
        return ValueKind.DATE
    begins = first_character(value)
    if begins in ("[", "{") and not value.strip().startswith("{{"):
        return ValueKind.LIST if begins == "[" else ValueKind.OBJECT
    return ValueKind.TEXT if decode(value) is None else ValueKind.JSON


_QUOTES = '"""'


class FormLine(Struct, frozen=True):
    """A field, and the lines that it spans."""

    name: str
    value: str
    first: int
    """From 0."""
    last: int

    def with_value(self, value: str) -> str:
        """Return the lines of the field with another value."""
        return form_line(self.name, value)


def field_at(text: str, line: int) -> FormLine | None:
    """Return the field that contains a line, or None."""
    lines = text.split("\n")
    index = 0
    while index <= line < len(lines):
        name, equals, value = lines[index].partition("=")
        last = index
        if value.startswith(_QUOTES):
            value, last = _quoted(lines, index, value.removeprefix(_QUOTES))
        if index <= line <= last:
            full_text = equals and name.strip()
            return FormLine(name.strip(), value, index, last) if full_text else None
        index = last + 1
    return None


def _quoted(lines: list[str], index: int, first: str) -> tuple[str, int]:
    """Return a triple-quoted value and its last line; parsed as in `request.forms`."""
    if first.endswith(_QUOTES):
        return first.removesuffix(_QUOTES), index
    value = [first] if first else []
    for last in range(index + 1, len(lines)):
        line = lines[last].rstrip()
        if line.endswith(_QUOTES):
            rest = line.removesuffix(_QUOTES)
            return "\n".join([*value, rest] if rest else value), last
        value.append(lines[last])
    return "\n".join(value), len(lines) - 1
