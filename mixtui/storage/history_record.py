"""A record as JSON text, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mixtui.core.exchange import Headers, Response, SentRequest, Timing
from mixtui.core.outcome import Outcome, OutcomeKind
from mixtui.core.record import HistoryRecord
from mixtui.core.requests import Draft
from mixtui.mixpanel.apis import Region


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    reason: str
    http_version: str
    headers: Headers
    wire_bytes: int
    body_bytes: int
    cut_short: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is in the database: only ever add fields, and give them a default."""

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
    answer: _Answer | None
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
    """Everything but the body that was sent."""
    import msgspec

    sent, response, outcome = record.sent, record.response, record.outcome
    answer = (
        None
        if response is None
        else _Answer(
            status=response.status,
            reason=response.reason,
            http_version=response.http_version,
            headers=response.headers,
            wire_bytes=response.wire_bytes,
            body_bytes=response.body_bytes,
            cut_short=response.cut_short,
        )
    )
    kept = _Kept(
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
        words=outcome.words,
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
    return msgspec.json.encode(kept).decode()


def from_json(text: str, sent_body: bytes) -> HistoryRecord:
    """The record.

    Raises:
        ValueError: It is none.
    """
    import msgspec

    kept = msgspec.json.decode(text, type=_Kept)
    answer = kept.answer
    return HistoryRecord(
        draft=kept.draft,
        file=_path(kept.file),
        environment=kept.environment,
        region=kept.region,
        project_id=kept.project_id,
        writes=kept.writes,
        sent=SentRequest(
            method=kept.method,
            url=kept.url,
            http_version=kept.http_version,
            headers=kept.headers,
            body=sent_body,
            body_file=_path(kept.body_file),
            redirects=kept.redirects,
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
        outcome=Outcome(kept.outcome, kept.words, kept.detail, kept.exit_status),
        timing=Timing(
            kept.started, kept.first_byte, kept.total, kept.connecting, kept.securing
        ),
        notices=kept.notices,
        incomplete_draft=kept.incomplete_draft,
        body_note=kept.body_note,
    )


def path_text(path: Path | None) -> str | None:
    """A path as a text that any database takes."""
    # Linux lets a name be no text at all; such a file is then not found again.
    return None if path is None else str(path).encode("utf-8", "replace").decode()


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
