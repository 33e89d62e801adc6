"""Make records of rows and objects that are none: which column is what.

A recipe names columns and types. What it cannot say is said in SQL, not in more options.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct

from mixtui.jobs.model import InvalidRecord, JobError
from mixtui.jobs.readers import Row, describe_malformed
from mixtui.mixpanel.endpoints import INSERT_ID
from mixtui.patterns import compile_late
from mixtui.spelling import did_you_mean
from mixtui.storage import files
from mixtui.storage.toml_values import InvalidToml, decode, parse_toml
from mixtui.text import sanitize_excerpt

_R = TypeVar("_R", bound="Recipe")

ISO, UNIX = "iso", "unix"
_NUMBER = compile_late(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_INTEGER = compile_late(r"[+-]?\d{1,18}")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False} | {
    "yes": True,
    "no": False,
    "t": True,
    "f": False,
}
_EXCERPT_LENGTH = 200
"""Characters of a key, or of what is wrong with a value."""


class ColumnType(StrEnum):
    """The type of a property that is made from text."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    """The text is JSON: a list, an object."""
    TIME = "time"
    """Like the time of the event, sent as ISO text."""


class Recipe(
    Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Which column is what. Its fields are the keys of the TOML file."""

    time_format: str = ""
    """``iso``, ``unix`` (seconds or milliseconds) or as for strptime; empty = the first two."""
    time_zone: str = ""
    """Of a time that names none, such as Europe/Berlin; empty = UTC."""
    keep: tuple[str, ...] = ()
    """The only columns that become properties; empty = all."""
    drop: tuple[str, ...] = ()
    rename: Mapping[str, str] = {}
    """New names of properties, by column."""
    types: Mapping[str, ColumnType] = {}
    """By column; text stays text."""

    @property
    def is_empty(self) -> bool:
        """Whether objects are sent as they are."""
        return self == type(self)()

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it names."""
        return frozenset((*self.keep, *self.rename, *self.types, *self._roles)) - {""}

    @property
    def _roles(self) -> tuple[str, ...]:
        """The columns that are more than properties."""
        raise NotImplementedError

    def mapper(self, *, omit_null: bool) -> Mapper:
        """Return what makes records.

        Args:
            omit_null: A null is an empty cell.

        Raises:
            JobError: There is no such time zone.
        """
        raise NotImplementedError


class EventRecipe(Recipe, frozen=True, kw_only=True):
    """Makes events."""

    event: str = ""
    """The name of all events."""
    event_column: str = ""
    distinct_id: str = ""
    """The column; empty = ``distinct_id``."""
    time: str = ""
    """The column; empty = ``time``."""
    insert_id: str = ""
    """The column; empty = ``$insert_id``."""

    @property
    def _roles(self) -> tuple[str, ...]:
        return (self.distinct_id, self.time, self.insert_id, self.event_column)

    def mapper(self, *, omit_null: bool) -> Mapper:
        """Return what makes events."""
        return EventMapper(self, omit_null=omit_null)


def load_recipe(path: Path, kind: type[_R]) -> _R:
    """Read a recipe.

    Args:
        path: Of the file.
        kind: What it makes.

    Raises:
        StorageError: The file cannot be read.
        JobError: It is not TOML, or has a key or value that no such recipe has.
    """
    try:
        values = parse_toml(decode(files.read(path)))
        return msgspec.convert(values, kind)
    except InvalidToml as error:
        where = f"{path.name}, line {error.line}" if error.line else path.name
        raise JobError(f"{where}: {error}.") from None
    except msgspec.ValidationError as error:
        unknown = re.search(r"unknown field `(.*?)`", str(error), re.DOTALL)
        if unknown is None:
            reason = sanitize_excerpt(str(error).replace("`", ""), _EXCERPT_LENGTH)
            raise JobError(f"{path.name}: {reason}.") from None
        hint = did_you_mean(unknown[1], kind.__struct_fields__)
        shown = sanitize_excerpt(unknown[1], _EXCERPT_LENGTH)
        text = f"{path.name}: a recipe has no key “{shown}”. {hint}"
        raise JobError(text.rstrip()) from None


class Mapper(ABC):
    """Makes the JSON of a record from a row or an object."""

    def __init__(self, recipe: Recipe, *, omit_null: bool) -> None:
        """Look up what the recipe names.

        Args:
            recipe: Which column is what.
            omit_null: A null is an empty cell.

        Raises:
            JobError: There is no such time zone.
        """
        self._omit_null = omit_null
        self.read_time = time_reader(recipe.time_format, recipe.time_zone)
        self._types = {
            column: self._reader(kind) for column, kind in recipe.types.items()
        }
        self._keep = frozenset(recipe.keep)
        self._drop = frozenset(recipe.drop)
        self._rename = recipe.rename

    @abstractmethod
    def map(self, record: bytes | Row) -> bytes:
        """Return a record.

        Raises:
            InvalidRecord: It is not an object, or a column is not what it must be.
        """

    def properties(self, row: Row) -> Row:
        """Return the columns that become properties, under the names that they get.

        Raises:
            InvalidRecord: A column is not of its type.
        """
        properties: Row = {}
        for column, value in row.items():
            if column in self._drop or (self._keep and column not in self._keep):
                continue
            if value is None and self._omit_null:
                continue
            if read := self._types.get(column):
                value = read_field(column, read, value)
            properties[self._rename.get(column, column)] = value
        return properties

    def _reader(self, kind: ColumnType) -> Callable[[Any], Any]:
        if kind is ColumnType.TIME:
            read = self.read_time
            return lambda value: datetime.fromtimestamp(read(value), UTC).strftime(
                "%Y-%m-%dT%H:%M:%S"
            )
        return _READERS[kind]


class EventMapper(Mapper):
    """Makes events."""

    def __init__(self, recipe: EventRecipe, *, omit_null: bool = False) -> None:
        """As `Mapper`."""
        super().__init__(recipe, omit_null=omit_null)
        self._event = recipe.event
        self._event_column = recipe.event_column or ("" if recipe.event else "event")
        self._id_column = recipe.distinct_id or "distinct_id"
        self._time_column = recipe.time or "time"
        self._insert_id_column = recipe.insert_id or INSERT_ID

    def map(self, record: bytes | Row) -> bytes:
        """Return an event."""
        row = _flat_event(record) if isinstance(record, bytes) else dict(record)
        event = self._event or row.pop(self._event_column, None)
        properties: Row = {}
        moment = row.pop(self._time_column, None)
        if moment is not None:
            properties["time"] = read_field(self._time_column, self.read_time, moment)
        for name, column in (
            ("distinct_id", self._id_column),
            (INSERT_ID, self._insert_id_column),
        ):
            value = row.pop(column, None)
            if value is not None:
                properties[name] = str(value) if name == INSERT_ID else value
        properties |= self.properties(row)
        return msgspec.json.encode({"event": event, "properties": properties})


def read_object(record: bytes) -> Row:
    """Return the members of a JSON object.

    Raises:
        InvalidRecord: It is not one.
    """
    try:
        row = msgspec.json.decode(record)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise InvalidRecord(describe_malformed(record))
    return row


def _flat_event(record: bytes) -> Row:
    """Return the members of an object; of an event, the properties with its name."""
    row = read_object(record)
    properties = row.get("properties")
    if isinstance(properties, dict) and row.keys() <= {"event", "properties"}:
        return {"event": row.get("event"), **properties}
    return row


def read_field(column: str, read: Callable[[Any], Any], value: Any) -> Any:
    """Return a value of its type.

    Raises:
        InvalidRecord: It is not.
    """
    try:
        return read(value)
    except (ValueError, TypeError, OverflowError) as error:
        shown = str(value)[:40]
        raise InvalidRecord(f"“{shown}” {error}", column) from None


def read_number(value: Any) -> Any:
    """Return the number in a text; anything else as it is.

    Raises:
        ValueError: The text is not a number.
    """
    if type(value) is not str:
        return value
    text = value.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a number")
    return float(text)


def _boolean(value: Any) -> Any:
    if type(value) is not str:
        return value
    found = _BOOLEANS.get(value.strip().lower())
    if found is None:
        raise ValueError("is neither true nor false")
    return found


def _json(value: Any) -> Any:
    if type(value) is not str:
        return value
    try:
        return msgspec.json.decode(value)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None


def _text(value: Any) -> Any:
    return value if type(value) is str else msgspec.json.encode(value).decode()


_READERS: dict[ColumnType, Callable[[Any], Any]] = {
    ColumnType.TEXT: _text,
    ColumnType.NUMBER: read_number,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.JSON: _json,
}


def time_reader(format: str, zone: str) -> Callable[[Any], float]:
    """Return what reads a time as Unix seconds, whole ones as whole numbers.

    Raises:
        JobError: There is no such time zone.
    """
    offset: tzinfo = UTC
    if zone:
        try:
            offset = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise JobError(
                f"Unknown time zone “{zone}”: use a name such as Europe/Berlin."
            ) from None

    def read(value: Any) -> float:
        if format in ("", UNIX) and (moment := _unix(value)) is not None:
            return moment
        if format == UNIX or type(value) is not str:
            raise ValueError("is not a time in Unix seconds")
        return _seconds(_parse(value.strip(), format), offset)

    return read


def _unix(value: Any) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = value.strip() if type(value) is str else ""
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else None


def _parse(text: str, format: str) -> datetime:
    if format in ("", ISO):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                "is not a time: neither Unix seconds nor ISO 8601 (add a time format)"
            ) from None
    try:
        return datetime.strptime(text, format)
    except ValueError:
        raise ValueError(f"is not a time in the format {format}") from None


def _seconds(moment: datetime, zone: tzinfo) -> float:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    seconds = moment.timestamp()
    # With a part of a second it is sent in milliseconds, which Mixpanel tells apart.
    milliseconds = round(seconds * 1000)
    return milliseconds if milliseconds % 1000 else milliseconds // 1000
