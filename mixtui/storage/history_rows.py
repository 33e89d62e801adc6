"""The rows of the history: what a list shows, and how they are found."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

from mixtui.core.record import HistoryRecord, Identity
from mixtui.storage.history_query import HistoryQuery
from mixtui.storage.history_record import path_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
NEWEST_FIRST = "ORDER BY started DESC, id DESC"
_COLUMNS = (
    "id, started, name, file, method, url, environment, status, outcome, exit_status, "
    "seconds, body_bytes, incomplete_draft, body IS NOT NULL, path"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An exchange in a list."""

    id: int
    started: datetime
    """UTC."""
    name: str
    """Of the request; empty if it has none."""
    file: Path | None
    """The saved request."""
    method: str
    url: str
    """As sent, secrets masked."""
    environment: str
    status: int
    """0 = no answer came."""
    outcome: str
    """In words."""
    exit_status: int
    seconds: float
    body_bytes: int
    """The decoded length of the answer's body."""
    incomplete_draft: bool
    """A secret must be typed again before it can be sent."""
    has_body: bool
    """The body is kept."""
    path: str
    """Of the URL."""

    @property
    def identity(self) -> Identity:
        """What other answers are compared with this one."""
        return Identity(self.file, self.method, self.path)


def insert(
    connection: sqlite3.Connection,
    record: HistoryRecord,
    text: str,
    body: str,
    size: int,
) -> int:
    """Add a row; the caller has a transaction.

    Args:
        connection: Where to.
        record: What to keep.
        text: The same as JSON.
        body: The name of the body's file; empty = none.
        size: Bytes of that file.

    Returns:
        Its number.
    """
    sent, response, timing = record.sent, record.response, record.timing
    file = path_text(record.file)
    done = connection.execute(
        "INSERT INTO exchanges (started, name, file, method, url, path, environment, "
        "status, outcome, exit_status, seconds, body_bytes, incomplete_draft, "
        "searched, named, body, kept_bytes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            microseconds(timing.started),
            record.name,
            file,
            sent.method,
            sent.url,
            record.identity.path,
            record.environment,
            response.status if response else 0,
            record.outcome.words,
            record.outcome.exit_status,
            timing.total,
            record.body_bytes,
            record.incomplete_draft,
            _folded(f"{record.name}\n{sent.url}\n{unquote(sent.url)}"),
            _folded(f"{record.name}\n{file or ''}"),
            body or None,
            len(text) + len(sent.body) + size,
        ),
    )
    number = done.lastrowid
    assert number is not None
    connection.execute(
        "INSERT INTO details (id, record, sent_body) VALUES (?, ?, ?)",
        (number, text, sent.body),
    )
    return number


def select(
    connection: sqlite3.Connection,
    query: HistoryQuery,
    limit: int = -1,
    offset: int = 0,
) -> list[Entry]:
    """The rows that match, newest first."""
    where, values = condition(query)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM exchanges WHERE {where} {NEWEST_FIRST} "
        "LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return [entry(row) for row in rows]


def one(connection: sqlite3.Connection, number: int) -> Entry | None:
    """One row, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM exchanges WHERE id = ?", (number,)
    ).fetchone()
    return None if row is None else entry(row)


def previous(
    connection: sqlite3.Connection, identity: Identity, before: int | None
) -> Entry | None:
    """The newest answer to the same request that is older than a row."""
    earlier, values = "1", list[object]()
    if before is not None:
        earlier = "(started, id) < (SELECT started, id FROM exchanges WHERE id = ?)"
        values.append(before)
    for same in _sameness(identity):
        where, more = condition(HistoryQuery(identity=same))
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM exchanges WHERE status > 0 AND {where} "
            f"AND {earlier} {NEWEST_FIRST} LIMIT 1",
            (*more, *values),
        ).fetchone()
        if row is not None:
            return entry(row)
    return None


def condition(query: HistoryQuery) -> tuple[str, list[object]]:
    """A query as SQL and its values."""
    parts: list[str] = ["1"]
    values: list[object] = []

    def add(part: str, *more: object) -> None:
        parts.append(part)
        values.extend(more)

    for word in query.words:
        add("instr(searched, ?)", _folded(word))
    if query.status is not None:
        add("status BETWEEN ? AND ?", *query.status)
    if query.since is not None:
        add("started >= ?", microseconds(query.since))
    if query.until is not None:
        add("started < ?", microseconds(query.until))
    if query.method:
        add("method = ?", query.method)
    if query.request:
        add("instr(named, ?)", _folded(query.request))
    if query.environment:
        add("environment = ?", query.environment)
    if (identity := query.identity) is not None:
        if identity.file is not None:
            add("file = ?", path_text(identity.file))
        else:
            add("path = ? AND method = ?", identity.path, identity.method)
    return " AND ".join(parts), values


def entry(row: tuple[object, ...]) -> Entry:
    """A row of `_COLUMNS`."""
    number, started, name, file, *rest = row
    method, url, environment, status, outcome, exit_status = rest[:6]
    seconds, body_bytes, incomplete, has_body, path = rest[6:]
    return Entry(
        id=_number(number),
        started=_EPOCH + _number(started) * _MICROSECOND,
        name=str(name),
        file=None if file is None else Path(str(file)),
        method=str(method),
        url=str(url),
        environment=str(environment),
        status=_number(status),
        outcome=str(outcome),
        exit_status=_number(exit_status),
        seconds=seconds if isinstance(seconds, float) else 0.0,
        body_bytes=_number(body_bytes),
        incomplete_draft=bool(incomplete),
        has_body=bool(has_body),
        path=str(path),
    )


def microseconds(moment: datetime) -> int:
    """A moment as the database has it."""
    return (moment - _EPOCH) // _MICROSECOND


def _sameness(identity: Identity) -> list[Identity]:
    """The saved request, or the URL when it never was, or never was answered."""
    by_url = Identity(None, identity.method, identity.path)
    return [by_url] if identity.file is None else [identity, by_url]


def _folded(text: str) -> str:
    return text.encode("utf-8", "replace").decode().casefold()


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
