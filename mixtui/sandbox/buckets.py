"""Stretches of time that a query counts in, with the labels that answers use."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from mixtui.sandbox.clock import midnight, milliseconds
from mixtui.sandbox.errors import Refusal

MOST = 20_000


class Unit(StrEnum):
    """How long one is. Weeks begin on Monday."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Buckets:
    """Stretches without gaps, in order."""

    starts: tuple[int, ...]
    """Their first milliseconds."""
    labels: tuple[str, ...]
    since_ms: int
    """The first millisecond asked for; the first bucket may begin earlier."""
    until_ms: int
    """The first millisecond that is too late."""

    def label(self, time_ms: int) -> str:
        """The label of the bucket that holds a time between since and until."""
        return self.labels[self.index(time_ms)]

    def index(self, time_ms: int) -> int:
        """The position of that bucket."""
        return max(0, bisect_right(self.starts, time_ms) - 1)


def buckets_between(first: date, last: date, unit: Unit) -> Buckets:
    """Buckets of whole units that cover the days first to last."""
    starts = [_start(unit, datetime(first.year, first.month, first.day, tzinfo=UTC))]
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    while (following := _following(unit, starts[-1])) < end:
        starts.append(following)
        if len(starts) > MOST:
            raise Refusal(400, f"More than {MOST} values: choose a longer unit")
    return _buckets(starts, unit, midnight(first), milliseconds(end))


def by_days(first: date, last: date, days: int) -> Buckets:
    """Buckets of so many days, the first of which begins on first."""
    end = midnight(last + timedelta(days=1))
    count = -(-((last - first).days + 1) // days)
    if count > MOST:
        raise Refusal(400, f"More than {MOST} values: choose a longer interval")
    midnights = [first + timedelta(days=days * n) for n in range(count)]
    starts = [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in midnights]
    return _buckets(starts, Unit.DAY, midnight(first), end)


def last_buckets(now: datetime, unit: Unit, count: int) -> Buckets:
    """The unit that now is in, and those before it: count in all."""
    starts = [_start(unit, now)]
    while len(starts) < count:
        starts.append(_start(unit, starts[-1] - timedelta(minutes=1)))
    starts.reverse()
    until = milliseconds(_following(unit, starts[-1]))
    return _buckets(starts, unit, milliseconds(starts[0]), until)


def _buckets(
    starts: list[datetime], unit: Unit, since_ms: int, until_ms: int
) -> Buckets:
    shape = "%Y-%m-%d %H:%M:00" if unit in (Unit.MINUTE, Unit.HOUR) else "%Y-%m-%d"
    return Buckets(
        tuple(milliseconds(start) for start in starts),
        tuple(start.strftime(shape) for start in starts),
        since_ms,
        until_ms,
    )


def _start(unit: Unit, moment: datetime) -> datetime:
    match unit:
        case Unit.MINUTE:
            return moment.replace(second=0, microsecond=0)
        case Unit.HOUR:
            return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case Unit.WEEK:
            return day - timedelta(days=day.weekday())
        case Unit.MONTH:
            return day.replace(day=1)
        case _:
            return day


def _following(unit: Unit, start: datetime) -> datetime:
    match unit:
        case Unit.MINUTE:
            return start + timedelta(minutes=1)
        case Unit.HOUR:
            return start + timedelta(hours=1)
        case Unit.DAY:
            return start + timedelta(days=1)
        case Unit.WEEK:
            return start + timedelta(days=7)
        case Unit.MONTH:
            return (start + timedelta(days=32)).replace(day=1)
