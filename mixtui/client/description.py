"""Describe a prepared request as it would be sent, without reading a secret."""

from __future__ import annotations

import codecs
from collections.abc import Collection

from msgspec import Struct

from mixtui.client.failures import ConnectionTrace
from mixtui.client.wire import wire_request
from mixtui.imports import import_httpx
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import REDACTED
from mixtui.request.additions import authorization_scheme
from mixtui.request.headers import is_gzip
from mixtui.text import size

_COMPUTED = {"host", "content-length", "transfer-encoding"}
"""Headers that HTTP needs and nobody writes, in lower case."""


class DescribedHeader(Struct, frozen=True):
    """A header as it would be sent."""

    name: str
    value: str
    """Secrets are masked."""
    source: str
    """Where it comes from."""


def describe_headers(
    request: PreparedRequest,
    redactor: Redactor | None = None,
    typed: Collection[str] = (),
) -> tuple[DescribedHeader, ...]:
    """Return all headers, including those that every request gets.

    Args:
        request: What was prepared.
        redactor: Of its exchange; None = it was not sent, and its secrets are not read.
        typed: The names that were typed, in lower case.
    """
    import_httpx()
    redactor = redactor or request.redactor
    url = request.url.partition("#")[0]
    sent = wire_request(request, url, None, ConnectionTrace(), None)
    pairs = redactor.redact_headers(
        tuple((name.decode(), value.decode()) for name, value in sent.headers.raw)
    )
    prepared = {name.lower() for name, _ in request.headers}
    headers = [
        DescribedHeader(name, value, _source(name.lower(), typed, prepared))
        for name, value in pairs
    ]
    if request.authorization is not None:
        scheme = authorization_scheme(request.authorization)
        headers.append(
            DescribedHeader(
                "Authorization", f"{scheme} {REDACTED}", str(request.authorization)
            )
        )
    return tuple(headers)


def _source(name: str, typed: Collection[str], prepared: Collection[str]) -> str:
    if name in typed:
        return "Headers tab"
    if name in _COMPUTED:
        return "HTTP"
    return "added by mixtui" if name in prepared else "default"


def body_text(request: PreparedRequest, redactor: Redactor | None = None) -> str | None:
    """Return the uncompressed body, secrets masked; None = there is none that is text."""
    content = request.content
    if not isinstance(content, bytes):
        return None
    if is_gzip(request.headers):
        import gzip

        content = gzip.decompress(content)
    try:
        return (redactor or request.redactor).redact(content.decode())
    except UnicodeDecodeError:
        return None


def body_head(request: PreparedRequest, limit: int) -> bytes:
    """Return the beginning of the uncompressed body, secrets masked where it is text.

    Args:
        request: Its body may be a file.
        limit: Bytes of a file that are read.

    Raises:
        OSError: The file cannot be read.
    """
    content = request.content
    if not isinstance(content, FileContent):
        return (body_text(request) or "").encode()
    with content.path.open("rb") as file:
        head = file.read(limit)
    # The last character may be cut.
    text = codecs.getincrementaldecoder("utf-8")()
    try:
        return request.redactor.redact(text.decode(head)).encode()
    except UnicodeDecodeError:
        return head


def body_note(request: PreparedRequest) -> str:
    """Return what the body is, such as ``1.2 KB, gzip``; empty = there is none."""
    content = request.content
    if content is None:
        return ""
    if isinstance(content, FileContent):
        return f"{content.path}, {size(content.size)}"
    coding = ", gzip" if is_gzip(request.headers) else ""
    return f"{size(len(content))}{coding}"
