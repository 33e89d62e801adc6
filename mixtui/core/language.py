"""What a body is written in, judged by its beginning."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from enum import StrEnum

from mixtui.core.surrogates import replace_lone_surrogates


class Language(StrEnum):
    """What a body is written in."""

    JSON = "json"
    JSON_LINES = "json lines"
    """One value a line, as raw export answers."""
    CSV = "csv"
    TEXT = "text"
    HEX = "hex"
    """Binary, shown as numbers."""

    @property
    def is_json(self) -> bool:
        """Whether lines are coloured as JSON."""
        return self in (Language.JSON, Language.JSON_LINES)


ENOUGH = 1 << 14
"""Bytes without a line end that a body is judged by while it still comes."""
FIRST_LINE = 1 << 20
"""Bytes; a longer first line is not looked at for being a record."""
_JSON_TYPES = ("application/json", "text/json")
_JSON_LINES_TYPES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/jsonlines",
)
_CSV_TYPES = ("text/csv", "application/csv")
_SCALARS = b'"-0123456789tfn'
_SPACE = b" \t\r\n"
_ODD = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_FEW = 4
_SAMPLE = 1 << 13


def is_json_type(media_type: str) -> bool:
    """Whether a content type promises JSON."""
    return media_type in _JSON_TYPES or media_type.endswith("+json")


def detect_language(head: bytes, media_type: str, *, whole: bool) -> Language | None:
    """The language of a body; None = too little has come to say.

    Args:
        head: The first `FIRST_LINE` bytes, or what there is of them; of all of them
            it can always be said.
        media_type: The content type without parameters, in lower case; a hint only,
            as Mixpanel answers JSON as ``text/plain``.
        whole: The head is all of the body.
    """
    settled = whole or len(head) >= FIRST_LINE
    text = head.removeprefix(BOM_UTF8).lstrip(_SPACE)
    # A NUL makes bytes binary, unless they are plainly meant as JSON.
    meant = text[:1] in (b"{", b"[") or is_json_type(media_type)
    if b"\0" in head[:_SAMPLE] and not meant:
        return Language.HEX
    enough = settled or len(text) >= ENOUGH or b"\n" in text
    if enough and is_binary(head):
        return Language.HEX
    if media_type in _CSV_TYPES:
        return Language.CSV
    if media_type in _JSON_LINES_TYPES:
        return Language.JSON_LINES
    if not enough:
        return None
    start = text[:1]
    if start and start in b"{[":
        return _of_brackets(text, settled)
    if start and start in _SCALARS:
        return _of_scalar(text, media_type, settled)
    return Language.TEXT


def _of_brackets(text: bytes, settled: bool) -> Language | None:
    """JSON lines if the first line is a whole value and something follows it."""
    first, newline, rest = text.partition(b"\n")
    if not newline or not is_json(first):
        return Language.JSON
    if rest.strip(_SPACE):
        return Language.JSON_LINES
    return Language.JSON if settled else None


def _of_scalar(text: bytes, media_type: str, settled: bool) -> Language | None:
    """JSON if it is one line; of a very long one only the content type can tell."""
    if len(text) >= ENOUGH and b"\n" not in text[:ENOUGH]:
        return Language.JSON if is_json_type(media_type) else Language.TEXT
    first, _, rest = text.partition(b"\n")
    if rest.strip(_SPACE) or not is_json(first):
        return Language.TEXT
    return Language.JSON if settled else None


def is_json(data: bytes) -> bool:
    """Whether the bytes are one JSON value."""
    import msgspec

    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except RecursionError:
        return False
    except msgspec.DecodeError:
        found = replace_lone_surrogates(data)
        return found is not None and is_json(found[0])
    return True


def is_binary(body: bytes) -> bool:
    """Whether the beginning is mostly not text."""
    text = body[:_SAMPLE].decode("utf-8", "replace")
    # An escape sequence is text that somebody coloured.
    odd = len(_ODD.findall(text))
    return odd > _FEW and odd * 5 > len(text)
