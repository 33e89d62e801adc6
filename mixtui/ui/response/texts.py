"""The parts of a response that are plain text: its head, the request as sent, the timing."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.model.draft import Headers
from mixtui.model.exchange import Exchange, Response, SentRequest, Timing
from mixtui.model.redaction import Redactor
from mixtui.text import duration, size

if TYPE_CHECKING:
    from mixtui.history.record import HistoryRecord


class ResponseTexts(Struct, frozen=True):
    """The source of the texts: an exchange of this session or a history entry."""

    sent: SentRequest
    response: Response | None
    """None = no response arrived."""
    timing: Timing
    notices: tuple[str, ...]
    redactor: Redactor


def response_texts(exchange: Exchange) -> ResponseTexts:
    """Return the texts of a request and response of this session."""
    redactor = exchange.redactor
    notices = (*map(redactor.redact, exchange.request.notices), *exchange.notices)
    return ResponseTexts(
        exchange.sent, exchange.response, exchange.timing, notices, redactor
    )


def texts_from_history(record: HistoryRecord) -> ResponseTexts:
    """Return the texts of a history entry, which is already redacted."""
    return ResponseTexts(
        record.sent, record.response, record.timing, record.notices, Redactor()
    )


def response_head(texts: ResponseTexts) -> str:
    """Format the status line and the headers as received."""
    response = texts.response
    if response is None:
        return "No response received."
    status = f"{response.http_version} {response.status} {response.reason}"
    return f"{status}\n{_header_lines(response.headers)}"


def request_text(texts: ResponseTexts) -> str:
    """Format the request as sent, secrets masked, then what mixtui added."""
    sent = texts.sent
    head = f"{sent.method} {sent.url} {sent.http_version}\n"
    body = _sent_body(texts).decode("utf-8", "replace")
    parts = [head + _header_lines(sent.headers)]
    if body:
        parts.append(body)
    if sent.redirects:
        parts.append("Redirected from\n" + "\n".join(sent.redirects))
    if texts.notices:
        parts.append("\n".join(f"· {notice}" for notice in texts.notices))
    return "\n\n".join(parts)


def _sent_body(texts: ResponseTexts) -> bytes:
    """Return the body before compression, secrets masked."""
    body = texts.sent.body
    encoded = ("content-encoding", "gzip")
    if encoded not in ((n.lower(), v.lower()) for n, v in texts.sent.headers):
        return body
    try:
        plain = gzip.decompress(body)
    except (OSError, EOFError):
        return body
    return texts.redactor.redact_sent(plain)


def _header_lines(headers: Headers) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers)


def timing_text(texts: ResponseTexts) -> str:
    """Format the start and the duration of each phase."""
    timing, response = texts.timing, texts.response
    waited = timing.first_byte - timing.connecting - timing.securing
    body = timing.total - timing.first_byte
    rows = [
        ("Sent", f"{timing.started.astimezone():%Y-%m-%d %H:%M:%S %Z}"),
        (
            "Connect",
            _duration_label(timing.connecting, "none (connection reused)"),
        ),
        ("TLS handshake", _duration_label(timing.securing, "none")),
        ("Send and wait", duration(waited)),
        ("Receive", duration(body)),
        ("Total", duration(timing.total)),
    ]
    if response is not None:
        rows += [
            ("Transferred", size(response.wire_bytes)),
            ("Decompressed", size(response.body_bytes)),
        ]
    if response is not None and body > 0:
        rate = int(response.wire_bytes / body)
        rows.append(("Rate", f"{size(rate)}/s"))
    return "\n".join(f"{name:<18}{value}" for name, value in rows)


def _duration_label(seconds: float, nothing: str) -> str:
    return duration(seconds) if seconds else nothing
