"""Hints about the URL: placeholders, ids of the wrong kind, misspelt paths."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from msgspec.structs import replace

from mixtui.hints.context import HintContext
from mixtui.hints.model import Hint, closest_name, first_clause
from mixtui.hints.values import check_value
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import (
    FAMILIES,
    Operation,
    ParameterLocation,
    family_operations,
)
from mixtui.model.draft import Method
from mixtui.model.errors import DraftError, Field
from mixtui.request.operation_match import documented_methods
from mixtui.request.path_parameters import path_parameter, placeholders
from mixtui.request.templates import (
    PLACEHOLDER,
    ReferenceState,
    expand_text,
    fill_placeholders,
    placeholder_id,
)
from mixtui.request.urls import Target

_MIN_SIMILARITY = 0.75
"""The minimum similarity (0 to 1) of each segment to the documented one."""
_MAX_PATH_LENGTH = 200
"""Characters; a longer path is not a typo."""
_FAMILIES_OF_API = {
    Api.INGESTION: ("ingestion", "identity", "flags"),
    Api.QUERY: ("query",),
    Api.EXPORT: ("export",),
    Api.PIPELINES: ("pipelines",),
    Api.LEXICON: ("lexicon",),
}
_ASSIGNED_FAMILIES = {
    family for families in _FAMILIES_OF_API.values() for family in families
}


def closest_path(context: HintContext) -> str:
    """Return the documented path closest to the typed one; empty if none is similar.

    Ids and templates are preserved: only the fixed segments are corrected.
    """
    if context.target is None or documented_methods(context.target):
        return ""
    path = context.draft.url.strip().partition("#")[0].partition("?")[0]
    if not path.startswith("/") or not path.strip("/") or len(path) > _MAX_PATH_LENGTH:
        return ""
    candidates = [
        (score, each.method == context.draft.method, corrected)
        for each in _operations_of(context.draft.api)
        for score, corrected in _match_path(path.strip("/").split("/"), each)
    ]
    # max() returns the first of equals, so the order of the catalogue decides.
    best = max(candidates, key=lambda row: row[:2], default=None)
    return best[2] if best is not None and best[2] != path.rstrip("/") else ""


def _operations_of(api: Api) -> Iterator[Operation]:
    for family in _FAMILIES_OF_API.get(api) or [
        f for f in FAMILIES if f not in _ASSIGNED_FAMILIES
    ]:
        yield from family_operations(family)


def _match_path(typed: list[str], operation: Operation) -> Iterator[tuple[float, str]]:
    """Yield the similarity of an operation's path, and that path with the typed ids."""
    documented = operation.path.strip("/").split("/")
    if operation.path.strip("/") and len(typed) == len(documented):
        matched = [_match_segment(a, b) for a, b in zip(typed, documented, strict=True)]
        if all(score >= _MIN_SIMILARITY for score, _ in matched):
            score = sum(score for score, _ in matched) / len(matched)
            yield score, "/" + "/".join(word for _, word in matched)
    elif len(typed) == len(documented) - 1 and typed == documented[1:]:
        # The first segment is missing: /segmentation.
        yield _MIN_SIMILARITY, operation.path


def _match_segment(typed: str, documented: str) -> tuple[float, str]:
    if documented.startswith("{"):
        return (1.0, typed) if typed else (0.0, "")
    if typed == documented:
        return 1.0, typed
    if "{" in typed:
        return 0.0, ""
    return SequenceMatcher(None, typed.lower(), documented).ratio(), documented


_FAMILIES_WITH_FRAGMENTS = ("ingestion", "identity")


def check_url(context: HintContext) -> Iterator[Hint]:
    """Check the method, the path and the fragment."""
    yield from _check_path_rows(context)
    if context.operation is not None:
        yield from _check_segments(context, context.operation)
        return
    yield from _check_fragment(context)
    yield from _check_method(context)
    yield from _check_path(context)


def _documented_fragments(target: Target) -> list[str]:
    path = target.path.rstrip("/")
    operations = [
        o for family in _FAMILIES_WITH_FRAGMENTS for o in family_operations(family)
    ]
    return [o.fragment for o in operations if o.fragment and o.path == path]


