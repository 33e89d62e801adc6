"""``/insights``: saved reports of three kinds, each with its own layout.

https://developer.mixpanel.com/reference/insights-query; the layouts of funnel and
retention reports are those that mixpanel-headless reads.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace
from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import DAY_MS
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.query import funnels
from mixtui.sandbox.query import funnels as query_funnels
from mixtui.sandbox.query import query as stretches
from mixtui.sandbox.query import retention as query_retention
from mixtui.sandbox.query.events import CountType, count, value_label
from mixtui.sandbox.query.funnels import OVERALL
from mixtui.sandbox.query.query import Parameters, Query, Unit
from mixtui.sandbox.query.retention import RetentionType
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import json_response


def insights(query: Query) -> Response:
    """GET /insights."""
    identifier = query.parameters.text("bookmark_id")
    saved = documents.read(
        query.request.store, query.project.id, Kind.BOOKMARK, identifier
    )
    if saved is None:
        raise Refusal(400, f"Invalid bookmark_id: {identifier}")
    last = query.request.today
    first = last - timedelta(days=int(str(saved["days"])) - 1)
    match saved["type"]:
        case "trend":
            headers, series = ["$event"], _trend(query, saved, first, last)
        case "breakdown":
            headers = ["$event", str(saved["property"])]
            series = _breakdown(query, saved, first, last)
        case "funnel":
            headers, series = ["$funnel"], _funnel(query, saved, first, last)
        case _:
            headers, series = ["$retention"], _retention(query, saved, first, last)
    names: list[Json] = []
    names += headers
    return json_response(
        {
            "computed_at": query.request.state.clock().isoformat(
                timespec="microseconds"
            ),
            "date_range": {
                "from_date": f"{first}T00:00:00+00:00",
                "to_date": f"{last}T23:59:59.999000+00:00",
            },
            "headers": names,
            "series": series,
        }
    )


def _trend(query: Query, saved: JsonObject, first: date, last: date) -> JsonObject:
    names = _texts(saved["events"])
    buckets = stretches.buckets_between(first, last, Unit.DAY)
    events = query.events(buckets, *names)
    counts = count(((e.name, e) for e in events), buckets, CountType.GENERAL)
    series: JsonObject = {}
    for name in names:
        by_label = counts.get(name, {})
        series[name] = {_iso(label): by_label.get(label, 0) for label in buckets.labels}
    return series


def _breakdown(query: Query, saved: JsonObject, first: date, last: date) -> JsonObject:
    buckets = query_funnels.full_range(first, last)
    series: JsonObject = {}
    for name in _texts(saved["events"]):
        events = query.events(buckets, name)
        totals: defaultdict[str, int] = defaultdict(int)
        for event in events:
            totals[value_label(event.properties.get(str(saved["property"])))] += 1
        levels: JsonObject = {OVERALL: {"all": len(events)}}
        for value in sorted(totals, key=lambda v: -totals[v]):
            levels[value] = {"all": totals[value]}
        series[name] = levels
    return series


def _funnel(query: Query, saved: JsonObject, first: date, last: date) -> JsonObject:
    funnel = query_funnels.saved_funnel(query, str(saved["funnel_id"]))
    steps = _texts(funnel["steps"])
    buckets = query_funnels.full_range(first, last)
    length_ms = query_funnels.saved_length_ms(funnel)
    progress = query_funnels.compute(query, steps, length_ms, buckets, None)
    overall = progress.get(
        (buckets.labels[0], OVERALL), funnels.FunnelProgress.none(len(steps))
    )
    measures: JsonObject = {}
    for measure in ("count", "step_conv_ratio", "overall_conv_ratio", "avg_time"):
        by_step: JsonObject = {}
        for number, row in enumerate(funnels.step_rows(overall, steps), start=1):
            assert isinstance(row, dict)
            by_step[f"{number}. {row['event']}"] = {"all": row[measure]}
        measures[measure] = by_step
    return {str(saved["name"]): measures}


def _retention(query: Query, saved: JsonObject, first: date, last: date) -> JsonObject:
    born, event = str(saved["born_event"]), str(saved["event"])
    born_query = replace(
        query, parameters=Parameters({"born_event": born, "event": event})
    )
    buckets = stretches.buckets_between(first, last, Unit.WEEK)
    intervals = int(str(saved["intervals"]))
    cohorts = query_retention.compute(
        born_query, RetentionType.BIRTH, buckets, 7 * DAY_MS, intervals
    )
    rows: JsonObject = {"$average": _average(cohorts)}
    for label, (size, counts) in cohorts.items():
        rows[_iso(label)] = _row(size, counts)
    return {f"{born} and then {event}": rows}


def _average(cohorts: query_retention.Cohorts) -> Json:
    """Average the cohorts that have reached an interval."""
    longest = max((len(counts) for _, counts in cohorts.values()), default=0)
    sums = [0] * longest
    sizes = [0] * longest
    for size, counts in cohorts.values():
        for interval, number in enumerate(counts):
            sums[interval] += number
            sizes[interval] += size
    first = sizes[0] if sizes else 0
    rates = [
        part / size if size else 0.0 for part, size in zip(sums, sizes, strict=True)
    ]
    return {"first": first, "counts": [*sums], "rates": [*rates]}


def _row(size: int, counts: list[int]) -> Json:
    rates = [number / size if size else 0.0 for number in counts]
    return {"first": size, "counts": [*counts], "rates": [*rates]}


def _iso(label: str) -> str:
    return datetime.fromisoformat(label).replace(tzinfo=UTC).isoformat()


def _texts(value: Json) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]
