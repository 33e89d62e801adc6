"""``/segmentation``: one event over time, split, bucketed, summed, averaged.

https://developer.mixpanel.com/reference/segmentation-query. As in Mixpanel's own
samples dates are not in order: neither the ``series`` here nor the keys of sums and
averages.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict

from starlette.responses import Response

from mixtui.sandbox.data.expressions import Expression, as_number
from mixtui.sandbox.data.json_text import Json
from mixtui.sandbox.query import query as stretches
from mixtui.sandbox.query.events import (
    CountType,
    Format,
    count,
    csv_response,
    series_body,
    top,
    value_label,
)
from mixtui.sandbox.query.query import Buckets, Query, Unit
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import json_response

MAX_VALUES = 10_000
RANGES = 10
"""The approximate number of numeric ranges."""


def segmentation(query: Query) -> Response:
    """GET /segmentation."""
    parameters = query.parameters
    name = _event(query)
    on = parameters.expression("on")
    count_type = parameters.choice("type", CountType.GENERAL)
    layout = parameters.choice("format", Format.JSON)
    limit = parameters.integer("limit", 60, maximum=MAX_VALUES)
    buckets = _buckets(query, (Unit.MINUTE, Unit.HOUR, Unit.DAY, Unit.WEEK, Unit.MONTH))
    events = query.events(buckets, name)
    if on is None:
        counts = {name: {}, **count(((name, e) for e in events), buckets, count_type)}
    else:
        names = [value_label(value) for value in query.values(on, events)]
        counts = top(count(zip(names, events, strict=True), buckets, count_type), limit)
    if layout is Format.CSV:
        return csv_response(counts, buckets.labels)
    return json_response(series_body(counts, _unordered(buckets)))


def numeric(query: Query) -> Response:
    """GET /segmentation/numeric: counts by ranges of a number."""
    count_type = query.parameters.choice("type", CountType.GENERAL)
    buckets = _buckets(query, (Unit.HOUR, Unit.DAY))
    events = query.events(buckets, _event(query))
    numbers = [as_number(value) for value in query.values(_on(query), events)]
    width = _range_width([number for number in numbers if number is not None])
    named = (
        (_range_label(math.floor(number / width), width), event)
        for number, event in zip(numbers, events, strict=True)
        if number is not None
    )
    counts = count(named, buckets, count_type)
    in_order = dict(sorted(counts.items(), key=lambda item: _first_number(item[0])))
    return json_response(series_body(in_order, _unordered(buckets)))


def total(query: Query) -> Response:
    """GET /segmentation/sum: values that are not numbers count as 0."""
    results = {
        label: round(sum(numbers), 4) for label, numbers in _numbers(query).items()
    }
    computed_at = query.request.state.clock().isoformat(timespec="microseconds")
    return json_response(
        {"status": "ok", "computed_at": computed_at, "results": {**results}}
    )


def average(query: Query) -> Response:
    """GET /segmentation/average: 0 where there are no events."""
    results: dict[str, Json] = {
        label: sum(numbers) / len(numbers) if numbers else 0.0
        for label, numbers in _numbers(query).items()
    }
    return json_response({"results": results, "status": "ok"})


def _numbers(query: Query) -> dict[str, list[float]]:
    """Return the values of ``on`` by bucket, the latest bucket first."""
    buckets = _buckets(query, (Unit.HOUR, Unit.DAY))
    events = query.events(buckets, _event(query))
    by_label: defaultdict[str, list[float]] = defaultdict(list)
    for event, value in zip(events, query.values(_on(query), events), strict=True):
        by_label[buckets.label(event.time_ms)].append(as_number(value) or 0.0)
    return {label: by_label[label] for label in reversed(buckets.labels)}


def _event(query: Query) -> str:
    return query.parameters.text("event")


def _on(query: Query) -> Expression:
    query.parameters.text("on")
    on = query.parameters.expression("on")
    assert on is not None
    return on


def _buckets(query: Query, units: tuple[Unit, ...]) -> Buckets:
    parameters = query.parameters
    first, last = parameters.dates()
    unit = parameters.choice("unit", Unit.DAY, units)
    if not parameters.optional("interval"):
        return stretches.buckets_between(first, last, unit)
    if parameters.optional("unit"):
        raise Refusal(400, "unit and interval are mutually exclusive")
    return stretches.by_days(
        first, last, parameters.integer("interval", 1, maximum=366)
    )


def _unordered(buckets: Buckets) -> list[str]:
    half = len(buckets.labels) // 2
    return [*buckets.labels[half:], *buckets.labels[:half]]


def _range_width(numbers: list[float]) -> float:
    """Return a round width (1, 2 or 5 times a power of ten) for about ten ranges."""
    spread = max(numbers) - min(numbers) if numbers else 0
    if spread / RANGES < sys.float_info.min:
        return (
            1.0  # All values are (nearly) the same, and the width would be subnormal.
        )
    power = 10.0 ** math.floor(math.log10(spread / RANGES))
    return next(
        power * step for step in (1, 2, 5, 10) if spread / (power * step) <= RANGES
    )


def _range_label(position: int, width: float) -> str:
    return (
        f"{_format_number(position * width)} - {_format_number((position + 1) * width)}"
    )


def _format_number(number: float) -> str:
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.6g}"


def _first_number(label: str) -> float:
    return float(label.split(" - ")[0].replace(",", ""))
