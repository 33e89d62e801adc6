"""Read JSON as a server sends it: documents, and the raw values inside them.

Values stay bytes until they are shown: their numbers, duplicate keys and escapes are the
server's.
"""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Any

from mixtui.patterns import compile_late

if TYPE_CHECKING:
    import msgspec


_NAME = compile_late(rb'("(?:[^"\\]++|\\.)*+")\s*:\s*', re.DOTALL)
_MAX_DIGITS = 4000
"""Of an integer: Python refuses those of more than 4300."""


def _integer(text: str) -> float:
    return int(text) if len(text) <= _MAX_DIGITS else float(text)


_lenient_decoder = json.JSONDecoder(strict=False, parse_int=_integer)


class Kind(Enum):
    """The type of a JSON value."""

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
    """The bytes are not JSON; the text says why, as part of a sentence."""


def decode(text: bytes, type: Any = object) -> Any:
    """Parse a document with msgspec, into a type that it knows.

    Raises:
        NotJson: It is not JSON, not UTF-8, not of that type or nested too deeply.
    """
    import msgspec

    try:
        return msgspec.json.decode(text, type=type)
    except ValueError as error:
        # A string that is not UTF-8 is a UnicodeDecodeError until msgspec 0.23.
        raise NotJson(_reason(error)) from None
    except RecursionError:
        raise NotJson("nested too deeply") from None


def compact(text: bytes) -> bytes:
    """Return a document without white space between its values.

    Raises:
        NotJson: It is not JSON, or nested too deeply to be read.
    """
    import msgspec

    try:
        return msgspec.json.format(text, indent=-1)
    except ValueError as error:
        raise NotJson(_reason(error)) from None
    except RecursionError:
        raise NotJson("nested too deeply") from None


def _reason(error: ValueError) -> str:
    reason = str(error).removeprefix("JSON is malformed: ")
    return f"not valid JSON ({reason[:1].lower()}{reason[1:]})"


def raw_kind(value: bytes) -> Kind:
    """Return the type of a value, by its first character."""
    return _KINDS.get(value[0], Kind.NUMBER)


def raw_members(value: bytes) -> list[tuple[str, bytes]]:
    """Return the members of an object as written, duplicate keys included.

    Raises:
        NotJson: A key is not UTF-8.
    """
    try:
        by_key = _members().decode(value)
    except ValueError:
        raise NotJson("not UTF-8 in a key") from None
    return [(key.text, bytes(raw)) for key, raw in by_key.items()]


def raw_member(value: bytes, key: str) -> bytes | None:
    """Return a member of an object as written, the last of that key, or None.

    Raises:
        NotJson: A key is not UTF-8.
    """
    try:
        raw = _mapping().decode(value).get(key)
    except ValueError:
        raise NotJson("not UTF-8 in a key") from None
    return None if raw is None else bytes(raw)


def raw_items(value: bytes) -> list[bytes]:
    """Return the items of a list as written."""
    return [bytes(raw) for raw in _list().decode(value)]


def same_string(old: bytes, new: bytes) -> bool:
    """Return whether two JSON strings are equal, regardless of escapes."""
    if b"\\" not in old and b"\\" not in new:
        return old == new
    try:
        return _text().decode(old) == _text().decode(new)
    except ValueError:
        return old == new


def string_text(raw: bytes) -> str | None:
    """Decode a JSON string; None if it is not one.

    Unlike msgspec, accepts control characters and half of a surrogate pair, so that
    whatever a server sent can be displayed.
    """
    if raw[:1] != b'"':
        return None
    if b"\\" not in raw and raw.find(b'"', 1) == len(raw) - 1:
        return raw[1:-1].decode("utf-8", "replace")
    try:
        return str(_lenient_decoder.decode(raw.decode("utf-8", "replace")))
    except ValueError:
        return None


def decode_text(body: bytes) -> str:
    """Decode what a server calls JSON: UTF-8, 16 or 32, with or without a BOM.

    Bytes that are not of that encoding become replacement characters.
    """
    text = body.decode(json.detect_encoding(body), "replace")
    return text.removeprefix("\ufeff")


def read_leniently(text: str) -> object:
    """Parse JSON that msgspec rejects, whether or not RFC 8259 allows it.

    Half of a surrogate pair, control characters inside strings and NaN are accepted.

    Raises:
        NotJson: It is still not JSON.
    """
    try:
        return _lenient_decoder.decode(text)
    except ValueError as error:
        raise NotJson(f"not valid JSON ({error})") from None
    except RecursionError:
        raise NotJson("nested too deeply") from None


def read_file(data: bytes) -> object:
    """Parse a JSON file of our own, which another version or a crash may have left.

    Bytes that are not UTF-8 are those of a path (PEP 383).

    Raises:
        NotJson: It is not JSON, or nested too deeply.
    """
    try:
        return json.loads(data.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        raise NotJson("not valid JSON") from None


def split_member(member: bytes) -> tuple[bytes, bytes]:
    """Split ``"name": value`` into the name, with its quotes, and the value.

    The name is empty if there is only a value.
    """
    match = _NAME.match(member)
    return (b"", member) if match is None else (match[1], member[match.end() :])


class _Key:
    """A key that never equals another, so that a dict keeps duplicates."""

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
