"""Read the values of records, and format them as cells."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from mixtui import jsonbytes, jsontext
from mixtui.jsonbytes import split_member
from mixtui.patterns import compile_late

Path = tuple[str | int, ...]
"""Keys and indexes from a record to one of its values."""
VALUE: Path = ()
"""The path of the record itself, if it is not an object."""
KEY: Path = (-1,)
"""The path of a record's key in its object; no index is negative."""

NUMBER = compile_late(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
"""A number in JSON syntax."""


class CellKind(StrEnum):
    """The kind of a value."""

    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    """``true``, ``false`` or ``null``."""
    NESTED = "nested"
    """An object or a list."""


class Cell(Struct, frozen=True):
    """A value in a table."""

    kind: CellKind
    text: str
    """A number or word as the server wrote it, a string without quotes, a nested value
    as JSON on one line, which ends in ``…`` if it is long.
    """
    raw: bytes
    """The value as it is written in the body."""

    @property
    def is_null(self) -> bool:
        """Whether it is JSON's ``null``."""
        return self.kind is CellKind.WORD and self.text == "null"

    @property
    def full_text(self) -> str:
        """The complete text; a nested value as JSON on one line."""
        return compact(self.raw) if self.kind is CellKind.NESTED else self.text


def json_cell(raw: bytes) -> Cell:
    """Return the cell of a JSON value; invalid JSON becomes text."""
    first_byte = raw[:1]
    if first_byte == b'"':
        return Cell(CellKind.TEXT, string_text(raw), raw)
    if first_byte in (b"{", b"["):
        return Cell(CellKind.NESTED, _nested_excerpt(raw), raw)
    text = raw.decode("utf-8", "replace")
    if text in ("true", "false", "null"):
        return Cell(CellKind.WORD, text, raw)
    kind = CellKind.NUMBER if NUMBER.fullmatch(text) else CellKind.TEXT
    return Cell(kind, text, raw)


def csv_cell(raw: bytes) -> Cell:
    """Return the cell of a CSV field, which has no type."""
    text = raw.decode("utf-8", "replace")
    return Cell(CellKind.NUMBER if NUMBER.fullmatch(text) else CellKind.TEXT, text, raw)


def string_text(raw: bytes) -> str:
    """Return the text of a JSON string; one that cannot be decoded stays as written."""
    text = jsonbytes.string_text(raw)
    return raw[1:-1].decode("utf-8", "replace") if text is None else text


def compact(raw: bytes) -> str:
    """Return JSON on one line without spaces; numbers and order are preserved."""
    try:
        raw = jsonbytes.compact(raw)
    except jsonbytes.NotJson:
        raw = b" ".join(raw.split())
    return raw.decode("utf-8", "replace")


_MAX_NESTED_BYTES = 400
"""Bytes of a nested value that are shown."""
_LINE_BREAK = compile_late(rb"\s*\n\s*")


def _nested_excerpt(raw: bytes) -> str:
    """Return the start of a nested value on one line, however large it is."""
    if len(raw) <= _MAX_NESTED_BYTES:
        return compact(raw)
    start = _LINE_BREAK.sub(b"", raw[:_MAX_NESTED_BYTES])
    return start.decode("utf-8", "ignore") + "…"


FLATTENED = ("properties", "$properties")
"""Objects whose members each get a column."""
MAX_LIST_COLUMNS = 100
"""Items of a list record that become columns."""

Values = dict[Path, bytes]
ValueExtractor = Callable[[bytes], bytes | None]
"""Extracts the value of one column from a record; None = the record has none."""


class Reader(Protocol):
    """Reads the records of one table; from any thread."""

    def values(self, record: bytes) -> Values:
        """Return the values of a record, as written, by column."""
        ...

    def extractor(self, column: Path) -> ValueExtractor:
        """Return a function that extracts one column's value and skips the others."""
        ...

    def cell(self, raw: bytes) -> Cell:
        """Return the cell of a value."""
        ...


class JsonReader:
    """Reads records that are JSON values."""

    def __init__(self) -> None:
        from msgspec import Raw
        from msgspec.json import Decoder

        self._members = Decoder(dict[str, Raw]).decode
        self._items = Decoder(list[Raw]).decode
        # A million records share a few keys: each path is stored once.
        self._paths: dict[tuple[str, str], Path] = {}

    def values(self, record: bytes) -> Values:
        """Return the members of an object, the items of a list, or the scalar alone."""
        first_byte = record[:1]
        try:
            if first_byte == b"{":
                return self._object(record)
            if first_byte == b"[":
                items = self._items(record)[:MAX_LIST_COLUMNS]
                return {(i,): bytes(raw) for i, raw in enumerate(items)}
        except (ValueError, RecursionError):
            pass  # Not JSON, or nested too deeply: shown unchanged.
        return {VALUE: record} if record else {}

    def _object(self, record: bytes) -> Values:
        values: Values = {}
        for key, value in self._members_of(record).items():
            if key in FLATTENED and value[:1] == b"{" and value[1:-1].strip():
                for inner, part in self._members_of(value).items():
                    values[self._path(key, inner)] = part
            else:
                values[self._path("", key)] = value
        return values

    def _members_of(self, record: bytes) -> dict[str, bytes]:
        try:
            return {key: bytes(raw) for key, raw in self._members(record).items()}
        except ValueError:
            # Lone surrogates are the only JSON that msgspec rejects.
            text = record.decode("utf-8", "replace")
            json.loads(text)
            members = jsontext.members(text, 0)
            return {m.key: text[m.start : m.end].encode() for m in members}

    def _path(self, outer: str, key: str) -> Path:
        path = self._paths.get((outer, key))
        if path is None:
            path = (outer, key) if outer else (key,)
            if len(self._paths) < 10_000:
                self._paths[outer, key] = path
        return path

    def extractor(self, column: Path) -> ValueExtractor:
        """Return a function that decodes only the members on the path of the column."""
        steps = [step for step in column if isinstance(step, str) and step]
        if not steps or len(steps) < len(column) or column[-1] in FLATTENED:
            return lambda record: self.values(record).get(column)
        decode = _path_extractor(steps)

        def pick(record: bytes) -> bytes | None:
            try:
                return decode(record)
            except (ValueError, RecursionError):
                return self.values(record).get(column)

        return pick

    def cell(self, raw: bytes) -> Cell:
        """Return the cell of a JSON value."""
        return json_cell(raw)


def _path_extractor(steps: list[str]) -> ValueExtractor:
    """Return a decoder that skips all members off the path."""
    import msgspec

    kind: Any = msgspec.Raw
    default: Any = msgspec.Raw(b"")
    for step in reversed(steps):
        field = msgspec.field(default=default, name=step)
        kind = msgspec.defstruct("Picked", [("inner", kind, field)]) | None
        default = None
    decode = msgspec.json.Decoder(kind).decode
    depth = len(steps)

    def pick(record: bytes) -> bytes | None:
        value = decode(record)
        for _ in range(depth):
            if value is None:
                return None
            value = value.inner
        return bytes(value) or None

    return pick


class MemberReader:
    """Reads records that are members of an object: ``"name": value``."""

    def __init__(self) -> None:
        self._json = JsonReader()

    def values(self, record: bytes) -> Values:
        """Return the key and the values of the record."""
        name, value = split_member(record)
        return {KEY: name, **self._json.values(value)}

    def extractor(self, column: Path) -> ValueExtractor:
        """Return a function that extracts the key, or a value of the record."""
        if column == KEY:
            return lambda record: split_member(record)[0]
        inner = self._json.extractor(column)
        return lambda record: inner(split_member(record)[1])

    def cell(self, raw: bytes) -> Cell:
        """Return the cell of a JSON value."""
        return json_cell(raw)


class CsvReader:
    """Reads CSV records according to RFC 4180.

    Args:
        header: The first record.
        delimiter: The field separator.
    """

    def __init__(self, header: bytes, delimiter: str = ",") -> None:
        text = header.decode("utf-8", "replace").removeprefix("\ufeff")
        self._delimiter = delimiter
        self._paths: list[Path] = [(name,) for name in unique_names(self._fields(text))]

    @property
    def columns(self) -> list[Path]:
        """The columns named in the header."""
        return self._paths

    def values(self, record: bytes) -> Values:
        """Return the fields that are not empty."""
        fields = self._fields(record.decode("utf-8", "replace"))
        named_count = len(self._paths)
        return {
            self._paths[i] if i < named_count else (i,): field.encode(
                "utf-8", "replace"
            )
            for i, field in enumerate(fields)
            if field
        }

    def extractor(self, column: Path) -> ValueExtractor:
        """Return a function that extracts the field of one column."""
        return lambda record: self.values(record).get(column)

    def cell(self, raw: bytes) -> Cell:
        """Return the cell of a field."""
        return csv_cell(raw)

    def _fields(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error:
            return [text]  # A field longer than csv allows: the row unchanged.


def unique_names(names: list[str]) -> list[str]:
    """Make names unique: a repeated one becomes ``name (2)``, an empty one is numbered."""
    result: dict[str, None] = {}
    for number, name in enumerate(names, 1):
        base = name or f"column {number}"
        unique, count = base, 1
        while unique in result:
            count += 1
            unique = f"{base} ({count})"
        result[unique] = None
    return list(result)


_TIME_NAMES = ("time", "$time", "start_time", "end_time", "computed_at", "created")
_MIN_TIME, _MAX_TIME = 315_532_800, 4_102_444_800
"""1980 and 2100; other numbers are not Unix times."""


def time_text(path: Path, cell: Cell) -> str:
    """Format a Unix time as ``2026-11-23 00:00:00 UTC``; empty = it is not one.

    Only columns that Mixpanel uses for times qualify: a price may be as large.
    """
    name = path[-1] if path else ""
    if cell.kind is not CellKind.NUMBER or len(cell.text) > 20:
        return ""
    if not isinstance(name, str) or not (name in _TIME_NAMES or name.endswith("_ms")):
        return ""
    seconds = float(cell.text)
    if seconds >= _MIN_TIME * 1000:
        seconds /= 1000
    if not _MIN_TIME <= seconds < _MAX_TIME:
        return ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
