"""The sandbox's state: one SQLite database, in memory or in a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import RLock
from typing import Any

from mixtui.model.errors import SandboxError
from mixtui.sandbox.data.json_text import JsonObject, dump, parse_object

FILE_NAME = "sandbox.db"
VERSION = 1

_SCHEMA = """
create table facts (name text primary key, value text not null);
create table events (
    id integer primary key,
    project_id text not null,
    name text not null,
    distinct_id text not null,
    time_ms integer not null,
    insert_id text not null,
    processed_ms integer not null,
    properties text not null,
    superseded integer not null default 0
);
create index events_by_time on events (project_id, time_ms);
create index events_by_insert_id on events (project_id, insert_id);
create table aliases (
    project_id text not null,
    alias text not null,
    distinct_id text not null,
    primary key (project_id, alias)
);
create table profiles (
    project_id text not null,
    group_key text not null,
    id text not null,
    properties text not null,
    primary key (project_id, group_key, id)
);
create table documents (
    project_id text not null,
    kind text not null,
    key text not null,
    body text not null,
    position integer primary key,
    unique (project_id, kind, key)
);
create table counters (kind text primary key, value integer not null);
"""


class Store:
    """A connection shared by threads; each transaction has exclusive access."""

    def __init__(self, folder: Path | None) -> None:
        """Open or create the database.

        Args:
            folder: The folder of the database file; None = in memory.

        Raises:
            SandboxError: The file cannot be used.
        """
        self._lock = RLock()
        try:
            self._connection = _connect(folder)
        except (OSError, sqlite3.Error) as error:
            raise SandboxError(
                f"The sandbox cannot store its data in {folder} ({error}): "
                "choose another folder, or omit --data to keep it in memory."
            ) from None

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a transaction; may be nested, then the outermost one commits."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("begin")
            try:
                yield
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def write(self, sql: str, values: Sequence[object] = ()) -> int:
        """Run one statement.

        Returns:
            The number of rows changed.
        """
        with self.transaction():
            return self._connection.execute(sql, values).rowcount

    def write_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for many rows."""
        with self.transaction():
            self._connection.executemany(sql, rows)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


def _connect(folder: Path | None) -> sqlite3.Connection:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        ":memory:" if folder is None else folder / FILE_NAME,
        check_same_thread=False,
        isolation_level=None,
    )
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    (version,) = connection.execute("pragma user_version").fetchone()
    if version == 0:
        connection.executescript(
            f"begin; {_SCHEMA} pragma user_version = {VERSION}; commit;"
        )
    elif version != VERSION:
        raise sqlite3.DatabaseError(
            f"database version {version} is not supported, only {VERSION}"
        )


class Kind(StrEnum):
    """The kind of an object."""

    ANNOTATION = "annotation"
    ANNOTATION_TAG = "annotation_tag"
    BOOKMARK = "bookmark"
    COHORT = "cohort"
    DELETION = "deletion"
    EXPERIMENT = "experiment"
    FLAG = "flag"
    FUNNEL = "funnel"
    LOOKUP_TABLE = "lookup_table"
    MEMBERSHIP = "membership"
    PIPELINE = "pipeline"
    RETRIEVAL = "retrieval"
    SCHEMA = "schema"
    SERVICE_ACCOUNT = "service_account"
    WAREHOUSE_IMPORT = "warehouse_import"


def read_all(store: Store, project_id: str, kind: Kind) -> list[JsonObject]:
    """Return all objects of a kind, oldest first."""
    rows = store.rows(
        "select body from documents where project_id = ? and kind = ? "
        "order by position",
        (project_id, kind),
    )
    return [parse_object(body) for (body,) in rows]


def read(store: Store, project_id: str, kind: Kind, key: str) -> JsonObject | None:
    """Return one object, or None."""
    rows = store.rows(
        "select body from documents where project_id = ? and kind = ? and key = ?",
        (project_id, kind, key),
    )
    return parse_object(rows[0][0]) if rows else None


def write(
    store: Store, project_id: str, kind: Kind, key: str, body: JsonObject
) -> None:
    """Create or replace one object; a replaced one keeps its position."""
    store.write(
        "insert into documents (project_id, kind, key, body) values (?, ?, ?, ?) "
        "on conflict (project_id, kind, key) do update set body = excluded.body",
        (project_id, kind, key, dump(body)),
    )


def delete(store: Store, project_id: str, kind: Kind, key: str) -> bool:
    """Delete one object.

    Returns:
        False when there was none.
    """
    return (
        store.write(
            "delete from documents where project_id = ? and kind = ? and key = ?",
            (project_id, kind, key),
        )
        > 0
    )


def delete_all(store: Store, project_id: str, kind: Kind) -> None:
    """Delete all objects of a kind."""
    store.write(
        "delete from documents where project_id = ? and kind = ?", (project_id, kind)
    )


def next_id(store: Store, kind: Kind, first: int = 1) -> int:
    """Return an id that no object of this kind has had."""
    with store.transaction():
        store.write(
            "insert into counters values (?, ?) "
            "on conflict (kind) do update set value = value + 1",
            (kind, first),
        )
        ((value,),) = store.rows("select value from counters where kind = ?", (kind,))
    return int(value)
