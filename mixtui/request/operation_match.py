"""Match a draft to an operation of the Mixpanel catalogue, or suggest a few.

The match is by server, method and path; if several operations share these, by the
fragment or else by the first records of the body (``$set``, ``$merge``). Only the family
that a path belongs to is loaded from the catalogue.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from msgspec import Struct

from mixtui.jsontext import check, records
from mixtui.mixpanel.apis import Service
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import Body, BodyType
from mixtui.patterns import compile_late
from mixtui.request.forms import form_fields
from mixtui.request.record_data import DATA, read_data

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.mixpanel.endpoints import Endpoint
    from mixtui.model.draft import Draft
    from mixtui.request.urls import Target


_MAX_EXAMINED_CHARACTERS = 100_000
"""A longer body is not examined."""
_MAX_EXAMINED_RECORDS = 20
"""A batch that is mixed only after these counts as what it begins with."""
_OLDER_PREFIX = "/api/2.0/"
"""Equivalent to ``/api/query/`` (official Python utility)."""
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
    """Return the documented operation that a draft calls, or None.

    Args:
        draft: What was typed.
        target: The destination.
    """
    records = _query_records(draft, target)
    operations = [
        each
        for each in _operations_at(target)
        if _calls(draft, each)
        or (records is not None and _takes_query_data(draft, each))
    ]
    return _select_operation(operations, target.fragment, draft.body or records)


def request_safety(
    draft: Draft, target: Target, endpoint: Endpoint, operation: Operation | None
) -> Safety:
    """Return what a request does to the project's data.

    A path of a name that Mixpanel documents for writing alone is a command, such as
    ``/launch``: no method reads it. One that ends in an id is a thing, which GET reads.
    """
    if operation is not None:
        return operation.safety
    documented = _operations_at(target)
    commands = [
        not each.path.endswith("}") and each.safety.writes for each in documented
    ]
    if commands and all(commands):
        return Safety.WRITE
    if draft.method in ("GET", "POST") and any(each.is_query for each in documented):
        return Safety.READ
    return endpoint.safety(draft.method)


def operation_label(endpoint: Endpoint, operation: Operation | None) -> str:
    """Return what a request calls, for messages: the operation, or its family."""
    return f"“{operation.title}”" if operation is not None else endpoint.title


def _calls(draft: Draft, operation: Operation) -> bool:
    """Return whether a draft's method calls an operation.

    Queries are read with GET as well, and from a form that is posted.
    """
    if draft.method == operation.method:
        return True
    posts_form = draft.body is not None and draft.body.type is BodyType.FORM
    either = ("GET", "POST") if posts_form else ("GET",)
    return operation.is_query and draft.method in either


def _takes_query_data(draft: Draft, operation: Operation) -> bool:
    """Return whether an operation takes records as ``data`` in the query of a draft."""
    return operation.takes_data and draft.method in ("GET", "POST")


def _query_records(draft: Draft, target: Target) -> Body | None:
    """Return the records in ``data`` of the query as a body; None = there is none."""
    rows = [row.value for row in draft.query if row.enabled and row.name == DATA]
    pairs = parse_qsl(target.query, keep_blank_values=True) if target.query else ()
    values = [*rows, *(value for name, value in pairs if name == DATA)]
    if not values:
        return None
    data = read_data(values[0])
    return Body(BodyType.JSON, data.text if data is not None else "")


def documented_methods(target: Target) -> tuple[str, ...]:
    """Return the methods documented for a path; none if the path is undocumented."""
    return tuple(dict.fromkeys(each.method for each in _operations_at(target)))


def _current_path(target: Target) -> str:
    path = target.official_path.rstrip("/") or "/"
    if target.service is Service.WEB and path.startswith(_OLDER_PREFIX):
        return "/api/query/" + path.removeprefix(_OLDER_PREFIX)
    return path


def _operations_at(target: Target) -> list[Operation]:
    """Return the operations whose path matches, literal paths first."""
    path = _current_path(target)
    return [
        each
        for family in _path_families(target.service, path)
        for pattern, each in _patterns(family)
        if pattern.fullmatch(path)
    ]


def _path_families(service: Service, path: str) -> tuple[str, ...]:
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
    """Return the operations of a family with the patterns of their paths.

    Literal paths come first: in ``/annotations/tags``, ``tags`` is not an id.
    """
    # Imported late: an empty draft needs no catalogue.
    from mixtui.mixpanel.catalogue import family_operations

    rows = [
        (_path_pattern(each.official_path), each) for each in family_operations(family)
    ]
    return tuple(sorted(rows, key=lambda row: row[1].official_path.count("{")))


def _path_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^{}]*\})", path)
    return compile_late(
        "".join("[^/]+" if p.startswith("{") else re.escape(p) for p in parts)
    )


def _select_operation(
    operations: list[Operation], fragment: str, body: Body | None
) -> Operation | None:
    if not operations:
        return None
    if fragment:
        with_fragment = [each for each in operations if each.fragment == fragment]
        if with_fragment or all(each.fragment for each in operations):
            return with_fragment[0] if with_fragment else None
    fewest = operations[0].official_path.count("{")
    operations = [
        each for each in operations if each.official_path.count("{") == fewest
    ]
    if len(operations) == 1:
        return operations[0]
    first, *others = _first_record_facts(body)
    if first.event == "$merge":
        return next((o for o in operations if o.id == "identity.identity-merge"), None)
    by_key = {o.body.key: o for o in operations if o.body is not None and o.body.key}
    operators = [key for key in by_key if key in first.keys]
    for other in others:
        operators += [k for k in by_key if k in other.keys and k not in operators]
    if len(operators) == 1:
        return by_key[operators[0]]
    general = [each for each in operations if _takes_any_record(each)]
    return general[0] if general and (operators or not general[0].fragment) else None


class _RecordFacts(Struct, frozen=True):
    """What identifies the kind of a record."""

    keys: frozenset[str] = frozenset()
    event: str = ""


def _takes_any_record(operation: Operation) -> bool:
    """Return whether an operation accepts records of every kind."""
    from mixtui.mixpanel.catalogue import Shape

    body = operation.body
    return body is not None and body.shape is Shape.LIST and not body.key


def _first_record_facts(body: Body | None) -> tuple[_RecordFacts, ...]:
    """Return the facts of the first records; of an empty record if there is none."""
    nothing = (_RecordFacts(),)
    if body is None:
        return nothing
    text = body.text
    if body.type is BodyType.FORM and len(text) <= _MAX_EXAMINED_CHARACTERS:
        data = read_data(dict(form_fields(body)).get(DATA, ""))
        text = data.text if data is not None else ""
    elif body.type not in (BodyType.JSON, BodyType.NDJSON):
        return nothing
    if body.type is BodyType.NDJSON:
        lines = text.lstrip()[: _MAX_EXAMINED_CHARACTERS + 1].split(
            "\n", _MAX_EXAMINED_RECORDS
        )[:_MAX_EXAMINED_RECORDS]
        return (
            tuple(_line_record_facts(line) for line in lines if line.strip()) or nothing
        )
    return _list_record_facts(text) or nothing


@lru_cache(maxsize=2)
def _list_record_facts(text: str) -> tuple[_RecordFacts, ...]:
    """Return the facts of a list; cached, as the URL is edited while the body stays."""
    if len(text) > _MAX_EXAMINED_CHARACTERS or check(text):
        return ()
    values = (record.value for record in islice(records(text), _MAX_EXAMINED_RECORDS))
    return tuple(
        _read_record_facts(value) for value in values if isinstance(value, dict)
    )


def _line_record_facts(line: str) -> _RecordFacts:
    if len(line) > _MAX_EXAMINED_CHARACTERS or check(line):
        return _RecordFacts()
    value = next(records(line)).value
    return _read_record_facts(value) if isinstance(value, dict) else _RecordFacts()


def _read_record_facts(value: dict[str, object]) -> _RecordFacts:
    event = value.get("event")
    return _RecordFacts(frozenset(value), event if isinstance(event, str) else "")


_MAX_SUGGESTIONS = 5


def suggest_operations(draft: Draft) -> tuple[Operation, ...]:
    """Return a few similar operations, the likeliest first; none for an empty URL."""
    # Imported late, as it loads the entire catalogue.
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
    # Same method and API first; the sort is stable, so the search order remains.
    operations.sort(
        key=lambda each: (each.method != draft.method) + (each.api != draft.api)
    )
    return tuple(operations[:_MAX_SUGGESTIONS])


def path_terms(draft: Draft) -> str:
    """Return the search terms for a URL's path, without generic segments."""
    path = draft.url.partition("?")[0]
    terms = re.findall(r"[A-Za-z][A-Za-z-]+", re.sub(r"\{[^}]*\}?", " ", path))
    return " ".join(word for word in terms if word not in ("api", "app", "projects"))
