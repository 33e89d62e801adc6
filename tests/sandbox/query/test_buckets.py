from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mixtui.sandbox.data.identity import DAY_MS, midnight
from mixtui.sandbox.query import query as buckets
from mixtui.sandbox.query.query import Unit
from mixtui.sandbox.requests.errors import Refusal

WEDNESDAY = date(2026, 3, 18)


@pytest.mark.parametrize(
    ("unit", "first", "labels"),
    [
        (Unit.DAY, date(2026, 3, 16), ["2026-03-16", "2026-03-17", "2026-03-18"]),
        (Unit.WEEK, date(2026, 3, 8), ["2026-03-02", "2026-03-09", "2026-03-16"]),
        (
            Unit.MONTH,
            date(2025, 12, 31),
            ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"],
        ),
    ],
)
def test_units_cover_the_requested_days(
    unit: Unit, first: date, labels: list[str]
) -> None:
    result = buckets.buckets_between(first, WEDNESDAY, unit)
    assert list(result.labels) == labels
    assert result.since_ms == midnight(first)
    assert result.until_ms == midnight(WEDNESDAY) + DAY_MS


def test_hours_and_minutes_have_times_in_their_labels() -> None:
    hours = buckets.buckets_between(WEDNESDAY, WEDNESDAY, Unit.HOUR)
    assert len(hours.labels) == 24
    assert hours.label(hours.until_ms - 1) == "2026-03-18 23:00:00"
    minutes = buckets.buckets_between(WEDNESDAY, WEDNESDAY, Unit.MINUTE)
    assert minutes.label(minutes.since_ms + 61_000) == "2026-03-18 00:01:00"


def test_a_time_belongs_to_the_bucket_that_begins_at_or_before_it() -> None:
    days = buckets.buckets_between(date(2026, 3, 16), WEDNESDAY, Unit.DAY)
    start = midnight(date(2026, 3, 17))
    assert days.label(start - 1) == "2026-03-16"
    assert days.label(start) == "2026-03-17"


def test_an_interval_of_days_begins_at_the_first_day() -> None:
    result = buckets.by_days(date(2026, 3, 12), WEDNESDAY, 3)
    assert list(result.labels) == ["2026-03-12", "2026-03-15", "2026-03-18"]
    assert result.until_ms == midnight(date(2026, 3, 19))


def test_the_last_buckets_end_with_the_current_one() -> None:
    now = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert buckets.last_buckets(now, Unit.MONTH, 3).labels == (
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    )
    assert buckets.last_buckets(now, Unit.HOUR, 2).labels == (
        "2026-02-28 23:00:00",
        "2026-03-01 00:00:00",
    )


def test_too_many_buckets_are_refused() -> None:
    with pytest.raises(Refusal, match="choose a longer unit"):
        buckets.buckets_between(date(2020, 1, 1), WEDNESDAY, Unit.MINUTE)
    with pytest.raises(Refusal, match="choose a longer interval"):
        buckets.by_days(date(1970, 1, 1), date(2099, 1, 1), 1)
