"""Suggestions for a name or a value that is being typed.

All functions are pure and use only known names; nothing is requested. A suggestion
contains the complete text of the field after accepting it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from msgspec import Struct

from mixtui.editing.names import QUOTED, as_of, name_at
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import (
    NameKind,
    Operation,
    Parameter,
    ParameterLocation,
    ValueType,
)
from mixtui.mixpanel.docs import parameter_facts, requirement
from mixtui.model.draft import Method
from mixtui.model.known_names import KnownName, KnownNames, NameQuery
from mixtui.patterns import compile_late
from mixtui.request.templates import BUILT_IN_NAMES

_MOST_NAMES = 1_000
"""Names of a project that are suggested at once."""
Known = Callable[[NameQuery], KnownNames | None]
"""Returns the names known so far; None = they were never requested."""


class Suggestion(Struct, frozen=True):
    """A completion of the field."""

    value: str
    """The text of the field when it is accepted."""
    label: str
    """The displayed text."""
    note: str = ""
    """A short description."""
    lookup: NameQuery | None = None
    """Accepting it requests names from the project, and changes nothing else."""
    operation: Operation | None = None
    """Accepting it selects this operation."""
    is_choice: bool = False
    """Whether it is one of a few allowed values: worth showing before anything is
    typed.
    """


def query_names(
    operation: Operation, present: Sequence[str], typed: str
) -> tuple[Suggestion, ...]:
    """Suggest parameter names: unused ones first, and required before optional."""
    return _names(operation, ParameterLocation.QUERY, present, typed)


def header_names(
    operation: Operation | None, present: Sequence[str], typed: str
) -> tuple[Suggestion, ...]:
    """Suggest header names: the operation's own, then common ones."""
    documented = (
        _names(operation, ParameterLocation.HEADER, present, typed) if operation else ()
    )
    used = {each.value.lower() for each in documented} | {
        name.lower() for name in present
    }
    usual = (
        Suggestion(name, name, note)
        for name, (note, _) in _HEADERS.items()
        if name.lower() not in used
    )
    return (*documented, *_matching(usual, typed))


def header_values(
    operation: Operation | None, name: str, typed: str
) -> tuple[Suggestion, ...]:
    """Suggest values of a header."""
    if operation is not None:
        for each in operation.parameters:
            if (
                each.location is ParameterLocation.HEADER
                and each.name.lower() == name.lower()
            ):
                suggestions = (Suggestion(v, v, is_choice=True) for v in each.allowed)
                return _matching(suggestions, typed)
    usual = {key.lower(): values for key, (_, values) in _HEADERS.items()}
    values = usual.get(name.lower(), ())
    return _matching((Suggestion(v, v, is_choice=True) for v in values), typed)


_HEADERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Accept": (
        "accepted response types",
        ("application/json", "text/plain", "text/csv", "*/*"),
    ),
    "Accept-Encoding": ("accepted compression", ("gzip", "identity")),
    "Accept-Language": ("language of messages", ("en",)),
    "Cache-Control": ("whether a cached response is allowed", ("no-cache", "no-store")),
    "Content-Encoding": ("gzip = the body is compressed", ("gzip",)),
    "User-Agent": ("the client", ()),
    "X-Request-Id": ("to find the request in logs", ("{{uuid}}",)),
}


def query_values(
    parameter: Parameter,
    typed: str,
    present: Mapping[str, str],
    known: Known,
    now: datetime,
) -> tuple[Suggestion, ...]:
    """Suggest values of a parameter.

    Args:
        parameter: The parameter.
        typed: The text of the field.
        present: The names and values of the other rows, which determine whose
            properties apply.
        known: The project's names.
        now: The local time, with its time zone.
    """
    if parameter.allowed:
        choices = (
            Suggestion(v, v, _choice_note(parameter, v), is_choice=True)
            for v in parameter.allowed
        )
        return _matching(choices, typed)
    match parameter.type:
        case ValueType.BOOLEAN:
            return _choices(parameter, ("true", "false"), typed)
        case ValueType.FLAG:
            return _choices(parameter, ("1", "0"), typed)
        case ValueType.DATE:
            return _matching(_dates(now), typed)
    lookup = lookup_for(parameter, present)
    if lookup is None:
        return ()
    return tuple(_known_names(parameter, lookup, typed, known(lookup), now))


def template_names(typed: str, variables: Iterable[str]) -> tuple[Suggestion, ...]:
    """Suggest variables for an open ``{{``; none if there is no such."""
    head, opened, part = typed.rpartition("{{")
    if not opened or "}" in part or head.endswith("\\"):
        return ()
    names = (name for name in (*variables, *BUILT_IN_NAMES) if name != "env:NAME")
    return tuple(
        Suggestion(f"{head}{{{{{name}}}}}", f"{{{{{name}}}}}")
        for name in dict.fromkeys((*names, "env:"))
        if name.startswith(part.strip())
    )


