"""Write exported profiles: JSON lines as they came, or a table as CSV or Parquet.

A table has a column for the id and one for each property. DuckDB reads the lines and writes
the table, with types that hold every value as it is.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Raw, Struct, field

from mixtui.jobs.duckdb_session import quote
from mixtui.jobs.model import JobError
from mixtui.jobs.sql import copy_query
from mixtui.model.errors import NameTaken, StorageError
from mixtui.storage.files import PartFile

MAX_COLUMNS = 500
"""DuckDB swaps without end when it writes more in the memory that it is given."""
_CHUNK = 1 << 20
_ID = "$distinct_id"


class OutputFormat(StrEnum):
    """How profiles are written."""

    LINES = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"


_SUFFIXES = {
    ".ndjson": OutputFormat.LINES,
    ".jsonl": OutputFormat.LINES,
    ".json": OutputFormat.LINES,
    ".csv": OutputFormat.CSV,
    ".parquet": OutputFormat.PARQUET,
}


class _ColumnType(StrEnum):
    """A type of DuckDB."""

    BOOLEAN = "BOOLEAN"
    INTEGER = "BIGINT"
    NUMBER = "DOUBLE"
    TEXT = "VARCHAR"
    """Of text; and of lists, objects and different types, as JSON."""


class _Profile(Struct, gc=False):
    properties: dict[str, Raw] = field(name="$properties", default_factory=dict)


def choose_format(path: Path, name: str | None) -> OutputFormat:
    """Return the format of a file.

    Args:
        path: Of the file.
        name: Of the format; None = as the file's name says.

    Raises:
        JobError: Its name does not say.
    """
    if name:
        return OutputFormat(name)
    chosen = _SUFFIXES.get(path.suffix.lower())
    if chosen is None:
        raise JobError(
            f"{path.name} does not say its format: end it with .ndjson, .csv or .parquet, "
            "or add --format."
        )
    return chosen


def write_profiles(
    pages: Path, *, path: Path, format: OutputFormat, overwrite: bool
) -> None:
    """Write a file of the profiles in another. Blocking.

    Args:
        pages: Profiles, one a line.
        path: Of the file; it gets its name when it is complete.
        format: Of the file.
        overwrite: Replace a file of that name.

    Raises:
        JobError: DuckDB is missing or fails, or a file of that name was created.
        StorageError: It cannot be written.
    """
    try:
        part = PartFile(path, overwrite=overwrite)
        try:
            if format is OutputFormat.LINES:
                with pages.open("rb") as file:
                    while chunk := file.read(_CHUNK):
                        part.write(chunk)
            else:
                _write_table(pages, part.part_path, format)
            part.finish()
        finally:
            left = Path(part.close_partial())
            left.unlink(missing_ok=True)
    except NameTaken:
        raise JobError(
            f"{path.name} was created by another program in the meantime: add --force to "
            "replace it, or choose another name."
        ) from None
    except OSError as error:
        raise StorageError(
            path, f"{path} cannot be written: {error.strerror}."
        ) from None


def _write_table(pages: Path, target: Path, format: OutputFormat) -> None:
    types, longest = _read_types(pages)
    if len(types) > MAX_COLUMNS:
        raise JobError(
            f"The profiles have {len(types):,} properties, and a table at most "
            f"{MAX_COLUMNS} columns: name some with --output-properties."
        )
    columns = [f'"{_ID}"']
    used = {_ID}
    for name in sorted(types):
        # SQL does not tell names by case.
        column, number = name or "property", 1
        while column.lower() in used:
            number += 1
            column = f"{name}_{number}"
        used.add(column.lower())
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        label = column.replace('"', '""')
        columns.append(
            f'("$properties"->>{quote(pointer)})::{types[name]} AS "{label}"'
        )
    source = (
        f"read_json({quote(str(pages))}, format = 'newline_delimited', "
        f"maximum_object_size = {max(2 * longest, _CHUNK)}, "
        f"columns = {{'{_ID}': 'VARCHAR', '$properties': 'JSON'}})"
    )
    options = "FORMAT csv"
    if format is OutputFormat.PARQUET:
        options = "FORMAT parquet, COMPRESSION zstd"
    select = f"SELECT {', '.join(columns)} FROM {source}"
    copy_query(select, target, options, folder=pages.parent)


def _read_types(pages: Path) -> tuple[dict[str, _ColumnType], int]:
    """Return the type of each property, and the length of the longest line."""
    decode = msgspec.json.Decoder(_Profile).decode
    types: dict[str, _ColumnType | None] = {}
    longest = 0
    with pages.open("rb") as file:
        for line in file:
            longest = max(longest, len(line))
            for name, raw in decode(line).properties.items():
                types[name] = _join(types.get(name), _type_of(bytes(raw)))
    return {name: kind or _ColumnType.TEXT for name, kind in types.items()}, longest


def _type_of(value: bytes) -> _ColumnType | None:
    """Return the type of a JSON value; None of null."""
    match value[:1]:
        case b"n":
            return None
        case b"t" | b"f":
            return _ColumnType.BOOLEAN
        case b'"' | b"[" | b"{":
            return _ColumnType.TEXT
    if any(sign in value for sign in b".eE"):
        return _ColumnType.NUMBER
    # A longer one keeps its digits as text.
    return _ColumnType.INTEGER if len(value) < 19 else _ColumnType.TEXT


def _join(one: _ColumnType | None, other: _ColumnType | None) -> _ColumnType | None:
    """Return a type that holds the values of both."""
    if one is None or other is None or one is other:
        return one or other
    numbers = {_ColumnType.INTEGER, _ColumnType.NUMBER}
    return _ColumnType.NUMBER if {one, other} == numbers else _ColumnType.TEXT
