"""The history: every exchange, kept until it is too old, too many or too big.

A database (`history_database`) has the rows, a folder (`body_files`) the bodies. Any
number of programs may use both at once. Everything here blocks: call it in a thread.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.document.source import FileSource
from mixtui.history import entries as rows
from mixtui.history.bodies import Body, BodyFolder, StoredBody, stored_body
from mixtui.history.database import BODIES, Database
from mixtui.history.entries import (
    NEWEST_FIRST,
    Entry,
    HistoryQuery,
    condition,
    from_json,
    microseconds,
    to_json,
)
from mixtui.history.record import (
    HistoryRecord,
    Identity,
    record_failure,
    record_response,
    request_redactor,
)
from mixtui.model.errors import StorageError
from mixtui.model.secrets import Redactor
from mixtui.storage.paths import state_dir
from mixtui.storage.settings import HistorySettings

if TYPE_CHECKING:
    from mixtui.model.draft import Draft
    from mixtui.model.exchange import Exchange, Timing
    from mixtui.model.prepared import PreparedRequest
    from mixtui.outcome.outcome import Outcome


RowSelector = Callable[[sqlite3.Connection], list[int]]
"""Chooses rows."""


def expired_ids(
    connection: sqlite3.Connection, limits: HistorySettings, now: datetime | None = None
) -> list[int]:
    """The rows that are too many, too old or too big: all but the newest."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=min(limits.max_days, 36_500))
    rows = connection.execute(
        "SELECT id FROM ("
        f"  SELECT id, started, row_number() OVER newest AS number, "
        f"  sum(kept_bytes) OVER newest AS bytes FROM exchanges "
        f"  WINDOW newest AS ({NEWEST_FIRST} ROWS UNBOUNDED PRECEDING)"
        ") WHERE number > 1 AND (number > ? OR started < ? OR bytes > ?)",
        (limits.max_entries, microseconds(oldest), limits.max_bytes),
    )
    return [number for (number,) in rows]


def matching_ids(connection: sqlite3.Connection, query: HistoryQuery) -> list[int]:
    """The rows that match."""
    where, values = condition(query)
    rows = connection.execute(f"SELECT id FROM exchanges WHERE {where}", values)
    return [number for (number,) in rows]


def delete_rows(connection: sqlite3.Connection, numbers: list[int]) -> list[str]:
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


def body_names(connection: sqlite3.Connection) -> frozenset[str]:
    """The names of all bodies that a row has."""
    rows = connection.execute("SELECT body FROM exchanges WHERE body IS NOT NULL")
    return frozenset(name for (name,) in rows)


def vacuum(connection: sqlite3.Connection) -> None:
    """Make the file smaller; outside of a transaction."""
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


__all__ = ["Entry", "History", "HistoryQuery", "Purged", "open_history"]

