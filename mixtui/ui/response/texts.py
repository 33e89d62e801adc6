"""The parts of a response that are plain text: its head, the request as sent, the timing."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.model.draft import Headers
from mixtui.model.exchange import Exchange, Response, SentRequest, Timing
from mixtui.model.secrets import Redactor
from mixtui.text import duration, size

if TYPE_CHECKING:
    from mixtui.history.record import HistoryRecord


@dataclass(frozen=True, slots=True)
class ResponseTexts:
    """What the texts are made of, of an exchange of now or of the history."""

    sent: SentRequest
    response: Response | None
    """None = no answer came."""
    timing: Timing
    notices: tuple[str, ...]
    masker: Redactor


def response_texts(exchange: Exchange) -> ResponseTexts:
    """Of a call of now."""
    request = exchange.request
    notices = (*request.notices, *exchange.notices)
    masker = Redactor(request.sensitive)
    return ResponseTexts(
        exchange.sent, exchange.response, exchange.timing, notices, masker
    )


def texts_from_history(record: HistoryRecord) -> ResponseTexts:
    """Of one in the history, where everything is masked already."""
    return ResponseTexts(
        record.sent, record.response, record.timing, record.notices, Redactor(())
    )


def answer_head(told: ResponseTexts) -> str:
    """Status line and headers, as they came."""
    response = told.response
    if response is None:
        return "No answer came."
    status = f"{response.http_version} {response.status} {response.reason}"
    return f"{status}\n{_header_lines(response.headers)}"


def request_text(told: ResponseTexts) -> str:
    """Exactly what was sent, secrets masked, then what the app had added."""
    sent = told.sent
    head = f"{sent.method} {sent.url} {sent.http_version}\n"
    body = _sent_body(told).decode("utf-8", "replace")
    parts = [head + _header_lines(sent.headers)]
    if body:
        parts.append(body)
    if sent.redirects:
        parts.append("redirected from\n" + "\n".join(sent.redirects))
    if told.notices:
        parts.append("\n".join(f"· {notice}" for notice in told.notices))
    return "\n\n".join(parts)


def _sent_body(told: ResponseTexts) -> bytes:
    """The body as it was before it was compressed, secrets masked."""
    body = told.sent.body
    encoded = ("content-encoding", "gzip")
    if encoded not in ((n.lower(), v.lower()) for n, v in told.sent.headers):
        return body
    try:
        plain = gzip.decompress(body)
    except (OSError, EOFError):
        return body
    return told.masker.redact_bytes(plain)


def _header_lines(headers: Headers) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers)


def timing_text(told: ResponseTexts) -> str:
    """When it was, and how long each part took."""
    timing, response = told.timing, told.response
    waited = timing.first_byte - timing.connecting - timing.securing
    body = timing.total - timing.first_byte
    rows = [
        ("sent", f"{timing.started.astimezone():%Y-%m-%d %H:%M:%S %Z}"),
        (
            "connecting",
            _duration_label(timing.connecting, "none: was connected already"),
        ),
        ("securing (TLS)", _duration_label(timing.securing, "none")),
        ("sending, waiting", duration(waited)),
        ("receiving", duration(body)),
        ("in all", duration(timing.total)),
    ]
    if response is not None:
        rows += [
            ("on the wire", size(response.wire_bytes)),
            ("unpacked", size(response.body_bytes)),
        ]
    if response is not None and body > 0:
        rate = int(response.wire_bytes / body)
        rows.append(("rate", f"{size(rate)}/s"))
    return "\n".join(f"{name:<18}{value}" for name, value in rows)


def _duration_label(seconds: float, nothing: str) -> str:
    return duration(seconds) if seconds else nothing
