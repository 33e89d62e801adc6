"""JSON values as pieces of the text: what is inside them, nothing rewritten.

Every value is the bytes that the server wrote, without the space between values.
"""

from __future__ import annotations

from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import msgspec


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
