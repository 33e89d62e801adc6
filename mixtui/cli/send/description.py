"""Print a request without sending it, and a request with its response as JSON values."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from mixtui.cli.console import Console
from mixtui.cli.hints import Hints
from mixtui.cli.send.output import notices
from mixtui.cli.send.sinks import SinkResult
from mixtui.client.description import body_text, describe_headers
from mixtui.model.draft import Headers
from mixtui.model.exchange import Exchange
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.model.redaction import Redactor
from mixtui.outcome.outcome import Outcome
from mixtui.request.templates import describe_sources
from mixtui.text import size


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
