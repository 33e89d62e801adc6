"""Hints about the query: names, values, dates, and rules of single operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mixtui.hints.context import HintContext, TypedParameter
from mixtui.hints.model import Hint, suggest_name
from mixtui.hints.values import day, encoded_twice, wrong_value
from mixtui.mixpanel.catalogue import Operation, Parameter, ParameterLocation, ValueType
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import Draft, Pair
from mixtui.model.errors import Field

_SECRET_NAMES = frozenset(
    ("token", "access_token", "api_secret", "secret", "password", "api_key", "sig")
)
_EVERYWHERE = frozenset(("project_id", "workspace_id"))
_ALSO_ACCEPTED = {("query.segmentation-query", "unit"): ("week",)}
"""Values that official clients send although the reference does not list them."""
_DATES_OR_INTERVAL = ("query.list-recent-events", "query.query-event-properties")
"""Operations that accept an interval instead of dates."""
_DATES = ("from_date", "to_date")


def parameters(context: HintContext) -> Iterator[Hint]:
    """Check the names and values of the query."""
    operation = context.operation
    yield from _twice(context)
    if operation is None:
        yield from _encoded(context)
        return
    known = {
        p.name: p for p in operation.parameters if p.location is ParameterLocation.QUERY
    }
    fields = _form_fields(operation)
    misspelt: set[str] = set()
    for typed in context.typed:
        parameter = known.get(typed.name)
        if parameter is not None:
            yield from _value(context, operation, parameter, typed)
        elif typed.name in _SECRET_NAMES:
            yield _out_of_place(context, typed)
        elif typed.name not in _EVERYWHERE and typed.name not in fields:
            meant = suggest_name(typed.name, [*known, *fields])
            misspelt.add(meant)
            yield _unknown(context, typed, meant)
    yield from _missing(context, operation, misspelt)


def _missing(
    context: HintContext, operation: Operation, misspelt: set[str]
) -> Iterator[Hint]:
    names = {typed.name for typed in context.typed} | misspelt
    for parameter in operation.parameters:
        if parameter.location is not ParameterLocation.QUERY or parameter.generated:
            continue
        name = parameter.name
        if not parameter.required or name in names:
            continue
        if (
            name in _DATES
            and operation.id in _DATES_OR_INTERVAL
            and "interval" in names
        ):
            continue
        yield _missing_one(context, parameter)


def _missing_one(context: HintContext, parameter: Parameter) -> Hint:
    name, rows = parameter.name, context.draft.query
    off = next((i for i, row in enumerate(rows) if row.name == name), None)
    if off is not None:
        return Hint(
            Field.QUERY,
            f"{name} is switched off, and this operation needs it: switch it on.",
            row=off,
            suggestion=context.with_row(off, replace(rows[off], enabled=True)),
        )
    value = parameter.suggested or parameter.default
    added = replace(context.draft, query=(*rows, Pair(name, value))) if value else None
    return Hint(
        Field.QUERY,
        f"{name} is missing, and this operation needs it: add it to the query.",
        suggestion=added,
    )


def _value(
    context: HintContext,
    operation: Operation,
    parameter: Parameter,
    typed: TypedParameter,
) -> Iterator[Hint]:
    if not typed.complete:
        return
    if not typed.value.strip():
        if parameter.required or parameter.type is not ValueType.STRING:
            yield Hint(
                typed.field,
                f"{typed.name} is empty: give it a value, or leave it out.",
                typed.row,
            )
        return
    also = _ALSO_ACCEPTED.get((operation.id, parameter.name), ())
    wrong = None if typed.value in also else wrong_value(parameter, typed.value)
    if wrong is not None:
        better = wrong.better
        requested = better if wrong.asks else None
        meant = f": did you mean {context.shown(requested)}?" if requested else "."
        yield Hint(
            typed.field,
            f"{typed.name} is {context.shown(typed.value)}, but {_subject(wrong.problem)}"
            f"{meant}",
            typed.row,
            suggestion=None if better is None else context.with_value(typed, better),
        )


def _subject(text: str) -> str:
    return f"it {text}" if text.startswith("takes") else f"that {text}"


def _unknown(context: HintContext, typed: TypedParameter, meant: str) -> Hint:
    name = context.shown(typed.name)
    if not meant:
        return Hint(
            typed.field,
            f"{name} is no documented parameter of this operation: check the name, or "
            "leave it out.",
            typed.row,
        )
    suggestion = None
    if typed.row is not None:
        row = replace(context.draft.query[typed.row], name=meant)
        suggestion = context.with_row(typed.row, row)
    return Hint(
        typed.field,
        f"{name} is no parameter of this operation: did you mean {meant}?",
        typed.row,
        suggestion=suggestion,
    )


def _out_of_place(context: HintContext, typed: TypedParameter) -> Hint:
    """Warn of a credential in the URL, because URLs are logged."""
    return Hint(
        typed.field,
        f"{typed.name} has no place in this query: mixtui sends credentials where "
        "they belong; take it out.",
        typed.row,
        suggestion=None if typed.row is None else context.without_row(typed.row),
    )


def _twice(context: HintContext) -> Iterator[Hint]:
    first: dict[str, TypedParameter] = {}
    repeated = {
        p.name
        for p in (context.operation.parameters if context.operation else ())
        if p.type is ValueType.REPEATED
    }
    for typed in context.typed:
        before = first.setdefault(typed.name, typed)
        if before is typed or typed.name in repeated:
            continue
        name = context.shown(typed.name)
        if before.row is None and typed.row is not None:
            sentence = f"{name} stands in the URL and here: keep one of them."
        else:
            sentence = f"{name} is there twice: keep one, or switch one off."
        yield Hint(typed.field, sentence, typed.row)


def _encoded(context: HintContext) -> Iterator[Hint]:
    """Check the encoding of a value whose parameter is unknown."""
    for typed in context.typed:
        once = encoded_twice(ValueType.EXPRESSION, typed.value)
        if once is not None:
            yield Hint(
                typed.field,
                f"{context.shown(typed.name)} is percent-encoded already, and would be "
                "encoded again: type the plain text.",
                typed.row,
                suggestion=context.with_value(typed, once),
            )


def _form_fields(operation: Operation) -> frozenset[str]:
    """Return the form fields, which older clients put into the query."""
    if operation.body is None or "form" not in operation.body.types:
        return frozenset()
    return frozenset(field.name for field in operation.body.fields)


_WINDOWS = (("from_date", "to_date"), ("fromDate", "toDate"))
_RETENTION_YEARS = 5
"""The maximum; two for projects created since September 2025."""


def dates(context: HintContext) -> Iterator[Hint]:
    """Check the dates of a query."""
    if context.operation is None:
        return
    result = {typed.name: typed for typed in context.typed}
    for first_name, last_name in _WINDOWS:
        first, last = result.get(first_name), result.get(last_name)
        start, end = _day(first), _day(last)
        if first and last and start and end and start > end:
            yield Hint(
                last.field,
                f"{first_name} ({start}) is after {last_name} ({end}): swap them.",
                last.row,
                suggestion=_swapped(context, first, last),
            )
        elif context.operation.bucket in (Bucket.QUERY, Bucket.EXPORT):
            yield from _ahead(context, first, last)
            if (
                first
                and start
                and start < _years_before(context.today, _RETENTION_YEARS)
            ):
                yield _too_old(first, start)


def _ahead(
    context: HintContext, first: TypedParameter | None, last: TypedParameter | None
) -> Iterator[Hint]:
    start, end = _day(first), _day(last)
    if first and start and start > context.today:
        yield Hint(
            first.field,
            f"{first.name} ({start}) is in the future: there is nothing to find yet.",
            first.row,
        )
    elif last and end and end > context.today and _exports(context):
        yield Hint(
            last.field,
            f"{last.name} ({end}) is after today, which the export refuses: end with "
            "today or before.",
            last.row,
            suggestion=context.with_value(last, "{{today}}"),
        )


def _exports(context: HintContext) -> bool:
    return context.operation is not None and context.operation.bucket is Bucket.EXPORT


def _too_old(first: TypedParameter, start: date) -> Hint:
    return Hint(
        first.field,
        f"{first.name} ({start}) is more than five years back: Mixpanel keeps events "
        "for two or five years, and may refuse older days.",
        first.row,
        severe=False,
    )


def _swapped(
    context: HintContext, first: TypedParameter, last: TypedParameter
) -> Draft | None:
    if first.row is None or last.row is None:
        return None
    rows = list(context.draft.query)
    one, other = rows[first.row], rows[last.row]
    rows[first.row] = replace(one, value=other.value)
    rows[last.row] = replace(other, value=one.value)
    return replace(context.draft, query=tuple(rows))


def _day(typed: TypedParameter | None) -> date | None:
    return day(typed.value) if typed is not None and typed.complete else None


def _years_before(today: date, years: int) -> date:
    # Every February has a 28th.
    return today.replace(year=today.year - years, day=min(today.day, 28))


def operation_rules(context: HintContext) -> Iterator[Hint]:
    """Apply the rules about several parameters, or about an absent one."""
    yield from _retention(context)
    yield from _ip(context)


def _retention(context: HintContext) -> Iterator[Hint]:
    if context.operation is None or context.operation.id != "query.retention-query":
        return
    result = {typed.name: typed for typed in context.typed}
    interval = result.get("interval")
    if interval is not None and "unit" in result:
        row = interval.row
        yield Hint(
            interval.field,
            "unit and interval are both there, and retention takes one of them: leave "
            "interval out.",
            row,
            suggestion=None if row is None else context.without_row(row),
        )
    kind = result.get("retention_type")
    if kind is not None and kind.value == "birth" and "born_event" not in result:
        yield Hint(
            kind.field,
            "born_event is missing, which retention_type=birth needs: add the event "
            "that a person begins with.",
            kind.row,
        )


def _ip(context: HintContext) -> Iterator[Hint]:
    """Warn that a profile gets the location of the sender, which is this machine."""
    operation = context.operation
    known = operation.parameter("ip", ParameterLocation.QUERY) if operation else None
    if known is None or known.suggested != "0":
        return
    # The user has already seen a row that is disabled.
    if any(typed.name == "ip" for typed in context.typed) or any(
        row.name == "ip" for row in context.draft.query
    ):
        return
    rows = (*context.draft.query, Pair("ip", "0"))
    yield Hint(
        Field.QUERY,
        "ip is missing, so the profile's city and country become those of this "
        "machine: add ip=0.",
        suggestion=replace(context.draft, query=rows),
        severe=False,
    )
