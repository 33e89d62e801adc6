"""The history's SQLite database: private, and shared by several programs.

An operation is a function of a connection; several threads and programs may run theirs
at once. A damaged database is moved aside and replaced by a new one.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from mixtui.model.errors import StorageError
from mixtui.storage.paths import BODIES, private_folder
from mixtui.system import CancelToken, folder_lock

MIGRATIONS = (
    """
    CREATE TABLE exchanges (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        started INTEGER NOT NULL,       -- microseconds since 1970, UTC
        name TEXT NOT NULL,
        file TEXT,                      -- of the saved request
        method TEXT NOT NULL,
        url TEXT NOT NULL,
        path TEXT NOT NULL,             -- of the URL
        environment TEXT NOT NULL,
        status INTEGER NOT NULL,        -- 0 = no answer
        outcome TEXT NOT NULL,
        exit_status INTEGER NOT NULL,
        seconds REAL NOT NULL,
        body_bytes INTEGER NOT NULL,
        incomplete_draft INTEGER NOT NULL,
        searched TEXT NOT NULL,         -- name and URL, without case
        named TEXT NOT NULL,            -- name and file, without case
        body TEXT,                      -- its file in bodies/
        kept_bytes INTEGER NOT NULL     -- record and body together
    );
    CREATE INDEX by_time ON exchanges (started, id);
    CREATE INDEX by_file ON exchanges (file, started, id);
    CREATE INDEX by_path ON exchanges (path, method, started, id);
    CREATE TABLE details (
        id INTEGER PRIMARY KEY,
        record TEXT NOT NULL,
        sent_body BLOB NOT NULL
    );
    """,
    # To count and add up a million rows at each new one would take seconds.
    """
    CREATE TABLE summary (              -- one row
        entries INTEGER NOT NULL,
        bytes INTEGER NOT NULL,         -- the sum of kept_bytes
        swept INTEGER NOT NULL          -- when bodies/ was; microseconds since 1970, UTC
    );
    INSERT INTO summary SELECT count(*), ifnull(sum(kept_bytes), 0), 0 FROM exchanges;
    CREATE TRIGGER entry_added AFTER INSERT ON exchanges BEGIN
        UPDATE summary SET entries = entries + 1, bytes = bytes + new.kept_bytes;
    END;
    CREATE TRIGGER entry_removed AFTER DELETE ON exchanges BEGIN
        UPDATE summary SET entries = entries - 1, bytes = bytes - old.kept_bytes;
    END;
    """,
)
"""Scripts, each of which migrates the tables to the next version."""

T = TypeVar("T")
DATABASE = "history.db"
_SUFFIXES = ("", "-wal", "-shm")
_LOCK_TIMEOUT = 10.0
"""Seconds to wait for another program to commit."""
_STEPS = 100_000
"""Instructions of SQLite's machine, some milliseconds, between two looks at a token."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Migrate the tables to this version.

    Raises:
        StorageError: They are of a newer version.
        sqlite3.Error: The database failed.
    """
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StorageError(
            path,
            f"{path} was written by a newer version of mixtui: upgrade mixtui.",
        )
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        # One transaction per script: nobody sees half a migration.
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;"
        )


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


class Database:
    """One database, opened at the first use. Blocks: call it off the event loop."""

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self.folder = folder
        self.path = folder / DATABASE
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._warning = ""

    @property
    def exists(self) -> bool:
        """Whether anything was ever stored."""
        return self.path.exists()

    def read(
        self,
        work: Callable[[sqlite3.Connection], T],
        cancel: CancelToken | None = None,
    ) -> T:
        """Run work that changes nothing.

        Args:
            work: Reads.
            cancel: Ends it.

        Raises:
            Cancelled: The token was cancelled.
            StorageError: The database failed.
        """
        if cancel is None:
            return self._run(work)
        return self._run(lambda connection: _cancellable(connection, work, cancel))

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work in a transaction, while no other program writes.

        Raises:
            StorageError: The database failed; nothing was changed.
        """
        return self._run(lambda connection: _transaction(connection, work))

    def take_warning(self) -> str:
        """Return, once, what happened to the database, in a sentence; empty = nothing."""
        with self._lock:
            warning, self._warning = self._warning, ""
            return warning

    def close(self) -> None:
        """Close the database; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._opened = None

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                try:
                    return work(self._open())
                except sqlite3.DatabaseError as error:
                    if _code(error) not in _DAMAGED:
                        raise
                self._set_aside()
                return work(self._open())
            except sqlite3.Error as error:
                raise StorageError(self.path, self._error_message(error)) from None
            except OSError as error:
                reason = error.strerror or "disk error"
                raise StorageError(
                    self.path,
                    f"The history in {self.folder} is not available: {reason}.",
                ) from None

    def _open(self) -> sqlite3.Connection:
        """Return the connection; a new one if the file was replaced since."""
        if self._connection is not None and self._opened == _file_identity(self.path):
            return self._connection
        self.close()
        private_folder(self.folder)
        # Two programs must not create a database and switch it to WAL at once.
        with folder_lock(self.folder):
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if os.name == "posix":
                    os.fchmod(file, 0o600)
            finally:
                os.close(file)
            self._opened = _file_identity(self.path)
            connection = sqlite3.connect(
                self.path,
                timeout=_LOCK_TIMEOUT,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                _configure(connection)
                migrate(connection, self.path)
            except BaseException:
                connection.close()
                raise
        self._connection = connection
        return connection

    def _set_aside(self) -> None:
        """Move the damaged database away, with the bodies that only it referenced."""
        damaged = self._opened
        self.close()
        with folder_lock(self.folder):
            if damaged is None or _file_identity(self.path) != damaged:
                return  # Another program was quicker.
            path = _free_folder(self.folder)
            private_folder(path / BODIES)
            for end in _SUFFIXES:
                with contextlib.suppress(FileNotFoundError):
                    os.rename(f"{self.path}{end}", path / f"{DATABASE}{end}")
            for body in (self.folder / BODIES).glob("*.body"):
                with contextlib.suppress(FileNotFoundError):
                    os.rename(body, path / BODIES / body.name)
        self._warning = (
            f"The history was corrupt: it was moved to {path}, and a new one was "
            "started."
        )

    def _error_message(self, error: sqlite3.Error) -> str:
        code = _code(error)
        if code == sqlite3.SQLITE_FULL:
            return (
                f"The disk is full: the history in {self.folder} was not changed. "
                "Free some space, or purge it."
            )
        if code in _UNWRITABLE:
            return (
                f"The history in {self.folder} is not writable: change its "
                "permissions, or set keep = false under [history] in config.toml."
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return (
                f"{self.path} has been locked by another program for "
                f"{_LOCK_TIMEOUT:.0f} s: try again."
            )
        return f"The history in {self.path} failed: {error}."


def _configure(connection: sqlite3.Connection) -> None:
    # Has an effect only before the first table: a purge can then shrink the file.
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    # Overwrites what was purged.
    connection.execute("PRAGMA secure_delete = ON")


def _transaction(
    connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]
) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise
    return result


def _cancellable(
    connection: sqlite3.Connection,
    work: Callable[[sqlite3.Connection], T],
    cancel: CancelToken,
) -> T:
    """Run work until a token is cancelled: a scan of a large table takes a while."""
    cancel.raise_if_cancelled()
    connection.set_progress_handler(lambda: cancel.cancelled, _STEPS)
    try:
        return work(connection)
    except sqlite3.OperationalError:
        cancel.raise_if_cancelled()
        raise
    finally:
        connection.set_progress_handler(None, 0)


def _code(error: sqlite3.Error) -> int:
    """Return the primary error code; 0 for errors that Python itself raises."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _file_identity(path: Path) -> tuple[int, int] | None:
    try:
        stats = path.stat()
    except FileNotFoundError:
        return None
    return stats.st_dev, stats.st_ino


def _free_folder(folder: Path) -> Path:
    stamp = datetime.now().strftime("history-damaged-%Y%m%d-%H%M%S")
    return next(path for path in _numbered_paths(folder / stamp) if not path.exists())


def _numbered_paths(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.name}-{number}")
        number += 1