_NO_REDACTION = Redactor(())


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed, or would remove."""

    count: int
    bytes: int


class History:
    """What was exchanged. Every method may raise StorageError, and blocks."""

    def __init__(self, folder: Path, limits: HistorySettings) -> None:
        """Nothing is made yet.

        Args:
            folder: The state folder.
            limits: How much is kept.
        """
        self.limits = limits
        self.bodies = BodyFolder(folder / BODIES)
        self._database = Database(folder)
        self._swept = False

    # Keeping

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
        """Keep a call that was answered, unless that is switched off.

        Args:
            exchange: What was answered.
            outcome: How it ended.
            draft: What was typed.
            body: The decoded body. One in a file is linked and not copied, if the file
                is on the same disk. None = it is somewhere else.
            file: The saved request.
            note: Where the body is instead, in a sentence.

        Returns:
            Its number; None = it is not to be kept.
        """
        if not self.is_stored(exchange.request):
            return None
        record = record_response(exchange, outcome, draft, file=file)
        masker = request_redactor(exchange.request)
        return self.add(replace(record, body_note=note), body, masker)

    def store_failure(
        self,
        request: PreparedRequest,
        outcome: Outcome,
        draft: Draft,
        timing: Timing,
        *,
        file: Path | None = None,
    ) -> int | None:
        """Keep a call that got no answer, unless that is switched off."""
        if not self.is_stored(request):
            return None
        record = record_failure(request, outcome, draft, timing, file=file)
        return self.add(record, None)

    def is_stored(self, request: PreparedRequest) -> bool:
        """Whether settings, environment and request all let it be kept."""
        return self.limits.enabled and request.history

    def add(
        self, record: HistoryRecord, body: Body | None, masker: Redactor = _NO_REDACTION
    ) -> int:
        """Keep a record and its body, then let go of what is too old or too much.

        Args:
            record: What to keep.
            body: See `keep`.
            masker: What to hide in the body.

        Returns:
            Its number.
        """
        kept = stored_body(record, body, masker, self.bodies, self.limits.max_bytes)
        try:
            number, gone = self._insert(kept)
        finally:
            if kept.file is not None and kept.temporary:
                self.bodies.remove([kept.file.name])
        self.bodies.remove(gone)
        return number

    def take_warning(self) -> str:
        """What happened to the history, in a sentence, told once; empty = nothing."""
        return self._database.take_warning()

    # Looking

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept."""
        return self._database.exists

    def search(
        self, query: HistoryQuery, limit: int = 1000, offset: int = 0
    ) -> list[Entry]:
        """The exchanges that match, newest first."""
        return self._database.read(
            lambda connection: rows.select(connection, query, limit, offset)
        )

    def entry(self, number: int) -> Entry:
        """One exchange as a list shows it."""
        found = self._database.read(
            lambda connection: rows.select_one(connection, number)
        )
        if found is None:
            raise self._missing_error(number)
        return found

    def record(self, number: int) -> HistoryRecord:
        """One exchange, whole but for its body."""
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
                self._database.path, f"Number {number} of the history is damaged."
            ) from None

    def previous(self, identity: Identity, before: int | None = None) -> Entry | None:
        """The newest answer to the same request, older than another if one is named.

        The same saved request, or, when there is none, the same method and URL path.
        """
        return self._database.read(
            lambda connection: rows.previous(connection, identity, before)
        )

    def body_path(self, number: int) -> Path | None:
        """The file of a body; None = there is no body, or it is not kept."""
        value = self._database.read(
            lambda connection: connection.execute(
                "SELECT body FROM exchanges WHERE id = ?", (number,)
            ).fetchone()
        )
        if value is None:
            raise self._missing_error(number)
        return self.bodies.path / value[0] if value[0] else None

    def open_body(self, number: int) -> FileSource | None:
        """A body, to be closed; None = there is none, or it is not kept.

        A purge does not take away what is open.
        """
        path = self.body_path(number)
        if path is None:
            return None
        try:
            return FileSource(path)
        except OSError as error:
            raise StorageError(
                path, f"The body of number {number} cannot be read: {error.strerror}."
            ) from None

    # Letting go

    def delete(self, number: int) -> None:
        """Remove one; fine when it is gone already."""
        self._remove(lambda connection: [number])

    def measure_purge(self, query: HistoryQuery) -> Purged:
        """What `purge` would remove."""
        where, values = rows.condition(query)
        value = self._database.read(
            lambda connection: connection.execute(
                "SELECT count(*), ifnull(sum(kept_bytes), 0) "
                f"FROM exchanges WHERE {where}",
                values,
            ).fetchone()
        )
        return Purged(*value)

    def purge(self, query: HistoryQuery) -> Purged:
        """Remove all that match; an empty query matches everything."""
        purged = self.measure_purge(query)
        self._remove(lambda connection: matching_ids(connection, query))
        self._swept = False
        return purged

    def close(self) -> None:
        """Close what is open; the next use opens it again."""
        self._database.close()

    def _insert(self, kept: StoredBody) -> tuple[int, list[str]]:
        try:
            text = to_json(kept.record)
        except UnicodeEncodeError:
            raise StorageError(
                self._database.path,
                "The exchange was not kept: a name in it is no text that a file holds.",
            ) from None

        def work(connection: sqlite3.Connection) -> tuple[int, list[str]]:
            # Only in a transaction does a body get its name: see `BodyFolder.sweep`.
            name = "" if kept.file is None else self.bodies.store(kept.file)
            try:
                if not self._swept:
                    known = {*body_names(connection), name}
                    self.bodies.sweep(known)
                    self._swept = True
                number = rows.insert(connection, kept.record, text, name, kept.size)
                over = expired_ids(connection, self.limits)
                return number, delete_rows(connection, over)
            except BaseException:
                self.bodies.remove([name] if name else [])
                raise

        return self._database.write(work)

    def _remove(self, which: RowSelector) -> None:
        names = self._database.write(
            lambda connection: delete_rows(connection, which(connection))
        )
        self.bodies.remove(names)
        # The rows are gone; that their place could not be given back harms nobody.
        with contextlib.suppress(StorageError):
            self._database.read(vacuum)

    def _missing_error(self, number: int) -> StorageError:
        return StorageError(
            self._database.path,
            f"There is no number {number} in the history (any more): "
            "see «mixtui history list».",
        )


def open_history(limits: HistorySettings) -> History:
    """The person's history."""
    return History(state_dir(), limits)
