"""The bracket that belongs to another; brackets within texts are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from textual.document._document import Location

"""A row and a column, from 0."""

_OPENING = {"{": "}", "[": "]", "(": ")"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}
_BRACKET = re.compile(r"[][{}()]")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"?')
_FARTHEST = 50_000
"""Characters that are looked at: the search runs at every move of the cursor."""


def matching_bracket(lines: Sequence[str], at: Location) -> Location | None:
    """Where the partner of the bracket at a location is; None = none, or far away."""
    row, column = at
    if row >= len(lines):
        return None
    bracket = _without_texts(lines[row])[column : column + 1]
    if bracket in _OPENING:
        return _search(_forward(lines, at), _OPENING)
    if bracket in _CLOSING:
        return _search(_backward(lines, at), _CLOSING)
    return None


def _search(
    brackets: Iterator[tuple[str, Location]], partners: dict[str, str]
) -> Location | None:
    """The first that closes all that was opened; None if they cross."""
    awaited: list[str] = []
    for bracket, at in brackets:
        if bracket in partners:
            awaited.append(partners[bracket])
        elif awaited.pop() != bracket:
            return None
        if not awaited:
            return at
    return None


def _forward(lines: Sequence[str], at: Location) -> Iterator[tuple[str, Location]]:
    seen = 0
    for row in range(at[0], len(lines)):
        start = at[1] if row == at[0] else 0
        for match in _BRACKET.finditer(_without_texts(lines[row]), start):
            yield match.group(), (row, match.start())
        seen += len(lines[row]) + 1
        if seen > _FARTHEST:
            return


def _backward(lines: Sequence[str], at: Location) -> Iterator[tuple[str, Location]]:
    seen = 0
    for row in range(at[0], -1, -1):
        end = at[1] + 1 if row == at[0] else len(lines[row])
        found = list(_BRACKET.finditer(_without_texts(lines[row]), 0, end))
        for match in reversed(found):
            yield match.group(), (row, match.start())
        seen += len(lines[row]) + 1
        if seen > _FARTHEST:
            return


def _without_texts(line: str) -> str:
    if len(line) > _FARTHEST:
        return ""
    return _TEXT.sub(lambda match: " " * len(match.group()), line)
