"""The time, as the sandbox sees it; tests bring their own.

Every project of the sandbox has the time zone UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives an aware datetime."""

DAY_MS = 24 * 60 * 60 * 1000


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def milliseconds(moment: datetime) -> int:
    """Since the epoch."""
    return round(moment.timestamp() * 1000)


def moment(time_ms: int) -> datetime:
    """The reverse of `milliseconds`."""
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def midnight(day: date) -> int:
    """The first millisecond of a day."""
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def days(first: date, last: date) -> list[date]:
    """Every day from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
