"""``/events`` and the endpoints below it.

https://developer.mixpanel.com/reference/list-recent-events
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from starlette.responses import Response

from mixtui.sandbox.data import events
from mixtui.sandbox.data.events import Event
from mixtui.sandbox.data.identity import DAY_MS, midnight
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.query import query as stretches
from mixtui.sandbox.query.query import Buckets, Query, Unit, event_properties
from mixtui.sandbox.requests.request import json_response

Counts = dict[str, dict[str, float]]
"""Counts by name and bucket label; buckets without a count are omitted."""


class CountType(StrEnum):
    """The unit of a count."""

    GENERAL = "general"
    """Events."""
    UNIQUE = "unique"
    """Users."""
    AVERAGE = "average"
    """Events per user."""


def count(
    named_events: Iterable[tuple[str, Event]], buckets: Buckets, type: CountType
) -> Counts:
    """Count events by name and bucket.

    Args:
        named: Events, each with the name under which it counts.
        buckets: The time buckets.
        type: The unit of the count.
    """
    users: defaultdict[str, defaultdict[str, list[str]]]
    users = defaultdict(lambda: defaultdict(list))
    for name, event in named_events:
        users[name][buckets.label(event.time_ms)].append(event.distinct_id)
    return {
        name: {label: amount(ids, type) for label, ids in by_label.items()}
        for name, by_label in users.items()
    }


def amount(distinct_ids: list[str], type: CountType) -> float:
    """Return the count for events of these users."""
    match type:
        case CountType.GENERAL:
            return len(distinct_ids)
        case CountType.UNIQUE:
            return len(set(distinct_ids))
        case CountType.AVERAGE:
            return round(len(distinct_ids) / len(set(distinct_ids)), 4)


def top(counts: Counts, limit: int) -> Counts:
    """Return the names with the greatest sums."""
    names = sorted(counts, key=lambda name: (-sum(counts[name].values()), name))
    return {name: counts[name] for name in names[:limit]}


def series_body(counts: Counts, labels: list[str]) -> JsonObject:
    """Build the body of ``/events``, ``/events/properties`` and ``/segmentation``."""
    values: JsonObject = {}
    for name, by_label in counts.items():
        numbers: JsonObject = {}
        numbers.update(by_label)
        values[name] = numbers
    dates: list[Json] = []
    dates += labels
    return {"data": {"series": dates, "values": values}, "legend_size": len(counts)}


def csv_response(counts: Counts, labels: tuple[str, ...]) -> Response:
    """Build the same response as CSV, in a layout that Mixpanel does not document."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["date", *counts])
    for label in labels:
        writer.writerow([label, *(by.get(label, 0) for by in counts.values())])
    return Response(text.getvalue(), media_type="text/csv")


def value_label(value: Json) -> str:
    """Return a property value as the name of a series."""
    match value:
        case None:
            return "undefined"
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


MAX_NAMES = 5000
MAX_VALUES = 10_000


class Format(StrEnum):
    """The format of the response."""

    JSON = "json"
    CSV = "csv"


def event_counts(query: Query) -> Response:
    """GET /events: several events over time."""
    parameters = query.parameters
    names = parameters.names("event")
    count_type = parameters.required_choice("type", CountType)
    layout = parameters.choice("format", Format.JSON)
    buckets = _buckets(query)
    events = query.events(buckets, *names)
    counts = count(((event.name, event) for event in events), buckets, count_type)
    shown = {name: counts.get(name, {}) for name in names}
    if layout is Format.CSV:
        return csv_response(shown, buckets.labels)
    return json_response(series_body(shown, list(buckets.labels)))


