"""The history: stores, searches and purges entries, within the limits of the settings.

A database has the rows (`database.py`, `entries.py`), a folder the bodies (`bodies.py`).
Any number of programs may use both at once. Everything here blocks: call it in a thread.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mixtui.document.source import FileSource
from mixtui.history import entries
from mixtui.history.bodies import Body, BodyFolder, StoredBody, prepare_body
from mixtui.history.database import Database
from mixtui.history.entries import (
    Entry,
    condition,
    from_json,
    microseconds,
    to_json,
)
from mixtui.history.query import HistoryQuery
from mixtui.history.record import (
    HistoryRecord,
    Identity,
    record_failure,
    record_response,
)
from mixtui.model.errors import StorageError
from mixtui.model.redaction import Redactor
from mixtui.storage.paths import BODIES, state_dir
from mixtui.storage.settings import HistorySettings
from mixtui.system import CancelToken

if TYPE_CHECKING:
    from mixtui.model.draft import Draft
    from mixtui.model.exchange import Exchange, Timing
    from mixtui.model.prepared import PreparedRequest
    from mixtui.outcome.outcome import Outcome


RowSelector = Callable[[sqlite3.Connection], list[int]]
"""Selects the numbers of rows."""

__all__ = ["Entry", "History", "HistoryQuery", "Purged", "open_history"]
_NO_SECRETS = Redactor()
_ROWS_AT_ONCE = 500
"""Rows of one statement."""
_LARGE = 10_000
"""Entries; of more, bodies that a crash left are swept once a day, and not in each run."""
_DAY = timedelta(days=1)


def expired_ids(
    connection: sqlite3.Connection, limits: HistorySettings, now: datetime | None = None
) -> list[int]:
    """Return the rows beyond the limits; the newest is never one of them.

    Reads those and one more, oldest first, however many there are.
    """
    moment = (now or datetime.now(UTC)) - timedelta(days=min(limits.max_days, 36_500))
    oldest = microseconds(moment)
    left, kept, _ = _summary(connection)
    rows = connection.execute(
        "SELECT id, started, kept_bytes FROM exchanges ORDER BY started, id"
    )
    expired: list[int] = []
    with contextlib.closing(rows):
        for number, started, size in rows:
            is_beyond = left > limits.max_entries or kept > limits.max_bytes
            if left <= 1 or not (is_beyond or started < oldest):
                break
            expired.append(number)
            left, kept = left - 1, kept - size
    return expired


def _summary(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return how many rows there are, their bytes, and when bodies were swept."""
    entries, size, swept = connection.execute(
        "SELECT entries, bytes, swept FROM summary"
    ).fetchone()
    return entries, size, swept


def matching_ids(connection: sqlite3.Connection, query: HistoryQuery) -> list[int]:
    """Return the numbers of the rows that match."""
    where, values = condition(query)
    rows = connection.execute(f"SELECT id FROM exchanges WHERE {where}", values)
    return [number for (number,) in rows]


def delete_rows(connection: sqlite3.Connection, numbers: list[int]) -> list[str]:
    """Delete rows; the caller has begun a transaction.

    Returns:
        The names of their bodies, to be removed after the transaction.
    """
    names: list[str] = []
    for start in range(0, len(numbers), _ROWS_AT_ONCE):
        some = numbers[start : start + _ROWS_AT_ONCE]
        among = f"IN ({','.join('?' * len(some))})"
        bodies = f"SELECT body FROM exchanges WHERE id {among} AND body IS NOT NULL"
        names += [name for (name,) in connection.execute(bodies, some)]
        connection.execute(f"DELETE FROM exchanges WHERE id {among}", some)
        connection.execute(f"DELETE FROM details WHERE id {among}", some)
    return names


