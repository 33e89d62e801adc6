"""Events as a table: a column for each property, or one for all of them.

The columns ``event``, ``time``, ``distinct_id`` and ``$insert_id`` come first, then the other
properties by name. SQL does not tell names by case: of two properties that differ by nothing
else, or one that is called like the event's name, the later gets a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.jobs.duckdb_session import identifier, quote
from mixtui.jobs.model import JobError
from mixtui.jobs.property_types import ColumnType, PropertyTypes
from mixtui.system import CancelToken

TABLE = "events"
"""What a query selects from, and the table in a DuckDB file."""
MAX_COLUMNS = 500
"""DuckDB swaps without end when it writes more in the memory that it is given."""
_FIRST = {
    "time": ColumnType.INTEGER,
    "distinct_id": ColumnType.TEXT,
    "$insert_id": ColumnType.TEXT,
}
"""The columns that are always there, and their type if no value says otherwise."""
_ALWAYS_TEXT = frozenset({"distinct_id", "$insert_id"})
"""So that the tables of two exports have the same columns."""
_SHORTEST_LIMIT = 4_000_000


class Column(Struct, frozen=True):
    """A property as a column."""

    property: str
    name: str
    type: ColumnType


class EventFiles(Struct, frozen=True):
    """Files of events, one a line, of which a table is made."""

    paths: tuple[Path, ...]
    columns: tuple[Column, ...] | None
    """None = one column for all properties."""
    longest: int
    """Bytes; no line is longer."""


def read_event_files(
    paths: Sequence[Path], token: CancelToken, *, as_columns: bool = True
) -> EventFiles:
    """Read files of events to know their columns. Blocking.

    Args:
        paths: Files, compressed or not.
        token: Ends it.
        as_columns: A column for each property.

    Raises:
        JobError: One is not what it should be, or there are too many columns.
        Cancelled: By the token.
    """
    found = PropertyTypes()
    found.read(paths, token)
    columns = name_columns(found.types) if as_columns else None
    return EventFiles(tuple(paths), columns, found.longest)


def name_columns(types: Mapping[str, ColumnType]) -> tuple[Column, ...]:
    """Return the columns of the properties of events, in order.

    Raises:
        JobError: There are too many.
    """
    if len(types) > MAX_COLUMNS:
        raise JobError(
            f"The events have {len(types):,} properties, and a table at most "
            f"{MAX_COLUMNS:,} columns: use --properties json."
        )
    columns = number_names(types, taken="event", first=_FIRST)
    return tuple(
        replace(column, type=ColumnType.TEXT)
        if column.property in _ALWAYS_TEXT
        else column
        for column in columns
    )


def number_names(
    types: Mapping[str, ColumnType],
    *,
    taken: str,
    first: Mapping[str, ColumnType] = {},
) -> tuple[Column, ...]:
    """Return a column for each property, by name; of two alike the later gets a number.

    Args:
        types: The type of each property.
        taken: The name of another column.
        first: Those that come first, with their types if they have none.
    """
    columns: list[Column] = []
    used = {taken.lower()}
    others = sorted(name for name in types if name not in first)
    for key in (*first, *others):
        stem, number = key or "property", 1
        name = stem
        while name.lower() in used:
            number += 1
            name = f"{stem}_{number}"
        used.add(name.lower())
        kind = types.get(key, first.get(key, ColumnType.TEXT))
        columns.append(Column(key, name, kind))
    return tuple(columns)


def select_events(files: EventFiles) -> str:
    """Return the query that reads the table from the files."""
    if files.columns is None:
        return _select_json(files)
    # A struct cannot have two members whose names differ by case.
    members = [c for c in files.columns if c.name == c.property]
    others = [c for c in files.columns if c.name != c.property]
    columns = [
        "event",
        *(
            f"properties.{identifier(c.property)}"
            if c in members
            else f"({json_member('raw', c.property)})::{c.type} AS {identifier(c.name)}"
            for c in files.columns
        ),
    ]
    if not others:
        types = ", ".join(f"{identifier(c.property)} {c.type}" for c in members)
        source = _read(files, f"STRUCT({types})")
    else:
        structure = json.dumps({c.property: c.type for c in members})
        source = (
            f"(SELECT event, from_json(properties, {quote(structure)}) AS properties, "
            f"properties AS raw FROM {_read(files, 'JSON')})"
        )
    return f"SELECT {', '.join(columns)} FROM {source}"


def _select_json(files: EventFiles) -> str:
    first = ", ".join(
        f"TRY_CAST({json_member('properties', name)} AS {kind}) AS {identifier(name)}"
        for name, kind in _FIRST.items()
    )
    return f"SELECT event, {first}, properties FROM {_read(files, 'JSON')}"


def json_member(column: str, name: str) -> str:
    """Return the member of a JSON object as text."""
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return f"{column}->>{quote(pointer)}"


def _read(files: EventFiles, properties: str) -> str:
    paths = ", ".join(quote(str(path)) for path in files.paths)
    longest = max(2 * files.longest, _SHORTEST_LIMIT)
    return (
        f"read_json([{paths}], format = 'newline_delimited', "
        f"maximum_object_size = {longest}, "
        f"columns = {{event: 'VARCHAR', properties: {quote(properties)}}})"
    )
