"""The rows of the history: how an exchange is stored, found again, and listed."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct

from mixtui.history.query import HistoryQuery
from mixtui.history.record import HistoryRecord, Identity
from mixtui.mixpanel.apis import Region
from mixtui.model.draft import Draft, Headers
from mixtui.model.exchange import Response, SentRequest, Timing
from mixtui.outcome.outcome import Outcome, OutcomeKind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
NEWEST_FIRST = "ORDER BY started DESC, id DESC"
_COLUMNS = (
    "id, started, name, file, method, url, environment, status, outcome, exit_status, "
    "seconds, body_bytes, incomplete_draft, body IS NOT NULL, path"
)


class _StoredResponse(Struct, frozen=True):
    status: int
    reason: str
    http_version: str
    headers: Headers
    wire_bytes: int
    body_bytes: int
    cut_short: str = ""


class _StoredRecord(Struct, frozen=True):
    """What is in the database, as JSON with the names of the fields.

    Never rename or remove one; give a new one a default.
    """

    draft: Draft
    file: str | None
    environment: str
    region: Region
    project_id: str
    writes: bool
    method: str
    url: str
    http_version: str
    headers: Headers
    body_file: str | None
    redirects: tuple[str, ...]
    answer: _StoredResponse | None
    outcome: OutcomeKind
    words: str
    detail: str
    exit_status: int
    started: datetime
    first_byte: float
    total: float
    notices: tuple[str, ...] = ()
    incomplete_draft: bool = False
    body_note: str = ""
    connecting: float = 0.0
    securing: float = 0.0


def to_json(record: HistoryRecord) -> str:
    """Serialize a record, without the body that was sent."""
    import msgspec

    sent, response, outcome = record.sent, record.response, record.outcome
    answer = (
        None
        if response is None
        else _StoredResponse(
            status=response.status,
            reason=response.reason,
            http_version=response.http_version,
            headers=response.headers,
            wire_bytes=response.wire_bytes,
            body_bytes=response.body_bytes,
            cut_short=response.cut_short,
        )
    )
    stored_record = _StoredRecord(
        draft=record.draft,
        file=path_text(record.file),
        environment=record.environment,
        region=record.region,
        project_id=record.project_id,
        writes=record.writes,
        method=sent.method,
        url=sent.url,
        http_version=sent.http_version,
        headers=sent.headers,
        body_file=path_text(sent.body_file),
        redirects=sent.redirects,
        answer=answer,
        outcome=outcome.kind,
        words=outcome.label,
        detail=outcome.detail,
        exit_status=outcome.exit_status,
        started=record.timing.started,
        first_byte=record.timing.first_byte,
        total=record.timing.total,
        notices=record.notices,
        incomplete_draft=record.incomplete_draft,
        body_note=record.body_note,
        connecting=record.timing.connecting,
        securing=record.timing.securing,
    )
    return msgspec.json.encode(stored_record).decode()


def from_json(text: str, sent_body: bytes) -> HistoryRecord:
    """Parse a record.

    Raises:
        ValueError: It is not one.
    """
    import msgspec

    stored_record = msgspec.json.decode(text, type=_StoredRecord)
    answer = stored_record.answer
    return HistoryRecord(
        draft=stored_record.draft,
        file=_path(stored_record.file),
        environment=stored_record.environment,
        region=stored_record.region,
        project_id=stored_record.project_id,
        writes=stored_record.writes,
        sent=SentRequest(
            method=stored_record.method,
            url=stored_record.url,
            http_version=stored_record.http_version,
            headers=stored_record.headers,
            body=sent_body,
            body_file=_path(stored_record.body_file),
            redirects=stored_record.redirects,
        ),
        response=None
        if answer is None
        else Response(
            status=answer.status,
            reason=answer.reason,
            http_version=answer.http_version,
            headers=answer.headers,
            body=b"",
            wire_bytes=answer.wire_bytes,
            cut_short=answer.cut_short,
            written=answer.body_bytes,
        ),
        outcome=Outcome(
            stored_record.outcome,
            stored_record.words,
            stored_record.detail,
            stored_record.exit_status,
        ),
        timing=Timing(
            stored_record.started,
            stored_record.first_byte,
            stored_record.total,
            stored_record.connecting,
            stored_record.securing,
        ),
        notices=stored_record.notices,
        incomplete_draft=stored_record.incomplete_draft,
        body_note=stored_record.body_note,
    )


def path_text(path: Path | None) -> str | None:
    """Write a path as text that a database can store."""
    # On Linux a name need not be valid text; such a file is then not found again.
    return None if path is None else str(path).encode("utf-8", "replace").decode()


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


class Entry(Struct, frozen=True):
    """A history entry as a list shows it."""

    id: int
    started: datetime
    """UTC."""
    name: str
    """The name of the request; empty if it has none."""
    file: Path | None
    """The saved request."""
    method: str
    url: str
    """As sent, secrets masked."""
    environment: str
    status: int
    """0 = no response came."""
    outcome: str
    """Its label."""
    exit_status: int
    seconds: float
    body_bytes: int
    """Decoded bytes of the response's body."""
    incomplete_draft: bool
    """A secret must be typed again before the draft can be sent."""
    has_body: bool
    """The body is stored."""
    path: str
    """The path of the URL."""

    @property
    def identity(self) -> Identity:
        """What makes other entries comparable with this one."""
        return Identity(self.file, self.method, self.path)


