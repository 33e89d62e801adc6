"""The text of a document in chunks, to be saved or piped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mixtui.document.document import Document, Language
from mixtui.document.layout import HexLines, TextLines
from mixtui.document.source import ByteSource, FileSource, Spool
from mixtui.patterns import compile_late
from mixtui.text import MARK

_SUFFIXES = {
    Language.JSON: ".json",
    Language.JSON_LINES: ".jsonl",
    Language.CSV: ".csv",
    Language.TEXT: ".txt",
    Language.HEX: ".bin",
}


def text_chunks(document: Document) -> Iterator[bytes]:
    """Yield the text as displayed, ended by a line feed; for an incomplete body, what
    has arrived.

    Control characters are not replaced.

    Raises:
        OSError: The disk failed.
    """
    count = document.line_count
    for index in range(document.part_count):
        part = document.part(index)
        if part.first_line >= count:
            break  # This part is only the rest of the previous line.
        yield b"\n" + part.text if index and not part.start else part.text
    if count:
        yield b"\n"


def is_reformatted(document: Document) -> bool:
    """Return whether the displayed text differs from the body."""
    return not isinstance(document.layout, TextLines)


def file_suffix(document: Document, *, as_shown: bool) -> str:
    """Return the file suffix for the document: ``.json``."""
    if as_shown and isinstance(document.layout, HexLines):
        return ".txt"
    return _SUFFIXES[document.language]


def file_of(source: ByteSource) -> Path | None:
    """Return the file that holds a body; None = it is in memory."""
    return source.path if isinstance(source, Spool | FileSource) else None


_ACTING = compile_late(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|\xc2[\x80-\x9f]")
_C1 = compile_late(rb"\xc2[\x80-\x9f]")
_ESCAPE, _C1_LEAD = b"\x1b", b"\xc2"
_HALVES = (_C1_LEAD, b"\r")
_STEP = 1 << 20


def sanitize_for_pager(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text with a visible symbol in place of every control character."""
    rest = b""
    for chunk in chunks:
        # A character or a two-byte line end may be split between chunks.
        data = rest + chunk
        rest = data[-1:] if data.endswith(_HALVES) else b""
        yield _ACTING.sub(_picture, data.removesuffix(rest))
    yield _ACTING.sub(_picture, rest)


def is_harmless(source: ByteSource) -> bool:
    """Return whether a body contains no start of an escape sequence. Reads all of it.

    Raises:
        OSError: The disk failed.
    """
    for start in range(0, source.size, _STEP):
        data = source.read(start, start + _STEP + 1)
        if _ESCAPE in data or (_C1_LEAD in data and _C1.search(data)):
            return False
    return True


def _picture(match: re.Match[bytes]) -> bytes:
    content = match.group()
    if len(content) > 1:
        return MARK.encode()
    code = content[0]
    return chr(0x2421 if code == 0x7F else 0x2400 + code).encode()
