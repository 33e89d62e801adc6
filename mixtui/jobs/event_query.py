"""Answer SQL from files of events, which it can only read.

What is asked is not trusted: it may be pasted. So one SELECT is run, in a database in memory
that reads those files and no other, writes none, loads no extension and has no network
(https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mixtui.document.source import Spool
from mixtui.jobs.duckdb_session import (
    explain_error,
    open_duckdb,
    quote,
    run_interruptibly,
    run_statement,
)
from mixtui.jobs.model import JobError
from mixtui.jobs.property_types import EVENTS, PROFILES
from mixtui.jobs.record_table import read_record_files, select_records
from mixtui.jobs.remote import is_remote
from mixtui.jobs.sources import Format, Source, SourceStream, find_sources, sniff_file
from mixtui.jobs.sql import VIEW, source_view
from mixtui.system import CancelToken
from mixtui.temporary import TemporaryFolder

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
    "SET errors_as_json = true",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)

Row = tuple[str | None, ...]
MAX_ROWS = 100_000
"""Of an answer that is shown."""
_CHUNK = 1 << 16
"""Bytes that are written at once."""
_INTO_TEXT = "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ("
_INTO_JSON = "SELECT CAST(to_json(q) AS VARCHAR) FROM ("
"""What stands before a query."""
_NOT_JSON = ("NaN", "Infinity")
"""How DuckDB writes what JSON has no number for."""


class QueryError(JobError):
    """A query that DuckDB does not understand, or that fails."""

    def __init__(self, message: str, position: tuple[int, int] | None) -> None:
        """`position` = line and column of what is wrong, from 1; None = unknown."""
        where = f"line {position[0]}, column {position[1]}: " if position else ""
        super().__init__(f"DuckDB: {where}{message}.")
        self.position = position


class QueryColumn(Struct, frozen=True):
    """A column that a query may name."""

    name: str
    type: str
    """As DuckDB calls it."""


class QueryAnswer(Struct, frozen=True):
    """The rows that a query gave."""

    source: Spool
    """A JSON object a line."""
    count: int
    is_cut: bool
    """Whether there are more."""


class EventQuery:
    """Files as the tables ``events`` and ``source``, which are the same."""

    def __init__(
        self,
        sources: Sequence[Source],
        folder: Path,
        token: CancelToken | None = None,
    ) -> None:
        """Read what the columns are. Blocking.

        Args:
            sources: Files, of one format.
            folder: For what does not fit into memory.
            token: Ends it.

        Raises:
            JobError: DuckDB is not installed, or cannot read them.
            Cancelled: By the token.
        """
        self._connection = open_duckdb(folder, "A query needs")
        try:
            view = self._view(sources, token or CancelToken())
            for name in (EVENTS.table, VIEW):
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

    def columns(self, token: CancelToken) -> tuple[QueryColumn, ...]:
        """Return the columns of the table. Blocking.

        Raises:
            JobError: The files cannot be read.
            Cancelled: By the token.
        """
        found: list[QueryColumn] = []

        def describe() -> None:
            rows = self._connection.execute(f"DESCRIBE SELECT * FROM {EVENTS.table}")
            found.extend(QueryColumn(name, kind) for name, kind, *_ in rows.fetchall())

        run_interruptibly(self._connection, describe, token)
        return tuple(found)

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
        self._run(_INTO_TEXT, query, write, limit)

    def write_json(
        self,
        query: str,
        write: Callable[[Iterator[str]], None],
        limit: int = 0,
        token: CancelToken | None = None,
    ) -> None:
        """Run a query and write each row as a JSON object; as `write_rows`.

        Numbers that JSON does not have (NaN, infinity) are null.
        """

        def write_lines(_: tuple[str, ...], rows: Iterator[Row]) -> None:
            write(_valid_json(line) for (line,) in rows if line is not None)

        self._run(_INTO_JSON, query, write_lines, limit, token)

    def _run(
        self,
        before: str,
        query: str,
        write: Callable[[tuple[str, ...], Iterator[Row]], None],
        limit: int,
        token: CancelToken | None = None,
    ) -> None:
        self._require_select(query, token)
        text = query.rstrip().rstrip(";")
        limited = f" LIMIT {limit}" if limit else ""
        statement = f"{before}{text}\n) q{limited}"

        def work() -> None:
            result = self._connection.execute(statement)
            write(tuple(each[0] for each in result.description or ()), _rows(result))

        run_interruptibly(
            self._connection,
            work,
            token,
            lambda error: _describe_failure(error, text, len(before)),
        )

    def _require_select(self, query: str, token: CancelToken | None) -> None:
        """Refuse what is not one SELECT.

        Raises:
            JobError: It is not, or cannot be parsed.
        """
        import duckdb

        found: list[duckdb.Statement] = []
        run_interruptibly(
            self._connection,
            lambda: found.extend(self._connection.extract_statements(query)),
            token,
            lambda error: _describe_failure(error, query, 0),
        )
        if [each.type for each in found] != [duckdb.StatementType.SELECT]:
            raise JobError(
                "A query must be one SELECT statement: the files are only read."
            )

    def _view(self, sources: Sequence[Source], token: CancelToken) -> str:
        """Return the query that reads the files."""
        if any(not source.is_file for source in sources):
            raise JobError("DuckDB cannot read stdin: name a file.")
        if any(map(_is_database, sources)):
            if len(sources) > 1:
                raise JobError("Name one DuckDB file at a time.")
            attach = f"ATTACH {quote(sources[0].path)} AS file (READ_ONLY)"
            run_statement(self._connection, attach)
            return f"SELECT * FROM file.{self._table()}"
        if all(map(_is_raw_export, sources)):
            files = read_record_files([Path(s.path) for s in sources], token)
            return select_records(files)
        return f"SELECT * FROM {source_view(sources, None)}"

    def _table(self) -> str:
        """Return the table of an exported DuckDB file."""
        query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'file'"
        names = {name for (name,) in self._connection.execute(query).fetchall()}
        return PROFILES.table if PROFILES.table in names else EVENTS.table


class QueryFiles:
    """Files that are queried again and again, and read anew when they have changed.

    One query runs at a time. Blocks: use it in a thread.
    """

    def __init__(self, patterns: Sequence[str], folder: Path) -> None:
        """Read nothing yet.

        Args:
            patterns: Paths, globs or folders.
            folder: What relative ones are relative to.
        """
        self._patterns, self._folder = tuple(patterns), folder
        self._lock = threading.Lock()
        self._sources: tuple[Source, ...] = ()
        self._query: EventQuery | None = None
        self._temporary: TemporaryFolder | None = None

    def columns(self, token: CancelToken) -> tuple[QueryColumn, ...]:
        """Return the columns of the files, which may mean to read all of them.

        Raises:
            JobError: DuckDB is not installed, or cannot read them.
            Cancelled: By the token.
        """
        with self._lock:
            return self._open(token).columns(token)

    def answer(self, query: str, token: CancelToken) -> QueryAnswer:
        """Return the rows of a query, `MAX_ROWS` at most.

        Raises:
            QueryError: DuckDB says what is wrong with the query.
            JobError: It is not a SELECT, or the files cannot be read.
            Cancelled: By the token.
            OSError: The disk is full.
        """
        with self._lock:
            opened = self._open(token)
            assert self._temporary is not None  # It is open.
            spool, count = Spool(self._temporary.path), 0

            def write(lines: Iterator[str]) -> None:
                nonlocal count
                chunk = bytearray()
                for line in lines:
                    count += 1
                    if count > MAX_ROWS:
                        break
                    chunk += line.encode() + b"\n"
                    if len(chunk) >= _CHUNK:
                        spool.write(bytes(chunk))
                        chunk.clear()
                spool.write(bytes(chunk))

            opened.write_json(query, write, MAX_ROWS + 1, token)
            return QueryAnswer(spool, min(count, MAX_ROWS), count > MAX_ROWS)

    def close(self, seconds: float) -> None:
        """Close it once nothing runs any longer.

        Args:
            seconds: How long to wait for what runs and was cancelled.
        """
        if not self._lock.acquire(timeout=seconds):
            return  # It waits for a file that is gone: nothing can be closed.
        try:
            self._forget()
            if self._temporary is not None:
                self._temporary.remove()
        finally:
            self._lock.release()

    def _open(self, token: CancelToken) -> EventQuery:
        if any(map(is_remote, self._patterns)):
            raise JobError("A query reads only files of this machine: copy them first.")
        sources = find_sources(self._patterns, self._folder)
        if self._query is None or sources != self._sources:
            self._forget()
            if self._temporary is None:
                self._temporary = TemporaryFolder()
            self._query = EventQuery(sources, self._temporary.path, token)
            self._sources = sources
        return self._query

    def _forget(self) -> None:
        if self._query is not None:
            self._query.close()
            self._query = None


def _describe_failure(error: duckdb.Error, query: str, before: int) -> QueryError:
    """Return what is wrong with a query, and where in it.

    Args:
        error: As DuckDB raised it.
        query: As it was written.
        before: Bytes of the statement before it.
    """
    complaint = explain_error(error)
    message = " ".join(complaint.exception_message.split()).rstrip(".")
    offset = int(complaint.position) - before if complaint.position.isdecimal() else -1
    if not 0 <= offset <= len(query.encode()):
        return QueryError(message, None)
    lines = query.encode()[:offset].decode("utf-8", "replace").split("\n")
    return QueryError(message, (len(lines), len(lines[-1]) + 1))


def _valid_json(line: str) -> str:
    """Return an object of DuckDB as JSON has it."""
    if not any(name in line for name in _NOT_JSON):
        return line
    value = json.loads(line, parse_constant=lambda _: None)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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
