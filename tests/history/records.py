"""History records for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from mixtui.history.record import HistoryRecord
from mixtui.mixpanel.apis import Region
from mixtui.model.draft import Draft, Headers, Method
from mixtui.model.exchange import Response, SentRequest, Timing
from mixtui.outcome.outcome import Outcome, OutcomeKind

START = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


def make_record(
    name: str = "",
    *,
    method: str = "GET",
    url: str = "https://mixpanel.com/api/query/events?a=1",
    status: int = 200,
    file: Path | None = None,
    environment: str = "prod",
    minutes: float = 0,
    started: datetime | None = None,
    headers: Headers = (),
    body_bytes: int = 0,
    sent_body: bytes = b"",
) -> HistoryRecord:
    """Make a history record; status 0 means no response."""
    response = Response(
        status, "", "HTTP/1.1", headers, b"", body_bytes, written=body_bytes
    )
    kind = OutcomeKind.ACCEPTED if status == 200 else OutcomeKind.REJECTED
    return HistoryRecord(
        draft=Draft(name=name, method=Method(method)),
        file=file,
        environment=environment,
        region=Region.US,
        project_id="1",
        writes=False,
        sent=SentRequest(method, url, "HTTP/1.1", (("A", "b"),), sent_body),
        response=response if status else None,
        outcome=Outcome(kind, kind.value),
        timing=Timing(started or START + timedelta(minutes=minutes), 0.1, 0.2),
    )
