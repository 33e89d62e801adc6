"""An answer on streams: for people, for pipes, and as JSON."""

from __future__ import annotations

import base64
import json
from typing import Any

from mixtui.cli.console import Console
from mixtui.cli.hints import Hints
from mixtui.cli.request_view import notices, request_values
from mixtui.cli.sinks import SinkResult
from mixtui.core.document import Language, read
from mixtui.core.exchange import Exchange, Headers
from mixtui.core.outcome import Outcome
from mixtui.core.prepare import PreparedRequest
from mixtui.core.words import duration, size


def summary(exchange: Exchange, ended: Outcome) -> tuple[str, ...]:
    """``200 OK · accepted · 1.2 KB · 34 ms``, and what it means."""
    response = exchange.response
    status = f"{response.status} {response.reason}".strip()
    bytes_ = size(response.body_bytes)
    time = duration(exchange.timing.total)
    line = f"{status} · {ended.words} · {bytes_} · {time}"
    return (line, ended.detail) if ended.detail else (line,)


def print_answer(
    exchange: Exchange,
    body: SinkResult,
    console: Console,
    *,
    include: bool,
    explained: bool = False,
) -> None:
    """The body on stdout, behind status line and headers if they are wanted.

    Args:
        exchange: What was answered.
        body: What became of the body.
        console: Where to.
        include: Print status line and headers.
        explained: The outcome says what the body means.
    """
    response = exchange.response
    if include:
        status = f"{response.http_version} {response.status} {response.reason}"
        console.print_foreign(status.rstrip())
        for name, value in response.headers:
            console.print_foreign(f"{name}: {value}")
        console.print()
    if body.chunks is not None:
        for chunk in body.chunks:
            console.write(chunk)
    if not body.content:
        return
    if console.shows_body:
        media_type = body.media_type or response.media_type
        notice = _print_for_people(body.content, media_type, console)
        if notice and not explained:
            console.say(notice)
    else:
        console.write(body.content)


def exchange_json(
    exchange: Exchange,
    ended: Outcome,
    body: SinkResult,
    hints: Hints,
    refused: list[dict[str, Any]],
) -> str:
    """Everything about a call, as one JSON object."""
    response = exchange.response
    sent = exchange.sent
    answer = {
        "status": response.status,
        "reason": response.reason,
        "http_version": response.http_version,
        "headers": _headers(response.headers),
        "bytes": response.body_bytes,
        "cut_short": response.cut_short or None,
        **_body(body),
    }
    request = request_values(exchange.request) | {
        "url": sent.url,
        "headers": _headers(sent.headers),
        "redirects": list(sent.redirects),
    }
    return _dumped(
        {
            "request": request,
            "response": answer,
            "outcome": _outcome(ended),
            "refused_records": refused,
            "timing": {
                "started": exchange.timing.started.isoformat(),
                "first_byte_seconds": round(exchange.timing.first_byte, 6),
                "total_seconds": round(exchange.timing.total, 6),
            },
            "notices": [*notices(exchange.request), *exchange.notices],
            "hints": hints.values(),
        }
    )


def failure_json(request: PreparedRequest, ended: Outcome, hints: Hints) -> str:
    """The same for a call that was not answered."""
    return _dumped(
        {
            "request": request_values(request),
            "response": None,
            "outcome": _outcome(ended),
            "refused_records": [],
            "timing": None,
            "notices": notices(request),
            "hints": hints.values(),
        }
    )


def _dumped(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _print_for_people(body: bytes, media_type: str, console: Console) -> str:
    """Lines that are fit for a terminal; returns what there is to say about them."""
    document = read(body, media_type)
    if document.language is Language.HEX:
        return f"The body is binary ({size(len(body))}): -o FILE keeps it."
    for index in range(document.line_count):
        console.print(document.line(index))
    return document.notice


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _body(body: SinkResult) -> dict[str, Any]:
    if body.content is None:
        path = str(body.path) if body.path else None
        return {"body": None, "body_encoding": None, "body_file": path}
    try:
        text, encoding = body.content.decode(), "text"
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(body.content).decode("ascii"), "base64"
    return {"body": text, "body_encoding": encoding, "body_file": None}


def _outcome(ended: Outcome) -> dict[str, Any]:
    return {
        "kind": ended.kind.value,
        "words": ended.words,
        "detail": ended.detail or None,
        "exit_status": ended.exit_status,
    }
