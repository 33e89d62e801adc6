"""Read TOML with typed access and readable errors, and write values as TOML."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeVar

from mixtui.patterns import compile_late
from mixtui.spelling import closest_name, did_you_mean

_Choice = TypeVar("_Choice", bound=StrEnum)
Value = (
    str | bool | int | float | date | time | Sequence["Value"] | Mapping[str, "Value"]
)
_BARE_KEY = compile_late(r"[A-Za-z0-9_-]+")
# What TOML forbids in a string (C0 but tab and newline, DEL), and what must not reach a
# terminal that shows the file (C1).
_CONTROL_CHARACTER = compile_late(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ONE_LINE_ESCAPED = compile_late(r'["\\\x00-\x1f\x7f-\x9f]')
_SHORT_ESCAPES = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


class Lines(tuple[str, ...]):
    """A list that is written one value a line, as version control merges best."""

    __slots__ = ()


class InvalidToml(Exception):
    """The source does not parse; the message is a clause without a full stop."""

    def __init__(self, reason: str, line: int | None) -> None:
        super().__init__(reason)
        self.line = line


class InvalidValue(Exception):
    """A key has an invalid value; the message is a clause that names the key."""

    def __init__(
        self, table: tuple[str, ...], index: int | None, key: str, reason: str
    ) -> None:
        name = ".".join((*table, key))
        row_label = f" of row {index + 1}" if index is not None else ""
        super().__init__(f"{name}{row_label} {reason}")
        self.table = table
        self.index = index
        self.key = key


def decode(data: bytes) -> str:
    """Decode the content of a file.

    Raises:
        InvalidToml: It is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidToml("it contains bytes that are not valid UTF-8", line) from None


def parse_toml(source: str) -> dict[str, Any]:
    """Parse a document.

    Raises:
        InvalidToml: It is not TOML, or nested too deeply.
    """
    if _is_slow(source):
        raise InvalidToml("its keys have too many parts", None)
    try:
        return tomllib.loads(source)
    except RecursionError:
        raise InvalidToml("it is nested too deeply", None) from None
    except tomllib.TOMLDecodeError as error:
        raise _invalid_toml(source, str(error)) from None
    except ValueError:  # Python refuses to convert more than 4,300 digits.
        raise InvalidToml("it contains a number with too many digits", None) from None


