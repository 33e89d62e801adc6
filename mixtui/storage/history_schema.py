"""The tables of the history, and how those of an older version become these."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mixtui.core.errors import StorageError

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
)
"""Each makes the tables of one version out of those of the version before."""


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables those of this version.

    Raises:
        StorageError: They are those of a newer version.
        sqlite3.Error: The database failed.
    """
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StorageError(
            path,
            f"{path} was written by a newer mixtui: update this one.",
        )
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        # One script, one transaction: a half-made version is never seen.
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;"
        )


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
