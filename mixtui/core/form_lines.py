"""One field of a form, found by a line of its text, and put back changed."""

from __future__ import annotations

from dataclasses import dataclass

_QUOTES = '"""'


@dataclass(frozen=True, slots=True)
class FormLine:
    """A field, and the lines that it stands on."""

    name: str
    value: str
    first: int
    """From 0."""
    last: int

    def with_value(self, value: str) -> str:
        """The lines of the field with another value."""
        if "\n" in value or value.startswith(_QUOTES):
            return f"{self.name}={_QUOTES}\n{value}\n{_QUOTES}"
        return f"{self.name}={value}"


def field_at(text: str, line: int) -> FormLine | None:
    """The field that a line belongs to, or None."""
    lines = text.split("\n")
    at = 0
    while at <= line < len(lines):
        name, equals, value = lines[at].partition("=")
        last = at
        if value.startswith(_QUOTES):
            value, last = _quoted(lines, at, value.removeprefix(_QUOTES))
        if at <= line <= last:
            whole = equals and name.strip()
            return FormLine(name.strip(), value, at, last) if whole else None
        at = last + 1
    return None


def _quoted(lines: list[str], at: int, first: str) -> tuple[str, int]:
    """A value between triple quotes and its last line; as `core.forms` reads it."""
    if first.endswith(_QUOTES):
        return first.removesuffix(_QUOTES), at
    value = [first] if first else []
    for last in range(at + 1, len(lines)):
        line = lines[last].rstrip()
        if line.endswith(_QUOTES):
            rest = line.removesuffix(_QUOTES)
            return "\n".join([*value, rest] if rest else value), last
        value.append(lines[last])
    return "\n".join(value), len(lines) - 1