def body_names(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the names of all bodies that a row references."""
    rows = connection.execute("SELECT body FROM exchanges WHERE body IS NOT NULL")
    return frozenset(name for (name,) in rows)


def vacuum(connection: sqlite3.Connection) -> None:
    """Shrink the file; call it outside a transaction."""
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


class Purged(Struct, frozen=True):
    """What a purge removed, or would remove."""

    count: int
    bytes: int


class History:
    """The stored entries. Every method blocks and may raise StorageError."""

    def __init__(self, folder: Path, limits: HistorySettings) -> None:
        """Create nothing yet.

        Args:
            folder: The state folder.
            limits: How much is stored.
        """
        self.limits = limits
        self.bodies = BodyFolder(folder / BODIES)
        self._database = Database(folder)
        self._swept = False

    # Storing

    def store(
        self,
        exchange: Exchange,
        outcome: Outcome,
        draft: Draft,
        *,
        body: Body | None,
        file: Path | None = None,
        note: str = "",
    ) -> int | None:
        """Store a request with its response, unless that is switched off.

        Args:
            exchange: Request and response.
            outcome: The outcome.
            draft: What was typed.
            body: The decoded body. A file on the same disk is linked instead of copied.
                None = the body is elsewhere.
            file: The saved request.
            note: Where the body is instead, in a sentence.

        Returns:
            The number of the entry; None = it is not stored.
        """
        if not self.is_stored(exchange.request):
            return None
        record = record_response(exchange, outcome, draft, file=file)
        return self.add(replace(record, body_note=note), body, exchange.redactor)

    def store_failure(
        self,
        request: PreparedRequest,
        outcome: Outcome,
        draft: Draft,
        timing: Timing,
        redactor: Redactor,
        *,
        file: Path | None = None,
    ) -> int | None:
        """Store a request without a response, unless that is switched off."""
        if not self.is_stored(request):
            return None
        record = record_failure(request, outcome, draft, timing, redactor, file=file)
        return self.add(record, None)

    def is_stored(self, request: PreparedRequest) -> bool:
        """Return whether settings, environment and request all allow to store it."""
        return self.limits.enabled and request.history

    def add(
        self, record: HistoryRecord, body: Body | None, redactor: Redactor = _NO_SECRETS
    ) -> int:
        """Store a record and its body, then delete what exceeds the limits.

        Args:
            record: What to store.
            body: See `store`.
            redactor: Masks secrets in the body.

        Returns:
            The number of the entry.
        """
        stored = prepare_body(
            record, body, redactor, self.bodies, self.limits.max_bytes
        )
        try:
            number, gone = self._insert(stored)
        finally:
            if stored.file is not None and stored.temporary:
                self.bodies.remove([stored.file.name])
        self.bodies.remove(gone)
        return number

    def take_warning(self) -> str:
        """Return, once, what happened to the history, in a sentence; empty = nothing."""
        return self._database.take_warning()

    # Reading

    @property
    def exists(self) -> bool:
        """Whether anything was ever stored."""
        return self._database.exists

    def search(
        self,
        query: HistoryQuery,
        limit: int = 1000,
        offset: int = 0,
        *,
        cancel: CancelToken | None = None,
    ) -> list[Entry]:
        """Return the entries that match, newest first.

        Raises:
            Cancelled: The token was cancelled.
        """
        return self._database.read(
            lambda connection: entries.select(connection, query, limit, offset), cancel
        )

    def entry(self, number: int) -> Entry:
        """Return one entry as a list shows it."""
        entry = self._database.read(
            lambda connection: entries.select_one(connection, number)
        )
        if entry is None:
            raise self._missing_error(number)
        return entry

    def record(self, number: int) -> HistoryRecord:
        """Return one entry in full, without its body."""
        row = self._database.read(
            lambda connection: connection.execute(
                "SELECT record, sent_body FROM details WHERE id = ?", (number,)
            ).fetchone()
        )
        if row is None:
            raise self._missing_error(number)
        try:
            return from_json(*row)
        except ValueError:
            raise StorageError(
                self._database.path, f"History entry {number} is corrupt."
            ) from None

    def previous(self, identity: Identity, before: int | None = None) -> Entry | None:
        """Return the newest entry with a response to the same request, or None.

        Args:
            identity: The saved request; or, if there is none, method and URL path.
            before: Only entries older than the one of this number; None = all.
        """
        return self._database.read(
            lambda connection: entries.previous(connection, identity, before)
        )

    def body_path(self, number: int) -> Path | None:
        """Return the file of a body; None = there is no body, or it is not stored."""
        value = self._database.read(
            lambda connection: connection.execute(
                "SELECT body FROM exchanges WHERE id = ?", (number,)
            ).fetchone()
        )
        if value is None:
            raise self._missing_error(number)
        return self.bodies.path / value[0] if value[0] else None

    def open_body(self, number: int) -> FileSource | None:
        """Open a body; None = there is none, or it is not stored.

        The caller closes it. It can be read even after it was purged.
        """
        path = self.body_path(number)
        if path is None:
            return None
        try:
            return FileSource(path)
        except OSError as error:
            raise StorageError(
                path,
                f"The body of history entry {number} cannot be read: {error.strerror}.",
            ) from None

    # Removing

    def delete(self, number: int) -> None:
        """Remove one entry, if it exists."""
        self._remove(lambda connection: [number])

    def measure_purge(
        self, query: HistoryQuery, *, cancel: CancelToken | None = None
    ) -> Purged:
        """Return what `purge` would remove.

        Raises:
            Cancelled: The token was cancelled.
        """

        def measure(connection: sqlite3.Connection) -> Purged:
            if query == HistoryQuery():
                count, size, _ = _summary(connection)
                return Purged(count, size)
            where, values = entries.condition(query)
            row = connection.execute(
                "SELECT count(*), ifnull(sum(kept_bytes), 0) "
                f"FROM exchanges WHERE {where}",
                values,
            ).fetchone()
            return Purged(*row)

        return self._database.read(measure, cancel)

    def purge(self, query: HistoryQuery) -> Purged:
        """Remove the entries that match; an empty query matches everything."""
        purged = self.measure_purge(query)
        self._remove(lambda connection: matching_ids(connection, query))
        self._swept = False
        return purged

    def close(self) -> None:
        """Close the database; the next use opens it again."""
        self._database.close()

    def _insert(self, stored: StoredBody) -> tuple[int, list[str]]:
        try:
            text = to_json(stored.record)
        except UnicodeEncodeError:
            raise StorageError(
                self._database.path,
                "The history entry was not stored: it contains a name that cannot be "
                "encoded.",
            ) from None

        def work(connection: sqlite3.Connection) -> tuple[int, list[str]]:
            # A body gets its name only in a transaction: see `BodyFolder.sweep`.
            name = "" if stored.file is None else self.bodies.store(stored.file)
            try:
                if not self._swept:
                    self._sweep(connection, name)
                    self._swept = True
                number = entries.insert(
                    connection, stored.record, text, name, stored.size
                )
                expired = expired_ids(connection, self.limits)
                return number, delete_rows(connection, expired)
            except BaseException:
                self.bodies.remove([name] if name else [])
                raise

        return self._database.write(work)

    def _sweep(self, connection: sqlite3.Connection, new: str) -> None:
        """Remove bodies that crashed programs left; in a large history once a day.

        Args:
            connection: In a transaction.
            new: The name of a body that gets its row only now.
        """
        count, _, swept = _summary(connection)
        now = datetime.now(UTC)
        if count > _LARGE and swept > microseconds(now - _DAY):
            return
        self.bodies.sweep({*body_names(connection), new})
        connection.execute("UPDATE summary SET swept = ?", (microseconds(now),))

    def _remove(self, which: RowSelector) -> None:
        names = self._database.write(
            lambda connection: delete_rows(connection, which(connection))
        )
        self.bodies.remove(names)
        # The rows are gone; a file that could not be shrunk does no harm.
        with contextlib.suppress(StorageError):
            self._database.read(vacuum)

    def _missing_error(self, number: int) -> StorageError:
        return StorageError(
            self._database.path,
            f"History entry {number} not found: “mixtui history list” lists them.",
        )


def open_history(limits: HistorySettings) -> History:
    """Open the history in the state folder."""
    return History(state_dir(), limits)
