"""A response body as a document: its language, layout and lines.

`DocumentLoader` reads a body in a worker thread, even while it is still arriving; the
viewer requests the lines it displays, and only those are decoded.
"""

from __future__ import annotations

from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Iterator
from enum import StrEnum

from mixtui import jsonbytes
from mixtui.document.json_fragment import replace_lone_surrogates
from mixtui.document.json_layout import IndentedJson
from mixtui.document.layout import HexLines, LayoutPart, TextLines
from mixtui.document.source import ByteSource, BytesSource
from mixtui.patterns import compile_late
from mixtui.text import size


class Language(StrEnum):
    """What a body is written in."""

    JSON = "json"
    JSON_LINES = "json lines"
    """One value per line, as in a raw export."""
    CSV = "csv"
    TEXT = "text"
    HEX = "hex"
    """Binary data, displayed as hexadecimal."""

    @property
    def is_json(self) -> bool:
        """Whether lines are highlighted as JSON."""
        return self in (Language.JSON, Language.JSON_LINES)


ENOUGH = 1 << 14
"""Bytes without a line end after which the language of an incomplete body is
decided.
"""
FIRST_LINE = 1 << 20
"""Bytes; a longer first line is not checked for being a record."""
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
_CONTINUED = (b"{", b"[", b",", b":")
"""What ends a line of a document that goes on in the next one."""
_MAX_DAMAGED_LINES = 16
"""How many lines at the start are read to find a record."""
_WHITESPACE = b" \t\r\n"
_ODD = compile_late("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_FEW = 4
_SAMPLE = 1 << 13


def is_json_type(media_type: str) -> bool:
    """Return whether a media type denotes JSON."""
    return media_type in _JSON_TYPES or media_type.endswith("+json")


def detect_language(head: bytes, media_type: str, *, complete: bool) -> Language | None:
    """Return the language of a body; None = too few bytes have arrived to decide.

    Args:
        head: The first `FIRST_LINE` bytes, or all that are available; a full head is
            always enough to decide.
        media_type: The content type without parameters, in lower case; only a hint,
            because Mixpanel sends JSON as ``text/plain``.
        complete: Whether the head is the entire body.
    """
    is_final = complete or len(head) >= FIRST_LINE
    text = head.removeprefix(BOM_UTF8).lstrip(_WHITESPACE)
    # A NUL makes the body binary, unless it clearly starts as JSON.
    looks_like_json = text[:1] in (b"{", b"[") or is_json_type(media_type)
    if b"\0" in head[:_SAMPLE] and not looks_like_json:
        return Language.HEX
    is_decidable = is_final or len(text) >= ENOUGH or b"\n" in text
    if is_decidable and is_binary(head):
        return Language.HEX
    if media_type in _CSV_TYPES:
        return Language.CSV
    if media_type in _JSON_LINES_TYPES:
        return Language.JSON_LINES
    if not is_decidable:
        return None
    start = text[:1]
    if start and start in b"{[":
        return _detect_json_lines(text, is_final)
    follows = _find_record_after(text.partition(b"\n")[2], is_final)
    if follows is not False:
        # A first line that is damaged does not decide about the records after it.
        return Language.JSON_LINES if follows else None
    if start and start in _SCALARS:
        return _detect_scalar(text, media_type, is_final)
    return Language.TEXT


def _detect_json_lines(text: bytes, is_final: bool) -> Language | None:
    """Detect JSON lines: a line is a complete value, and the first one is one, too, or
    cannot be continued by it.
    """
    first, newline, rest = text.partition(b"\n")
    if not newline:
        return Language.JSON
    if not is_json(first):
        if not first.startswith(b"{") or first.rstrip(_WHITESPACE)[-1:] in _CONTINUED:
            return Language.JSON
        follows = _find_record_after(rest, is_final)
        if follows is None:
            return None
        return Language.JSON_LINES if follows else Language.JSON
    if rest.strip(_WHITESPACE):
        return Language.JSON_LINES
    return Language.JSON if is_final else None


def _find_record_after(rest: bytes, is_final: bool) -> bool | None:
    """Return whether an object on a line of its own follows a line that is not a record.

    Lines that also begin an object but do not end it are skipped. None = the line that
    decides has not arrived.
    """
    lines = rest.split(b"\n", _MAX_DAMAGED_LINES)
    incomplete = len(lines) - 1 if len(lines) <= _MAX_DAMAGED_LINES else None
    for index, line in enumerate(lines[:_MAX_DAMAGED_LINES]):
        line = line.strip(_WHITESPACE)
        if line and not line.startswith(b"{"):
            return False
        if index == incomplete and not is_final:
            return None
        if line and is_json(line):
            return True
        if line and line[-1:] in _CONTINUED:
            return False
    return False


def _detect_scalar(text: bytes, media_type: str, is_final: bool) -> Language | None:
    """Detect a JSON scalar on one line; if it is very long, trust the content type."""
    if len(text) >= ENOUGH and b"\n" not in text[:ENOUGH]:
        return Language.JSON if is_json_type(media_type) else Language.TEXT
    first, _, rest = text.partition(b"\n")
    if rest.strip(_WHITESPACE) or not is_json(first):
        return Language.TEXT
    return Language.JSON if is_final else None


def is_json(data: bytes) -> bool:
    """Return whether the bytes are one JSON value."""
    import msgspec

    try:
        jsonbytes.decode(data, msgspec.Raw)
    except jsonbytes.NotJson:
        replaced = replace_lone_surrogates(data)
        return replaced is not None and is_json(replaced[0])
    return True


def is_binary(body: bytes) -> bool:
    """Return whether the beginning is mostly not text."""
    text = body[:_SAMPLE].decode("utf-8", "replace")
    # An escape sequence is only coloured text.
    unprintable = len(_ODD.findall(text))
    return unprintable > _FEW and unprintable * 5 > len(text)


__all__ = ["Document", "DocumentLoader", "Language", "read"]

AnyLayout = TextLines | IndentedJson | HexLines
EMPTY_NOTICE = "The body is empty."
_BARE = {
    b"1": (
        "A bare 1: Mixpanel accepted the request, but has not verified the token or "
        "every record. Add verbose=1 to the query for details."
    ),
    b"0": (
        "A bare 0: Mixpanel rejected the records. Add verbose=1 to the query to see "
        "why."
    ),
}
_NOT_JSON = "The content type is JSON, but the body is not: shown raw."
_NOT_UTF8 = "Bytes that are not UTF-8 are shown as \N{REPLACEMENT CHARACTER}."
_SPACE = b" \t\r\n"
_STEP = 1 << 17


class Document:
    """A body as displayed; grows while the body arrives."""

    def __init__(
        self, source: ByteSource, language: Language, layout: AnyLayout
    ) -> None:
        self.source = source
        """The raw body, decompressed."""
        self.language = language
        self.layout = layout
        self.complete = False
        """Whether no more lines will come."""
        self.remarks: tuple[str, ...] = ()
        """Sentences about the body that do not depend on its layout."""

    @property
    def notice(self) -> str:
        """Return sentences about how the body is displayed; empty if there are none."""
        return " ".join((*self._formatted_json(), *self.remarks))

    @property
    def line_count(self) -> int:
        """Return the current number of lines; the last one may still grow."""
        return self.layout.line_count

    @property
    def width(self) -> int:
        """Return an upper bound of the width of the widest line, in cells."""
        return self.layout.width

    @property
    def part_count(self) -> int:
        """Return the current number of parts."""
        return self.layout.part_count

    def part(self, index: int) -> LayoutPart:
        """Return a part: some consecutive lines.

        Raises:
            IndexError: There is no such part.
        """
        return self.layout.part(index)

    def raw(self, line: int) -> bytes:
        """Return a line's bytes, without its line end.

        Raises:
            IndexError: There is no such line.
        """
        return self.layout.raw(line)

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """Return a line, or ``width`` characters of it from ``start``, safe for the
        terminal.

        Raises:
            IndexError: There is no such line.
        """
        return self.layout.line(index, start, width)

    def _formatted_json(self) -> Iterator[str]:
        layout = self.layout
        if not isinstance(layout, IndentedJson):
            return
        if layout.problem and layout.formatted_lines == layout.line_count:
            yield f"The body is {layout.problem}."
        elif layout.problem and layout.formatted_lines:
            line = f"{layout.formatted_lines + 1:,}"
            yield f"From line {line} on, the body is {layout.problem}: shown raw."
        elif layout.problem:
            yield f"The body is {layout.problem}: shown raw."
        if layout.documents > 1:
            yield f"{layout.documents:,} concatenated JSON documents."


class DocumentLoader:
    """Reads the bytes that have arrived into a document. Use it from one thread at a
    time.
    """

    def __init__(
        self, source: ByteSource, media_type: str = "", *, raw: bool = False
    ) -> None:
        """Prepare to read; nothing is read yet.

        Args:
            source: The decompressed body; may still grow.
            media_type: The content type without parameters, in lower case.
            raw: Keep the original layout.
        """
        self._source, self._media_type, self._raw = source, media_type, raw
        self._decoder = getincrementaldecoder("utf-8")()
        self._decoded = 0
        self._is_utf8 = True
        self.document: Document | None = None
        """None = too little has come to say what it is."""

    def advance(self, *, final: bool) -> Iterator[None]:
        """Read the bytes that have arrived; yields often so that the caller can stop.

        Args:
            final: Whether the body is complete.

        Raises:
            OSError: The disk failed.
        """
        until = self._source.size
        if self.document is None:
            self.document = self._begin(until, final)
        document = self.document
        if document is None:
            return
        match document.layout:
            case IndentedJson() as layout:
                yield from layout.advance(until, final=final)
            case TextLines() as layout:
                for end in (*range(layout.end + _STEP, until, _STEP), until):
                    layout.advance(end)
                    yield
            case HexLines() as layout:
                layout.advance(until)
        if document.language is not Language.HEX:
            yield from self._check_utf8(until, final)
        if final:
            self._finish(document)

    def _begin(self, until: int, final: bool) -> Document | None:
        head = self._source.read(0, FIRST_LINE)
        if not final and head and head != BOM_UTF8 and BOM_UTF8.startswith(head):
            return None
        complete = final and until <= FIRST_LINE
        language = detect_language(head, self._media_type, complete=complete)
        if language is None:
            return None
        start = len(BOM_UTF8) if head.startswith(BOM_UTF8) else 0
        layout: AnyLayout = TextLines(self._source, start)
        if language is Language.HEX:
            layout = HexLines(self._source)
        elif language is Language.JSON and not self._raw:
            layout = IndentedJson(self._source, start)
        return Document(self._source, language, layout)

    def _check_utf8(self, until: int, final: bool) -> Iterator[None]:
        while self._is_utf8 and self._decoded < until:
            data = self._source.read(self._decoded, min(self._decoded + _STEP, until))
            if not data:
                break  # The source has been truncated.
            self._decoded += len(data)
            self._decode(data)
            yield
        if final:
            self._decode(b"", final=True)

    def _decode(self, data: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(data, final=final)
        except UnicodeDecodeError:
            self._is_utf8 = False

    def _finish(self, document: Document) -> None:
        document.remarks = tuple(self._remarks(document))
        document.complete = True

    def _remarks(self, document: Document) -> Iterator[str]:
        length = self._source.size
        if not length:
            yield EMPTY_NOTICE
        elif document.language is Language.HEX:
            yield f"Binary: {size(length)}, shown as hex."
        elif document.language is Language.TEXT and is_json_type(self._media_type):
            yield _NOT_JSON
        if document.language is Language.JSON and length <= 4:
            yield from filter(None, [_BARE.get(self._source.read(0, 4).strip(_SPACE))])
        if not self._is_utf8:
            yield _NOT_UTF8


def read(body: bytes, media_type: str = "", *, raw: bool = False) -> Document:
    """Read a body in memory into a document. Slow for a large body: call it in a
    thread.

    Args:
        body: The decompressed body.
        media_type: The content type without parameters, in lower case; only a hint,
            because Mixpanel sends JSON as ``text/plain``.
        raw: Keep the original layout.
    """
    return read_source(BytesSource(body), media_type, raw=raw)


def read_source(
    source: ByteSource, media_type: str = "", *, raw: bool = False
) -> Document:
    """Read a complete source into a document.

    Raises:
        OSError: The disk failed.
    """
    reading = DocumentLoader(source, media_type, raw=raw)
    for _ in reading.advance(final=True):
        pass
    assert reading.document is not None  # A complete body always has a language.
    return reading.document
