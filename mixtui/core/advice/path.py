"""The URL: placeholders without a value, ids of the wrong kind, slips of names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mixtui.core.advice.call import HintContext
from mixtui.core.advice.model import Hint
from mixtui.core.advice.near import first_clause, suggest_name
from mixtui.core.advice.near_path import suggest_path
from mixtui.core.advice.values import wrong_value
from mixtui.core.errors import DraftError, Field
from mixtui.core.recognising import methods_at
from mixtui.core.requests import Method
from mixtui.core.templates import fill_placeholders
from mixtui.core.urls import encode_component
from mixtui.mixpanel.operations import Operation, Place, family_operations

_PLACEHOLDER = re.compile(r"\{([A-Za-z][\w -]*)\}")
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
_WITH_FRAGMENTS = ("ingestion", "identity")


def path(call: HintContext) -> Iterator[Hint]:
    """What is wrong with the method, the path and the fragment."""
    yield from _placeholders(call)
    if call.operation is not None:
        yield from _segments(call, call.operation)
        return
    yield from _fragment(call)
    yield from _method(call)
    yield from _misspelt(call)


def _placeholders(call: HintContext) -> Iterator[Hint]:
    typed = _TEMPLATE.sub("", call.draft.url)
    for found in dict.fromkeys(_PLACEHOLDER.findall(typed)):
        try:
            fill_placeholders(f"{{{found}}}", call.values, encode_component)
        except DraftError:
            known = call.operation and call.operation.parameter(found, Place.PATH)
            words = first_clause(known.help) if known else ""
            what = f" ({words})" if words else ""
            yield Hint(
                Field.URL,
                f"{{{found}}}{what} is still to be filled: type the value in its "
                "place, or give the environment a variable of that name.",
            )


def _segments(call: HintContext, operation: Operation) -> Iterator[Hint]:
    """The parts of the path that stand for placeholders of the reference."""
    if call.target is None:
        return
    wanted = operation.official_path.split("/")
    there = call.target.official_path.split("/")
    typed = call.draft.url.partition("#")[0].partition("?")[0]
    if len(wanted) != len(there) or _PLACEHOLDER.search(typed):
        return
    for name, value in zip(wanted, there, strict=True):
        known = operation.parameter(name.strip("{}"), Place.PATH)
        if not name.startswith("{") or known is None or known.given:
            continue
        wrong = wrong_value(known, value)
        if wrong is not None:
            yield Hint(
                Field.URL,
                f"{known.name} in the path is {call.shown(value)}, but it "
                f"{wrong.words}.",
            )


def _fragment(call: HintContext) -> Iterator[Hint]:
    if call.target is None or not call.target.fragment:
        return
    path = call.target.path.rstrip("/")
    known = [o for family in _WITH_FRAGMENTS for o in family_operations(family)]
    names = [o.fragment for o in known if o.fragment and o.path == path]
    meant = suggest_name(call.target.fragment, names)
    if not meant:
        return
    before, _, _ = call.draft.url.partition("#")
    yield Hint(
        Field.URL,
        f"#{call.shown(call.target.fragment)} names no operation: did you mean "
        f"#{meant}?",
        suggestion=replace(call.draft, url=f"{before}#{meant}"),
    )


def _method(call: HintContext) -> Iterator[Hint]:
    """A path that is documented with other methods."""
    if call.target is None or call.target.fragment:
        return
    others = methods_at(call.target)
    if not others or call.draft.method in others:
        return
    one = Method(others[0]) if len(others) == 1 else None
    yield Hint(
        Field.METHOD,
        f"This path is called with {' or '.join(others)}, and the method is "
        f"{call.draft.method}.",
        suggestion=replace(call.draft, method=one) if one else None,
    )


def _misspelt(call: HintContext) -> Iterator[Hint]:
    """A path that is documented with no method, but one much like it is."""
    meant = suggest_path(call)
    if not meant:
        return
    url = call.draft.url.strip()
    before = url.partition("#")[0].partition("?")[0]
    yield Hint(
        Field.URL,
        f"Mixpanel documents no {call.shown(before)}: did you mean {meant}?",
        suggestion=replace(call.draft, url=meant + url[len(before) :]),
    )
