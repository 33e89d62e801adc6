"""Hints about the URL: placeholders, ids of the wrong kind, misspelt paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from mixtui.hints.context import HintContext
from mixtui.hints.model import Hint, first_clause, suggest_name
from mixtui.hints.values import wrong_value
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
from mixtui.request.templates import PLACEHOLDER, fill_placeholders, map_references
from mixtui.request.urls import encode_component

_ALIKE = 0.75
"""The minimum similarity of each word of a path to the correct one."""
_LONGEST = 200
"""Characters; a longer path is not a typo."""
_OF_API = {
    Api.INGESTION: ("ingestion", "identity", "flags"),
    Api.QUERY: ("query",),
    Api.EXPORT: ("export",),
    Api.PIPELINES: ("pipelines",),
    Api.LEXICON: ("lexicon",),
}
_ELSEWHERE = {family for families in _OF_API.values() for family in families}


def suggest_path(context: HintContext) -> str:
    """Return the path that was probably meant, as written in a URL; empty if none.

    Ids and templates are preserved: only the words of the path are corrected.
    """
    if context.target is None or documented_methods(context.target):
        return ""
    typed = context.draft.url.strip().partition("#")[0].partition("?")[0]
    if not typed.startswith("/") or not typed.strip("/") or len(typed) > _LONGEST:
        return ""
    results = [
        (score, each.method == context.draft.method, path)
        for each in _of_api(context.draft.api)
        for score, path in _fits(typed.strip("/").split("/"), each)
    ]
    # Equally similar paths stay in catalogue order.
    best = max(results, key=lambda row: row[:2], default=None)
    return best[2] if best is not None else ""


def _of_api(api: Api) -> Iterator[Operation]:
    for family in _OF_API.get(api) or [f for f in FAMILIES if f not in _ELSEWHERE]:
        yield from family_operations(family)


def _fits(typed: list[str], operation: Operation) -> Iterator[tuple[float, str]]:
    """Yield the similarity of an operation's path, and that path with the typed ids
    filled in.
    """
    wanted = operation.path.strip("/").split("/")
    if operation.path.strip("/") and len(typed) == len(wanted):
        put = [_word(a, b) for a, b in zip(typed, wanted, strict=True)]
        if all(score >= _ALIKE for score, _ in put):
            score = sum(score for score, _ in put) / len(put)
            yield score, "/" + "/".join(word for _, word in put)
    elif len(typed) == len(wanted) - 1 and typed == wanted[1:]:
        yield _ALIKE, operation.path  # The first word is missing: /segmentation.


def _word(typed: str, wanted: str) -> tuple[float, str]:
    if wanted.startswith("{"):
        return (1.0, typed) if typed else (0.0, "")
    if typed == wanted:
        return 1.0, typed
    if "{" in typed:
        return 0.0, ""
    return SequenceMatcher(None, typed.lower(), wanted).ratio(), wanted


_WITH_FRAGMENTS = ("ingestion", "identity")


def path(context: HintContext) -> Iterator[Hint]:
    """Check the method, the path and the fragment."""
    yield from _placeholders(context)
    if context.operation is not None:
        yield from _segments(context, context.operation)
        return
    yield from _fragment(context)
    yield from _method(context)
    yield from _misspelt(context)


def _placeholders(context: HintContext) -> Iterator[Hint]:
    typed = map_references(context.draft.url, lambda reference: "")
    for value in dict.fromkeys(PLACEHOLDER.findall(typed)):
        try:
            fill_placeholders(f"{{{value}}}", context.values, encode_component)
        except DraftError:
            known = context.operation and context.operation.parameter(
                value, ParameterLocation.PATH
            )
            text = first_clause(known.help) if known else ""
            what = f" ({text})" if text else ""
            yield Hint(
                Field.URL,
                f"{{{value}}}{what} is still to be filled: type the value in its "
                "place, or give the environment a variable of that name.",
            )


def _segments(context: HintContext, operation: Operation) -> Iterator[Hint]:
    """Check the parts of the path in the position of a placeholder."""
    if context.target is None:
        return
    wanted = operation.official_path.split("/")
    actual = context.target.official_path.split("/")
    typed = context.draft.url.partition("#")[0].partition("?")[0]
    if len(wanted) != len(actual) or PLACEHOLDER.search(typed):
        return
    for name, value in zip(wanted, actual, strict=True):
        known = operation.parameter(name.strip("{}"), ParameterLocation.PATH)
        if not name.startswith("{") or known is None or known.generated:
            continue
        wrong = wrong_value(known, value)
        if wrong is not None:
            yield Hint(
                Field.URL,
                f"{known.name} in the path is {context.shown(value)}, but it "
                f"{wrong.problem}.",
            )


def _fragment(context: HintContext) -> Iterator[Hint]:
    if context.target is None or not context.target.fragment:
        return
    path = context.target.path.rstrip("/")
    known = [o for family in _WITH_FRAGMENTS for o in family_operations(family)]
    names = [o.fragment for o in known if o.fragment and o.path == path]
    meant = suggest_name(context.target.fragment, names)
    if not meant:
        return
    before, _, _ = context.draft.url.partition("#")
    yield Hint(
        Field.URL,
        f"#{context.shown(context.target.fragment)} names no operation: did you mean "
        f"#{meant}?",
        suggestion=replace(context.draft, url=f"{before}#{meant}"),
    )


def _method(context: HintContext) -> Iterator[Hint]:
    """Warn of a path that is documented only with other methods."""
    if context.target is None or context.target.fragment:
        return
    others = documented_methods(context.target)
    if not others or context.draft.method in others:
        return
    one = Method(others[0]) if len(others) == 1 else None
    yield Hint(
        Field.METHOD,
        f"This path is called with {' or '.join(others)}, and the method is "
        f"{context.draft.method}.",
        suggestion=replace(context.draft, method=one) if one else None,
    )


def _misspelt(context: HintContext) -> Iterator[Hint]:
    """Warn of an undocumented path that resembles a documented one."""
    meant = suggest_path(context)
    if not meant:
        return
    url = context.draft.url.strip()
    before = url.partition("#")[0].partition("?")[0]
    yield Hint(
        Field.URL,
        f"Mixpanel documents no {context.shown(before)}: did you mean {meant}?",
        suggestion=replace(context.draft, url=meant + url[len(before) :]),
    )
