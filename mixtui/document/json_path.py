"""JSON paths of lines: the path of a line, the span of its value, and the value.

Searches are bounded: each fragment of the layout stores the containers open at its
start and how many values came before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from mixtui.document.document import Document
from mixtui.document.json_fragment import INDENT, Stack, children
from mixtui.document.json_layout import IndentedJson
from mixtui.jsonbytes import split_member, string_text
from mixtui.patterns import compile_late
from mixtui.text import pluralise

_CLOSERS = (b"}", b"]")
_OPENERS = (b"{", b"[")

OutlineStep = str | int
"""The name of a member or the index of an item."""


class ValueSpan(Struct, frozen=True):
    """An object or list that takes more than one line."""

    start: int
    """The line of its opening bracket."""
    end: int
    """The line of its closing bracket."""
    children: int
    """How many members or items it has."""
    is_object: bool


def path(layout: IndentedJson, line: int) -> tuple[OutlineStep, ...] | None:
    """Return the steps from the root to the value on a line; None = the line is not
    JSON.

    For a closing bracket, return the path of the container it closes.
    """
    if not 0 <= line < layout.formatted_lines:
        return None
    text_of_line = layout.raw(line)
    if _closes(text_of_line):
        start = _opening(layout, line, depth_of(text_of_line))
        return None if start is None else path(layout, start)
    part = layout.part_of(line)
    first, level = layout.part(part).first_line, depth_of(text_of_line)
    steps: list[OutlineStep] = []
    # Counted in one text: a list may have more items than a Python loop should visit.
    text = b"\n".join(layout.lines_of(part)[: line - first])
    while level and (start := _last_value_start(text, level - 1)) is not None:
        end = text.find(b"\n", start)
        before = children(text[end + 1 :], level) if end >= 0 else 0
        steps.append(_step(text_of_line, before))
        text_of_line = text[start : None if end < 0 else end]
        text, level = text[: max(0, start - 1)], level - 1
    stack = layout.fragments[part].stack
    if level:
        before = children(text, level) if text else 0
        steps.append(_step(text_of_line, stack[level - 1].children + before))
        steps += [_label(stack, index) for index in range(level - 1, 0, -1)]
    return tuple(reversed(steps))


def _last_value_start(text: bytes, level: int) -> int | None:
    """Return the offset of the last line at a level that begins a value."""
    indent = b" " * (INDENT * level)
    position = max(text.rfind(b"\n" + indent + sign) for sign in (b'"', b"{", b"["))
    if position >= 0:
        return position + 1
    starts = tuple(indent + sign for sign in (b'"', b"{", b"["))
    return 0 if text.startswith(starts) else None


def span_of(layout: IndentedJson, line: int) -> ValueSpan | None:
    """Return the object or list that starts or ends on a line; None = neither does.

    Also None if its end has not arrived yet or was never sent.
    """
    if not 0 <= line < layout.formatted_lines:
        return None
    text = layout.raw(line)
    level = depth_of(text)
    if _closes(text):
        start = _opening(layout, line, level)
        return None if start is None else span_of(layout, start)
    if not text.endswith(_OPENERS):
        return None
    closing = _closing(layout, line, level)
    if closing is None:
        return None
    end, part = closing
    first = layout.part(part).first_line
    # The last fragment stores how many came before it.
    count = 0 if line >= first else layout.fragments[part].stack[level].children
    inside = layout.lines_of(part)[max(0, line - first + 1) : end - first]
    count += children(b"\n".join(inside), level + 1) if inside else 0
    return ValueSpan(line, end, count, text.endswith(b"{"))


def enclosing_span(layout: IndentedJson, line: int) -> ValueSpan | None:
    """Return the innermost object or list that starts or ends on a line or contains it."""
    span = span_of(layout, line)
    if span is not None or not 0 <= line < layout.formatted_lines:
        return span
    level = depth_of(layout.raw(line))
    start = _opening(layout, line, level - 1) if level else None
    return None if start is None else span_of(layout, start)


def depth_of(line: bytes) -> int:
    """Return the nesting depth of the value on a line."""
    return (len(line) - len(line.lstrip(b" "))) // INDENT


def _label(stack: Stack, level: int) -> OutlineStep:
    """Return the step that leads to an open container."""
    key = stack[level].key
    return _text(key) if key else stack[level - 1].children - 1


def _step(line: bytes, before: int) -> OutlineStep:
    name, _ = split_member(line.lstrip(b" "))
    return _text(name) if name else before


def _text(key: bytes) -> str:
    text = string_text(key)
    return key.decode("utf-8", "replace") if text is None else text


def _opening(layout: IndentedJson, line: int, level: int) -> int | None:
    """Return the last line before another at a level that opens a container."""
    part = layout.part_of(line)
    until = line - layout.part(part).first_line
    while part >= 0:
        lines = layout.lines_of(part)
        for index in range(min(until, len(lines)) - 1, -1, -1):
            if depth_of(lines[index]) == level:
                return layout.part(part).first_line + index
        part, until = part - 1, len(lines) + layout.line_count
        while part > 0 and layout.fragments[part].lowest > level:
            part -= 1
    return None


def _closing(layout: IndentedJson, line: int, level: int) -> tuple[int, int] | None:
    """Return the next line after another at a level that closes a container, and its
    part.
    """
    part, fragments = layout.part_of(line), layout.fragments
    closers = tuple(b" " * (INDENT * level) + bracket for bracket in _CLOSERS)
    begin = line + 1 - layout.part(part).first_line
    while part < len(fragments):
        lines = layout.lines_of(part)
        for index in range(begin, len(lines)):
            if lines[index].startswith(closers):
                return layout.part(part).first_line + index, part
        part, begin = part + 1, 0
        while part < len(fragments) and fragments[part].lowest > level:
            part += 1
    return None


def _closes(line: bytes) -> bool:
    return line.lstrip(b" ").startswith(_CLOSERS)


_IDENTIFIER = compile_late(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def jq_path(parts: Sequence[str | int]) -> str:
    """Format the path as jq expects it: ``.results[12].properties["$city"]``.

    Args:
        parts: Keys and indexes from the root; empty = the root, ``.``.
    """
    text = "".join(map(_step_jq_path, parts))
    return text if text.startswith(".") else f".{text}"


def _step_jq_path(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if _IDENTIFIER.fullmatch(part):
        return f".{part}"
    return f"[{_quoted(part)}]"


def _quoted(key: str) -> str:
    text = json.dumps(key, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    # DEL is the only character that json does not escape even in ASCII.
    text = json.dumps(character)[1:-1]
    return text if text.startswith("\\") else f"\\u{ord(character):04x}"


def value_text(layout: IndentedJson, line: int) -> Iterator[bytes] | None:
    """Return the value that starts or ends on a line; None = its end has not arrived.

    An object or list is returned as lines, indented from the left margin; a string
    without quotation marks and escapes; anything else as the server wrote it.
    """
    value_span = span_of(layout, line)
    if value_span is not None:
        return span_lines(layout, value_span)
    value = scalar(layout, line)
    if value.endswith(_OPENERS):
        return None
    return iter([unquote(value).encode("utf-8", "replace")])


def span_lines(layout: IndentedJson, value_span: ValueSpan) -> Iterator[bytes]:
    """Yield an object or list piece by piece, without its key and left margin."""
    start, end = value_span.start, value_span.end
    first = layout.raw(start)
    margin = depth_of(first) * INDENT
    yield first[-1:]
    for part in range(layout.part_of(start), layout.part_of(end) + 1):
        begin = layout.part(part).first_line
        lines = layout.lines_of(part)[max(0, start + 1 - begin) : max(0, end - begin)]
        for line in lines:
            yield b"\n" + line[margin:]
    yield b"\n" + layout.raw(end)[margin:].removesuffix(b",")


def scalar(layout: IndentedJson, line: int) -> bytes:
    """Return the value on a line without its key, left margin and comma."""
    member = layout.raw(line).strip().removesuffix(b",")
    value = split_member(member)[1] or member
    return value.decode("utf-8", "replace").encode("utf-8", "replace")


def unquote(value: bytes) -> str:
    """Return a string without quotation marks and escapes; anything else unchanged."""
    text = string_text(value)
    if text is None:
        return value.decode("utf-8", "replace")
    # A lone surrogate cannot be encoded, so it cannot be copied or written.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


SHORT = 60
"""Bytes; a longer string is worth a screen of its own."""
MOST_LINES = 2_000_000
"""A value of more lines is saved with the body, not extracted."""


class Value(Struct, frozen=True):
    """A part of a document that can be displayed or copied alone."""

    name: str
    """Its path in jq notation, or the number of its line or record."""
    data: bytes
    """JSON, indented as in the document; or the bytes of a line."""
    is_json: bool

    @property
    def text(self) -> str:
        """Return a JSON string without quotation marks, anything else unchanged."""
        if self.is_json:
            return unquote(self.data)
        return self.data.decode("utf-8", "replace")


def value_at(document: Document, line: int) -> Value | None:
    """Return the value on a line; for a bracket, the complete container.

    None = there is no such line, the value is too large to extract, or its end has not
    arrived.
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
    value_span = span_of(layout, line)
    if value_span is None and _opens(layout, line):
        return None
    if value_span is not None and value_span.end - value_span.start > MOST_LINES:
        return None
    if value_span is None:
        return Value(jq_path(steps), scalar(layout, line), True)
    return Value(jq_path(steps), b"".join(span_lines(layout, value_span)), True)


def record_at(document: Document, line: int) -> Value | None:
    """Return the value on a line; if it is short, the object or list that contains it.

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
    """Return whether an object or list of several lines starts on a line."""
    return layout.raw(line).endswith((b"{", b"["))


def no_value_reason(document: Document, line: int) -> str:
    """Return a sentence that says why a line has no value."""
    layout = document.layout
    value_span = span_of(layout, line) if isinstance(layout, IndentedJson) else None
    if value_span is None:
        if isinstance(layout, IndentedJson) and 0 <= line < layout.formatted_lines:
            return "The end of this value has not been received yet."
        return "Nothing to copy here."
    lines = pluralise(value_span.end - value_span.start + 1, "line")
    return f"The value has {lines}: save the body with s and copy it from the file."
