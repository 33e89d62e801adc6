"""Check JSON text, locate its values, and edit it without reformatting.

A body is sent exactly as typed: its numbers, duplicate keys, order and layout are the
user's. So values are located in the text, and additions are inserted between two
characters. What a server sends is read by `jsonbytes`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from mixtui.patterns import compile_late
from mixtui.text import DASHES, QUOTATION_MARKS, mend_blanks, name_character

_SPACE = compile_late(r"[ \t\n\r]*")
_CONSTANT = compile_late(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)')
_TOKEN = compile_late(r'"(?:[^"\\]|\\.)*"?|[\[\]{},]', re.DOTALL)
"""The tokens that delimit values, even in invalid text; the last string may be open."""
_STRING = compile_late(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_COMMA = "Illegal trailing comma before end of "
_EXPECTED_NAME = "Expecting property name enclosed in double quotes"
_MESSAGES = {
    "Expecting value": "a value is missing here",
    _EXPECTED_NAME: ('a name in double quotes is missing here (after a comma or "{")'),
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting ',' delimiter": "a comma, or the closing bracket, is missing here",
    "Extra data": "unexpected text after the JSON value: only one JSON value is allowed",
    "Unterminated string starting at": (
        "the string that starts here has no closing quote"
    ),
    "Invalid control character at": (
        "a line break, tab or control character inside a string: escape it as \\n, "
        "\\t …"
    ),
    "Invalid \\escape": "this backslash does not start a valid escape: double it",
    "Invalid \\uXXXX escape": "\\u requires four hexadecimal digits",
    "Illegal trailing comma before end of object": "a comma before the closing bracket",
    "Illegal trailing comma before end of array": "a comma before the closing bracket",
}

JsonPath = tuple[str | int, ...]
"""Keys and indexes that lead from a value to one inside it."""


class Number(str):
    """A JSON number as written: 1e400 and 5,000 digits are valid JSON."""

    __slots__ = ()


class Mistake(Struct, frozen=True):
    """Why a text is not JSON (RFC 8259), and where."""

    message: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class Span(Struct, frozen=True):
    """A range of the text, in characters."""

    start: int
    end: int


class Located(Span, frozen=True):
    """A value and its span in the text."""

    value: object
    """As `json.loads` returns it, but each number is a `Number`."""


class Member(Located, frozen=True):
    """A member of an object; the span is that of its value."""

    key: str
    key_start: int


_Item = TypeVar("_Item", bound=Span)


class _Constant(ValueError):
    pass


def _reject_constant(name: str) -> object:
    raise _Constant(name)


_decoder = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=_reject_constant
)


def check(text: str) -> Mistake | None:
    """Return the first mistake of a JSON document, or None."""
    try:
        _decoder.decode(text)
    except json.JSONDecodeError as error:
        return mistake_of(error)
    except _Constant as error:
        offset = next(m.start() for m in _CONSTANT.finditer(text) if m.group(1))
        message = f"{error} is not JSON: use null or a number"
        return Mistake(message, *line_and_column(text, offset))
    except RecursionError:
        return Mistake("nested too deeply", 1, 1)
    return None


def mistake_of(error: json.JSONDecodeError) -> Mistake:
    """Return the mistake that Python's parser has found: the same for any version."""
    text, offset = error.doc, error.pos
    # What follows a colon in the parser's message differs between Python versions.
    short = error.msg.split(": ")[0].removesuffix(":")
    if short.startswith(
        _COMMA
    ):  # Since 3.13, which names the comma and not what follows.
        is_list = short.endswith("array")
        short = "Expecting value" if is_list else _EXPECTED_NAME
        offset = skip_space(text, offset + 1)
    message = (
        _comment(text, offset)
        or _foreign_character(text[offset : offset + 1])
        or _MESSAGES.get(short, error.msg)
    )
    return Mistake(message, *line_and_column(text, offset))


def _comment(text: str, offset: int) -> str:
    """Return what to do with a comment at an offset; empty = no comment."""
    is_comment = text.startswith(("//", "/*", "#"), offset)
    return "JSON has no comments: delete this one" if is_comment else ""


def _foreign_character(character: str) -> str:
    """Return what to write in place of a word processor's character; empty = none."""
    if character in tuple(QUOTATION_MARKS):
        return f'{character} is a typographic quotation mark: use "'
    if character in tuple(DASHES):
        return f"{character} is a dash: use -"
    if mend_blanks(character)[1]:
        return f"{name_character(character)} is not valid whitespace in JSON: use a plain space"
    return ""


