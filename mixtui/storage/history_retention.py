"""What leaves the history: by number, by age, by size, or because it is told to."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mixtui.storage.history_query import HistoryQuery
from mixtui.storage.history_rows import NEWEST_FIRST, condition, microseconds
from mixtui.storage.settings import HistorySettings

Which = Callable[[sqlite3.Connection], list[int]]
"""Chooses rows."""


def expired(
    connection: sqlite3.Connection, limits: HistorySettings, now: datetime | None = None
) -> list[int]:
    """The rows that are too many, too old or too big: all but the newest."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=min(limits.days, 36_500))
    rows = connection.execute(
        "SELECT id FROM ("
        f"  SELECT id, started, row_number() OVER newest AS number, "
        f"  sum(kept_bytes) OVER newest AS bytes FROM exchanges "
        f"  WINDOW newest AS ({NEWEST_FIRST} ROWS UNBOUNDED PRECEDING)"
        ") WHERE number > 1 AND (number > ? OR started < ? OR bytes > ?)",
        (limits.count, microseconds(oldest), limits.bytes),
    )
    return [number for (number,) in rows]


def matching(connection: sqlite3.Connection, query: HistoryQuery) -> list[int]:
    """The rows that match."""
    where, values = condition(query)
    rows = connection.execute(f"SELECT id FROM exchanges WHERE {where}", values)
    return [number for (number,) in rows]


def delete(connection: sqlite3.Connection, numbers: list[int]) -> list[str]:
    """Remove rows; the caller has a transaction.

    Returns:
        The names of their bodies, to be removed when the transaction is done.
    """
    names: list[str] = []
    for number in numbers:
        row = connection.execute("SELECT body FROM exchanges WHERE id = ?", (number,))
        names += [name for (name,) in row if name]
        connection.execute("DELETE FROM exchanges WHERE id = ?", (number,))
        connection.execute("DELETE FROM details WHERE id = ?", (number,))
    return names


def bodies(connection: sqlite3.Connection) -> frozenset[str]:
    """The names of all bodies that a row has."""
    rows = connection.execute("SELECT body FROM exchanges WHERE body IS NOT NULL")
    return frozenset(name for (name,) in rows)


def vacuum(connection: sqlite3.Connection) -> None:
    """Make the file smaller; outside of a transaction."""
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
