"""JSON as text: checked with line and column, and changed without being rewritten.

A body is sent as it was typed: its numbers, duplicate keys, order and layout belong to
the person. What the app adds is inserted between two characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import msgspec


_SPACE = re.compile(r"[ \t\n\r]*")
_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)')
_MESSAGES = {
    "Expecting value": "a value is missing here",
    "Expecting property name enclosed in double quotes": (
        'a name in double quotes is missing here (after a comma or "{")'
    ),
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting ',' delimiter": "a comma, or the closing bracket, is missing here",
    "Extra data": "the document ends before this: one JSON value only",
    "Unterminated string starting at": "the text that starts here has no closing quote",
    "Invalid control character at": (
        "a line break, tab or control character inside a text: write it as \\n, \\t …"
    ),
    "Invalid \\escape": "this backslash escapes nothing: double it",
    "Invalid \\uXXXX escape": "\\u needs four hexadecimal digits",
    "Illegal trailing comma before end of object": "a comma before the closing bracket",
    "Illegal trailing comma before end of array": "a comma before the closing bracket",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a text is no JSON (RFC 8259), and where."""

    message: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object, by position in the text."""

    key: str
    start: int
    """Of its value."""
    end: int


class _Constant(ValueError):
    pass


def _refuse_constant(name: str) -> object:
    raise _Constant(name)


# Numbers stay texts: 1e400 and 5,000 digits are valid JSON and none of our business.
_decoder = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_refuse_constant
)


def check(text: str) -> Mistake | None:
    """The first mistake of a JSON document, or None."""
    try:
        _decoder.decode(text)
    except json.JSONDecodeError as error:
        # What stands behind a colon in the parser's message differs by version.
        short = error.msg.split(": ")[0].removesuffix(":")
        message = _MESSAGES.get(short, error.msg)
        return Mistake(message, error.lineno, error.colno)
    except _Constant as error:
        at = next(m.start() for m in _CONSTANT.finditer(text) if m.group(1))
        return _mistake_at(text, at, f"{error} is not JSON: write null or a number")
    except RecursionError:
        return Mistake("nested too deeply", 1, 1)
    return None


def first_character(text: str) -> str:
    """The first character that is not white space; empty if there is none."""
    return text[skip_space(text, 0) :][:1]


def skip_space(text: str, at: int) -> int:
    """The position of the next character that is not JSON white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def value_end(text: str, start: int) -> int:
    """The end of the value that starts at a position of a valid document."""
    return int(_decoder.raw_decode(text, start)[1])


def records(text: str) -> Iterator[int]:
    """Where each record of a valid document starts: the items of a list, or itself."""
    at = skip_space(text, 0)
    if text[at : at + 1] != "[":
        yield at
        return
    at = skip_space(text, at + 1)
    while text[at] != "]":
        yield at
        at = skip_space(text, value_end(text, at))
        if text[at] == ",":
            at = skip_space(text, at + 1)


def members(text: str, start: int) -> Iterator[Member]:
    """The members of the object that starts at a position of a valid document."""
    at = skip_space(text, start + 1)
    while text[at] != "}":
        key, at = _decoder.raw_decode(text, at)
        at = skip_space(text, skip_space(text, at) + 1)
        end = value_end(text, at)
        yield Member(key, at, end)
        at = skip_space(text, end)
        if text[at] == ",":
            at = skip_space(text, at + 1)


def member_text(name: str, value: object, text: str, start: int) -> str:
    """What to insert behind the ``{`` at a position to add a first member."""
    empty = text[skip_space(text, start + 1)] == "}"
    return f"{json.dumps(name)}: {json.dumps(value)}{'' if empty else ', '}"


def insert(text: str, insertions: list[tuple[int, str]]) -> str:
    """Insert texts at positions, which are in rising order."""
    pieces, last = [], 0
    for at, addition in insertions:
        pieces += [text[last:at], addition]
        last = at
    return "".join([*pieces, text[last:]])


def _mistake_at(text: str, at: int, message: str) -> Mistake:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return Mistake(message, line, column)


class Kind(Enum):
    """What a value is."""

    OBJECT = auto()
    LIST = auto()
    TEXT = auto()
    NUMBER = auto()
    WORD = auto()
    """true, false, null."""


_KINDS = {
    ord("{"): Kind.OBJECT,
    ord("["): Kind.LIST,
    ord('"'): Kind.TEXT,
    ord("t"): Kind.WORD,
    ord("f"): Kind.WORD,
    ord("n"): Kind.WORD,
}


class NotJson(ValueError):
    """The text says why, as part of a sentence."""


def compact(text: bytes) -> bytes:
    """A document without the space between its values.

    Raises:
        NotJson: It is none, or nested too deeply to be read.
    """
    import msgspec

    try:
        return msgspec.json.format(text, indent=-1)
    except msgspec.DecodeError as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        raise NotJson(f"not valid JSON ({reason[:1].lower()}{reason[1:]})") from None
    except RecursionError:
        raise NotJson("nested too deeply") from None


def kind(value: bytes) -> Kind:
    """What a value is, by its first character."""
    return _KINDS.get(value[0], Kind.NUMBER)


def member_values(value: bytes) -> list[tuple[str, bytes]]:
    """The members of an object as written, keys that come twice included.

    Raises:
        NotJson: A key is not UTF-8.
    """
    try:
        found = _members().decode(value)
    except UnicodeDecodeError:
        raise NotJson("not UTF-8 in a key") from None
    return [(key.text, bytes(raw)) for key, raw in found.items()]


def member(value: bytes, key: str) -> bytes | None:
    """A member of an object, the last of that key; None if there is none.

    Raises:
        NotJson: A key is not UTF-8.
    """
    try:
        raw = _mapping().decode(value).get(key)
    except UnicodeDecodeError:
        raise NotJson("not UTF-8 in a key") from None
    return None if raw is None else bytes(raw)


def items(value: bytes) -> list[bytes]:
    """The items of a list."""
    return [bytes(raw) for raw in _list().decode(value)]


def same_text(old: bytes, new: bytes) -> bool:
    """Whether two JSON texts are one, escaped differently."""
    if b"\\" not in old and b"\\" not in new:
        return old == new
    try:
        return _text().decode(old) == _text().decode(new)
    except UnicodeDecodeError:
        return old == new


class _Key:
    """A key that is like no other, so that none is lost from a dict."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _as_key(_: type, value: str) -> _Key:
    return _Key(value)


@cache
def _members() -> msgspec.json.Decoder[dict[_Key, Any]]:
    import msgspec

    return msgspec.json.Decoder(dict[_Key, msgspec.Raw], dec_hook=_as_key)


@cache
def _mapping() -> msgspec.json.Decoder[dict[str, Any]]:
    import msgspec

    return msgspec.json.Decoder(dict[str, msgspec.Raw])


@cache
def _list() -> msgspec.json.Decoder[list[Any]]:
    import msgspec

    return msgspec.json.Decoder(list[msgspec.Raw])


@cache
def _text() -> msgspec.json.Decoder[str]:
    import msgspec

    return msgspec.json.Decoder(str)
