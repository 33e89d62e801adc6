"""Validate and look up request headers."""

from __future__ import annotations

import re

from mixtui.model.draft import Headers
from mixtui.model.errors import DraftError, Field
from mixtui.patterns import compile_late
from mixtui.text import sanitize_excerpt

_HEADER_NAME = compile_late(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_CHARSET = compile_late(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_MAX_SHOWN = 60
_COMPUTED_HEADERS = ("host", "content-length", "transfer-encoding", "connection")


def validate_header(name: str, value: str) -> tuple[str, str]:
    """Check a typed header, and strip its value.

    Raises:
        DraftError: The name or the value cannot be sent.
    """
    value = value.strip(" \t")
    if not _HEADER_NAME.fullmatch(name):
        raise DraftError(
            Field.HEADERS,
            f"The header name “{sanitize_excerpt(name, _MAX_SHOWN)}” is not valid: use "
            "letters, digits and hyphens.",
        )
    if name.lower() in _COMPUTED_HEADERS:
        raise DraftError(
            Field.HEADERS,
            f"mixtui sets the header {name} from the request itself: disable this row.",
        )
    if any((ord(c) < 32 and c != "\t") or ord(c) > 126 for c in value):
        raise DraftError(
            Field.HEADERS,
            f"The value of the header {name} contains a control or non-ASCII "
            "character: percent-encode it.",
        )
    return name, value


def has_header(headers: Headers, name: str) -> bool:
    """Return whether there is a header of that name, given in lower case."""
    return any(header.lower() == name for header, _ in headers)


def content_codings(headers: Headers) -> tuple[str, ...]:
    """Return the codings that the headers declare for the body, in order.

    In lower case, ``gzip`` for ``x-gzip`` and without ``identity`` (RFC 9110, section
    8.4.1).
    """
    listed = ",".join(v for name, v in headers if name.lower() == "content-encoding")
    codings = (part.strip().lower() for part in listed.split(","))
    return tuple(
        "gzip" if coding == "x-gzip" else coding
        for coding in codings
        if coding not in ("", "identity")
    )


def declared_charset(headers: Headers) -> str | None:
    """Return the charset that a Content-Type declares; None = none does."""
    for name, value in headers:
        if name.lower() == "content-type" and (match := _CHARSET.search(value)):
            return match[1]
    return None


def is_gzip(headers: Headers) -> bool:
    """Return whether the headers declare a body that is compressed once with gzip."""
    return content_codings(headers) == ("gzip",)
