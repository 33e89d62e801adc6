"""``/retention`` and ``/retention/addiction``: how many users return, and how often.

https://developer.mixpanel.com/reference/retention-query
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum

from starlette.responses import Response

from mixtui.sandbox.data import events
from mixtui.sandbox.data.events import Event
from mixtui.sandbox.data.identity import DAY_MS
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.query import query as stretches
from mixtui.sandbox.query.funnels import by_user
from mixtui.sandbox.query.query import Buckets, Query, Unit
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import json_response

MAX_INTERVALS = 366
_UNITS = (Unit.DAY, Unit.WEEK, Unit.MONTH)
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30}


class RetentionType(StrEnum):
    """The membership rule for the cohort of a date."""

    BIRTH = "birth"
    """Users who perform the event for the first time."""
    COMPOUNDED = "compounded"
    """Users who perform the event, whether for the first time or not."""


class AddictionUnit(StrEnum):
    """The unit that is counted once."""

    HOUR = "hour"
    DAY = "day"


Cohorts = dict[str, tuple[int, list[int]]]
"""Cohort size and returning users per interval, by label."""


def retention(query: Query) -> Response:
    """GET /retention."""
    parameters = query.parameters
    refuse_segments(query)
    retention_type = parameters.choice("retention_type", RetentionType.BIRTH)
    unit = parameters.choice("unit", Unit.DAY, _UNITS)
    interval = parameters.integer("interval", 1, maximum=90)
    if parameters.optional("unit") and parameters.optional("interval"):
        raise Refusal(400, "unit and interval are mutually exclusive")
    count = parameters.integer("interval_count", 1, maximum=MAX_INTERVALS)
    if retention_type is RetentionType.BIRTH:
        parameters.text("born_event")
    first, last = parameters.dates()
    buckets = (
        stretches.by_days(first, last, interval)
        if parameters.optional("interval")
        else stretches.buckets_between(first, last, unit)
    )
    length_ms = interval * _DAYS[unit] * DAY_MS
    cohorts = compute(query, retention_type, buckets, length_ms, count)
    body: JsonObject = {}
    for label, (size, counts) in cohorts.items():
        numbers: list[Json] = []
        numbers += counts
        body[label] = {"counts": numbers, "first": size}
    return json_response(body)


def compute(
    query: Query, type: RetentionType, buckets: Buckets, length_ms: int, count: int
) -> Cohorts:
    """Compute cohorts by bucket; intervals that have not begun yet are omitted.

    Args:
        query: The query, for its events and filters.
        type: The membership rule.
        buckets: The dates of the cohorts.
        length_ms: The length of an interval.
        count: The number of intervals after the 0th.
    """
    born_name = query.parameters.optional("born_event")
    name = query.parameters.optional("event")
    unbounded = query.parameters.boolean("unbounded_retention")
    all_time = Buckets((0,), ("",), 0, buckets.until_ms + (count + 1) * length_ms)
    returning = by_user(query.events(all_time, *([name] if name else [])))
    born = _births_by_label(query, type, born_name or name, all_time, buckets)
    cohorts: Cohorts = {}
    for label, start in zip(buckets.labels, buckets.starts, strict=True):
        started_intervals = [
            n for n in range(count + 1) if start + n * length_ms <= query.request.now_ms
        ]
        counts = [0] * len(started_intervals)
        births = born.get(label, {})
        for user, born_ms in births.items():
            return_intervals = _intervals(returning.get(user, []), born_ms, length_ms)
            if unbounded and return_intervals:
                # "On day N or any day after": every interval up to the last one.
                return_intervals = set(range(max(return_intervals) + 1))
            for interval in return_intervals:
                if interval < len(counts):
                    counts[interval] += 1
        cohorts[label] = (len(births), counts)
    return cohorts


def addiction(query: Query) -> Response:
    """GET /retention/addiction: users active in at least 1, 2, 3... hours or days."""
    parameters = query.parameters
    refuse_segments(query)
    unit = parameters.required_choice("unit", Unit, _UNITS)
    inner = parameters.required_choice("addiction_unit", AddictionUnit)
    first, last = parameters.dates()
    buckets = stretches.buckets_between(first, last, unit)
    name = parameters.optional("event")
    length_ms = DAY_MS if inner is AddictionUnit.DAY else DAY_MS // 24
    active: defaultdict[str, defaultdict[str, set[int]]]
    active = defaultdict(lambda: defaultdict(set))
    for event in query.events(buckets, *([name] if name else [])):
        label = buckets.label(event.time_ms)
        active[label][event.distinct_id].add(event.time_ms // length_ms)
    size = _DAYS[unit] * (DAY_MS // length_ms)
    data: JsonObject = {}
    for label in buckets.labels:
        times = [len(periods) for periods in active[label].values()]
        numbers: list[Json] = []
        numbers += [sum(time > n for time in times) for n in range(size)]
        data[label] = numbers
    return json_response({"data": data})


def refuse_segments(query: Query) -> None:
    """Refuse ``on``, which is not imitated: its layout is not documented."""
    if query.parameters.optional("on"):
        raise Refusal(400, "The sandbox does not split retention by a property (on)")


def _births_by_label(
    query: Query,
    type: RetentionType,
    name: str,
    all_time: Buckets,
    buckets: Buckets,
) -> dict[str, dict[str, int]]:
    """Return by label the users of each cohort and when (ms) they joined it."""
    born_events = _born_events(query, name, all_time)
    born: defaultdict[str, dict[str, int]] = defaultdict(dict)
    seen: set[str] = set()
    for event in born_events:
        is_first = event.distinct_id not in seen
        seen.add(event.distinct_id)
        if not buckets.since_ms <= event.time_ms < buckets.until_ms:
            continue
        if is_first or type is RetentionType.COMPOUNDED:
            label = buckets.label(event.time_ms)
            born[label].setdefault(event.distinct_id, event.time_ms)
    return born


def _born_events(query: Query, name: str, all_time: Buckets) -> list[Event]:
    selected = events.events_between(
        query.request.store,
        query.project.id,
        all_time.since_ms,
        all_time.until_ms,
        [name] if name else [],
    )
    return query.where("born_where", selected)


def _intervals(events: list[Event], born_ms: int, length_ms: int) -> set[int]:
    """Return the intervals after the birth in which there is an event."""
    return {
        (event.time_ms - born_ms) // length_ms
        for event in events
        if event.time_ms > born_ms
    }
