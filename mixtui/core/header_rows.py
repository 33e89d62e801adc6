"""Typed headers checked, and the headers that the app sets."""

from __future__ import annotations

import gzip
import re

from mixtui.core.bodies import EncodedBody, FileContent
from mixtui.core.errors import DraftError, Field
from mixtui.core.exchange import Headers

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_FROM_THE_REQUEST = ("host", "content-length", "transfer-encoding", "connection")


def validate_header(name: str, value: str) -> tuple[str, str]:
    """A header that can be sent.

    Raises:
        DraftError: The name or the value cannot go on the wire.
    """
    value = value.strip(" \t")
    if not _TOKEN.fullmatch(name):
        raise DraftError(
            Field.HEADERS,
            f"The header name {name!r} is not valid: use letters, digits and hyphens.",
        )
    if name.lower() in _FROM_THE_REQUEST:
        raise DraftError(
            Field.HEADERS,
            f"The header {name} is set by mixtui from the request itself: "
            "switch this row off.",
        )
    if any((ord(c) < 32 and c != "\t") or ord(c) > 126 for c in value):
        raise DraftError(
            Field.HEADERS,
            f"The value of the header {name} holds a control character or one outside "
            "ASCII: percent-encode it.",
        )
    return name, value


def has_header(headers: Headers, name: str) -> bool:
    """Whether a header of that name (in lower case) is there."""
    return any(typed.lower() == name for typed, _ in headers)


def finalise_headers(
    typed: Headers, encoded: EncodedBody, *, say_type: bool = True
) -> tuple[Headers, bytes | FileContent | None, tuple[str, ...]]:
    """The headers with a content type, the content, compressed if the headers say so,
    and notices."""
    headers, content = list(typed), encoded.content
    if content is None:
        return typed, None, ()
    notices: list[str] = []
    if say_type and not has_header(typed, "content-type"):
        headers.append(("Content-Type", encoded.content_type))
    says_gzip = any(
        name.lower() == "content-encoding" and value.lower() == "gzip"
        for name, value in typed
    )
    if says_gzip and isinstance(content, bytes):
        content = gzip.compress(content, mtime=0)
        notices.append("The body was compressed, as the Content-Encoding header says.")
    return tuple(headers), content, tuple(notices)
