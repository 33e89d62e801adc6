"""Answer SQL from files of events, which it can only read.

What is asked is not trusted: it may be pasted. So one SELECT is run, in a database in memory
that reads those files and no other, writes none, loads no extension and has no network
(https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mixtui.jobs.duckdb_session import (
    open_duckdb,
    quote,
    run_interruptibly,
    run_statement,
)
from mixtui.jobs.event_table import TABLE, read_event_files, select_events
from mixtui.jobs.model import JobError
from mixtui.jobs.sources import Format, Source, SourceStream, sniff_file
from mixtui.jobs.sql import VIEW, source_view
from mixtui.system import CancelToken

if TYPE_CHECKING:
    import duckdb

_DATABASE = b"DUCK"
_DATABASE_OFFSET = 8
_HEAD = 1 << 20
_ROWS = 1_000
"""That are fetched at once."""
_LOCKS = (
    "SET python_enable_replacements = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)

Row = tuple[str | None, ...]


class EventQuery:
    """Files as the tables ``events`` and ``source``, which are the same."""

    def __init__(self, sources: Sequence[Source], folder: Path) -> None:
        """Read what the columns are. Blocking.

        Args:
            sources: Files, of one format.
            folder: For what does not fit into memory.

        Raises:
            JobError: DuckDB is not installed, or cannot read them.
        """
        self._connection = open_duckdb(folder, "A query needs")
        try:
            view = self._view(sources)
            for name in (TABLE, VIEW):
                run_statement(self._connection, f"CREATE VIEW {name} AS {view}")
            paths = ", ".join(quote(source.path) for source in sources)
            self._connection.execute(f"SET allowed_paths = [{paths}]")
            for lock in _LOCKS:
                self._connection.execute(lock)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def write_rows(
        self,
        query: str,
        write: Callable[[tuple[str, ...], Iterator[Row]], None],
        limit: int = 0,
    ) -> None:
        """Run a query and write its rows. Blocking.

        Args:
            query: A SELECT.
            write: Called in another thread, with the names and the rows as text.
            limit: The most rows; 0 = all.

        Raises:
            JobError: The query is something else, or DuckDB says what is wrong.
            KeyboardInterrupt: By ctrl+c.
        """
        select = self._select(query)
        rows = f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({select}\n)"
        self._run(rows, write, limit)

    def write_json(
        self,
        query: str,
        write: Callable[[tuple[str, ...], Iterator[Row]], None],
        limit: int = 0,
    ) -> None:
        """Run a query and write each row as a JSON object; as `write_rows`."""
        select = self._select(query)
        self._run(
            f"SELECT CAST(to_json(q) AS VARCHAR) FROM ({select}\n) q", write, limit
        )

    def _run(
        self,
        statement: str,
        write: Callable[[tuple[str, ...], Iterator[Row]], None],
        limit: int,
    ) -> None:
        limited = f"{statement} LIMIT {limit}" if limit else statement

        def work() -> None:
            result = self._connection.execute(limited)
            write(tuple(each[0] for each in result.description or ()), _rows(result))

        run_interruptibly(self._connection, work)

    def _select(self, query: str) -> str:
        """Return the text of a query that is one SELECT.

        Raises:
            JobError: It is not.
        """
        import duckdb

        found: list[duckdb.Statement] = []
        run_interruptibly(
            self._connection,
            lambda: found.extend(self._connection.extract_statements(query)),
        )
        if [each.type for each in found] != [duckdb.StatementType.SELECT]:
            raise JobError(
                "A query must be one SELECT statement: the files are only read."
            )
        return query.strip().rstrip(";")

    def _view(self, sources: Sequence[Source]) -> str:
        """Return the query that reads the files."""
        if any(not source.is_file for source in sources):
            raise JobError("DuckDB cannot read stdin: name a file.")
        if any(map(_is_database, sources)):
            if len(sources) > 1:
                raise JobError("Name one DuckDB file at a time.")
            attach = f"ATTACH {quote(sources[0].path)} AS file (READ_ONLY)"
            run_statement(self._connection, attach)
            return f"SELECT * FROM file.{TABLE}"
        if all(map(_is_raw_export, sources)):
            files = read_event_files([Path(s.path) for s in sources], CancelToken())
            return select_events(files)
        return f"SELECT * FROM {source_view(sources, None)}"


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := result.fetchmany(_ROWS):
        yield from rows


def _is_database(source: Source) -> bool:
    with contextlib.closing(SourceStream(source)) as stream:
        head = stream.read(_DATABASE_OFFSET + len(_DATABASE))
    return head[_DATABASE_OFFSET:] == _DATABASE


class _Event(msgspec.Struct):
    event: msgspec.Raw
    properties: dict[str, msgspec.Raw]


def _is_raw_export(source: Source) -> bool:
    """Return whether the first line is an event of a raw export."""
    if sniff_file(source) is not Format.LINES:
        return False
    with contextlib.closing(SourceStream(source)) as stream:
        line = stream.read(_HEAD).partition(b"\n")[0]
    try:
        msgspec.json.decode(line, type=_Event)
    except ValueError:
        return False
    return True