def insert(
    connection: sqlite3.Connection,
    record: HistoryRecord,
    record_json: str,
    body: str,
    size: int,
) -> int:
    """Insert a row; the caller has begun a transaction.

    Args:
        connection: The database.
        record: What to store.
        record_json: The same as JSON.
        body: The name of the body's file; empty = none.
        size: Size of that file in bytes.

    Returns:
        The number of the entry.
    """
    sent, response, timing = record.sent, record.response, record.timing
    file = path_text(record.file)
    cursor = connection.execute(
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
            record.outcome.label,
            record.outcome.exit_status,
            timing.total,
            record.body_bytes,
            record.incomplete_draft,
            _fold(f"{record.name}\n{sent.url}\n{unquote(sent.url)}"),
            _fold(f"{record.name}\n{file or ''}"),
            body or None,
            len(record_json) + len(sent.body) + size,
        ),
    )
    number = cursor.lastrowid
    assert number is not None
    connection.execute(
        "INSERT INTO details (id, record, sent_body) VALUES (?, ?, ?)",
        (number, record_json, sent.body),
    )
    return number


def select(
    connection: sqlite3.Connection,
    query: HistoryQuery,
    limit: int = -1,
    offset: int = 0,
) -> list[Entry]:
    """Return the entries that match, newest first."""
    where, values = condition(query)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM exchanges WHERE {where} {NEWEST_FIRST} "
        "LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return [entry_from_row(row) for row in rows]


def select_one(connection: sqlite3.Connection, number: int) -> Entry | None:
    """Return one entry, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM exchanges WHERE id = ?", (number,)
    ).fetchone()
    return None if row is None else entry_from_row(row)


def previous(
    connection: sqlite3.Connection, identity: Identity, before: int | None
) -> Entry | None:
    """Return the newest entry of the same request with a response.

    Args:
        connection: The database.
        identity: The request.
        before: Only entries older than the one of this number; None = all.
    """
    earlier, values = "1", list[object]()
    if before is not None:
        earlier = "(started, id) < (SELECT started, id FROM exchanges WHERE id = ?)"
        values.append(before)
    for same in _candidate_identities(identity):
        where, more = condition(HistoryQuery(identity=same))
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM exchanges WHERE status > 0 AND {where} "
            f"AND {earlier} {NEWEST_FIRST} LIMIT 1",
            (*more, *values),
        ).fetchone()
        if row is not None:
            return entry_from_row(row)
    return None


def condition(query: HistoryQuery) -> tuple[str, list[object]]:
    """Translate a query to SQL and its values."""
    parts: list[str] = ["1"]
    values: list[object] = []

    def add(part: str, *more: object) -> None:
        parts.append(part)
        values.extend(more)

    for word in query.terms:
        add("instr(searched, ?)", _fold(word))
    if query.status is not None:
        add("status BETWEEN ? AND ?", *query.status)
    if query.since is not None:
        add("started >= ?", microseconds(query.since))
    if query.until is not None:
        add("started < ?", microseconds(query.until))
    if query.method:
        add("method = ?", query.method)
    if query.request:
        add("instr(named, ?)", _fold(query.request))
    if query.environment:
        add("environment = ?", query.environment)
    if (identity := query.identity) is not None:
        if identity.file is not None:
            add("file = ?", path_text(identity.file))
        else:
            add("path = ? AND method = ?", identity.path, identity.method)
    return " AND ".join(parts), values


def entry_from_row(row: tuple[object, ...]) -> Entry:
    """Convert a row of `_COLUMNS`."""
    number, started, name, file, *rest = row
    method, url, environment, status, outcome, exit_status = rest[:6]
    seconds, body_bytes, incomplete, has_body, path = rest[6:]
    return Entry(
        id=_integer(number),
        started=_EPOCH + _integer(started) * _MICROSECOND,
        name=str(name),
        file=None if file is None else Path(str(file)),
        method=str(method),
        url=str(url),
        environment=str(environment),
        status=_integer(status),
        outcome=str(outcome),
        exit_status=_integer(exit_status),
        seconds=seconds if isinstance(seconds, float) else 0.0,
        body_bytes=_integer(body_bytes),
        incomplete_draft=bool(incomplete),
        has_body=bool(has_body),
        path=str(path),
    )


def microseconds(moment: datetime) -> int:
    """Convert a moment to the integer that the database stores."""
    return (moment - _EPOCH) // _MICROSECOND


def _candidate_identities(identity: Identity) -> list[Identity]:
    """Return the saved request, then its URL in case that has no earlier response."""
    by_url = Identity(None, identity.method, identity.path)
    return [by_url] if identity.file is None else [identity, by_url]


def _fold(text: str) -> str:
    return text.encode("utf-8", "replace").decode().casefold()


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0
