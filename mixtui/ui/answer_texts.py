"""The head of an answer, the request and the time it took, as text."""

from __future__ import annotations

import gzip

from mixtui.core.exchange import Exchange, Headers
from mixtui.core.masking import Masker
from mixtui.core.words import duration, size


def answer_head(exchange: Exchange) -> str:
    """Status line and headers, as they came."""
    response = exchange.response
    status = f"{response.http_version} {response.status} {response.reason}"
    return f"{status}\n{_header_lines(response.headers)}"


def request_text(exchange: Exchange) -> str:
    """Exactly what was sent, secrets masked, then what the app had added."""
    sent, request = exchange.sent, exchange.request
    head = f"{sent.method} {sent.url} {sent.http_version}\n"
    body = _sent_body(exchange).decode("utf-8", "replace")
    parts = [head + _header_lines(sent.headers)]
    if body:
        parts.append(body)
    if sent.redirects:
        parts.append("redirected from\n" + "\n".join(sent.redirects))
    if notices := (*request.notices, *exchange.notices):
        parts.append("\n".join(f"· {notice}" for notice in notices))
    return "\n\n".join(parts)


def _sent_body(exchange: Exchange) -> bytes:
    """The body as it was before it was compressed, secrets masked."""
    body = exchange.sent.body
    encoded = ("content-encoding", "gzip")
    if encoded not in ((n.lower(), v.lower()) for n, v in exchange.sent.headers):
        return body
    try:
        plain = gzip.decompress(body)
    except (OSError, EOFError):
        return body
    return Masker(exchange.request.sensitive).content(plain)


def _header_lines(headers: Headers) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers)


def timing_text(exchange: Exchange) -> str:
    """When it was, and how long each part took."""
    timing, response = exchange.timing, exchange.response
    waited = timing.first_byte - timing.connecting - timing.securing
    body = timing.total - timing.first_byte
    rows = [
        ("sent", f"{timing.started.astimezone():%Y-%m-%d %H:%M:%S %Z}"),
        ("connecting", _taken(timing.connecting, "none: was connected already")),
        ("securing (TLS)", _taken(timing.securing, "none")),
        ("sending, waiting", duration(waited)),
        ("receiving", duration(body)),
        ("in all", duration(timing.total)),
        ("on the wire", size(response.wire_bytes)),
        ("unpacked", size(response.body_bytes)),
    ]
    if body > 0:
        rate = int(response.wire_bytes / body)
        rows.append(("rate", f"{size(rate)}/s"))
    return "\n".join(f"{name:<18}{value}" for name, value in rows)


def _taken(seconds: float, nothing: str) -> str:
    return duration(seconds) if seconds else nothing
