"""Which operation of Mixpanel's catalogue a draft is.

Known by server, method and path; where several share these, by the fragment, or else by
what the first record of the body holds (``$set``, ``$merge``). Only the family that a
path belongs to is read from the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from mixtui.core.json_text import check, members, records
from mixtui.core.requests import Body, BodyType
from mixtui.mixpanel.apis import Service
from mixtui.mixpanel.operations import Operation, Shape, family_operations

if TYPE_CHECKING:
    from mixtui.core.requests import Draft
    from mixtui.core.urls import Target

_EXAMINED = 100_000
"""Characters; a longer body is not read for its operation."""
_OLDER_PREFIX = "/api/2.0/"
"""Answers like ``/api/query/`` (official Python utility)."""
_APP_FAMILIES = {
    "schemas": "lexicon",
    "annotations": "annotations",
    "data-retrievals": "gdpr",
    "data-deletions": "gdpr",
    "service-accounts": "service-accounts",
    "warehouse-sources": "warehouse",
    "feature-flags": "flags-management",
    "experiments": "experiments",
}


def recognise(draft: Draft, target: Target) -> Operation | None:
    """The operation that a draft calls, or None if it is none that is documented.

    Args:
        draft: What was typed.
        target: Where it goes.
    """
    path = target.official_path.rstrip("/") or "/"
    if target.service is Service.WEB and path.startswith(_OLDER_PREFIX):
        path = "/api/query/" + path.removeprefix(_OLDER_PREFIX)
    families = _families(target.service, path)
    found = [
        each
        for family in families
        for pattern, each in _patterns(family)
        if each.method == draft.method and pattern.fullmatch(path)
    ]
    if not found and draft.method == "GET" and path == "/api/query/engage":
        # The official Python utility reads profiles with GET as well.
        found = [o for o in family_operations("query") if o.id == "query.engage-query"]
    return _chosen(found, target.fragment, draft.body)


def families_of(operations: Iterable[Operation]) -> dict[str, list[Operation]]:
    """Operations by the title of their family, in order."""
    found: dict[str, list[Operation]] = {}
    for each in operations:
        found.setdefault(each.family_title, []).append(each)
    return found


def _families(service: Service, path: str) -> tuple[str, ...]:
    match service:
        case Service.INGESTION:
            return (
                ("flags",) if path.startswith("/flags") else ("ingestion", "identity")
            )
        case Service.DATA:
            return ("pipelines",) if "/nessie/" in path else ("export",)
        case Service.WEB if path.startswith("/api/query/"):
            return ("query",)
        case _:
            segments = set(path.split("/"))
            return tuple({f: 0 for s, f in _APP_FAMILIES.items() if s in segments})


@cache
def _patterns(family: str) -> tuple[tuple[re.Pattern[str], Operation], ...]:
    """The operations of a family with what their paths look like.

    Literal paths come first: ``/annotations/tags`` is no annotation's id.
    """
    rows = [(_pattern(each.official_path), each) for each in family_operations(family)]
    return tuple(sorted(rows, key=lambda row: row[1].official_path.count("{")))


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^{}]*\})", path)
    return re.compile(
        "".join("[^/]+" if p.startswith("{") else re.escape(p) for p in parts)
    )


def _chosen(
    found: list[Operation], fragment: str, body: Body | None
) -> Operation | None:
    if not found:
        return None
    if fragment:
        named = [each for each in found if each.fragment == fragment]
        if named or all(each.fragment for each in found):
            return named[0] if named else None
    fewest = found[0].official_path.count("{")
    found = [each for each in found if each.official_path.count("{") == fewest]
    if len(found) == 1:
        return found[0]
    keys, event = _first_record(body)
    if event == "$merge":
        return next((o for o in found if o.id == "identity.identity-merge"), None)
    by_key = [o for o in found if o.body is not None and o.body.key in keys]
    if by_key:
        return by_key[0]
    plain = [each for each in found if not each.fragment and _of_records(each)]
    return plain[0] if plain else None


def _of_records(operation: Operation) -> bool:
    return operation.body is not None and operation.body.shape is Shape.LIST


def _first_record(body: Body | None) -> tuple[set[str], str]:
    """The keys of the first record of a body, and its event."""
    if body is None or body.type not in (BodyType.JSON, BodyType.NDJSON):
        return set(), ""
    text = body.text
    if body.type is BodyType.NDJSON:
        text = text.lstrip().partition("\n")[0]
    if len(text) > _EXAMINED or check(text):
        return set(), ""
    for start in records(text):
        if text[start : start + 1] == "{":
            found = {member.key: member for member in members(text, start)}
            event = found.get("event")
            name = text[event.start : event.end] if event is not None else ""
            return set(found), name.strip('"')
    return set(), ""
