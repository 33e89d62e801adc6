"""Recognise the charts of a response by its shape: segmentation, lists and timelines.

Lists of things rather than figures have no chart and stay a table or tree: event names,
property values, saved funnels, profiles, runs of a warehouse import (the unit of their
times is unknown), exported events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from mixtui import jsonbytes
from mixtui.charts.insights import insights_charts
from mixtui.charts.model import (
    OVERALL,
    Bar,
    BarChart,
    Chart,
    Line,
    LineChart,
    Mismatch,
    Number,
    Unit,
    are_dates,
    date_labels,
    is_date,
    mapping,
    name_text,
    number,
    sort_bars,
    sort_lines,
)
from mixtui.charts.reports import frequency_charts, funnel_charts, retention_charts
from mixtui.text import pluralise


def segmentation_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{"data": {"series": [date, …], "values": {name: {date: n}}}}``.

    Raises:
        Mismatch: It has another shape.
    """
    data = mapping(mapping(value).get("data"))
    named = {name: _by_date(item) for name, item in mapping(data.get("values")).items()}
    dates = {date for values in named.values() for date in values}
    series = data.get("series", [])
    if not isinstance(series, list):
        raise Mismatch
    for day in series:
        if not is_date(day):
            raise Mismatch
        dates.add(day)
    if not dates:
        raise Mismatch
    labels = date_labels(dates)
    # A missing date means no events.
    lines = (
        Line(name, tuple(values.get(date, 0) for date in labels), name == OVERALL)
        for name, values in named.items()
    )
    return (LineChart("By date", tuple(labels.values()), sort_lines(lines)),)


def jql_series_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{"results": {date: n}}``: one unnamed series.

    Raises:
        Mismatch: It has another shape.
    """
    values = _by_date(mapping(mapping(value).get("results")))
    labels = date_labels(values)
    line = Line("results", tuple(values[date] for date in labels))
    return (LineChart("By date", tuple(labels.values()), (line,)),)


def _by_date(value: object) -> Mapping[str, Number | None]:
    """Return figures by date; there may be none."""
    if value == {}:
        return {}
    result = mapping(value)
    if not are_dates(result):
        raise Mismatch
    return {date: number(item) for date, item in result.items()}


_SEPARATOR = " · "


def top_events_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{"events": [{"amount", "event", "percent_change"}]}``.

    Raises:
        Mismatch: It has another shape.
    """
    items = [mapping(item) for item in _non_empty_list(mapping(value).get("events"))]
    if not all("amount" in item and "event" in item for item in items):
        raise Mismatch
    bars = [
        Bar(
            name_text(item["event"]),
            number(item["amount"]),
            number(item.get("percent_change")),
        )
        for item in items
    ]
    note = "The change is Mixpanel's own normalized figure."
    chart = BarChart(
        "Top events",
        sort_bars(bars),
        rate_name="change",
        rate_unit=Unit.CHANGE,
        notes=(note,),
    )
    return (chart,)


def top_properties_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{name: {"count": n}}``, where counts may be missing.

    Raises:
        Mismatch: It has another shape.
    """
    bars = []
    for name, item in mapping(value).items():
        if not isinstance(item, dict) or item.keys() - {"count"}:
            raise Mismatch
        bars.append(Bar(name, number(item.get("count"))))
    if all(bar.value is None for bar in bars):
        raise Mismatch
    return (BarChart("Events by property", sort_bars(bars)),)


def cohort_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``[{"id", "name", "count", "is_visible", …}]``.

    Raises:
        Mismatch: It has another shape.
    """
    items = [mapping(item) for item in _non_empty_list(value)]
    if not all({"id", "name", "count", "is_visible"} <= item.keys() for item in items):
        raise Mismatch
    bars = [Bar(name_text(item["name"]), number(item["count"])) for item in items]
    return (BarChart("Users by cohort", sort_bars(bars)),)


def group_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``[{"key": […], "value": n}]``, the results of ``groupBy`` in a script.

    Raises:
        Mismatch: It has another shape.
    """
    bars = []
    for item in map(mapping, _non_empty_list(value)):
        if item.keys() != {"key", "value"}:
            raise Mismatch
        names = [
            "null" if part is None else name_text(part)
            for part in _non_empty_list(item["key"])
        ]
        bars.append(Bar(_SEPARATOR.join(names), number(item["value"])))
    return (BarChart("By group", sort_bars(bars)),)


def _non_empty_list(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise Mismatch
    return value


_MIN_MILLISECONDS = 100_000_000_000
"""Times from here on are in milliseconds: in seconds they would be after the year 5138."""
_MAX_DAYS = 4000
"""For longer ranges, days without events are omitted."""


def timeline_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{"results": {"events": [{"event", "properties": {"time"}}]}}``.

    Raises:
        Mismatch: It has another shape.
    """
    events = mapping(mapping(value).get("results")).get("events")
    if not isinstance(events, list) or not events:
        raise Mismatch
    counts: dict[str, Counter[date]] = {}
    omitted = 0
    for event in events:
        try:
            item = mapping(event)
            day = _day(mapping(item.get("properties")).get("time"))
            name = name_text(item.get("event"))
        except Mismatch:
            omitted += 1
            continue
        counts.setdefault(name, Counter())[day] += 1
    if omitted * 2 > len(events):
        raise Mismatch
    days = _days({day for counter in counts.values() for day in counter})
    lines = (
        Line(name, tuple(counter[day] for day in days))
        for name, counter in counts.items()
    )
    points = tuple(day.isoformat() for day in days)
    note = "Events in this response; days in UTC."
    if omitted:
        note += f" Not counted, as they have no time: {pluralise(omitted, 'event')}."
    return (LineChart("Events by day", points, sort_lines(lines), notes=(note,)),)


def _day(value: object) -> date:
    seconds = number(value)
    if seconds is None:
        raise Mismatch
    if abs(seconds) >= _MIN_MILLISECONDS:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        raise Mismatch from None


def _days(dates: set[date]) -> list[date]:
    first, last = min(dates), max(dates)
    count = (last - first).days + 1
    if count > _MAX_DAYS:
        return sorted(dates)
    return [first + timedelta(days=position) for position in range(count)]


MAX_BODY_BYTES = 20_000_000
"""Bytes; no Mixpanel report is nearly as large, and parsing takes memory."""

_RECOGNISERS: tuple[Callable[[object], tuple[Chart, ...]], ...] = (
    insights_charts,
    segmentation_charts,
    funnel_charts,
    jql_series_charts,
    retention_charts,
    frequency_charts,
    top_events_charts,
    timeline_charts,
    cohort_charts,
    group_charts,
    top_properties_charts,
)
"""No value matches more than one."""


def detect_charts(value: object) -> tuple[Chart, ...]:
    """Return the charts of a JSON value, most informative first; none if it is not a report."""
    for recognise in _RECOGNISERS:
        try:
            return recognise(value)
        except Mismatch:
            continue
    return ()


def read_chart(body: bytes) -> tuple[Chart, ...]:
    """Return the charts of a body; none if it is invalid, too large or no report.

    Slow for a large body: up to a second for 20 MB.
    """
    if len(body) > MAX_BODY_BYTES or body.lstrip()[:1] not in (b"{", b"["):
        return ()
    try:
        value: object = jsonbytes.decode(body)
    except jsonbytes.NotJson:
        return ()
    return detect_charts(value)
