"""Values as TOML source, for people to read and to edit.

TOML 1.0.0, https://toml.io/en/v1.0.0: "String", "Keys", "Inline Table".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time

Value = (
    str | bool | int | float | date | time | Sequence["Value"] | Mapping[str, "Value"]
)

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# What must not stand raw in a TOML string (C0 but tab and newline, DEL), and what must
# not reach a terminal that shows the file (C1).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ONE_LINE_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\x9f]')
_SHORT_ESCAPES = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


def to_toml(value: Value) -> str:
    """`value` as TOML source; texts of several lines take several lines."""
    match value:
        case str():
            return to_toml_string(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case date() | time():
            return value.isoformat()
        case Mapping():
            inner = ", ".join(f"{key(k)} = {to_toml(v)}" for k, v in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case _:
            return "[" + ", ".join(to_toml(v) for v in value) + "]"


def to_toml_string(value: str) -> str:
    """A string in the plainest form that holds it exactly."""
    if "\n" in value:
        return _lines(value)
    awkward = '"' in value or "\\" in value
    if awkward and "'" not in value and not _CONTROL.search(value):
        return f"'{value}'"
    return _one_line(value)


def _lines(value: str) -> str:
    # The newline after the opening quotes is not part of the string, so a text may
    # begin with one. A text that ends with a quote could run into the closing ones.
    if "'''" not in value and not value.endswith("'") and not _CONTROL.search(value):
        return f"'''\n{value}'''"
    escaped = _CONTROL.sub(_escape, value.replace("\\", "\\\\"))
    escaped = re.sub(r'"""|"\Z', lambda m: m.group()[:-1] + '\\"', escaped)
    return f'"""\n{escaped}"""'


def key(name: str) -> str:
    """A key, quoted where it must be."""
    if _BARE_KEY.fullmatch(name):
        return name
    return _one_line(name)


def dotted_key(path: Iterable[str]) -> str:
    """The name of a table, as between the brackets of its header."""
    return ".".join(key(part) for part in path)


def _one_line(value: str) -> str:
    return '"' + _ONE_LINE_ESCAPED.sub(_escape, value) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"
