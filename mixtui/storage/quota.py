"""Count the requests to each project, in a database that every run shares.

The counts are an estimate and easily started again, so a damaged database is discarded.
Nothing here ever blocks a request: a failing disk raises StorageError, and the caller
continues without a count.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from mixtui.mixpanel.limits import MAX_PERIOD
from mixtui.model.errors import StorageError
from mixtui.model.quota import Account, Correction, QuotaStatus, quota_status
from mixtui.storage.paths import private_folder
from mixtui.system import folder_lock

T = TypeVar("T")

DATABASE = "quota.db"
_LOCK_TIMEOUT = 2.0
"""Seconds to wait for another program to commit."""
_MAX_LIMIT_FACTOR = 100
"""A stated limit above so many times the documented one is a mistake."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    at REAL NOT NULL,
    estimated INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS calls_by_account ON calls (account, at);
CREATE TABLE IF NOT EXISTS said (
    account TEXT PRIMARY KEY,
    calls INTEGER,
    blocked_until REAL
);
"""


class QuotaTicket(Struct, frozen=True):
    """The rows of one counted request, to cancel the count if it was not sent."""

    row_ids: tuple[int, ...] = ()


class QuotaStore:
    """The counts of all projects. Blocks: call it off the event loop."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """Open nothing yet.

        Args:
            folder: The state folder.
            clock: Returns Unix seconds.
        """
        self.folder = folder
        self.clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def count(self, accounts: Iterable[Account]) -> QuotaTicket:
        """Count a request that is sent now.

        Raises:
            StorageError: The database failed.
        """
        accounts = tuple(accounts)
        if not accounts:
            return QuotaTicket()
        now = self.clock()

        def work(connection: sqlite3.Connection) -> QuotaTicket:
            connection.execute("DELETE FROM calls WHERE at < ?", (now - MAX_PERIOD,))
            return QuotaTicket(
                tuple(_insert(connection, each, now) for each in accounts)
            )

        return self._run(work)

    def cancel_count(self, ticket: QuotaTicket) -> None:
        """Undo the count of a request that was not sent, or rejected uncounted.

        Raises:
            StorageError: The database failed.
        """
        if not ticket.row_ids:
            return
        rows = [(number,) for number in ticket.row_ids]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM calls WHERE id = ?", rows)

        self._run(work)

    def correct(self, correction: Correction) -> None:
        """Replace the counts by the server's, which sees the requests of all programs.

        Raises:
            StorageError: The database failed.
        """
        now, account = self.clock(), correction.account
        most = account.limit.calls * _MAX_LIMIT_FACTOR
        stated = correction.limit
        if stated is not None and not 0 < stated <= most:
            stated = None
        until = None if correction.wait is None else now + correction.wait

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO said VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE SET "
                "calls = coalesce(excluded.calls, calls), "
                "blocked_until = excluded.blocked_until",
                (account.key, stated, until),
            )
            if correction.used is not None:
                limit = stated or account.limit.calls
                _match_server_count(
                    connection, account, min(correction.used, limit), now
                )

        self._run(work)

    def accept(self, accounts: Iterable[Account]) -> None:
        """Withdraw what an earlier response stated and this accepted request disproves.

        Raises:
            StorageError: The database failed.
        """
        if not (self.folder / DATABASE).exists():
            return
        for account in accounts:
            self._run(partial(_forget_disproved, account, self.clock()))

    def status(self, account: Account) -> QuotaStatus:
        """Return the state of an account now.

        Raises:
            StorageError: The database failed.
        """
        now = self.clock()
        if not (self.folder / DATABASE).exists():
            return quota_status(account, (), now)

        return self._run(partial(_status, account, now))

    def close(self) -> None:
        """Close the database; the next use opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                try:
                    return _in_transaction(self._open(), work)
                except sqlite3.DatabaseError as error:
                    if isinstance(error, sqlite3.OperationalError):
                        raise
                self._recreate()
                return _in_transaction(self._open(), work)
            except (sqlite3.Error, OSError) as error:
                self._close()
                reason = getattr(error, "strerror", None) or str(error)
                raise StorageError(
                    self.folder / DATABASE,
                    f"The quota cannot be counted: {self.folder / DATABASE} failed "
                    f"({reason}).",
                ) from None

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        private_folder(self.folder)
        path = self.folder / DATABASE
        # Two programs must not create a database and switch it to WAL at once.
        with folder_lock(self.folder):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(
                path,
                timeout=_LOCK_TIMEOUT,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.executescript(_SCHEMA)
            except BaseException:
                connection.close()
                raise
        self._connection = connection
        return connection

    def _recreate(self) -> None:
        self._close()
        for end in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{self.folder / DATABASE}{end}")


def _in_transaction(
    connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]
) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return result


def _insert(
    connection: sqlite3.Connection,
    account: Account,
    timestamp: float,
    estimated: bool = False,
) -> int:
    cursor = connection.execute(
        "INSERT INTO calls (account, at, estimated) VALUES (?, ?, ?)",
        (account.key, timestamp, estimated),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _counted_times(
    connection: sqlite3.Connection, account: Account, now: float
) -> Sequence[float]:
    rows = connection.execute(
        "SELECT at FROM calls WHERE account = ? AND at > ? ORDER BY at",
        (account.key, now - account.limit.seconds),
    )
    return [timestamp for (timestamp,) in rows]


def _status(
    account: Account, now: float, connection: sqlite3.Connection
) -> QuotaStatus:
    row = connection.execute(
        "SELECT calls, blocked_until FROM said WHERE account = ?", (account.key,)
    ).fetchone()
    limit, blocked = row or (None, None)
    times = _counted_times(connection, account, now)
    return quota_status(account, times, now, limit=limit, blocked_until=blocked)


def _forget_disproved(
    account: Account, now: float, connection: sqlite3.Connection
) -> None:
    status = _status(account, now, connection)
    if status.blocked_until is not None or status.used > status.limit:
        connection.execute("DELETE FROM said WHERE account = ?", (account.key,))


def _match_server_count(
    connection: sqlite3.Connection, account: Account, used: int, now: float
) -> None:
    """Add or remove rows until as many are counted as the server counts."""
    counted = len(_counted_times(connection, account, now))
    for index in range(used - counted):
        # When the others were sent is unknown: spread them over the period.
        share = (index + 1) / (used - counted)
        timestamp = now - account.limit.seconds * (1 - share)
        _insert(connection, account, timestamp, estimated=True)
    if counted > used:
        connection.execute(
            "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE account = ? "
            "ORDER BY estimated DESC, at LIMIT ?)",
            (account.key, counted - used),
        )
