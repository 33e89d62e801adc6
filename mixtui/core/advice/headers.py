"""Headers that contradict the body or the operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mixtui.core.advice.call import HintContext
from mixtui.core.advice.model import Hint
from mixtui.core.bodies import CONTENT_TYPES
from mixtui.core.errors import Field
from mixtui.core.requests import BodyType, Draft, Pair
from mixtui.mixpanel.operations import Operation, Parameter, Place

_JSON_TYPES = (BodyType.JSON, BodyType.NDJSON, BodyType.FORM, BodyType.CSV)
_PROFILES = ("/engage", "/groups")


def headers(call: HintContext) -> Iterator[Hint]:
    """What is wrong with the headers that are switched on."""
    for row, pair in enumerate(call.draft.headers):
        if not pair.enabled or "{{" in pair.value:
            continue
        name = pair.name.strip().lower()
        if name == "content-type":
            yield from _content_type(call, row, pair)
        elif name == "content-encoding" and call.operation is not None:
            yield from _encoding(call, call.operation, row, pair)


def _content_type(call: HintContext, row: int, pair: Pair) -> Iterator[Hint]:
    body, draft = call.draft.body, call.draft
    if body is None or not draft.sends_body or body.type not in _JSON_TYPES:
        return
    expected = CONTENT_TYPES[body.type]
    typed = pair.value.partition(";")[0].strip().lower()
    if typed == expected:
        return
    yield Hint(
        Field.HEADERS,
        f"Content-Type says {call.shown(pair.value)}, and the body is {body.type}: "
        f"leave the header out, mixtui sends {expected}.",
        row,
        suggestion=_without(draft, row),
    )


def _encoding(
    call: HintContext, operation: Operation, row: int, pair: Pair
) -> Iterator[Hint]:
    known = _header(operation, "content-encoding")
    value = pair.value.strip().lower()
    if operation.path in _PROFILES:
        yield Hint(
            Field.HEADERS,
            f"{operation.path} takes no compressed body: leave Content-Encoding out.",
            row,
            suggestion=_without(call.draft, row),
        )
    elif known is not None and known.allowed and value not in known.allowed:
        yield Hint(
            Field.HEADERS,
            f"Content-Encoding is {call.shown(value)}, but it takes only "
            f"{', '.join(known.allowed)}.",
            row,
        )


def _header(operation: Operation, name: str) -> Parameter | None:
    found = (
        p
        for p in operation.parameters
        if p.place is Place.HEADER and p.name.lower() == name
    )
    return next(found, None)


def _without(draft: Draft, row: int) -> Draft:
    rows = draft.headers
    off = replace(rows[row], enabled=False)
    return replace(draft, headers=(*rows[:row], off, *rows[row + 1 :]))