def property_counts(query: Query) -> Response:
    """GET /events/properties: one event by the values of a property."""
    parameters = query.parameters
    event, name = parameters.text("event"), parameters.text("name")
    wanted_values = parameters.optional_names("values")
    count_type = parameters.required_choice("type", CountType)
    layout = parameters.choice("format", Format.JSON)
    limit = parameters.integer("limit", 255, maximum=MAX_VALUES)
    buckets = _buckets(query)
    named_events = [
        (value_label(value), event_row)
        for event_row in query.events(buckets, event)
        if (value := event_properties(event_row).get(name)) is not None
    ]
    counts = count(
        (n for n in named_events if not wanted_values or n[0] in wanted_values),
        buckets,
        count_type,
    )
    shown = top(counts, limit)
    if layout is Format.CSV:
        return csv_response(shown, buckets.labels)
    return json_response(series_body(shown, list(buckets.labels)))


def event_names(query: Query) -> Response:
    """GET /events/names: the most common ones of the last 31 days."""
    count_type = query.parameters.required_choice("type", CountType)
    limit = query.parameters.integer("limit", 255, maximum=MAX_NAMES)
    users: defaultdict[str, list[str]] = defaultdict(list)
    for event in _last_days(query, 31):
        users[event.name].append(event.distinct_id)
    amounts = {name: amount(ids, count_type) for name, ids in users.items()}
    names: list[Json] = []
    names += sorted(amounts, key=lambda name: (-amounts[name], name))[:limit]
    return json_response(names)


def top_events(query: Query) -> Response:
    """GET /events/top: the events of today, compared with yesterday."""
    count_type = query.parameters.required_choice("type", CountType)
    limit = query.parameters.integer("limit", 100, maximum=MAX_NAMES)
    today = midnight(query.request.today)
    # "Normalized": yesterday counts only up to the current time of day.
    same_time = query.request.now_ms - DAY_MS
    yesterday_ids: defaultdict[str, list[str]] = defaultdict(list)
    today_ids: defaultdict[str, list[str]] = defaultdict(list)
    for event in _last_days(query, 2):
        if event.time_ms >= today:
            today_ids[event.name].append(event.distinct_id)
        elif event.time_ms <= same_time:
            yesterday_ids[event.name].append(event.distinct_id)
    rows: list[Json] = []
    for name, ids in sorted(today_ids.items(), key=lambda item: -len(item[1]))[:limit]:
        number = amount(ids, count_type)
        earlier = (
            amount(yesterday_ids[name], count_type) if name in yesterday_ids else 0
        )
        change = (number - earlier) / max(number, earlier)
        rows.append({"amount": number, "event": name, "percent_change": change})
    return json_response({"events": rows, "type": count_type})


def top_properties(query: Query) -> Response:
    """/events/properties/top: the most common properties of one event, or of all."""
    event = query.parameters.optional("event")
    limit = query.parameters.integer("limit", 10, maximum=MAX_VALUES)
    counter: Counter[str] = Counter()
    for row in _last_days(query, 31, *([event] if event else [])):
        counter.update(row.properties.keys())
    return json_response({name: {"count": n} for name, n in counter.most_common(limit)})


def top_values(query: Query) -> Response:
    """GET /events/properties/values: the most common values of a property."""
    name = query.parameters.text("name")
    limit = query.parameters.integer("limit", 255, maximum=MAX_VALUES)
    counter: Counter[str] = Counter()
    for event in _last_days(query, 31, query.parameters.text("event")):
        value = event_properties(event).get(name)
        if value is not None:
            counter[value_label(value)] += 1
    values: list[Json] = []
    values += [value for value, _ in counter.most_common(limit)]
    return json_response(values)


def _buckets(query: Query) -> Buckets:
    """Return ``interval`` units until now, or the units between two dates."""
    parameters = query.parameters
    unit = parameters.required_choice("unit", Unit)
    if parameters.optional("interval"):
        count = parameters.integer("interval", 1, maximum=stretches.MAX_BUCKETS)
        return stretches.last_buckets(query.request.state.clock(), unit, count)
    first, last = parameters.dates()
    return stretches.buckets_between(first, last, unit)


def _last_days(query: Query, days: int, *names: str) -> list[Event]:
    today = query.request.today
    return events.events_between(
        query.request.store,
        query.project.id,
        midnight(today - timedelta(days=days - 1)),
        midnight(today + timedelta(days=1)),
        names,
    )
