"""Dates that lead nowhere: in the wrong order, ahead of today, before all events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mixtui.core.advice.call import HintContext, TypedParameter
from mixtui.core.advice.model import Hint
from mixtui.core.advice.values import day
from mixtui.core.requests import Draft
from mixtui.mixpanel.buckets import Bucket

_WINDOWS = (("from_date", "to_date"), ("fromDate", "toDate"))
_KEPT_YEARS = 5
"""At most; two for projects created since September 2025."""


def dates(call: HintContext) -> Iterator[Hint]:
    """The window of days of a query."""
    if call.operation is None:
        return
    found = {typed.name: typed for typed in call.typed}
    for first_name, last_name in _WINDOWS:
        first, last = found.get(first_name), found.get(last_name)
        start, end = _day(first), _day(last)
        if first and last and start and end and start > end:
            yield Hint(
                last.field,
                f"{first_name} ({start}) is after {last_name} ({end}): swap them.",
                last.row,
                suggestion=_swapped(call, first, last),
            )
        elif call.operation.bucket in (Bucket.QUERY, Bucket.EXPORT):
            yield from _ahead(call, first, last)
            if first and start and start < _years_before(call.today, _KEPT_YEARS):
                yield _too_old(first, start)


def _ahead(
    call: HintContext, first: TypedParameter | None, last: TypedParameter | None
) -> Iterator[Hint]:
    start, end = _day(first), _day(last)
    if first and start and start > call.today:
        yield Hint(
            first.field,
            f"{first.name} ({start}) is in the future: there is nothing to find yet.",
            first.row,
        )
    elif last and end and end > call.today and _exports(call):
        yield Hint(
            last.field,
            f"{last.name} ({end}) is after today, which the export refuses: end with "
            "today or before.",
            last.row,
            suggestion=call.with_value(last, "{{today}}"),
        )


def _exports(call: HintContext) -> bool:
    return call.operation is not None and call.operation.bucket is Bucket.EXPORT


def _too_old(first: TypedParameter, start: date) -> Hint:
    return Hint(
        first.field,
        f"{first.name} ({start}) is more than five years back: Mixpanel keeps events "
        "for two or five years, and may refuse older days.",
        first.row,
        severe=False,
    )


def _swapped(
    call: HintContext, first: TypedParameter, last: TypedParameter
) -> Draft | None:
    if first.row is None or last.row is None:
        return None
    rows = list(call.draft.query)
    one, other = rows[first.row], rows[last.row]
    rows[first.row] = replace(one, value=other.value)
    rows[last.row] = replace(other, value=one.value)
    return replace(call.draft, query=tuple(rows))


def _day(typed: TypedParameter | None) -> date | None:
    return day(typed.value) if typed is not None and typed.whole else None


def _years_before(today: date, years: int) -> date:
    # The 28th exists in every February.
    return today.replace(year=today.year - years, day=min(today.day, 28))
