"""A value of a record as a cell: what the server wrote, and how it reads in a table."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum

Path = tuple[str | int, ...]
"""Keys and indexes from a record to one of its values."""
VALUE: Path = ()
"""The record itself, where it is no object."""
KEY: Path = (-1,)
"""The name that a record stands under in an object; no index is negative."""

NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
"""A number as JSON has it."""


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    """``true``, ``false`` or ``null``."""
    NESTED = "nested"
    """An object or a list."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a table."""

    kind: Kind
    text: str
    """A number or word as the server wrote it, a text without its quotes, a nested
    value as ``{3 keys}`` or ``[12 items]``."""
    raw: bytes
    """The value as it stands in the body."""

    @property
    def is_null(self) -> bool:
        """Whether it is JSON's ``null``."""
        return self.kind is Kind.WORD and self.text == "null"

    @property
    def whole(self) -> str:
        """The text with nothing left out: a nested value as JSON on one line."""
        return compact(self.raw) if self.kind is Kind.NESTED else self.text


def json_cell(raw: bytes) -> Cell:
    """The cell of a JSON value; bytes that are none become a text."""
    first = raw[:1]
    if first == b'"':
        return Cell(Kind.TEXT, text_of(raw), raw)
    if first in (b"{", b"["):
        return Cell(Kind.NESTED, _summary(raw), raw)
    text = raw.decode("utf-8", "replace")
    if text in ("true", "false", "null"):
        return Cell(Kind.WORD, text, raw)
    kind = Kind.NUMBER if NUMBER.fullmatch(text) else Kind.TEXT
    return Cell(kind, text, raw)


def csv_cell(raw: bytes) -> Cell:
    """The cell of a field of CSV, which does not say what it is."""
    text = raw.decode("utf-8", "replace")
    return Cell(Kind.NUMBER if NUMBER.fullmatch(text) else Kind.TEXT, text, raw)


def text_of(raw: bytes) -> str:
    """The text that a JSON string stands for; what cannot be read stays as written."""
    if b"\\" not in raw:
        return raw[1:-1].decode("utf-8", "replace")
    try:
        # Unlike msgspec, json takes half of a surrogate pair.
        return str(json.loads(raw.decode("utf-8", "replace"), strict=False))
    except ValueError:
        return raw[1:-1].decode("utf-8", "replace")


def compact(raw: bytes) -> str:
    """JSON on one line without spaces, its numbers and their order untouched."""
    import msgspec

    try:
        raw = msgspec.json.format(raw, indent=-1)
    except (msgspec.DecodeError, RecursionError):
        raw = b" ".join(raw.split())
    return raw.decode("utf-8", "replace")


def _summary(raw: bytes) -> str:
    import msgspec

    kind = dict[str, msgspec.Raw] if raw[:1] == b"{" else list[msgspec.Raw]
    try:
        count = len(msgspec.json.decode(raw, type=kind))
    except (ValueError, RecursionError):
        return "{…}" if raw[:1] == b"{" else "[…]"
    if raw[:1] == b"{":
        return f"{{{count:,} {'key' if count == 1 else 'keys'}}}"
    return f"[{count:,} {'item' if count == 1 else 'items'}]"
