"""A document as the text that is shown, piece by piece: to be saved or handed on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mixtui.core.byte_source import ByteSource, FileSource
from mixtui.core.document import Document
from mixtui.core.hex_lines import HexLines
from mixtui.core.language import Language
from mixtui.core.lines import TextLines
from mixtui.core.spool import Spool

_SUFFIXES = {
    Language.JSON: ".json",
    Language.JSON_LINES: ".jsonl",
    Language.CSV: ".csv",
    Language.TEXT: ".txt",
    Language.HEX: ".bin",
}


def text_chunks(document: Document) -> Iterator[bytes]:
    """The text as it is shown, ended by a line feed; of one still coming, what is there.

    Characters that a terminal would act on are as the server wrote them.

    Raises:
        OSError: The disk failed.
    """
    count = document.line_count
    for index in range(document.part_count):
        part = document.part(index)
        if part.first_line >= count:
            break  # The rest of the line before was all of this part.
        yield b"\n" + part.text if index and not part.start else part.text
    if count:
        yield b"\n"


def is_reformatted(document: Document) -> bool:
    """Whether what is shown is another text than what came."""
    return not isinstance(document.layout, TextLines)


def file_suffix(document: Document, *, as_shown: bool) -> str:
    """How the name of a file ends that holds the document: ``.json``."""
    if as_shown and isinstance(document.layout, HexLines):
        return ".txt"
    return _SUFFIXES[document.language]


def file_of(source: ByteSource) -> Path | None:
    """The file that holds a body; None = it is in memory."""
    return source.path if isinstance(source, Spool | FileSource) else None