def check_lines(text: str) -> Mistake | None:
    """Return the first mistake of JSON lines, or None; blank lines are allowed."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and (mistake := check(line)):
            return Mistake(mistake.message, number, mistake.column)
    return None


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of a character, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def first_character(text: str) -> str:
    """Return the first character that is not white space; empty if there is none."""
    return text[skip_space(text, 0) :][:1]


def skip_space(text: str, offset: int) -> int:
    """Return the offset of the next character that is not JSON white space."""
    match = _SPACE.match(text, offset)
    return match.end() if match else offset


def value_at(text: str, start: int) -> Located:
    """Read the value that starts at an offset of a valid document."""
    value, end = _decoder.raw_decode(text, start)
    return Located(start, end, value)


def records(text: str) -> Iterator[Located]:
    """Yield each record of a valid document: the items of a list, or the document."""
    start = skip_space(text, 0)
    if text[start : start + 1] == "[":
        yield from items(text, start)
    else:
        yield value_at(text, start)


def line_records(text: str) -> Iterator[Located]:
    """Yield each record of valid JSON lines."""
    offset = 0
    for line in text.split("\n"):
        if line.strip():
            yield value_at(text, skip_space(text, offset))
        offset += len(line) + 1


def items(text: str, start: int) -> Iterator[Located]:
    """Yield the items of the list that starts at an offset of a valid document."""
    return _items(text, start, value_at)


def members(text: str, start: int) -> Iterator[Member]:
    """Yield the members of the object that starts at an offset of a valid document."""
    offset = skip_space(text, start + 1)
    while text[offset] != "}":
        key, key_end = _decoder.raw_decode(text, offset)
        begin = skip_space(text, skip_space(text, key_end) + 1)
        value, end = _decoder.raw_decode(text, begin)
        yield Member(begin, end, value, key, offset)
        offset = skip_space(text, end)
        if text[offset] == ",":
            offset = skip_space(text, offset + 1)


def locate(text: str, start: int, path: JsonPath) -> int:
    """Return the offset of the value at a path, or of its nearest existing ancestor.

    Args:
        text: A valid document.
        start: The offset of the value that the path starts from.
        path: A duplicate key refers to its last occurrence.
    """
    for step in path:
        opening, inner = text[start : start + 1], None
        if isinstance(step, str) and opening == "{":
            named = [m.start for m in members(text, start) if m.key == step]
            inner = named[-1] if named else None
        elif isinstance(step, int) and opening == "[":
            inner = next(
                (i.start for n, i in enumerate(items(text, start)) if n == step), None
            )
        if inner is None:
            break
        start = inner
    return start


def record_spans(text: str) -> Iterator[Span]:
    """Yield the span of each record of a text that may be incomplete or invalid.

    For a valid document these are the spans of `records`. An item that is not followed
    by a comma or a bracket is omitted.
    """
    start = skip_space(text, 0)
    if text[start : start + 1] == "[":
        yield from _items(text, start, _span_at)
    elif start < len(text):
        yield Span(start, len(text.rstrip(" \t\r\n")))


def _items(text: str, start: int, read: Callable[[str, int], _Item]) -> Iterator[_Item]:
    offset = skip_space(text, start + 1)
    while text[offset : offset + 1] not in ("]", "}", ""):
        item = read(text, offset)
        offset = skip_space(text, item.end)
        if item.end > item.start and offset < len(text):
            yield item
        if text[offset : offset + 1] == ",":
            offset = skip_space(text, offset + 1)


def _span_at(text: str, start: int) -> Span:
    """Locate an item: by its value if that is valid, else by its brackets."""
    try:
        end = _decoder.raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        pass
    else:
        behind = skip_space(text, end)
        if text[behind : behind + 1] in (",", "]", "}", ""):
            return Span(start, end)
    depth = 0
    for token in _TOKEN.finditer(text, start):
        mark = token[0]
        if depth == 0 and mark in ",]}":
            return Span(
                start, start + len(text[start : token.start()].rstrip(" \t\r\n"))
            )
        depth += (mark in "[{") - (mark in "]}")
    return Span(start, len(text))


def member_text(name: str, value: object, text: str, start: int) -> str:
    """Return what to insert after the ``{`` at an offset to add a first member."""
    empty = text[skip_space(text, start + 1)] == "}"
    return f"{json.dumps(name)}: {json.dumps(value)}{'' if empty else ', '}"


def member_cut(text: str, start: int, inside: Sequence[Member], index: int) -> Span:
    """Return the span to cut to remove a member, including an adjacent comma.

    Args:
        text: A valid document.
        start: Where the object starts.
        inside: All its members.
        index: Which of them to remove.
    """
    if index > 0:
        return Span(inside[index - 1].end, inside[index].end)
    begin = inside[0].key_start
    end = skip_space(text, inside[0].end)
    if text[end] != ",":
        return Span(begin, end)
    if begin > start + 1:
        # The next member moves to its place.
        return Span(begin, skip_space(text, end + 1))
    return Span(begin, end + (2 if text[end + 1] == " " else 1))


def insert(text: str, insertions: list[tuple[int, str]]) -> str:
    """Insert texts at offsets, which are in ascending order."""
    pieces, last = [], 0
    for offset, addition in insertions:
        pieces += [text[last:offset], addition]
        last = offset
    return "".join([*pieces, text[last:]])


def cut(text: str, spans: Iterator[Span] | Sequence[Span]) -> str:
    """Remove spans, which are in ascending order."""
    pieces, last = [], 0
    for span in spans:
        pieces.append(text[last : span.start])
        last = span.end
    return "".join([*pieces, text[last:]])


def is_open(text: str) -> bool:
    """Return whether a text ends inside a string, an object or a list."""
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark[0] == '"' and _STRING.fullmatch(mark) is None:
            return True
        depth += (mark in "[{") - (mark in "]}")
    return depth > 0
