"""``/stream/query``: what one person did, counted by day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from mixtui.core.charts.model import Chart, Line, LineChart
from mixtui.core.charts.shapes import Mismatch, in_order, mapping, number, text

_MILLISECONDS = 100_000_000_000
"""A time from here on is in milliseconds: in seconds it would be the year 5138."""
_MOST_DAYS = 4000
"""Beyond that, days without events are left out."""


def timeline(value: object) -> tuple[Chart, ...]:
    """``{"results": {"events": [{"event", "properties": {"time"}}]}}``.

    Raises:
        Mismatch: It has another shape.
    """
    events = mapping(mapping(value).get("results")).get("events")
    if not isinstance(events, list) or not events:
        raise Mismatch
    counts: dict[str, Counter[date]] = {}
    for item in map(mapping, events):
        day = _day(mapping(item.get("properties")).get("time"))
        counts.setdefault(text(item.get("event")), Counter())[day] += 1
    days = _days({day for counter in counts.values() for day in counter})
    lines = (
        Line(name, tuple(counter[day] for day in days))
        for name, counter in counts.items()
    )
    points = tuple(day.isoformat() for day in days)
    note = "Events in this answer; days in UTC."
    return (LineChart("Events by day", points, in_order(lines), notes=(note,)),)


def _day(value: object) -> date:
    seconds = number(value)
    if seconds is None:
        raise Mismatch
    if abs(seconds) >= _MILLISECONDS:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        raise Mismatch from None


def _days(found: set[date]) -> list[date]:
    first, last = min(found), max(found)
    count = (last - first).days + 1
    if count > _MOST_DAYS:
        return sorted(found)
    return [first + timedelta(days=place) for place in range(count)]
