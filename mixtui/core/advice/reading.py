"""A body as values that know their line: numbers stay as they were written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from mixtui.core.json_text import check, members, skip_space
from mixtui.core.requests import BodyType

EXAMINED = 2000
"""Records that are looked at; the others are counted."""
JsonPath = tuple[str | int, ...]
"""Keys and indices from a record to a value in it."""


class Number(str):
    """A JSON number, as text."""

    __slots__ = ()


_decoder = json.JSONDecoder(parse_int=Number, parse_float=Number)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a body, or the whole of one that is no list."""

    number: int
    """From 1."""
    value: object
    start: int
    """In the text."""
    end: int


@dataclass(frozen=True, slots=True)
class BodyIndex:
    """What a JSON body holds."""

    text: str
    is_list: bool
    records: tuple[Record, ...]
    """The first ones; `EXAMINED` at most."""
    total: int

    def line(self, record: Record, path: JsonPath = ()) -> int:
        """The line of a value in a record, from 1; as near as it exists."""
        at = record.start
        for step in path:
            found = _step(self.text, at, step)
            if found is None:
                break
            at = found
        return self.text.count("\n", 0, at) + 1


def read(text: str, kind: BodyType) -> BodyIndex | None:
    """Read a body of JSON or JSON lines; None if it is none, or blank."""
    if not text.strip():
        return None
    if kind is BodyType.NDJSON:
        return _lines(text)
    if kind is not BodyType.JSON or check(text) is not None:
        return None
    start = skip_space(text, 0)
    if text[start] != "[":
        value, end = _decoder.raw_decode(text, start)
        return BodyIndex(text, False, (Record(1, value, start, end),), 1)
    return _gathered(text, _items(text, start), is_list=True)


def _gathered(text: str, found: Iterator[Record], *, is_list: bool) -> BodyIndex:
    kept: list[Record] = []
    total = 0
    for record in found:
        total = record.number
        if total <= EXAMINED:
            kept.append(record)
    return BodyIndex(text, is_list, tuple(kept), total)


def _items(text: str, start: int) -> Iterator[Record]:
    at, number = skip_space(text, start + 1), 0
    while text[at] != "]":
        number += 1
        value, end = _decoder.raw_decode(text, at)
        yield Record(number, value, at, end)
        at = skip_space(text, end)
        if text[at] == ",":
            at = skip_space(text, at + 1)


def _lines(text: str) -> BodyIndex | None:
    def found() -> Iterator[Record]:
        at, number = 0, 0
        for line in text.split("\n"):
            if line.strip():
                number += 1
                start = at + skip_space(line, 0)
                value, end = _decoder.raw_decode(line, start - at)
                yield Record(number, value, start, at + end)
            at += len(line) + 1

    if any(line.strip() and check(line) is not None for line in text.split("\n")):
        return None
    return _gathered(text, found(), is_list=True)


def _step(text: str, at: int, step: str | int) -> int | None:
    """Where a member or an item of the value at a position starts."""
    mark = text[at : at + 1]
    if isinstance(step, str):
        if mark != "{":
            return None
        places = [member.start for member in members(text, at) if member.key == step]
        return places[-1] if places else None
    if mark != "[":
        return None
    found = (r.start for r in _items(text, at) if r.number == step + 1)
    return next(found, None)
