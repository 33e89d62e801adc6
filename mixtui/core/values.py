"""The value under the cursor: as the server wrote it, or as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.core.document import Document
from mixtui.core.jq_path import jq_path
from mixtui.core.json_layout import IndentedJson
from mixtui.core.json_outline import enclosing_span, path, span_of
from mixtui.core.value_text import plain, scalar, span_lines
from mixtui.core.words import pluralise

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
        """A JSON text without quotation marks, all else as it is."""
        if self.is_json:
            return plain(self.data)
        return self.data.decode("utf-8", "replace")


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
    found = span_of(layout, line)
    if found is None and _opens(layout, line):
        return None
    if found is not None and found.end - found.start > MOST_LINES:
        return None
    if found is None:
        return Value(jq_path(steps), scalar(layout, line), True)
    return Value(jq_path(steps), b"".join(span_lines(layout, found)), True)


def record_at(document: Document, line: int) -> Value | None:
    """The value on a line, or, of a short one, the object or list that it is in.

    None = as for `value_at`.
    """
    value, layout = value_at(document, line), document.layout
    if value is None or not isinstance(layout, IndentedJson):
        return value
    if value.data[:1] not in b"{[" and len(value.data) <= SHORT:
        outer = enclosing_span(layout, line)
        return value if outer is None else value_at(document, outer.start)
    return value


def _opens(layout: IndentedJson, line: int) -> bool:
    """Whether an object or list of more lines starts on a line."""
    return layout.raw(line).endswith((b"{", b"["))


def too_much(document: Document, line: int) -> str:
    """Why there is no value of a line, in a sentence."""
    layout = document.layout
    found = span_of(layout, line) if isinstance(layout, IndentedJson) else None
    if found is None:
        if isinstance(layout, IndentedJson) and 0 <= line < layout.laid_out:
            return "The end of this value has not come."
        return "There is nothing here."
    lines = pluralise(found.end - found.start + 1, "line")
    return f"The value has {lines}: save the body with s and take it out of the file."