def _check_path_rows(context: HintContext) -> Iterator[Hint]:
    """Name the path parameters without a value, and the rows that no placeholder has."""
    draft = context.draft
    names = placeholders(draft.url)
    first_rows: dict[str, int] = {}
    for index, row in enumerate(draft.path):
        if not row.enabled or not row.name:
            continue
        if row.name not in names:
            closest = closest_name(row.name, names)
            hint = f"did you mean {{{closest}}}?" if closest else "it is not sent."
            yield Hint(
                Field.PATH,
                f"The URL does not contain {{{context.excerpt(row.name)}}}: {hint}",
                index,
            )
        elif first_rows.setdefault(row.name, index) != index:
            yield Hint(
                Field.PATH,
                f"{row.name} has another row above, which is the one that is sent.",
                index,
            )
    for name in names:
        if _fills(context, name):
            continue
        parameter = context.operation and path_parameter(
            context.operation, draft.url, name
        )
        help_clause = first_clause(parameter.help) if parameter else ""
        explanation = f" ({help_clause})" if help_clause else ""
        yield Hint(
            Field.PATH,
            f"{name}{explanation} has no value: enter it in the Path tab.",
            first_rows.get(name),
        )


def _fills(context: HintContext, name: str) -> bool:
    """Return whether a placeholder has a value, or will have one when it is asked for."""
    if placeholder_id(f"{{{name}}}"):
        return True  # The line under the URL says what the environment lacks.
    if context.values.state(name) is ReferenceState.INPUT:
        return True
    for row in context.draft.path:
        if row.enabled and row.name == name and row.value:
            return True
    placeholder = f"{{{name}}}"
    filled = fill_placeholders(placeholder, context.values, str, keep_unfilled=True)
    return not filled.unfilled


def _check_segments(context: HintContext, operation: Operation) -> Iterator[Hint]:
    """Check the ids in the path: the segments that are placeholders in the reference."""
    if context.target is None:
        return
    documented = operation.official_path.split("/")
    actual = context.target.official_path.split("/")
    path = context.draft.url.partition("#")[0].partition("?")[0]
    if len(documented) != len(actual):
        return
    typed = path.rstrip("/").split("/")
    rows = _row_indexes(context)
    for position, (name, value) in enumerate(zip(documented, actual, strict=True)):
        parameter = operation.parameter(name.strip("{}"), ParameterLocation.PATH)
        if not name.startswith("{") or parameter is None or parameter.generated:
            continue
        # The base of the API is before what was typed.
        segment = (
            typed[offset] if (offset := position - len(actual)) >= -len(typed) else ""
        )
        placeholder = PLACEHOLDER.fullmatch(segment)
        row = rows.get(placeholder[1]) if placeholder else None
        if placeholder and row is None:
            continue
        mistake = check_value(parameter, value)
        if mistake is not None:
            label = placeholder[1] if placeholder else f"{parameter.name} in the path"
            yield Hint(
                Field.URL if row is None else Field.PATH,
                f"{label} is {context.excerpt(value)}, but it {mistake.problem}.",
                row,
            )


def _row_indexes(context: HintContext) -> dict[str, int]:
    """Return the index of the row of each path parameter whose value is known."""
    indexes: dict[str, int] = {}
    for index, row in enumerate(context.draft.path):
        try:
            text = expand_text(row.value, context.values, Field.PATH).text
        except DraftError:
            continue
        if row.enabled and text:
            indexes.setdefault(row.name, index)
    return indexes


def _check_fragment(context: HintContext) -> Iterator[Hint]:
    if context.target is None or not context.target.fragment:
        return
    fragments = _documented_fragments(context.target)
    closest = closest_name(context.target.fragment, fragments)
    if not closest or context.target.fragment in fragments:
        return
    url_part, _, _ = context.draft.url.partition("#")
    yield Hint(
        Field.URL,
        f"#{context.excerpt(context.target.fragment)} does not match an operation: "
        f"did you mean #{closest}?",
        suggestion=replace(context.draft, url=f"{url_part}#{closest}"),
    )


def _check_method(context: HintContext) -> Iterator[Hint]:
    """Warn of a path that is documented only with other methods."""
    if context.target is None:
        return
    fragment = context.target.fragment
    if fragment and fragment not in _documented_fragments(context.target):
        return
    documented = documented_methods(context.target)
    if not documented or context.draft.method in documented:
        return
    only_method = Method(documented[0]) if len(documented) == 1 else None
    yield Hint(
        Field.METHOD,
        f"This path requires {' or '.join(documented)}, but the method is "
        f"{context.draft.method}.",
        suggestion=replace(context.draft, method=only_method) if only_method else None,
    )


def _check_path(context: HintContext) -> Iterator[Hint]:
    """Warn of an undocumented path that resembles a documented one."""
    closest = closest_path(context)
    if not closest:
        return
    url = context.draft.url.strip()
    path = url.partition("#")[0].partition("?")[0]
    yield Hint(
        Field.URL,
        # Without the path itself, which would be drawn again with each letter.
        f"Undocumented path. Did you mean {closest}?",
        suggestion=replace(context.draft, url=closest + url[len(path) :]),
    )
