"""Count the records in the body of a request, to compare with what was stored."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from mixtui.jsonbytes import NotJson, decode
from mixtui.model.prepared import FileContent
from mixtui.request.headers import content_codings

if TYPE_CHECKING:
    from mixtui.model.prepared import PreparedRequest

MAX_COUNTED_BYTES = 20_000_000
"""Mixpanel accepts no larger batch, compressed or not."""


def count_sent_records(request: PreparedRequest) -> int | None:
    """Count the records of a JSON list, one object or JSON lines; None = unknown.

    Blocking: a body that was streamed is read again, if its file still has that size.
    """
    if request.records is not None:
        return request.records
    content = _read_content(request.content)
    if content is None:
        return None
    match content_codings(request.headers):
        case ():
            return _count(content)
        case ("gzip",):
            return _count(_decompress(content))
        case _:
            return None


def _read_content(content: bytes | FileContent | None) -> bytes | None:
    if not isinstance(content, FileContent):
        return content
    if content.size > MAX_COUNTED_BYTES:
        return None
    try:
        data = content.path.read_bytes()
    except OSError:
        return None
    return data if len(data) == content.size else None


def _decompress(content: bytes) -> bytes:
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = stream.decompress(content, MAX_COUNTED_BYTES)
    except zlib.error:
        return b""
    return text if stream.eof and not stream.unused_data else b""


def _count(text: bytes) -> int | None:
    import msgspec

    try:
        if text.lstrip()[:1] == b"[":
            return len(decode(text, list[msgspec.Raw]))
    except NotJson:
        return None
    lines = [line for line in text.split(b"\n") if line.strip()]
    return 1 if _is_json(text) else len(lines) if lines and _is_json(lines[0]) else None


def _is_json(text: bytes) -> bool:
    import msgspec

    try:
        decode(text, msgspec.Raw)
    except NotJson:
        return False
    return True
