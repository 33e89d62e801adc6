"""A prepared request as it would go out, secrets masked."""

from __future__ import annotations

import gzip
import json
from typing import Any

from mixtui.cli.console import Console
from mixtui.cli.hints import Hints
from mixtui.core.additions import scheme
from mixtui.core.bodies import FileContent
from mixtui.core.exchange import Headers
from mixtui.core.http_library import import_httpx
from mixtui.core.journey import ConnectionTrace
from mixtui.core.masking import Redactor
from mixtui.core.prepare import PreparedRequest
from mixtui.core.secrets import REDACTED
from mixtui.core.sending import wire_request
from mixtui.core.words import size


def print_request(
    request: PreparedRequest, console: Console, *, as_json: bool, hints: Hints
) -> None:
    """The request on stdout: method and URL, headers, body. Reads no secret."""
    if as_json:
        more = {"notices": notices(request), "hints": hints.values()}
        values = request_values(request) | more
        console.print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        console.print_foreign(f"{request.method} {_masker(request).text(request.url)}")
        for name, value in _headers(request):
            console.print_foreign(f"{name}: {value}")
        for line in _body_lines(request):
            console.print_foreign(line)
    if request.authorization is not None:
        console.say(f"Credential: {request.authorization}.")
    console.say("Dry run: nothing was sent.")


def notices(request: PreparedRequest) -> list[str]:
    """What the app added or changed, in sentences."""
    return [_masker(request).text(notice) for notice in request.notices]


def request_values(request: PreparedRequest) -> dict[str, Any]:
    """The request as JSON values."""
    return {
        "method": str(request.method),
        "url": _masker(request).text(request.url),
        "api": str(request.api),
        "environment": request.environment,
        "region": str(request.region),
        "project_id": request.project_id or None,
        "authorization": str(request.authorization) if request.authorization else None,
        "headers": [{"name": n, "value": v} for n, v in _headers(request)],
        "body": _text(request),
        "body_file": (
            str(request.content.path)
            if isinstance(request.content, FileContent)
            else None
        ),
        "body_bytes": _length(request),
        "timeout": request.timeout,
        "writes": request.safety.value == "write",
    }


def _headers(request: PreparedRequest) -> Headers:
    """All headers, those that every request gets included."""
    import_httpx()
    url = request.url.partition("#")[0]
    sent = wire_request(request, url, None, ConnectionTrace(), lambda: None)
    headers = tuple((n.decode(), v.decode()) for n, v in sent.headers.raw)
    if request.authorization is not None:
        headers += (("Authorization", f"{scheme(request.authorization)} {REDACTED}"),)
    return _masker(request).headers(headers)


def _body_lines(request: PreparedRequest) -> list[str]:
    if request.content is None:
        return []
    if isinstance(request.content, FileContent):
        shown = f"({request.content.path}, {size(request.content.size)})"
        return ["", shown]
    text = _text(request)
    if text is None:
        return ["", f"({size(len(request.content))} that are not text)"]
    return ["", *text.removesuffix("\n").split("\n")]


def _text(request: PreparedRequest) -> str | None:
    """The body as text, before it was compressed; None if it is none."""
    content = request.content
    if not isinstance(content, bytes):
        return None
    if _is_compressed(request.headers):
        content = gzip.decompress(content)
    try:
        return _masker(request).text(content.decode())
    except UnicodeDecodeError:
        return None


def _is_compressed(headers: Headers) -> bool:
    return ("content-encoding", "gzip") in {(n.lower(), v.lower()) for n, v in headers}


def _length(request: PreparedRequest) -> int:
    content = request.content
    if isinstance(content, FileContent):
        return content.size
    return len(content or b"")


def _masker(request: PreparedRequest) -> Redactor:
    return Redactor(request.sensitive)
