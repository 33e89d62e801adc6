"""Exported records as a table: a column for each property, or one for all of them.

The column that says what a record is of comes first, then those that are always there, then
the other properties by name. SQL does not tell names by case: of two properties that differ by
nothing else, or one that is called like the first column, the later gets a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.jobs.duckdb_session import identifier, quote
from mixtui.jobs.model import JobError
from mixtui.jobs.property_types import EVENTS, ColumnType, PropertyTypes, RecordForm
from mixtui.system import CancelToken

MAX_COLUMNS = 500
"""DuckDB swaps without end when it writes more in the memory that it is given."""
_SHORTEST_LIMIT = 4_000_000


class Column(Struct, frozen=True):
    """A property as a column."""

    property: str
    name: str
    type: ColumnType


class RecordFiles(Struct, frozen=True):
    """Files of records, one a line, of which a table is made."""

    paths: tuple[Path, ...]
    form: RecordForm
    columns: tuple[Column, ...] | None
    """None = one column for all properties."""
    longest: int
    """Bytes; no line is longer."""


def read_record_files(
    paths: Sequence[Path],
    token: CancelToken,
    *,
    form: RecordForm = EVENTS,
    as_columns: bool = True,
) -> RecordFiles:
    """Read files of records to know their columns. Blocking.

    Args:
        paths: Files, compressed or not.
        token: Ends it.
        form: Of the records.
        as_columns: A column for each property.

    Raises:
        JobError: One is not what it should be, or there are too many columns.
        Cancelled: By the token.
    """
    found = PropertyTypes(form)
    found.read(paths, token)
    return as_table(paths, found, form, as_columns=as_columns)


def as_table(
    paths: Sequence[Path], found: PropertyTypes, form: RecordForm, *, as_columns: bool
) -> RecordFiles:
    """Return the table of files whose properties are known.

    Raises:
        JobError: There are too many columns.
    """
    columns = name_columns(found.types, form) if as_columns else None
    return RecordFiles(tuple(paths), form, columns, found.longest)


def name_columns(
    types: Mapping[str, ColumnType], form: RecordForm
) -> tuple[Column, ...]:
    """Return the columns of the properties, in order.

    Raises:
        JobError: There are too many.
    """
    if len(types) > MAX_COLUMNS:
        raise JobError(
            f"The {form.table} have {len(types):,} properties, and a table at most "
            f"{MAX_COLUMNS:,} columns: {form.remedy}."
        )
    columns = _number_names(types, form)
    return tuple(
        replace(column, type=ColumnType.TEXT)
        if column.property in form.texts
        else column
        for column in columns
    )


def _number_names(
    types: Mapping[str, ColumnType], form: RecordForm
) -> tuple[Column, ...]:
    """Return a column for each property; of two alike the later gets a number."""
    columns: list[Column] = []
    used = {form.head.lower()}
    others = sorted(name for name in types if name not in form.first)
    for key in (*form.first, *others):
        stem, number = key or "property", 1
        name = stem
        while name.lower() in used:
            number += 1
            name = f"{stem}_{number}"
        used.add(name.lower())
        kind = types.get(key, form.first.get(key, ColumnType.TEXT))
        columns.append(Column(key, name, kind))
    return tuple(columns)


def select_records(files: RecordFiles) -> str:
    """Return the query that reads the table from the files."""
    if files.columns is None:
        return _select_json(files)
    head, properties = _members(files.form)
    # A struct cannot have two members whose names differ by case.
    members = [c for c in files.columns if c.name == c.property]
    others = [c for c in files.columns if c.name != c.property]
    columns = [
        head,
        *(
            f"{properties}.{identifier(c.property)}"
            if c in members
            else f"({_json_member('raw', c.property)})::{c.type} AS {identifier(c.name)}"
            for c in files.columns
        ),
    ]
    if not files.columns:
        source = _read(files, "JSON")
    elif not others:
        types = ", ".join(f"{identifier(c.property)} {c.type}" for c in members)
        source = _read(files, f"STRUCT({types})")
    else:
        structure = json.dumps({c.property: c.type for c in members})
        source = (
            f"(SELECT {head}, from_json({properties}, {quote(structure)}) AS "
            f"{properties}, {properties} AS raw FROM {_read(files, 'JSON')})"
        )
    return f"SELECT {', '.join(columns)} FROM {source}"


def _select_json(files: RecordFiles) -> str:
    head, properties = _members(files.form)
    first = "".join(
        f"TRY_CAST({_json_member(properties, name)} AS {kind}) AS {identifier(name)}, "
        for name, kind in files.form.first.items()
    )
    return f"SELECT {head}, {first}{properties} FROM {_read(files, 'JSON')}"


def _members(form: RecordForm) -> tuple[str, str]:
    """Return head and properties as columns."""
    return identifier(form.head), identifier(form.properties)


def _json_member(column: str, name: str) -> str:
    """Return the member of a JSON object as text."""
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return f"{column}->>{quote(pointer)}"


def _read(files: RecordFiles, properties: str) -> str:
    paths = ", ".join(quote(str(path)) for path in files.paths)
    longest = max(2 * files.longest, _SHORTEST_LIMIT)
    return (
        f"read_json([{paths}], format = 'newline_delimited', "
        f"maximum_object_size = {longest}, "
        f"columns = {{{quote(files.form.head)}: 'VARCHAR', "
        f"{quote(files.form.properties)}: {quote(properties)}}})"
    )
