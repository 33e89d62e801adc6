"""Print a prepared request or a response: for people, for pipes, and as JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mixtui.cli.console import Console
from mixtui.cli.hints import Hints
from mixtui.cli.send.sinks import SinkResult
from mixtui.client.description import body_text, describe_headers
from mixtui.document.document import Language, read
from mixtui.model.draft import Body, BodyType, Draft, Headers
from mixtui.model.exchange import Exchange
from mixtui.model.prepared import FileContent, PreparedRequest
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
from mixtui.request.templates import describe_sources
from mixtui.text import duration, size


def print_request(
    request: PreparedRequest,
    console: Console,
    *,
    as_json: bool,
    hints: Hints,
    sources: Mapping[str, str],
) -> None:
    """Print method and URL, headers and body on stdout, without reading a secret.

    Args:
        request: What would be sent.
        console: Where to print it.
        as_json: One JSON object instead.
        hints: What is likely wrong with it.
        sources: Where the values of its templates come from, by name.
    """
    if as_json:
        extra = {
            "notices": notices(request),
            "hints": hints.values(),
            "values": dict(sources),
        }
        values = request_values(request) | extra
        console.print_json(values)
    else:
        redactor = request.redactor
        console.print_untrusted(f"{request.method} {redactor.redact(request.url)}")
        for header in describe_headers(request, redactor):
            console.print_untrusted(f"{header.name}: {header.value}")
        for line in _body_lines(request, redactor):
            console.print_untrusted(line)
    if sources:
        console.report(f"Values: {describe_sources(sources)}.")
    if request.authorization is not None:
        console.report(f"Credential: {request.authorization}.")
    console.report("Dry run: the request was not sent.")


def notices(request: PreparedRequest, redactor: Redactor | None = None) -> list[str]:
    """Return sentences on what the app added or changed, redacted."""
    redactor = redactor or request.redactor
    return [redactor.redact(notice) for notice in request.notices]


def request_values(
    request: PreparedRequest, redactor: Redactor | None = None
) -> dict[str, Any]:
    """Return the request as JSON values, redacted.

    Args:
        request: What was prepared.
        redactor: Of its exchange; None = it was not sent, and its secrets are not read.
    """
    redactor = redactor or request.redactor
    headers = describe_headers(request, redactor)
    return {
        "method": str(request.method),
        "url": redactor.redact(request.url),
        "api": str(request.api),
        "environment": request.environment,
        "region": str(request.region),
        "project_id": request.project_id or None,
        "authorization": str(request.authorization) if request.authorization else None,
        "headers": [{"name": each.name, "value": each.value} for each in headers],
        "body": body_text(request, redactor),
        "body_file": (
            str(request.content.path)
            if isinstance(request.content, FileContent)
            else None
        ),
        "body_bytes": _body_length(request),
        "timeout": request.timeout,
        "writes": request.safety.value == "write",
    }


def _body_lines(request: PreparedRequest, redactor: Redactor) -> list[str]:
    if request.content is None:
        return []
    if isinstance(request.content, FileContent):
        label = f"({request.content.path}, {size(request.content.size)})"
        return ["", label]
    text = body_text(request, redactor)
    if text is None:
        return ["", f"({size(len(request.content))} of binary data)"]
    return ["", *text.removesuffix("\n").split("\n")]


def _body_length(request: PreparedRequest) -> int:
    content = request.content
    if isinstance(content, FileContent):
        return content.size
    return len(content or b"")


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


def exchange_values(
    exchange: Exchange,
    outcome: Outcome,
    body: SinkResult,
    hints: Hints,
    rejected: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return request, response, outcome and timing as JSON values, redacted."""
    response, sent = exchange.response, exchange.sent
    redactor = exchange.redactor
    response_values = {
        "status": response.status,
        "reason": redactor.redact(response.reason),
        "http_version": response.http_version,
        "headers": _header_values(redactor.redact_headers(response.headers)),
        "bytes": response.body_bytes,
        "cut_short": response.cut_short or None,
        **_body_values(body, redactor),
    }
    request = request_values(exchange.request, redactor) | {
        "url": sent.url,
        "headers": _header_values(sent.headers),
        "redirects": list(sent.redirects),
    }
    return {
        "request": request,
        "response": response_values,
        "outcome": _outcome_values(outcome),
        "refused_records": rejected,
        "timing": {
            "started": exchange.timing.started.isoformat(),
            "first_byte_seconds": round(exchange.timing.first_byte, 6),
            "total_seconds": round(exchange.timing.total, 6),
        },
        "notices": [*notices(exchange.request, redactor), *exchange.notices],
        "hints": hints.values(),
    }


def failure_values(
    request: PreparedRequest, outcome: Outcome, hints: Hints, redactor: Redactor
) -> dict[str, Any]:
    """Return the same values for a request without a response."""
    return {
        "request": request_values(request, redactor),
        "response": None,
        "outcome": _outcome_values(outcome),
        "refused_records": [],
        "timing": None,
        "notices": notices(request, redactor),
        "hints": hints.values(),
    }


def _print_document(body: bytes, media_type: str, console: Console) -> str:
    """Print the formatted body; return a notice about it, empty = none."""
    document = read(body, media_type)
    if document.language is Language.HEX:
        return (
            f"The response body is binary ({size(len(body))}). Use -o FILE to save it."
        )
    for index in range(document.line_count):
        console.print(document.line(index))
    return document.notice


def _header_values(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _body_values(body: SinkResult, redactor: Redactor) -> dict[str, Any]:
    if body.content is None:
        path = str(body.path) if body.path else None
        return {"body": None, "body_encoding": None, "body_file": path}
    content = redactor.redact_bytes(body.content)
    try:
        text, encoding = content.decode(), "text"
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(content).decode("ascii"), "base64"
    return {"body": text, "body_encoding": encoding, "body_file": None}


def _outcome_values(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": outcome.kind.value,
        "words": outcome.label,
        "detail": outcome.detail or None,
        "exit_status": outcome.exit_status,
    }


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
