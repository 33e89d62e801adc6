"""Find the properties of all events of some files, and a type that fits every value.

DuckDB's own detection takes names that differ by case for one, makes dates of text, and
needs three times as long. A decoder is made for the types that were seen so far, and made
anew when a value does not fit: so nearly all lines are only decoded, and each of them is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from mixtui.jobs.model import JobError
from mixtui.jobs.sources import BLOCK, SourceStream, describe
from mixtui.patterns import compile_late
from mixtui.system import CancelToken

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


class ColumnType(StrEnum):
    """A type of DuckDB that holds all values of a property as they are."""

    BOOLEAN = "BOOLEAN"
    INTEGER = "BIGINT"
    NUMBER = "DOUBLE"
    TEXT = "VARCHAR"
    """Of text; and of lists, objects and different types, as JSON."""


_DECODED: dict[ColumnType | None, Any] = {
    None: None,
    ColumnType.BOOLEAN: bool | None,
    ColumnType.INTEGER: Annotated[int, Meta(ge=_LOWEST, le=_HIGHEST)] | None,
    ColumnType.NUMBER: float | None,
    ColumnType.TEXT: msgspec.Raw,
}
_UNUSUAL = compile_late(r'[\\"\x00-\x1f]')
_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER)


class RecordForm(Struct, frozen=True):
    """How an exported record is written, and a table of such records."""

    table: str
    """What they are, in the plural, and their table in a DuckDB file."""
    head: str
    """The member that says what it is of."""
    properties: str
    """The member that holds the properties."""
    noun: str
    """What the record is, with its article."""
    remedy: str
    """What to do about too many properties."""
    first: Mapping[str, ColumnType] = {}
    """The properties that always have a column, and its type if no value says otherwise."""
    texts: frozenset[str] = frozenset()
    """Properties that are always text, so that the tables of two exports have the same
    columns."""


EVENTS = RecordForm(
    *("events", "event", "properties", "an event of a raw export"),
    remedy="use --properties json",
    first={
        "time": ColumnType.INTEGER,
        "distinct_id": ColumnType.TEXT,
        "$insert_id": ColumnType.TEXT,
    },
    texts=frozenset({"distinct_id", "$insert_id"}),
)
PROFILES = RecordForm(
    *("profiles", "$distinct_id", "$properties", "an exported profile"),
    remedy="name some with --output-properties",
)


class PropertyTypes:
    """The types of the properties of all records so far."""

    def __init__(self, form: RecordForm = EVENTS) -> None:
        """Begin with no record."""
        self._form = form
        self._types: dict[str, ColumnType | None] = {}
        """None = only null was seen."""
        self._decoder = self._make_decoder()
        self._any = self._decoder_of(dict[str, msgspec.Raw])
        self.longest = 0
        """Bytes; no line is longer."""

    @property
    def types(self) -> Mapping[str, ColumnType]:
        """The type of each property; text of those that are always null."""
        return {name: kind or ColumnType.TEXT for name, kind in self._types.items()}

    def copy(self) -> PropertyTypes:
        """Return what goes on from here by itself."""
        copied = PropertyTypes(self._form)
        copied._types, copied._decoder = dict(self._types), self._decoder
        copied.longest = self.longest
        return copied

    def merge(self, other: PropertyTypes) -> None:
        """Add what others have learned."""
        for name, kind in other._types.items():
            self._types[name] = _join(self._types.get(name), kind)
        self._decoder = self._make_decoder()
        self.longest = max(self.longest, other.longest)

    def read(self, paths: Iterable[Path], token: CancelToken) -> None:
        """Read files of records, one a line, compressed or not. Blocking.

        Raises:
            JobError: A file cannot be read, or a line is another record.
            Cancelled: By the token.
        """
        for path in paths:
            self._read_file(path, token)

    def _read_file(self, path: Path, token: CancelToken) -> None:
        stream = SourceStream(describe(str(path)))
        line, rest = 1, b""
        try:
            while block := stream.read(BLOCK):
                token.raise_if_cancelled()
                end = block.rfind(b"\n") + 1
                if end:
                    line += self._learn(rest + block[:end], path, line)
                    rest = block[end:]
                else:
                    rest += block
            self._learn(rest, path, line)
        finally:
            stream.close()

    def _learn(self, lines: bytes, path: Path, first: int) -> int:
        """Learn from whole lines of a file; return how many line ends they have.

        Raises:
            JobError: A line is another record; says which.
        """
        try:
            self.learn(lines)
        except ValueError:
            for number, line in enumerate(lines.split(b"\n"), first):
                try:
                    self.learn(line)
                except ValueError:
                    raise JobError(
                        f"{path.name}, line {number:,}: not {self._form.noun}."
                    ) from None
        return lines.count(b"\n")

    def learn(self, lines: bytes | memoryview) -> int:
        """Learn from whole lines; return how many records they have.

        Raises:
            ValueError: A line is another record.
        """
        self.longest = max(self.longest, len(lines))
        try:
            if self._decoder is None:
                raise ValueError
            return len(self._decoder.decode_lines(lines))
        except ValueError:
            records = [line for line in bytes(lines).split(b"\n") if line.strip()]
            for record in records:
                self._widen(record)
            self._decoder = self._make_decoder()
            return len(records)

    def _widen(self, line: bytes) -> None:
        for name, value in self._any.decode(line).properties.items():
            before = self._types.get(name)
            self._types[name] = _join(before, _type_of(bytes(value)))

    def _make_decoder(self) -> msgspec.json.Decoder[Any] | None:
        """Return what decodes lines without another property or type.

        None = a property has a name that no member of a Struct can have.
        """
        if any(map(_UNUSUAL.search, self._types)):
            return None
        names = {f"p{index}": name for index, name in enumerate(self._types)}
        properties = msgspec.defstruct(
            "Properties",
            [
                (field, _DECODED[self._types[name]], None)
                for field, name in names.items()
            ],
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )
        return self._decoder_of(properties)

    def _decoder_of(self, properties: Any) -> msgspec.json.Decoder[Any]:
        """Return what decodes a line whose properties are of a type."""
        line = msgspec.defstruct(
            "Line",
            [("head", msgspec.Raw), ("properties", properties)],
            rename={"head": self._form.head, "properties": self._form.properties},
            gc=False,
        )
        return msgspec.json.Decoder(line)


def _type_of(value: bytes) -> ColumnType | None:
    """Return the type of a JSON value; None of null."""
    match value[:1]:
        case b"n":
            return None
        case b"t" | b"f":
            return ColumnType.BOOLEAN
        case b'"' | b"[" | b"{":
            return ColumnType.TEXT
    if any(sign in value for sign in b".eE"):
        return ColumnType.NUMBER
    fits = len(value) < 19 or _LOWEST <= int(value) <= _HIGHEST
    # As text it keeps its digits.
    return ColumnType.INTEGER if fits else ColumnType.TEXT


def _join(one: ColumnType | None, other: ColumnType | None) -> ColumnType | None:
    """Return a type that holds the values of both."""
    if one is None or other is None or one is other:
        return one or other
    return ColumnType.NUMBER if {one, other} <= {*_NUMBERS} else ColumnType.TEXT
