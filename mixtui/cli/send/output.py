"""Print a response, for people and for pipes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mixtui.cli.console import Console
from mixtui.cli.send.sinks import SinkResult
from mixtui.model.draft import Body, BodyType, Draft
from mixtui.model.exchange import Exchange
from mixtui.model.prepared import PreparedRequest
from mixtui.model.redaction import Redactor
from mixtui.outcome.failed_records import (
    FailedRecord,
    body_type_for_suffix,
    locate_record,
    parse_failed_records,
    record_lines,
)
from mixtui.outcome.outcome import Outcome
from mixtui.request.body import body_file_path
from mixtui.text import duration, size


def notices(request: PreparedRequest, redactor: Redactor | None = None) -> list[str]:
    """Return sentences on what the app added or changed, redacted."""
    redactor = redactor or request.redactor
    return [redactor.redact(notice) for notice in request.notices]


def summary_lines(exchange: Exchange, outcome: Outcome) -> tuple[str, ...]:
    """Return ``200 OK · accepted · 1.2 KB · 34 ms``, and the outcome's detail if any."""
    response = exchange.response
    reason = exchange.redactor.redact(response.reason)
    status = f"{response.status} {reason}".strip()
    bytes_ = size(response.body_bytes)
    time = duration(exchange.timing.total)
    line = f"{status} · {outcome.label} · {bytes_} · {time}"
    return (line, outcome.detail) if outcome.detail else (line,)


def print_response(
    exchange: Exchange,
    body: SinkResult,
    console: Console,
    *,
    include: bool,
    is_explained: bool = False,
) -> None:
    """Print the body on stdout, after status line and headers if they are included.

    Args:
        exchange: The request with its response.
        body: What became of the body.
        console: Where to print.
        include: Print status line and headers first.
        explained: The outcome already says what the body means.
    """
    response = exchange.response
    if include:
        status = f"{response.http_version} {response.status} {response.reason}"
        console.print_untrusted(status.rstrip())
        for name, value in response.headers:
            console.print_untrusted(f"{name}: {value}")
        console.print()
    if body.chunks is not None:
        for chunk in body.chunks:
            console.write(chunk)
    if not body.content:
        return
    if console.stdout_is_terminal:
        media_type = body.media_type or response.media_type
        notice = _print_document(body.content, media_type, console)
        if notice and not is_explained:
            console.report(notice)
    else:
        console.write(body.content)


def _print_document(body: bytes, media_type: str, console: Console) -> str:
    """Print the formatted body; return a notice about it, empty = none."""
    from mixtui.document.document import Language, read

    document = read(body, media_type)
    if document.language is Language.HEX:
        return (
            f"The response body is binary ({size(len(body))}). Use -o FILE to save it."
        )
    for index in range(document.line_count):
        console.print(document.line(index))
    return document.notice


MAX_LISTED = 5
"""Rejected records listed at most; the response has them all."""
_MAX_FILE_BYTES = 20_000_000
"""Bytes; Mixpanel accepts no larger batch."""


def rejected_record_lines(
    exchange: Exchange, draft: Draft, folder: Path | None
) -> tuple[str, ...]:
    """Return ``line 3: properties.time: …`` for each of the first rejected records.

    Args:
        exchange: The request with its response.
        draft: The line numbers are those of its body.
        folder: What the path of a body file is relative to.
    """
    records = parse_failed_records(exchange.response.body, exchange.redactor)
    if not records or draft.body is None:
        return ()
    body = _load_body_file(draft.body, folder)
    lines = [_record_line(record, body) for record in islice(records, MAX_LISTED)]
    if more := len(records) - len(lines):
        lines.append(f"  and {more} more: see the response.")
    return tuple(lines)


def rejected_record_values(
    exchange: Exchange, draft: Draft, folder: Path | None
) -> list[dict[str, Any]]:
    """Return all rejected records as JSON values; arguments as above.

    A line is None where the record was not found in the body.
    """
    records = parse_failed_records(exchange.response.body, exchange.redactor)
    if not records:
        return []
    lines: dict[int, int] = {}
    if draft.body is not None:
        body = _load_body_file(draft.body, folder)
        lines = record_lines(body, {record.index for record in records})
    return [
        {
            "index": record.index,
            "line": lines.get(record.index),
            "field": record.field or None,
            "message": record.message or None,
            "insert_id": record.insert_id or None,
        }
        for record in records
    ]


def _record_line(record: FailedRecord, body: Body) -> str:
    position = locate_record(body, record.index)
    location = f"line {position.line}" if position else f"record {record.index}"
    name = f" ({record.insert_id})" if record.insert_id else ""
    return f"  {location}: {record.reasons}{name}"


def _load_body_file(body: Body, folder: Path | None) -> Body:
    """Return the body with its file's text; unchanged if that is too large or unreadable."""
    if body.type is not BodyType.FILE:
        return body
    path = body_file_path(body, folder)
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            return body
        text = path.read_text("utf-8", "replace")
    except OSError:
        return body
    return replace(body, type=body_type_for_suffix(path.suffix), text=text)
