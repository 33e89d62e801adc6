"""Names of a project: events, properties, values, funnels, cohorts.

They are fetched when the user requests them, and are shown with the date of the
response.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.jsonbytes import NotJson, decode_text, read_leniently
from mixtui.jsontext import check, records
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import NameKind, Parameter, ValueType
from mixtui.mixpanel.expressions import (
    FUNCTIONS,
    SCOPES,
    TokenKind,
    property_expression,
    property_names,
    tokenize,
    unescape,
)
from mixtui.model.draft import Body, BodyType, Draft, Options, Pair
from mixtui.model.errors import MixtuiError
from mixtui.model.known_names import KnownName, NameQuery
from mixtui.patterns import compile_late
from mixtui.request.templates import escape_text

if TYPE_CHECKING:
    from collections.abc import Iterator


def as_of(fetched: datetime, now: datetime) -> str:
    """Format a date: ``as of today 14:02``, ``as of yesterday 9:30``, ``as of
    2026-03-14``.
    """
    local = fetched.astimezone(now.tzinfo)
    time = f"{local:%H:%M}"
    if local.date() == now.date():
        return f"as of today {time}"
    if local.date() == now.date() - timedelta(days=1):
        return f"as of yesterday {time}"
    return f"as of {local:%Y-%m-%d}"


_PATHS = {
    NameKind.EVENT: "/query/events/names",
    NameKind.PROPERTY: "/query/events/properties/top",
    NameKind.VALUE: "/query/events/properties/values",
    NameKind.FUNNEL: "/query/funnels/list",
    NameKind.COHORT: "/query/cohorts/list",
}
_LIMIT = "255"
"""The maximum number of names to request."""
_TIMEOUT = 30.0
"""Timeout in seconds."""


class LookupRefused(MixtuiError):
    """Names cannot be requested, or the response contains none."""


def lookup_draft(lookup: NameQuery) -> Draft:
    """Return the request for a lookup; it only reads, and is not stored in the history.

    Raises:
        LookupRefused: The request lacks something that the lookup needs.
    """
    return Draft(
        name=f"Look up {lookup.label}",
        api=Api.QUERY,
        url=_PATHS[lookup.kind],
        query=tuple(Pair(name, value) for name, value in _pairs(lookup)),
        options=Options(history=False, timeout=_TIMEOUT),
    )


def read_names(lookup: NameQuery, body: bytes) -> tuple[KnownName, ...]:
    """Return the names in a response, in order and without duplicates.

    Raises:
        LookupRefused: The response has an unexpected shape.
    """
    try:
        value = read_leniently(decode_text(body))
    except NotJson:
        raise _unreadable(lookup) from None
    match lookup.kind:
        case NameKind.FUNNEL:
            names = list(_records(value, "funnel_id"))
        case NameKind.COHORT:
            names = list(_records(value, "id"))
        case NameKind.PROPERTY if isinstance(value, dict):
            names = [KnownName(str(name)) for name in value]
        case _ if isinstance(value, list):
            names = [KnownName(_text(each)) for each in value]
        case _:
            raise _unreadable(lookup)
    return tuple(dict.fromkeys(name for name in names if name.value))


def _pairs(lookup: NameQuery) -> Iterator[tuple[str, str]]:
    match lookup.kind:
        case NameKind.EVENT:
            yield "type", "general"
            yield "limit", _LIMIT
        case NameKind.PROPERTY:
            yield "event", _require(lookup, lookup.event, "event")
            yield "limit", _LIMIT
        case NameKind.VALUE:
            yield "event", _require(lookup, lookup.event, "event")
            yield "name", _require(lookup, lookup.property_name, "property")
            yield "limit", _LIMIT


def _require(lookup: NameQuery, value: str, noun: str) -> str:
    if not value:
        raise LookupRefused(
            f"Looking up {lookup.label} requires {noun}: fill it in first."
        )
    return value


def _records(value: object, key: str) -> Iterator[KnownName]:
    if not isinstance(value, list):
        raise LookupRefused("The response is not a list of names.")
    for each in value:
        if isinstance(each, dict) and key in each:
            yield KnownName(_text(each[key]), _text(each.get("name", "")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _unreadable(lookup: NameQuery) -> LookupRefused:
    return LookupRefused(
        f"The response does not contain {lookup.label}: nothing was stored."
    )


class NamePosition(Struct, frozen=True):
    """The position in a text where a name is being typed."""

    head: str
    part: str
    """The part of the name typed so far."""
    tail: str = ""
    quoted: bool = False
    """Whether names are in JSON quotes there."""
    used: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """Return the complete text with a name inserted; its braces do not start a template."""
        if self.quoted:
            name = json.dumps(name, ensure_ascii=False)
        return f"{self.head}{escape_text(name)}{self.tail}"


QUOTED = compile_late(r'"((?:[^"\\]|\\.)*)"')
_OPEN_PROPERTY = compile_late(r'(.*properties\[)"?([^"\]]*)$', re.DOTALL)
_BARE = compile_late(r"[\w $.-]*")


def name_at(parameter: Parameter, typed: str) -> NamePosition | None:
    """Return the position where a name is being typed; None = unknown."""
    match parameter.type:
        case ValueType.LIST:
            return _position_in_list(typed)
        case ValueType.EXPRESSION:
            if opened := _OPEN_PROPERTY.fullmatch(typed):
                return NamePosition(opened[1], opened[2], "]", quoted=True)
            if _BARE.fullmatch(typed):
                return NamePosition("properties[", typed, "]", quoted=True)
            return None
        case _:
            return NamePosition("", typed)


def _position_in_list(typed: str) -> NamePosition:
    used = tuple(m[1] for m in QUOTED.finditer(typed))
    text = typed.rstrip()
    if not text.startswith("["):
        return NamePosition("[", text.strip('"'), "]", quoted=True)
    if text.endswith("]"):
        head = text[:-1].rstrip()
        comma = "" if head.endswith(("[", ",")) else ", "
        return NamePosition(head + comma, "", "]", quoted=True, used=used)
    rest = QUOTED.sub(lambda m: "_" * len(m[0]), text)
    opened = rest.rfind('"')
    if opened >= 0:
        return NamePosition(text[:opened], text[opened + 1 :], "]", True, used)
    return NamePosition(text + (" " if text.endswith(",") else ""), "", "]", True, used)


_IN_BRACKETS = compile_late(
    r"""(properties|user|event)\s*\[\s*(?:"((?:[^"\\]|\\.)*)|'((?:[^'\\]|\\.)*))?$"""
)
_REST_OF_BRACKETS = compile_late(r"""[^"'\[\]]*["']?\s*\]?""")
_EXAMINED = 100_000
"""Characters of a body that are searched for names."""
_HOLDERS = ("properties", "$set", "$set_once", "$add", "$append", "$union", "$remove")


class NameChoice(Struct, frozen=True):
    """A name to insert."""

    label: str
    text: str
    start: int
    """The start of the text that it replaces."""
    end: int

    def put_into(self, expression: str) -> tuple[str, int]:
        """Return the expression with the name inserted, and the cursor after it."""
        before = expression[: self.start] + self.text
        return before + expression[self.end :], len(before)


class NameIndex:
    """Names to complete from, as many as there are: sorted once, without regard to case.

    Args:
        names: In any order.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(frozenset(names), key=lambda name: (name.lower(), name))
        self._lower = [name.lower() for name in self._names]
        self._text = "\n".join(name.replace("\n", " ") for name in self._lower)
        """To find a part in any of them at once; a line each."""
        self._starts = list(accumulate((len(n) + 1 for n in self._lower), initial=0))

    def matching(self, typed: str) -> Iterator[str]:
        """Yield the names that start with the typed text, then those that contain it."""
        part = typed.lower()
        first = index = bisect_left(self._lower, part)
        while index < len(self._lower) and self._lower[index].startswith(part):
            yield self._names[index]
            index += 1
        position = self._text.find(part) if part else -1
        while position >= 0:
            found = bisect_right(self._starts, position) - 1
            if not first <= found < index:
                yield self._names[found]
            position = self._text.find(part, self._starts[found + 1])


def choices(
    expression: str, cursor: int, names: NameIndex, limit: int = 8
) -> tuple[NameChoice, ...]:
    """Return the matching names at a position, likeliest first.

    Args:
        expression: The expression as typed.
        cursor: The cursor position in it.
        names: Known property names.
        limit: The maximum number of choices.
    """
    before = expression[:cursor]
    if match := _IN_BRACKETS.search(before):
        typed = unescape(match[2] or match[3] or "")
        rest = _REST_OF_BRACKETS.match(expression, cursor)
        end = rest.end() if rest and rest[0].endswith("]") else cursor
        return tuple(
            NameChoice(name, property_expression(name, match[1]), match.start(), end)
            for name in islice(names.matching(typed), limit)
            if property_expression(name, match[1]) != expression[match.start() : end]
        )
    parts = tokenize(before)
    if not parts or parts[-1].kind is not TokenKind.WORD or parts[-1].end != cursor:
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
        NameChoice(property_expression(name), property_expression(name), start, cursor)
        for name in islice(names.matching(typed), limit)
    ]
    return (*found_scopes, *found_functions, *found_names)[:limit]


def draft_names(draft: Draft) -> Iterator[str]:
    """Yield the property names in a draft: from expressions and from records."""
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
    for record in records(text):
        if not isinstance(record.value, dict):
            continue
        for key, properties in record.value.items():
            if key in _HOLDERS and isinstance(properties, dict):
                yield from properties
