"""Reading TOML: syntax errors in plain words, and values of the expected type."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeVar

_Choice = TypeVar("_Choice", bound=StrEnum)


class InvalidToml(Exception):
    """The source does not parse. Its text is a clause, without a full stop."""

    def __init__(self, reason: str, line: int | None) -> None:
        super().__init__(reason)
        self.line = line


class InvalidValue(Exception):
    """A key holds something that it must not. Its text is a clause that names it."""

    def __init__(
        self, table: tuple[str, ...], index: int | None, key: str, reason: str
    ) -> None:
        name = ".".join((*table, key))
        where = f" of row {index + 1}" if index is not None else ""
        super().__init__(f"{name}{where} {reason}")
        self.table = table
        self.index = index
        self.key = key


def decode(data: bytes) -> str:
    """The text of a file, or WrongToml when it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidToml("it holds bytes that are not UTF-8 text", line) from None


def parse_toml(source: str) -> dict[str, Any]:
    """The document, or WrongToml."""
    try:
        return tomllib.loads(source)
    except RecursionError:
        raise InvalidToml("it is nested too deeply", None) from None
    except ValueError as error:
        raise _invalid_toml(source, str(error)) from None


def _invalid_toml(source: str, message: str) -> InvalidToml:
    reason, line = message, None
    match = re.fullmatch(
        r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message
    )
    if match:
        reason = match[1]
        line = int(match[2]) if match[2] else source.count("\n") + 1
    return InvalidToml(f"it is not valid TOML: {reason[:1].lower()}{reason[1:]}", line)


class Table:
    """A table being read: typed values out, unknown keys left over."""

    def __init__(
        self,
        values: Mapping[str, Any],
        path: tuple[str, ...] = (),
        index: int | None = None,
    ) -> None:
        self.path = path
        self.index = index
        self._values = values
        self._known: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def value(self, key: str) -> Any:
        """Whatever stands there, or None."""
        self._known.add(key)
        return self._values.get(key)

    def text(self, key: str, default: str = "") -> str:
        """A string."""
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.invalid(
                key, f"is {type_label(value)}, but must be a text in quotes"
            )
        return value

    def text_or_number(self, key: str) -> str:
        """A string, or a whole number as people write an identifier."""
        value = self.value(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(key)

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.invalid(
                key, f"is {type_label(value)}, but must be true or false"
            )
        return value

    def positive_integer(self, key: str, default: int) -> int:
        """A whole number above 0."""
        value = self.value(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.invalid(
                key, f"is {type_label(value)}, but must be a whole number"
            )
        if value < 1:
            raise self.invalid(key, "must be a whole number above 0")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; an absent one is empty."""
        value = self.value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            reason = f"is {type_label(value)}, but must be a list of texts in quotes"
            raise self.invalid(key, reason)
        return tuple(value)

    def choice(self, key: str, choices: type[_Choice], default: _Choice) -> _Choice:
        """One of the values of `choices`."""
        text = self.text(key, default)
        try:
            return choices(text)
        except ValueError:
            allowed = ", ".join(choices)
            reason = f"is “{printable_excerpt(text)}”, but must be one of {allowed}"
            raise self.invalid(key, reason) from None

    def table(self, key: str) -> Table:
        """A table inside; an absent one is empty."""
        value = self.value(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.invalid(key, f"is {type_label(value)}, but must be a table")
        return Table(value, (*self.path, key))

    def rows(self, key: str) -> list[Table]:
        """An array of tables; an absent one is empty."""
        value = self.value(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.invalid(
                key, f"is {type_label(value)}, but must be written as [[{key}]] tables"
            )
        return [Table(v, (*self.path, key), index) for index, v in enumerate(value)]

    @property
    def names(self) -> list[str]:
        """The keys in it, in order."""
        return list(self._values)

    def unknown_keys(self) -> dict[str, str]:
        """The keys that nobody asked for, with their full names."""
        rest = [key for key in self._values if key not in self._known]
        return {key: ".".join((*self.path, printable_excerpt(key))) for key in rest}

    def invalid(self, key: str, reason: str) -> InvalidValue:
        """An error about `key`, to be raised."""
        return InvalidValue(self.path, self.index, key, reason)


def type_label(value: object) -> str:
    """What a TOML value is, in words; never the value, which might be a secret."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return "a date or time"


def printable_excerpt(text: str) -> str:
    """A short text for a message, without control characters."""
    plain = "".join(c if c.isprintable() else "�" for c in text)
    return plain if len(plain) <= 40 else plain[:39] + "…"


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
        return _multiline_string(value)
    awkward = '"' in value or "\\" in value
    if awkward and "'" not in value and not _CONTROL.search(value):
        return f"'{value}'"
    return _basic_string(value)


def _multiline_string(value: str) -> str:
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
    return _basic_string(name)


def dotted_key(path: Iterable[str]) -> str:
    """The name of a table, as between the brackets of its header."""
    return ".".join(key(part) for part in path)


def _basic_string(value: str) -> str:
    return '"' + _ONE_LINE_ESCAPED.sub(_escape, value) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"
