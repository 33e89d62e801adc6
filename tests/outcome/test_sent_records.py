"""What was stored is compared with what was sent."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, BodyType, Method
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.outcome import sent_records
from mixtui.outcome.outcome import judge_response
from mixtui.outcome.sent_records import count_sent_records
from tests.exchanges import exchange, prepared

EVENT = {"event": "a", "properties": {"time": 1, "$insert_id": "x\n}"}}
LIST = json.dumps([EVENT] * 3)
LINES = "\n".join([json.dumps(EVENT)] * 3) + "\n\n"


def imported(body: Body | None = None, *headers: tuple[str, str]) -> PreparedRequest:
    return prepared(
        Method.POST,
        "/import",
        api=Api.INGESTION,
        auth=AuthChoice.AUTO,
        body=body,
        headers=headers,
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[]", 0),
        (LIST, 3),
        (f"  {LIST}\n", 3),
        (json.dumps(EVENT), 1),
        (json.dumps(EVENT, indent=2), 1),
        (LINES, 3),
        (LINES.replace("\n", "\r\n"), 3),
        ("[1, 2", None),
        ("data=%5B%5D", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("kind", ["bytes", "gzip", "file"])
def test_the_records_of_a_body_are_counted(
    text: str, count: int | None, kind: str, tmp_path: Path
) -> None:
    content: bytes | FileContent = text.encode()
    request = imported()
    if kind == "gzip":
        content = gzip.compress(text.encode())
        request = imported(None, ("Content-Encoding", "gzip"))
    elif kind == "file":
        (tmp_path / "body").write_bytes(text.encode())
        content = FileContent(tmp_path / "body", len(text.encode()))
    assert count_sent_records(replace(request, content=content)) == count


def test_records_are_counted_as_they_are_sent() -> None:
    assert count_sent_records(imported(Body(BodyType.NDJSON, LINES))) == 3
    gzipped = imported(Body(text=LIST), ("Content-Encoding", "gzip"))
    assert count_sent_records(gzipped) == 3


def test_what_cannot_be_counted_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "body.json"
    path.write_text(LIST)
    request = imported()
    changed = FileContent(path, len(LIST) + 1)
    gone = FileContent(tmp_path / "gone", 3)
    for content in (None, changed, gone):
        assert count_sent_records(replace(request, content=content)) is None
    whole = FileContent(path, len(LIST))
    assert count_sent_records(replace(request, content=whole)) == 3
    monkeypatch.setattr(sent_records, "MAX_COUNTED_BYTES", len(LIST) - 1)
    assert count_sent_records(replace(request, content=whole)) is None
    damaged = imported(None, ("Content-Encoding", "gzip"))
    for body in (b"no gzip", gzip.compress(LIST.encode())[:-9]):
        assert count_sent_records(replace(damaged, content=body)) is None


@pytest.mark.parametrize(
    ("status", "stored", "rejected", "label", "exit_status"),
    [
        (200, 3, 0, "accepted", 0),
        (200, 2, 0, "partially imported: 2 stored, 1 missing", 6),
        (200, 0, 0, "rejected", 1),
        (200, 2, 1, "partially imported: 2 stored, 1 rejected", 6),
        (200, 1, 1, "partially imported: 1 stored, 1 rejected, 1 missing", 6),
        (400, 2, 1, "partially imported: 2 stored, 1 rejected", 6),
        (400, 1, 1, "partially imported: 1 stored, 1 rejected, 1 missing", 6),
        (400, 0, 3, "rejected", 1),
    ],
)
def test_fewer_records_stored_than_sent_is_not_accepted(
    status: int, stored: int, rejected: int, label: str, exit_status: int
) -> None:
    answer = {"code": status, "num_records_imported": stored, "status": "OK"}
    if rejected:
        answer["failed_records"] = [{"index": 0, "message": "no"}] * rejected
    request = imported(Body(text=LIST))
    outcome = judge_response(
        exchange(status, json.dumps(answer).encode(), request=request)
    )
    assert (outcome.label, outcome.exit_status) == (label, exit_status)
    assert ("does not account for" in outcome.detail) is ("missing" in label)


def test_an_unknown_number_of_records_is_not_compared() -> None:
    request = replace(imported(), content=b"data=%5B%5D")
    answer = b'{"code":200,"num_records_imported":1,"status":"OK"}'
    assert judge_response(exchange(200, answer, request=request)).label == "accepted"
