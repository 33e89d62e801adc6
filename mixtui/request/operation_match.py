"""Which operation of Mixpanel's catalogue a draft is.

Known by server, method and path; where several share these, by the fragment, or else by
what the first records of the body hold (``$set``, ``$merge``). Only the family that a
path belongs to is read from the catalogue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from mixtui.jsontext import check, records
from mixtui.mixpanel.apis import Service
from mixtui.model.draft import Body, BodyType

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.mixpanel.endpoints import Endpoint
    from mixtui.model.draft import Draft
    from mixtui.request.urls import Target


_LONGEST_EXAMINED = 100_000
"""Characters; a longer body is not read for its operation."""
_RECORDS_COMPARED = 20
"""Records; a batch that is mixed only behind them counts as what it begins with."""
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


def match_operation(draft: Draft, target: Target) -> Operation | None:
    """The operation that a draft calls, or None if it is none that is documented.

    Args:
        draft: What was typed.
        target: Where it goes.
    """
    operations = [
        each for each in _operations_at(target) if each.method == draft.method
    ]
    path = _current_path(target)
    if not operations and draft.method == "GET" and path == "/api/query/engage":
        # The official Python utility reads profiles with GET as well.
        from mixtui.mixpanel.catalogue import family_operations

        operations = [
            o for o in family_operations("query") if o.id == "query.engage-query"
        ]
    return _select(operations, target.fragment, draft.body)


def operation_label(endpoint: Endpoint, operation: Operation | None) -> str:
    """What a request calls, for messages: the operation, or its family."""
    return f"«{operation.title}»" if operation is not None else endpoint.title


def methods_at(target: Target) -> tuple[str, ...]:
    """The methods that are documented for a path; none = the path is not."""
    return tuple(dict.fromkeys(each.method for each in _operations_at(target)))


def _current_path(target: Target) -> str:
    path = target.official_path.rstrip("/") or "/"
    if target.service is Service.WEB and path.startswith(_OLDER_PREFIX):
        return "/api/query/" + path.removeprefix(_OLDER_PREFIX)
    return path


def _operations_at(target: Target) -> list[Operation]:
    """The operations whose path fits, literal paths first."""
    path = _current_path(target)
    return [
        each
        for family in _families(target.service, path)
        for pattern, each in _patterns(family)
        if pattern.fullmatch(path)
    ]


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
    # Not before it is needed: an empty draft is no operation.
    from mixtui.mixpanel.catalogue import family_operations

    rows = [(_pattern(each.official_path), each) for each in family_operations(family)]
    return tuple(sorted(rows, key=lambda row: row[1].official_path.count("{")))


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^{}]*\})", path)
    return re.compile(
        "".join("[^/]+" if p.startswith("{") else re.escape(p) for p in parts)
    )


def _select(
    operations: list[Operation], fragment: str, body: Body | None
) -> Operation | None:
    if not operations:
        return None
    if fragment:
        named = [each for each in operations if each.fragment == fragment]
        if named or all(each.fragment for each in operations):
            return named[0] if named else None
    fewest = operations[0].official_path.count("{")
    operations = [
        each for each in operations if each.official_path.count("{") == fewest
    ]
    if len(operations) == 1:
        return operations[0]
    first, *others = _first_records(body)
    if first.event == "$merge":
        return next((o for o in operations if o.id == "identity.identity-merge"), None)
    by_key = {o.body.key: o for o in operations if o.body is not None and o.body.key}
    operators = [key for key in by_key if key in first.keys]
    for other in others:
        operators += [k for k in by_key if k in other.keys and k not in operators]
    if len(operators) == 1:
        return by_key[operators[0]]
    plain = [each for each in operations if _takes_any_record(each)]
    return plain[0] if plain and (operators or not plain[0].fragment) else None


@dataclass(frozen=True, slots=True)
class _Record:
    """What a record of a body is known by."""

    keys: frozenset[str] = frozenset()
    event: str = ""


def _takes_any_record(operation: Operation) -> bool:
    """Whether it takes records of every kind."""
    from mixtui.mixpanel.catalogue import Shape

    body = operation.body
    return body is not None and body.shape is Shape.LIST and not body.key


def _first_records(body: Body | None) -> tuple[_Record, ...]:
    """What the first records of a body hold; an empty record if there is none."""
    nothing = (_Record(),)
    if body is None or body.type not in (BodyType.JSON, BodyType.NDJSON):
        return nothing
    text = body.text
    if body.type is BodyType.NDJSON:
        lines = text.lstrip()[: _LONGEST_EXAMINED + 1].split("\n", _RECORDS_COMPARED)[
            :_RECORDS_COMPARED
        ]
        return tuple(_record_of_line(line) for line in lines if line.strip()) or nothing
    return _records_of_list(text) or nothing


@lru_cache(maxsize=2)
def _records_of_list(text: str) -> tuple[_Record, ...]:
    """Kept for the text that is typed around while its request changes."""
    if len(text) > _LONGEST_EXAMINED or check(text):
        return ()
    values = (record.value for record in islice(records(text), _RECORDS_COMPARED))
    return tuple(_read_record(value) for value in values if isinstance(value, dict))


def _record_of_line(line: str) -> _Record:
    if len(line) > _LONGEST_EXAMINED or check(line):
        return _Record()
    value = next(records(line)).value
    return _read_record(value) if isinstance(value, dict) else _Record()


def _read_record(value: dict[str, object]) -> _Record:
    event = value.get("event")
    return _Record(frozenset(value), event if isinstance(event, str) else "")


_MOST_SUGGESTED = 5


def suggest_operations(draft: Draft) -> tuple[Operation, ...]:
    """A few, the likeliest first; none for an empty URL."""
    # Reads the whole catalogue: not before somebody asks.
    from mixtui.mixpanel.search import search_operations

    path = draft.url.strip().partition("?")[0]
    if not path.strip("/"):
        return ()
    operations = (
        [each.operation for each in search_operations(path)] if "/" in path else []
    )
    operations = operations or [
        each.operation for each in search_operations(path_terms(draft))
    ]
    # The same method and API first; what they are sorted by otherwise stays.
    operations.sort(
        key=lambda each: (each.method != draft.method) + (each.api != draft.api)
    )
    return tuple(operations[:_MOST_SUGGESTED])


def path_terms(draft: Draft) -> str:
    """The telling words of a URL's path: what to look for in the catalogue."""
    path = draft.url.partition("?")[0]
    terms = re.findall(r"[A-Za-z][A-Za-z-]+", re.sub(r"\{[^}]*\}?", " ", path))
    return " ".join(word for word in terms if word not in ("api", "app", "projects"))
