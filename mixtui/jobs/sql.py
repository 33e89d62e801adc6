"""Make JSON lines of what DuckDB reads: Parquet, and the result of a query.

DuckDB reads in parallel and out of core, and its rows go into a private file beside the
journal: so they are the same when an import is resumed, whatever the query.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixtui.jobs.duckdb_session import (
    identifier,
    open_duckdb,
    quote,
    run_interruptibly,
    run_statement,
)
from mixtui.jobs.model import JobError
from mixtui.jobs.remote import file_system, is_remote, protocol_of
from mixtui.jobs.sources import Format, Source, is_parquet, sniff_file
from mixtui.storage.paths import private_folder

if TYPE_CHECKING:
    import duckdb

VIEW = "source"
"""What a query selects from."""
_PURPOSE = "Tables and --sql need"
_FLOATS = ("FLOAT", "DOUBLE")
_READERS = {
    Format.PARQUET: "read_parquet({files}, union_by_name = true)",
    Format.CSV: "read_csv({files}, union_by_name = true)",
    Format.TSV: "read_csv({files}, union_by_name = true, delim = '\t')",
    Format.LINES: "read_json({files}, format = 'newline_delimited', union_by_name = true)",
    Format.JSON: "read_json({files}, format = 'auto', union_by_name = true)",
}


def needs_duckdb(sources: Sequence[Source], query: str) -> bool:
    """Return whether the records must be read by DuckDB. Blocking."""
    return bool(query) or any(is_parquet(source) for source in sources)


def write_rows(
    sources: Sequence[Source],
    query: str,
    path: Path,
    *,
    kind: Format | None = None,
    most: int | None = None,
) -> None:
    """Write the rows of a query, or all rows, as JSON lines. Blocking.

    Args:
        sources: Files, of one format.
        query: What to select; empty = everything.
        path: Of the file, which is replaced.
        kind: The format of the files; None = as they look.
        most: How many rows; None = all.

    Raises:
        JobError: DuckDB is not installed, or says what is wrong.
        KeyboardInterrupt: ctrl+c ended it; there is no file.
    """
    folder = private_folder(path.parent)
    view = source_view(sources, kind)
    part = path.with_name(f"{path.name}.part")
    connection = open_duckdb(folder, _PURPOSE)
    for protocol in {protocol_of(s.path) for s in sources if is_remote(s.path)}:
        connection.register_filesystem(file_system(protocol))
    select = (query.strip().rstrip(";") or f"SELECT * FROM {VIEW}").strip()
    rows = f"SELECT * FROM ({select}\n)" + (f" LIMIT {most}" if most else "")
    try:
        run_statement(connection, f"CREATE VIEW {VIEW} AS SELECT * FROM {view}")
        rows = f"SELECT * {_finite(connection, rows)} FROM ({rows})"
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        run_statement(
            connection,
            f"COPY ({rows}) TO {quote(str(part))} (FORMAT json, USE_TMP_FILE false)",
        )
        os.replace(part, path)
    except OSError as error:
        raise JobError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        connection.close()
        part.unlink(missing_ok=True)


def _finite(connection: duckdb.DuckDBPyConnection, rows: str) -> str:
    """Return the clause that makes cells empty whose numbers JSON does not have.

    Raises:
        JobError: DuckDB says what is wrong with the query.
    """
    described: list[tuple[Any, ...]] = []

    def describe() -> None:
        described.extend(connection.execute(f"DESCRIBE {rows}").fetchall())

    run_interruptibly(connection, describe)
    names = [identifier(name) for name, kind, *_ in described if kind in _FLOATS]
    cells = [f"CASE WHEN isfinite({n}) THEN {n} END AS {n}" for n in names]
    return f"REPLACE ({', '.join(cells)})" if cells else ""


def copy_query(query: str, target: Path, options: str, folder: Path) -> None:
    """Write the rows of a query into a file that is there. Blocking.

    Args:
        query: Names the files that it reads.
        target: The file.
        options: Of COPY.
        folder: For what does not fit into memory.

    Raises:
        JobError: DuckDB is not installed, or says what is wrong.
    """
    connection = open_duckdb(folder, _PURPOSE)
    try:
        name = quote(str(target))
        run_statement(
            connection, f"COPY ({query}) TO {name} ({options}, USE_TMP_FILE false)"
        )
    finally:
        connection.close()


def source_view(sources: Sequence[Source], kind: Format | None) -> str:
    """Return what reads the files as a table, as SQL writes it.

    Raises:
        JobError: DuckDB cannot read them.
    """
    if any(not source.is_file for source in sources):
        raise JobError("DuckDB cannot read stdin: name a file.")
    kinds = {kind or sniff_file(source) for source in sources}
    if len(kinds) > 1:
        names = ", ".join(sorted(kinds))
        raise JobError(f"DuckDB reads files of one format at a time, not {names}.")
    files = ", ".join(quote(source.path) for source in sources)
    return _READERS[kinds.pop()].format(files=f"[{files}]")


def columns(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a file that `write_rows` wrote.

    Raises:
        JobError: It cannot be read.
    """
    import msgspec

    try:
        with path.open("rb") as file:
            for line in file:
                # Of a list of numbers that JSON does not have, DuckDB writes the names.
                with contextlib.suppress(ValueError):
                    return tuple(msgspec.json.decode(line, type=dict[str, Any]))
    except OSError as error:
        raise JobError(f"{path} cannot be read: {error.strerror}.") from None
    return ()
