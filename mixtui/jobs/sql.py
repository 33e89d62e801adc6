"""Make JSON lines of what DuckDB reads: Parquet, and the result of a query.

DuckDB reads in parallel and out of core, and its rows go into a private file beside the
journal: so they are the same when an import is resumed, whatever the query.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixtui.jobs.model import JobError
from mixtui.jobs.remote import file_system, is_remote, protocol_of
from mixtui.jobs.sources import Format, Source, is_parquet, sniff_file
from mixtui.storage.paths import private_folder

if TYPE_CHECKING:
    import duckdb

VIEW = "source"
"""What a query selects from."""
_MEMORY = "300MB"
"""What DuckDB may use before it writes to disk."""
_READERS = {
    Format.PARQUET: "read_parquet({files}, union_by_name = true)",
    Format.CSV: "read_csv({files}, union_by_name = true)",
    Format.TSV: "read_csv({files}, union_by_name = true, delim = '\t')",
    Format.LINES: "read_json({files}, format = 'newline_delimited', union_by_name = true)",
    Format.JSON: "read_json({files}, format = 'array', union_by_name = true)",
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
    view = _view(sources, kind)
    part = path.with_name(f"{path.name}.part")
    connection = _connect(folder)
    for protocol in {protocol_of(s.path) for s in sources if is_remote(s.path)}:
        connection.register_filesystem(file_system(protocol))
    select = (query.strip().rstrip(";") or f"SELECT * FROM {VIEW}").strip()
    rows = f"SELECT * FROM ({select}\n)" + (f" LIMIT {most}" if most else "")
    try:
        _run(connection, f"CREATE VIEW {VIEW} AS SELECT * FROM {view}")
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        _run(
            connection,
            f"COPY ({rows}) TO {quote(str(part))} (FORMAT json, USE_TMP_FILE false)",
        )
        os.replace(part, path)
    except OSError as error:
        raise JobError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        connection.close()
        part.unlink(missing_ok=True)


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
    connection = _connect(folder)
    try:
        name = quote(str(target))
        _run(connection, f"COPY ({query}) TO {name} ({options}, USE_TMP_FILE false)")
    finally:
        connection.close()


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    try:
        import duckdb
    except ImportError:
        raise JobError(
            "Tables and --sql need DuckDB: install mixtui[data] to use them."
        ) from None
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{_MEMORY}'")
    connection.execute(f"SET temp_directory = {quote(str(folder / 'duckdb.tmp'))}")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _run(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Run a statement in a thread, so that ctrl+c is seen while it runs."""
    import duckdb

    failures: list[BaseException] = []

    def work() -> None:
        try:
            connection.execute(statement)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        connection.interrupt()
        thread.join()
        raise
    for failure in failures:
        if isinstance(failure, duckdb.Error):
            raise JobError(f"DuckDB: {_sentence(failure)}.") from None
        raise failure


def _sentence(error: Exception) -> str:
    """Return the message of DuckDB without the excerpt of the statement, which is ours."""
    message, _, _ = str(error).partition("LINE 1:")
    if inner := re.search(r'"exception_message":("(?:[^"\\]|\\.)*")', message):
        message = json.loads(inner[1])  # An error of another thread is JSON within.
    return " ".join(message.split()).rstrip(".")


def _view(sources: Sequence[Source], kind: Format | None) -> str:
    if any(not source.is_file for source in sources):
        raise JobError("DuckDB cannot read stdin: give --sql a file.")
    kinds = {kind or sniff_file(source) for source in sources}
    if len(kinds) > 1:
        names = ", ".join(sorted(kinds))
        raise JobError(f"DuckDB reads files of one format at a time, not {names}.")
    files = ", ".join(quote(source.path) for source in sources)
    return _READERS[kinds.pop()].format(files=f"[{files}]")


def quote(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def columns(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a file that `write_rows` wrote.

    Raises:
        JobError: It cannot be read.
    """
    import msgspec

    try:
        with path.open("rb") as file:
            first: dict[str, Any] = msgspec.json.decode(file.readline() or b"{}")
    except (OSError, ValueError) as error:
        raise JobError(f"{path} cannot be read: {error}.") from None
    return tuple(first)
