"""A response body made readable: its language, its layout and its lines.

`read` works on bytes in a worker thread; the viewer then asks for the lines it shows,
and only those are decoded (see `core.lines`).
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, getincrementaldecoder
from dataclasses import dataclass, field
from enum import StrEnum

from mixtui.core.hex_lines import HexLines
from mixtui.core.json_layout import NotLaidOut, is_json, lay_out
from mixtui.core.lines import TextLines
from mixtui.core.words import size


class Language(StrEnum):
    """What a body is written in."""

    JSON = "json"
    JSON_LINES = "json lines"
    """One value a line, as raw export answers."""
    CSV = "csv"
    TEXT = "text"
    HEX = "hex"
    """Binary, shown as numbers."""


@dataclass(frozen=True, slots=True)
class Document:
    """A body as it is shown."""

    source: bytes = field(repr=False)
    """The body as it came."""
    language: Language
    lines: TextLines | HexLines = field(repr=False, compare=False)
    notice: str = ""
    """Sentences about what is shown; empty if there is nothing to say."""

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    @property
    def width(self) -> int:
        """Cells that the widest line takes at most."""
        return self.lines.width

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """A line, or ``width`` characters of it from ``start``, fit for the terminal.

        Raises:
            IndexError: There is no such line.
        """
        return self.lines.line(index, start, width)


EMPTY_NOTICE = "The body is empty."
_BARE = {
    b"1": (
        "A bare 1: Mixpanel took the request. It does not say that the token exists or "
        "that every record was kept; with verbose=1 in the query it says more."
    ),
    b"0": (
        "A bare 0: Mixpanel refused the records. "
        "With verbose=1 in the query it says why."
    ),
}
_JSON_TYPES = ("application/json", "text/json")
_JSON_LINES_TYPES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/jsonlines",
)
_CSV_TYPES = ("text/csv", "application/csv")
_JSON_STARTS = b'{["-0123456789tfn'
_SPACE = b" \t\r\n"
_ODD = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_FEW = 4
_SAMPLE = 1 << 13
_FIRST_LINE = 1 << 20


def read(body: bytes, media_type: str = "", *, raw: bool = False) -> Document:
    """Make a body readable. Takes its time for a big one: call it in a thread.

    Args:
        body: As it came, decompressed.
        media_type: The content type without parameters, in lower case; a hint only,
            as Mixpanel answers JSON as ``text/plain``.
        raw: Leave the layout as it came.
    """
    if not body:
        return Document(body, Language.TEXT, TextLines(body), EMPTY_NOTICE)
    if _is_binary(body):
        notice = f"Binary: {size(len(body))}, shown in hexadecimal."
        return Document(body, Language.HEX, HexLines(body), notice)
    language, text, notices = _laid_out(body.removeprefix(BOM_UTF8), media_type, raw)
    if not _is_utf8(text):
        notices.append(
            "Bytes that are not UTF-8 are shown as \N{REPLACEMENT CHARACTER}."
        )
    return Document(body, language, TextLines(text), " ".join(notices))


def _laid_out(
    text: bytes, media_type: str, raw: bool
) -> tuple[Language, bytes, list[str]]:
    if media_type in _CSV_TYPES:
        return Language.CSV, text, []
    if media_type in _JSON_LINES_TYPES or _is_json_lines(text):
        return Language.JSON_LINES, text, []
    says_json = media_type in _JSON_TYPES or media_type.endswith("+json")
    start = text[:_SAMPLE].lstrip(_SPACE)[:1]
    if not start or start not in _JSON_STARTS:
        return Language.TEXT, text, [_NOT_JSON] if says_json else []
    try:
        pretty = lay_out(text)
    except NotLaidOut as reason:
        if says_json or start in b"{[":
            return Language.JSON, text, [str(reason)]
        return Language.TEXT, text, []
    bare = _BARE.get(text.strip(_SPACE)) if len(text) < _SAMPLE else None
    return Language.JSON, text if raw else pretty, [bare] if bare else []


_NOT_JSON = "The content type says JSON, but this is not: shown as it came."


def _is_json_lines(text: bytes) -> bool:
    """Whether the first line is a whole JSON list or object, and another follows."""
    start = text[:_FIRST_LINE].lstrip(_SPACE)
    first, newline, rest = start.partition(b"\n")
    if not newline or first[:1] not in (b"{", b"["):
        return False
    return bool(rest.strip(_SPACE)) and is_json(first)


def _is_binary(body: bytes) -> bool:
    """Whether the beginning holds a NUL, or is mostly not text."""
    sample = body[:_SAMPLE]
    if b"\0" in sample:
        return True
    text = sample.decode("utf-8", "replace")
    # An escape sequence is text that somebody coloured.
    odd = len(_ODD.findall(text))
    return odd > _FEW and odd * 5 > len(text)


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    decoder = getincrementaldecoder("utf-8")()
    try:
        for offset in range(0, len(text), _FIRST_LINE):
            decoder.decode(text[offset : offset + _FIRST_LINE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
