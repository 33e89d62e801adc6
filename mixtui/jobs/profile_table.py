"""Write exported profiles: JSON lines as they came, or a table as CSV or Parquet.

A table has a column for the id and one for each property. DuckDB reads the lines and writes
the table, with types that hold every value as it is.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from mixtui.jobs.duckdb_session import identifier, quote
from mixtui.jobs.event_table import MAX_COLUMNS, json_member, number_names
from mixtui.jobs.model import JobError
from mixtui.jobs.property_types import PROFILES, PropertyTypes
from mixtui.jobs.sql import copy_query
from mixtui.model.errors import NameTaken, StorageError
from mixtui.storage.files import PartFile
from mixtui.system import CancelToken

_CHUNK = 1 << 20


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
    found = PropertyTypes(PROFILES)
    found.read([pages], CancelToken())
    if len(found.types) > MAX_COLUMNS:
        raise JobError(
            f"The profiles have {len(found.types):,} properties, and a table at most "
            f"{MAX_COLUMNS} columns: name some with --output-properties."
        )
    head, properties = PROFILES.head, PROFILES.properties
    columns = [identifier(head)]
    for each in number_names(found.types, taken=head):
        value = json_member(identifier(properties), each.property)
        columns.append(f"({value})::{each.type} AS {identifier(each.name)}")
    source = (
        f"read_json({quote(str(pages))}, format = 'newline_delimited', "
        f"maximum_object_size = {max(2 * found.longest, _CHUNK)}, "
        f"columns = {{{quote(head)}: 'VARCHAR', {quote(properties)}: 'JSON'}})"
    )
    options = "FORMAT csv"
    if format is OutputFormat.PARQUET:
        options = "FORMAT parquet, COMPRESSION zstd"
    select = f"SELECT {', '.join(columns)} FROM {source}"
    copy_query(select, target, options, folder=pages.parent)