_DOTTED_KEY = compile_late(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50,}"""
)
_MAX_WORK = 4_000_000
"""A tenth of a second."""


def _is_slow(source: str) -> bool:
    """Return whether tomllib would take long: its work grows with the square of a key."""
    if source.count(".") ** 2 < _MAX_WORK:
        return False
    keys = _DOTTED_KEY.finditer(source)
    return sum(match[0].count(".") ** 2 for match in keys) > _MAX_WORK


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
    """A table to read typed values from; remembers which keys were read.

    Each method that returns a value raises InvalidValue for one of another type. A reader
    asks for nothing in another way, so what it asks for is also the JSON Schema of its
    files (generate/schemas.py).
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        path: tuple[str, ...] = (),
        index: int | None = None,
    ) -> None:
        self.path = path
        self.index = index
        self._values = values
        self._read_keys: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def value(self, key: str) -> Any:
        """Return the value of a key, of any type, or None."""
        self._read_keys.add(key)
        return self._values.get(key)

    def text(
        self, key: str, default: str = "", problem: Callable[[str], str] | None = None
    ) -> str:
        """Read a string.

        Args:
            key: Its key.
            default: Returned if there is none.
            problem: Returns why a string is invalid, as a clause; empty = it is valid.
        """
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.invalid(
                key, f"is {type_label(value)}, but must be a quoted string"
            )
        if problem and (reason := problem(value)):
            raise self.invalid(key, reason)
        return value

    def required_text(self, key: str, reason: str) -> str:
        """Read a string that must not be empty.

        Args:
            key: Its key.
            reason: Why it is needed, to follow "is missing, but".
        """
        text = self.text(key)
        if not text:
            raise self.invalid(key, f"is missing, but {reason}")
        return text

    def text_or_number(self, key: str) -> str:
        """Read a string; a whole number is accepted, as people write identifiers."""
        value = self.value(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(key)

    def flag(self, key: str, default: bool) -> bool:
        """Read a boolean."""
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.invalid(
                key, f"is {type_label(value)}, but must be true or false"
            )
        return value

    def positive_integer(self, key: str, default: int) -> int:
        """Read a whole number above 0."""
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

    def positive_seconds(self, key: str) -> float | None:
        """Read a number of seconds above 0; None = there is none."""
        value = self.value(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.invalid(
                key, f"is {type_label(value)}, but must be a number of seconds"
            )
        try:
            seconds = float(value)
        except OverflowError:
            seconds = math.inf
        if not 0 < seconds < math.inf:
            raise self.invalid(key, "must be a number of seconds above 0")
        return seconds

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of strings; an absent one is empty."""
        value = self.value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            reason = f"is {type_label(value)}, but must be a list of quoted strings"
            raise self.invalid(key, reason)
        return tuple(value)

    def choice(self, key: str, choices: type[_Choice], default: _Choice) -> _Choice:
        """Read one of the values of `choices`."""
        text = self.text(key, default)
        try:
            return choices(text)
        except ValueError:
            allowed = ", ".join(choices)
            reason = f"is “{printable_excerpt(text)}”, but must be one of {allowed}"
            if closest := closest_name(text, choices):
                reason += f" (did you mean {closest}?)"
            raise self.invalid(key, reason) from None

    def text_or_texts(self, key: str, singular: str) -> tuple[str, ...]:
        """Read a string or a list of strings.

        Args:
            key: Its key.
            singular: What one string is, with its article, for the error.
        """
        value = self.value(key)
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
            plural = singular.partition(" ")[2] + "s"
            reason = (
                f"is {type_label(value)}, but must be {singular} or a list of {plural}"
            )
            raise self.invalid(key, reason)
        return tuple(texts)

    def tagged_text(
        self, key: str, tags: Collection[str], help: Callable[[], str]
    ) -> tuple[str, str] | None:
        """Read ``{ tag = "text" }``, and return both; None = there is none.

        The value may hold a secret where it is wrong: an error does not repeat it.

        Args:
            key: Its key.
            tags: The possible tags.
            help: Returns how to write it instead, for the error.
        """
        value = self.value(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.invalid(key, f"contains the secret itself: {help()}")
        if len(value) != 1 or not set(value) <= set(tags):
            raise self.invalid(key, f"does not specify where the secret is: {help()}")
        tag, text = next(iter(value.items()))
        if not isinstance(text, str) or not text:
            raise self.invalid(
                key, f"specifies {tag} without a value: add it in quotes"
            )
        return tag, text

    def table(self, key: str) -> Table:
        """Read a table; an absent one is empty."""
        value = self.value(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.invalid(key, f"is {type_label(value)}, but must be a table")
        return Table(value, (*self.path, key))

    def rows(self, key: str) -> list[Table]:
        """Read an array of tables; an absent one is empty."""
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
        """Its keys, in the order of the source."""
        return list(self._values)

    def names_among(self, choices: type[_Choice], singular: str) -> list[_Choice]:
        """Return its keys, each of which must be one of `choices`.

        Args:
            choices: The possible keys.
            singular: What a key is, with its article, for the error.
        """
        for key in self._values:
            if key not in list(choices):
                allowed = ", ".join(choices)
                raise self.invalid(key, f"is not {singular}; use one of {allowed}")
        return [choices(key) for key in self._values]

    def unknown_keys(self) -> dict[str, str]:
        """Return the keys that were not read, each with a sentence to follow the file name."""
        result = {}
        for key in self._values:
            if key not in self._read_keys:
                name = ".".join((*self.path, printable_excerpt(key)))
                hint = did_you_mean(key, self._read_keys - self._values.keys())
                result[key] = f"the unknown key {name} is ignored. {hint}".rstrip()
        return result

    def invalid(self, key: str, reason: str) -> InvalidValue:
        """Return an error about a key, to be raised."""
        return InvalidValue(self.path, self.index, key, reason)


def type_label(value: object) -> str:
    """Name the type of a value; never the value itself, which may be a secret."""
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
    """Shorten a text for a message and replace its control characters."""
    plain = "".join(c if c.isprintable() else "�" for c in text)
    return plain if len(plain) <= 40 else plain[:39] + "…"


def to_toml(value: Value) -> str:
    """Write a value as TOML source; a text of several lines takes several lines."""
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
            inner = ", ".join(
                f"{to_toml_key(k)} = {to_toml(v)}" for k, v in value.items()
            )
            return f"{{ {inner} }}" if inner else "{}"
        case Lines():
            return "[\n" + "".join(f"    {to_toml(v)},\n" for v in value) + "]"
        case _:
            return "[" + ", ".join(to_toml(v) for v in value) + "]"


def to_toml_string(value: str) -> str:
    """Write a string in the simplest form that holds it exactly."""
    if "\n" in value:
        return _multiline_string(value)
    needs_escapes = '"' in value or "\\" in value
    if needs_escapes and "'" not in value and not _CONTROL_CHARACTER.search(value):
        return f"'{value}'"
    return _basic_string(value)


def _multiline_string(value: str) -> str:
    # The newline after the opening quotes is not part of the string, so a text may
    # begin with one. A text that ends with a quote could run into the closing ones.
    if (
        "'''" not in value
        and not value.endswith("'")
        and not _CONTROL_CHARACTER.search(value)
    ):
        return f"'''\n{value}'''"
    escaped = _CONTROL_CHARACTER.sub(_escape, value.replace("\\", "\\\\"))
    escaped = re.sub(r'"""|"\Z', lambda m: m.group()[:-1] + '\\"', escaped)
    return f'"""\n{escaped}"""'


def to_toml_key(name: str) -> str:
    """Write a key, quoted if necessary."""
    if _BARE_KEY.fullmatch(name):
        return name
    return _basic_string(name)


def dotted_key(path: Iterable[str]) -> str:
    """Write the path of a table, as between the brackets of its header."""
    return ".".join(to_toml_key(part) for part in path)


def _basic_string(value: str) -> str:
    return '"' + _ONE_LINE_ESCAPED.sub(_escape, value) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"