def lookup_for(parameter: Parameter, present: Mapping[str, str]) -> NameQuery | None:
    """Return the lookup that yields names for a parameter; None = there is none."""
    event = _first_name(present.get("event", ""))
    kind = parameter.names
    if kind is None and parameter.type is ValueType.EXPRESSION:
        kind = NameKind.PROPERTY
    match kind:
        case NameKind.PROPERTY:
            return NameQuery(kind, event)
        case NameKind.VALUE:
            return NameQuery(kind, event, _property_of(present))
        case None:
            return None
        case _:
            return NameQuery(kind)


def ghost(suggestions: Sequence[Suggestion], typed: str) -> str:
    """Return the first suggestion that continues the typed text; empty = none does."""
    if not typed:
        return ""
    results = (each.value for each in suggestions if each.lookup is None)
    return next((v for v in results if v.startswith(typed) and v != typed), "")


# Names


def _names(
    operation: Operation,
    location: ParameterLocation,
    present: Sequence[str],
    typed: str,
) -> tuple[Suggestion, ...]:
    rows = [each for each in operation.parameters if each.location is location]

    def order(each: Parameter) -> tuple[bool, bool, bool]:
        return each.name in present, each.generated, not each.required

    suggestions = (
        Suggestion(each.name, each.name, _name_note(each, present))
        for each in sorted(rows, key=order)
    )
    return _matching(suggestions, typed)


def _name_note(parameter: Parameter, present: Sequence[str]) -> str:
    if parameter.name in present:
        return "already present"
    if parameter.generated:
        return "added by mixtui"
    return f"{requirement(parameter)}{parameter_facts(parameter)}"


# Values


def _choices(
    parameter: Parameter, values: Sequence[str], typed: str
) -> tuple[Suggestion, ...]:
    suggestions = (
        Suggestion(v, v, _choice_note(parameter, v), is_choice=True) for v in values
    )
    return _matching(suggestions, typed)


def _choice_note(parameter: Parameter, value: str) -> str:
    if value == parameter.default:
        return "by default"
    return "advised" if value == parameter.suggested else ""


def _dates(now: datetime) -> Iterator[Suggestion]:
    today = now.date()
    for name, day in (
        ("today-7d", today - timedelta(days=7)),
        ("today-1d", today - timedelta(days=1)),
        ("today", today),
        ("today-30d", today - timedelta(days=30)),
        ("month_start", today.replace(day=1)),
    ):
        text = f"{{{{{name}}}}}"
        yield Suggestion(text, text, f"now {day.isoformat()}")
    for day, word in (
        (today, "today"),
        (today - timedelta(days=1), "yesterday"),
        (today - timedelta(days=7), "one week ago"),
        (today.replace(day=1), "first of this month"),
        (today - timedelta(days=30), "30 days ago"),
    ):
        yield Suggestion(day.isoformat(), day.isoformat(), word)


def _known_names(
    parameter: Parameter,
    lookup: NameQuery,
    typed: str,
    names: KnownNames | None,
    now: datetime,
) -> Iterator[Suggestion]:
    position = name_at(parameter, typed)
    if position is None:
        return
    if names is not None:
        used = frozenset(position.used)
        suggestions = (
            Suggestion(position.text(each.value), each.label or each.value, note)
            for each in _matching_names(names.names, position.part)
            if each.value not in used
            for note in [each.value if each.label else ""]
        )
        yield from (each for each in suggestions if each.value != typed)
    yield _look_up(lookup, typed, names, now)


def project_names(
    lookup: NameQuery, typed: str, names: KnownNames | None, now: datetime
) -> tuple[Suggestion, ...]:
    """Suggest names of the project for a whole field, and their look-up.

    Args:
        lookup: What is looked up.
        typed: The text of the field.
        names: Those known; None = they were never looked up.
        now: The local time, with its time zone.
    """
    known = names.names if names is not None else ()
    matching = (
        Suggestion(
            each.value, each.label or each.value, each.value if each.label else ""
        )
        for each in _matching_names(known, typed)
        if each.value != typed
    )
    return (*matching, _look_up(lookup, typed, names, now))


def _look_up(
    lookup: NameQuery, typed: str, names: KnownNames | None, now: datetime
) -> Suggestion:
    if names is None:
        return Suggestion(typed, f"Look up {lookup.label}", "1 query", lookup)
    again = f"{as_of(names.requested_at, now)}; 1 query"
    return Suggestion(typed, f"Look up {lookup.label} again", again, lookup)


