"""The value under the cursor: as the server wrote it, or as a person reads it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mixtui.core.document import Document
from mixtui.core.jq_path import jq_path
from mixtui.core.json_fragment import INDENT
from mixtui.core.json_layout import IndentedJson
from mixtui.core.json_outline import around, level_of, path, span
from mixtui.core.words import counted

_KEY = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*": ')
SHORT = 60
"""Bytes; a longer text is worth a screen of its own."""
MOST_LINES = 2_000_000
"""A value of more lines is saved with the body, not taken out of it."""


@dataclass(frozen=True, slots=True)
class Value:
    """A part of a document that can be shown or copied alone."""

    name: str
    """Its path in jq notation, or which line or record it is."""
    data: bytes
    """JSON, indented as in the document; or the bytes of a line."""
    is_json: bool

    @property
    def text(self) -> str:
        """What is copied: a JSON text without quotation marks, all else as it is."""
        text = self.data.decode("utf-8", "replace")
        if not self.is_json or not text.startswith('"'):
            return text
        try:
            text = str(json.loads(text))
        except ValueError:
            return text
        # Half a character (a lone surrogate) cannot be copied or written anywhere.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def value_at(document: Document, line: int) -> Value | None:
    """The value on a line: of an opening or closing bracket, all of it.

    None = there is no such line, more of the value than can be taken out, or its end
    has not come.
    """
    if not 0 <= line < document.line_count:
        return None
    layout = document.layout
    steps = path(layout, line) if isinstance(layout, IndentedJson) else None
    if steps is None or not isinstance(layout, IndentedJson):
        noun = "record" if document.language.is_json else "line"
        return Value(
            f"{noun} {line + 1:,}", layout.raw(line), document.language.is_json
        )
    found = span(layout, line)
    if found is None and _opens(layout, line):
        return None
    if found is not None and found.end - found.start > MOST_LINES:
        return None
    first, last = (line, line) if found is None else (found.start, found.end)
    data = _taken_out(layout, first, last)
    return Value(jq_path(steps), data, True)


def record_at(document: Document, line: int) -> Value | None:
    """The value on a line, or, of a short one, the object or list that it is in.

    None = as for `value_at`.
    """
    value, layout = value_at(document, line), document.layout
    if value is None or not isinstance(layout, IndentedJson):
        return value
    if value.data[:1] not in b"{[" and len(value.data) <= SHORT:
        outer = around(layout, line)
        return value if outer is None else value_at(document, outer.start)
    return value


def _opens(layout: IndentedJson, line: int) -> bool:
    """Whether an object or list of more lines starts on a line."""
    return layout.raw(line).endswith((b"{", b"["))


def _taken_out(layout: IndentedJson, first: int, last: int) -> bytes:
    """Lines without the indentation, the name and the comma of the value."""
    margin = level_of(layout.raw(first)) * INDENT
    lines: list[bytes] = []
    for part in range(layout.part_of(first), layout.part_of(last) + 1):
        begin = layout.part(part).first_line
        some = layout.lines_of(part)[max(0, first - begin) : last + 1 - begin]
        lines += [line[margin:] for line in some]
    if found := _KEY.match(lines[0]):
        lines[0] = lines[0][found.end() :]
    lines[-1] = lines[-1].removesuffix(b",")
    return b"\n".join(lines)


def too_much(document: Document, line: int) -> str:
    """Why there is no value of a line, in a sentence."""
    layout = document.layout
    found = span(layout, line) if isinstance(layout, IndentedJson) else None
    if found is None:
        if isinstance(layout, IndentedJson) and 0 <= line < layout.laid_out:
            return "The end of this value has not come."
        return "There is nothing here."
    lines = counted(found.end - found.start + 1, "line")
    return f"The value has {lines}: save the body with s and take it out of the file."
