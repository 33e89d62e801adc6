"""Asks a project for its names: the request for a look-up, and what its answer says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mixtui.core.errors import MixtuiError
from mixtui.core.known_names import KnownName, NameQuery
from mixtui.core.requests import Draft, Options, Pair
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.operations import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATHS = {
    Names.EVENT: "/query/events/names",
    Names.PROPERTY: "/query/events/properties/top",
    Names.VALUE: "/query/events/properties/values",
    Names.FUNNEL: "/query/funnels/list",
    Names.COHORT: "/query/cohorts/list",
}
_ALL = "255"
"""So many names at most are asked for."""
_PATIENCE = 30.0
"""Seconds without an answer."""


class LookupRefused(MixtuiError):
    """Names cannot be asked for, or the answer holds none."""


def lookup_draft(lookup: NameQuery) -> Draft:
    """The request that asks; a read, kept out of the history.

    Raises:
        LookupRefused: Something that it needs is missing in the request.
    """
    return Draft(
        name=f"Look up {lookup.words}",
        api=Api.QUERY,
        url=_PATHS[lookup.kind],
        query=tuple(Pair(name, value) for name, value in _pairs(lookup)),
        options=Options(history=False, timeout=_PATIENCE),
    )


def read_names(lookup: NameQuery, body: bytes) -> tuple[KnownName, ...]:
    """The names in an answer, each once, in its order.

    Raises:
        LookupRefused: It does not look like the answer to that question.
    """
    try:
        found = json.loads(body)
    except ValueError:
        raise _unreadable(lookup) from None
    match lookup.kind:
        case Names.FUNNEL:
            names = list(_records(found, "funnel_id"))
        case Names.COHORT:
            names = list(_records(found, "id"))
        case Names.PROPERTY if isinstance(found, dict):
            names = [KnownName(str(name)) for name in found]
        case _ if isinstance(found, list):
            names = [KnownName(_text(each)) for each in found]
        case _:
            raise _unreadable(lookup)
    return tuple(dict.fromkeys(name for name in names if name.value))


def _pairs(lookup: NameQuery) -> Iterator[tuple[str, str]]:
    match lookup.kind:
        case Names.EVENT:
            yield "type", "general"
            yield "limit", _ALL
        case Names.PROPERTY:
            yield "event", _needed(lookup, lookup.event, "event")
            yield "limit", _ALL
        case Names.VALUE:
            yield "event", _needed(lookup, lookup.event, "event")
            yield "name", _needed(lookup, lookup.property_name, "property")
            yield "limit", _ALL


def _needed(lookup: NameQuery, value: str, what: str) -> str:
    if not value:
        raise LookupRefused(
            f"Mixpanel lists {lookup.words} by {what}: fill in the {what} first."
        )
    return value


def _records(found: object, key: str) -> Iterator[KnownName]:
    if not isinstance(found, list):
        raise LookupRefused("The answer is no list of names.")
    for each in found:
        if isinstance(each, dict) and key in each:
            yield KnownName(_text(each[key]), _text(each.get("name", "")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _unreadable(lookup: NameQuery) -> LookupRefused:
    return LookupRefused(f"The answer holds no {lookup.words}: nothing was kept.")
