"""Convert a prepared request to httpx's, and httpx's response to ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TYPE_CHECKING

from mixtui import __version__
from mixtui.client.connections import RAW_HEADERS
from mixtui.client.decoding import accept_encoding
from mixtui.client.failures import ConnectionTrace, UnreadableBody
from mixtui.model.draft import Headers
from mixtui.model.errors import CredentialError
from mixtui.model.exchange import Response, SentRequest
from mixtui.model.prepared import FileContent
from mixtui.model.secrets import Secret
from mixtui.request.urls import is_loopback

if TYPE_CHECKING:
    import httpx

    from mixtui.client.body import ReceivedBody
    from mixtui.model.prepared import PreparedRequest
    from mixtui.model.redaction import Redactor


_CHUNK_BYTES = 1 << 18


def _default_headers() -> tuple[tuple[str, str], ...]:
    """Return the headers that are sent unless the request has its own."""
    return (
        ("User-Agent", f"mixtui/{__version__}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", accept_encoding()),
    )


def check_credential_target(request: PreparedRequest, url: str) -> None:
    """Check the target a last time before a secret is read, after `prepare` has.

    Raises:
        CredentialError: The credentials would leave the prepared host, or go unencrypted.
    """
    typed = any(name.lower() == "authorization" for name, _ in request.headers)
    if request.authorization is None and not typed:
        return
    if _origin(url) != _origin(request.url) or "@" in _origin(url):
        raise CredentialError(
            "The credentials were not sent: the URL leads to a different host than "
            "the request was prepared for."
        )
    if not url.startswith("https://") and not is_loopback(url):
        raise CredentialError(
            f"The credentials were not sent: {_origin(url)} is not encrypted. Use "
            "https."
        )


def wire_request(
    request: PreparedRequest,
    url: str,
    authorization: Secret | None,
    trace: ConnectionTrace,
    chunks: AsyncIterator[bytes] | None,
) -> httpx.Request:
    """Create what is sent, complete except the ``Host`` header, which httpx adds.

    Args:
        request: What was prepared.
        url: Without fragment: the prepared URL, or that of a redirect.
        authorization: The value of the computed header.
        trace: Traces the request.
        chunks: The body; None = there is none, or it is not sent.
    """
    import httpx

    headers = [(name.encode(), value.encode()) for name, value in request.headers]
    provided = {name.lower() for name, _ in headers}
    defaults = [(n.encode(), v.encode()) for n, v in _default_headers()]
    headers = [(n, v) for n, v in defaults if n.lower() not in provided] + headers
    if authorization is not None:
        headers.append((b"Authorization", authorization.reveal().encode()))
    content = request.content
    if content:
        length = content.size if isinstance(content, FileContent) else len(content)
        headers.append((b"Content-Length", str(length).encode()))
    sent = httpx.Request(
        request.method,
        url,
        headers=headers,
        content=chunks if content else None,
        extensions={"trace": trace.on_event},
    )
    sent.url = _exact_url(url)
    return sent


def _exact_url(url: str) -> httpx.URL:
    """Create a URL whose path and query are sent byte for byte as they are shown."""
    import httpx

    class ExactUrl(httpx.URL):
        @property
        def raw_path(self) -> bytes:
            return target

    target = _target(url).encode()
    return ExactUrl(url)


def _origin(url: str) -> str:
    """Return scheme and authority, as written."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest[: len(rest) - len(_after_authority(rest))]}"


def _target(url: str) -> str:
    """Return path and query, as written."""
    target = _after_authority(url.partition("://")[2])
    return target if target.startswith("/") else f"/{target}"


def _after_authority(after_scheme: str) -> str:
    ends = [i for i in map(after_scheme.find, "/?#\\") if i >= 0]
    return after_scheme[min(ends) :] if ends else ""


async def body_chunks(
    content: bytes | FileContent | None, on_chunk: Callable[[], None]
) -> AsyncGenerator[bytes]:
    """Yield a body as it is sent.

    Args:
        content: The body.
        on_chunk: Called before each chunk is sent.

    Raises:
        UnreadableBody: It is a file that cannot be read.
    """
    if content is None:
        return
    if isinstance(content, bytes):
        for offset in range(0, len(content), _CHUNK_BYTES):
            on_chunk()
            yield content[offset : offset + _CHUNK_BYTES]
        return
    try:
        with content.path.open("rb") as file:
            remaining = content.size
            while remaining:
                chunk = await asyncio.to_thread(file.read, min(remaining, _CHUNK_BYTES))
                if not chunk:
                    raise UnreadableBody(
                        f"The file {content.path} shrank while it was being sent: "
                        "resend it when it is complete."
                    )
                remaining -= len(chunk)
                on_chunk()
                yield chunk
    except OSError as error:
        raise UnreadableBody(
            f"The file {content.path} cannot be read ({error.strerror})."
        ) from None


def sent_request(
    http_response: httpx.Response,
    request: PreparedRequest,
    hops: list[str],
    redactor: Redactor,
    body: bytes,
) -> SentRequest:
    """Return the request as it was sent, secrets masked.

    Args:
        http_response: Holds what httpx really sent.
        request: What was prepared.
        hops: The URLs requested; the last one responded.
        redactor: Masks secrets.
        body: That of the request, secrets masked.
    """
    content = request.content
    return SentRequest(
        method=http_response.request.method,
        url=redactor.redact(hops[-1]),
        http_version=http_response.http_version,
        headers=redactor.redact_headers(
            _decode_headers(http_response.request.headers.raw)
        ),
        body=body,
        body_file=content.path if isinstance(content, FileContent) else None,
        redirects=tuple(redactor.redact(url) for url in hops[:-1]),
    )


def to_response(http_response: httpx.Response, body: ReceivedBody) -> Response:
    """Convert a response."""
    return Response(
        status=http_response.status_code,
        reason=http_response.reason_phrase,
        http_version=http_response.http_version,
        headers=response_headers(http_response),
        body=body.body,
        wire_bytes=body.wire_bytes,
        cut_short=body.cut_short,
        written=body.written,
    )


def response_headers(http_response: httpx.Response) -> Headers:
    """Return the headers of a response as received."""
    raw: list[tuple[bytes, bytes]] = http_response.extensions[RAW_HEADERS]
    return _decode_headers(raw)


def _decode_headers(raw: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), _decode_value(value)) for name, value in raw)


def _decode_value(value: bytes) -> str:
    # RFC 9110, section 5.5: ASCII, historically Latin-1; in practice UTF-8.
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
