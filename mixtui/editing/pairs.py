"""Brackets and quotes of JSON that close themselves while they are typed."""

from __future__ import annotations

from enum import Enum, auto

from mixtui.patterns import compile_late

OPENING = {"{": "}", "[": "]"}
QUOTE = '"'
TYPED = frozenset({*OPENING, *OPENING.values(), QUOTE})
"""The characters that may do more than insert themselves."""
_STRING = compile_late(r'"(?:[^"\\]|\\.)*"')
_LAST_BACKSLASHES = compile_late(r"\\*\Z")
_BEHIND_WORD = compile_late(r'[\w"]\Z')
_MAX_LINE = 50_000
"""Characters before the cursor; in a longer line nothing closes itself."""


class Effect(Enum):
    """What a typed character does."""

    INSERT = auto()
    """It is inserted alone."""
    PAIR = auto()
    """It is inserted with what closes it, and the cursor goes between."""
    SKIP = auto()
    """It is there already: the cursor goes behind it."""


def effect(character: str, before: str, after: str) -> Effect:
    """Return what a character does between two parts of a line."""
    if len(before) > _MAX_LINE:
        return Effect.INSERT
    in_string = _is_in_string(before)
    if character == QUOTE and in_string:
        closes = after.startswith(QUOTE) and not _is_escaped(before)
        return Effect.SKIP if closes else Effect.INSERT
    if in_string:
        return Effect.INSERT
    if character in OPENING.values():
        return Effect.SKIP if after.startswith(character) else Effect.INSERT
    if character == QUOTE and _BEHIND_WORD.search(before):
        return Effect.INSERT
    ends = not after or after[0].isspace() or after[0] in ",:]}"
    return Effect.PAIR if ends else Effect.INSERT


def is_empty_pair(before: str, after: str) -> bool:
    """Return whether the cursor is inside an empty pair."""
    if len(before) > _MAX_LINE or not before or not after:
        return False
    if before[-1] == after[0] == QUOTE:
        return not _is_in_string(before[:-1]) and _is_in_string(before)
    return OPENING.get(before[-1]) == after[0] and not _is_in_string(before)


def _is_in_string(before: str) -> bool:
    return QUOTE in _STRING.sub("", before)


def _is_escaped(before: str) -> bool:
    backslashes = _LAST_BACKSLASHES.search(before)
    return backslashes is not None and len(backslashes[0]) % 2 == 1