def _first_name(value: str) -> str:
    """Return the event of a row that contains one, or the first of a JSON list."""
    if not value.lstrip().startswith("["):
        return value.strip()
    match = QUOTED.search(value)
    return match[1] if match else ""


def _property_of(present: Mapping[str, str]) -> str:
    """Return the property whose values are requested."""
    if name := present.get("name", ""):
        return name.strip()
    match = re.search(r'properties\["([^"]+)"\]', present.get("on", ""))
    return match[1] if match else ""


# Matching


def _matching(suggestions: Iterable[Suggestion], typed: str) -> tuple[Suggestion, ...]:
    """Return suggestions that begin with the typed text, then those that contain it."""
    part = typed.strip().casefold()
    starting: list[Suggestion] = []
    containing: list[Suggestion] = []
    for each in suggestions:
        text = each.value.casefold()
        if text.startswith(part):
            starting.append(each)
        elif part in text:
            containing.append(each)
    matches = (*starting, *containing)
    # A complete value needs no suggestion.
    if len(matches) == 1 and matches[0].value == typed:
        return ()
    return matches


def _matching_names(names: Iterable[KnownName], typed: str) -> list[KnownName]:
    """Return names that begin with the typed text, then those that contain it.

    Looks at what is displayed, and then at the value. Of very many, the first are enough:
    nobody scrolls through more, and whoever types on gets others.
    """
    part = typed.strip().casefold()
    starting: list[KnownName] = []
    containing: list[KnownName] = []
    for each in names:
        text = (each.label or each.value).casefold()
        if text.startswith(part):
            starting.append(each)
            if len(starting) == _MOST_NAMES:
                break
        elif part in text or (each.label and part in each.value.casefold()):
            containing.append(each)
    return [*starting, *containing][:_MOST_NAMES]


_ID = compile_late(r"[{\d]")


def complete_url(
    typed: str, method: Method, api: Api, operations: Iterable[Operation]
) -> tuple[Suggestion, ...]:
    """Suggest URLs of the catalogue that continue the typed text.

    Those with the method come first, then other methods of the API; if the API has
    none, other APIs. An id in the position of a placeholder is preserved.
    """
    text = typed.strip()
    if "?" in text or text.startswith("{{"):
        return ()
    rows = tuple(operations)
    own = [each for each in rows if each.api is api]
    suggestions = list(_completed(text, own, method))
    if not suggestions and len(text) > 1 and not _is_complete(text, own):
        others = [each for each in rows if each.api is not api]
        suggestions = list(_completed(text, others, method))
    suggestions.sort(key=lambda each: _rank(each, method))
    return tuple(suggestions)


def url_ghost(
    suggestions: Iterable[Suggestion], typed: str, method: Method, api: Api
) -> str:
    """Return the first that keeps method and API; empty = none."""
    for each in suggestions:
        same = each.operation is not None and each.operation.method == method
        if same and each.operation and each.operation.api is api and typed:
            return each.value if each.value.startswith(typed) else ""
    return ""


def _completed(
    text: str, operations: Iterable[Operation], method: Method
) -> Iterator[Suggestion]:
    seen: set[tuple[str, str, Api]] = set()
    typed = text.split("/")
    for each in operations:
        url = _completion(typed, _segments(each.url))
        key = (each.method, url or "", each.api)
        if url is None or key in seen:
            continue
        seen.add(key)
        if url != text or each.method != method:
            yield Suggestion(url, f"{each.method:<6} {url}", each.title, operation=each)


@cache
def _segments(url: str) -> tuple[str, ...]:
    return tuple(url.split("/"))


def _completion(typed: Sequence[str], known: Sequence[str]) -> str | None:
    """Return the URL that begins with what is typed; None = it begins differently.

    Args:
        typed: The segments of the text.
        known: Those of the URL of an operation.
    """
    if len(typed) > len(known):
        return None
    results: list[str] = []
    last = len(typed) - 1
    for index, (typed_parts, url_parts) in enumerate(zip(typed, known, strict=False)):
        if url_parts.startswith("{"):
            if index == 1 and typed_parts and not _ID.match(typed_parts):
                return None  # An empty path would match any word.
            results.append(typed_parts or url_parts)
        elif typed_parts == url_parts or (
            index == last and url_parts.startswith(typed_parts)
        ):
            results.append(url_parts)
        else:
            return None
    return "/".join([*results, *known[len(typed) :]])


def _is_complete(text: str, operations: Iterable[Operation]) -> bool:
    typed = text.split("/")
    return any(_completion(typed, _segments(each.url)) == text for each in operations)


def _rank(suggestion: Suggestion, method: Method) -> int:
    operation = suggestion.operation
    return 0 if operation is not None and operation.method == method else 1
