"""DuckDB, the engine that reads and writes tables: opened with a bound, and interruptible."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mixtui.jobs.model import JobError
from mixtui.system import CancelToken

if TYPE_CHECKING:
    import duckdb

_MEMORY = 300
"""Megabytes that DuckDB may use before it writes to disk."""

_INTERVAL = 0.1
"""Seconds after which a token is looked at."""


def require_duckdb(purpose: str) -> None:
    """Refuse what cannot be done without DuckDB.

    Args:
        purpose: Who needs it, for the error: "Parquet and --sql need".

    Raises:
        JobError: It is not installed.
    """
    try:
        import_module("duckdb")
    except ImportError:
        raise JobError(f"{purpose} DuckDB: install mixtui[data] to use it.") from None


def open_duckdb(
    folder: Path, purpose: str, *, megabytes: int = _MEMORY
) -> duckdb.DuckDBPyConnection:
    """Open a database in memory.

    Args:
        folder: What does not fit into memory goes into a folder in it.
        purpose: As for `require_duckdb`.
        megabytes: What may be used before it writes to disk.

    Raises:
        JobError: DuckDB is not installed.
    """
    require_duckdb(purpose)
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{megabytes}MB'")
    connection.execute(f"SET temp_directory = {quote(str(folder / 'duckdb.tmp'))}")
    connection.execute("SET TimeZone = 'UTC'")
    # DuckDB draws it on stdout where it takes a program for an interactive one.
    connection.execute("SET enable_progress_bar = false")
    return connection


def run_statement(
    connection: duckdb.DuckDBPyConnection,
    statement: str,
    token: CancelToken | None = None,
) -> None:
    """Run a statement, as `run_interruptibly`."""
    run_interruptibly(connection, lambda: connection.execute(statement), token)


def run_interruptibly(
    connection: duckdb.DuckDBPyConnection,
    work: Callable[[], object],
    token: CancelToken | None = None,
    describe: Callable[[duckdb.Error], JobError] = lambda error: describe_error(error),
) -> None:
    """Work with DuckDB in a thread, so that ctrl+c is seen meanwhile.

    Args:
        connection: What is interrupted.
        work: What to do; its exceptions are raised here.
        token: Interrupts it as well.
        describe: Says what is wrong, in the terms of the caller.

    Raises:
        JobError: DuckDB says what is wrong.
        Cancelled: By the token.
        KeyboardInterrupt: By ctrl+c.
    """
    import duckdb

    token = token or CancelToken()
    token.raise_if_cancelled()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            done.set()

    # Not by `join`: once ctrl+c ends it, Python 3.11 takes the thread for dead.
    done = threading.Event()
    threading.Thread(target=run).start()
    interrupt: KeyboardInterrupt | None = None
    while not done.is_set():
        try:
            done.wait(_INTERVAL)
        except KeyboardInterrupt as error:
            interrupt = error
        if interrupt is not None or token.cancelled:
            # Again and again: between two statements it has no effect.
            connection.interrupt()
    if interrupt is not None:
        raise interrupt
    token.raise_if_cancelled()
    for failure in failures:
        if isinstance(failure, duckdb.Error):
            raise describe(failure) from None
        raise failure


def describe_error(error: duckdb.Error) -> JobError:
    """Return what DuckDB says is wrong, as a sentence."""
    return JobError(f"DuckDB: {_sentence(error)}.")


class Complaint(Struct, frozen=True):
    """What DuckDB says is wrong, with ``errors_as_json``."""

    exception_message: str
    position: str = ""
    """Bytes of the statement before what it is about; empty = it is about no part."""


def explain_error(error: duckdb.Error) -> Complaint:
    """Return what DuckDB says is wrong with a statement, and where."""
    _, _, text = str(error).partition(": ")
    try:
        return msgspec.json.decode(text, type=Complaint)
    except msgspec.DecodeError:
        return Complaint(_sentence(error))


def quote(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return the name of a column or table as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _sentence(error: Exception) -> str:
    """Return the message of DuckDB without the excerpt of the statement, which is ours."""
    message, _, _ = str(error).partition("LINE 1:")
    if inner := re.search(r'"exception_message":("(?:[^"\\]|\\.)*")', message):
        message = json.loads(inner[1])  # An error of another thread is JSON within.
    return " ".join(message.split()).rstrip(".")
