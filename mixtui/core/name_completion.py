"""Names for an expression that is being typed: properties, functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mixtui.core.expressions import (
    FUNCTIONS,
    SCOPES,
    Kind,
    property_names,
    property_of,
    tokens,
)
from mixtui.core.json_text import check, members, records
from mixtui.core.requests import Body, BodyType, Draft

_IN_BRACKETS = re.compile(
    r"""(properties|user|event)\s*\[\s*(?:"((?:[^"\\]|\\.)*)|'((?:[^'\\]|\\.)*))?$"""
)
_REST_OF_BRACKETS = re.compile(r"""[^"'\[\]]*["']?\s*\]?""")
_EXAMINED = 100_000
"""Characters of a body that is read for names."""
_HOLDERS = ("properties", "$set", "$set_once", "$add", "$append", "$union", "$remove")


@dataclass(frozen=True, slots=True)
class NameChoice:
    """Something to put in."""

    label: str
    text: str
    start: int
    """The part of the expression that it takes the place of."""
    end: int

    def put_into(self, expression: str) -> tuple[str, int]:
        """The expression with it, and the position behind it."""
        before = expression[: self.start] + self.text
        return before + expression[self.end :], len(before)


def choices(
    expression: str, cursor: int, names: Iterable[str], limit: int = 8
) -> tuple[NameChoice, ...]:
    """What fits at a position, the likeliest first.

    Args:
        expression: As it is typed.
        cursor: The position in it.
        names: Property names that are known.
        limit: How many at most.
    """
    before = expression[:cursor]
    if found := _IN_BRACKETS.search(before):
        typed = re.sub(r"\\(.)", r"\1", found[2] or found[3] or "")
        rest = _REST_OF_BRACKETS.match(expression, cursor)
        end = rest.end() if rest and rest[0].endswith("]") else cursor
        return tuple(
            NameChoice(name, property_of(name, found[1]), found.start(), end)
            for name in _matching(typed, names)[:limit]
            if property_of(name, found[1]) != expression[found.start() : end]
        )
    parts = tokens(before)
    if not parts or parts[-1].kind is not Kind.WORD or parts[-1].end != cursor:
        return ()
    start, typed = parts[-1].start, parts[-1].text
    found_functions = [
        NameChoice(f"{name}(…)", f"{name}(", start, cursor)
        for name in FUNCTIONS
        if name.startswith(typed.lower()) and name != typed
    ]
    found_scopes = [
        NameChoice(f'{scope}["…"]', f'{scope}["', start, cursor)
        for scope in SCOPES
        if scope.startswith(typed.lower())
    ]
    found_names = [
        NameChoice(property_of(name), property_of(name), start, cursor)
        for name in _matching(typed, names)
    ]
    return (*found_scopes, *found_functions, *found_names)[:limit]


def _matching(typed: str, names: Iterable[str]) -> list[str]:
    """Names that start with what is typed, then those that hold it."""
    small = typed.lower()
    found = sorted({name for name in names if small in name.lower()}, key=str.lower)
    return sorted(found, key=lambda name: not name.lower().startswith(small))


def draft_names(draft: Draft) -> Iterator[str]:
    """The property names that a draft holds: in expressions, and in records."""
    for row in draft.query:
        if "[" in row.value:
            yield from property_names(row.value)
    if draft.body is not None:
        yield from _names_in_body(draft.body)


def _names_in_body(body: Body) -> Iterator[str]:
    text = body.text
    if len(text) > _EXAMINED:
        return
    if body.type is BodyType.JSON and not check(text):
        yield from _names_in_records(text)
    elif body.type is BodyType.NDJSON:
        for line in text.split("\n"):
            if line.strip() and not check(line):
                yield from _names_in_records(line)
    elif body.type is BodyType.FORM:
        yield from property_names(text)


def _names_in_records(text: str) -> Iterator[str]:
    for start in records(text):
        if text[start : start + 1] != "{":
            continue
        for member in members(text, start):
            if member.key in _HOLDERS and text[member.start] == "{":
                yield from (inner.key for inner in members(text, member.start))
