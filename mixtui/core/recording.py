"""What is kept of a call: the request as it went out, masked, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixtui.core.bodies import FileContent
from mixtui.core.connections import WHOLE_HEADERS
from mixtui.core.exchange import Headers, Response, SentRequest

if TYPE_CHECKING:
    import httpx

    from mixtui.core.masking import Redactor
    from mixtui.core.prepare import PreparedRequest
    from mixtui.core.receiving import ReceivedBody


def sent_request(
    answer: httpx.Response, request: PreparedRequest, hops: list[str], masker: Redactor
) -> SentRequest:
    """The request that was answered.

    Args:
        answer: Holds what httpx really sent.
        request: What was prepared.
        hops: The URLs asked; the last one answered.
        masker: Hides what is secret.
    """
    content = request.content
    return SentRequest(
        method=answer.request.method,
        url=masker.text(hops[-1]),
        http_version=answer.http_version,
        headers=masker.headers(_texts(answer.request.headers.raw)),
        body=masker.content(content) if isinstance(content, bytes) else b"",
        body_file=content.path if isinstance(content, FileContent) else None,
        redirects=tuple(masker.text(url) for url in hops[:-1]),
    )


def response(answer: httpx.Response, body: ReceivedBody) -> Response:
    """The answer as it came."""
    return Response(
        status=answer.status_code,
        reason=answer.reason_phrase,
        http_version=answer.http_version,
        headers=answer_headers(answer),
        body=body.body,
        wire_bytes=body.wire_bytes,
        cut_short=body.cut_short,
        written=body.written,
    )


def answer_headers(answer: httpx.Response) -> Headers:
    """The headers of an answer as they came."""
    raw: list[tuple[bytes, bytes]] = answer.extensions[WHOLE_HEADERS]
    return _texts(raw)


def _texts(raw: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), _text(value)) for name, value in raw)


def _text(value: bytes) -> str:
    # RFC 9110, section 5.5: ASCII, and for history's sake Latin-1; servers send UTF-8.
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
