"""Every day of an export is in one window, and the requests are within the quota."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jobs.event_windows import (
    DateWindow,
    cut_windows,
    days_within_quota,
    read_dates,
)
from mixtui.jobs.model import JobError

dates = st.builds(
    lambda first, days: DateWindow(first, first + timedelta(days)),
    st.dates(date(2011, 7, 10), date(2030, 1, 1)),
    st.integers(0, 5_000),
)


@pytest.mark.parametrize(
    ("last", "days", "labels"),
    [
        ("2026-01-01", 1, ["2026-01-01"]),
        ("2026-01-03", 1, ["2026-01-01", "2026-01-02", "2026-01-03"]),
        ("2026-01-03", 2, ["2026-01-01 to 2026-01-02", "2026-01-03"]),
        ("2026-01-03", 10**18, ["2026-01-01 to 2026-01-03"]),
    ],
)
def test_windows_are_cut_in_order(last: str, days: int, labels: list[str]) -> None:
    found = cut_windows(read_dates("2026-01-01", last), days)
    assert [window.label for window in found] == labels


@given(dates, st.integers(1, 6_000))
def test_every_day_is_in_one_window(whole: DateWindow, days: int) -> None:
    windows = cut_windows(whole, days)
    found = [
        window.first + timedelta(n) for window in windows for n in range(window.days)
    ]
    assert found == [whole.first + timedelta(n) for n in range(whole.days)]
    assert all(window.days == days for window in windows[:-1])


@given(dates, st.integers(0, 70))
def test_the_requests_are_within_the_quota(whole: DateWindow, left: int) -> None:
    days = days_within_quota(whole, left)
    assert len(cut_windows(whole, days)) <= (left or 60)
    # No fewer days would do.
    assert days == 1 or len(cut_windows(whole, days - 1)) > (left or 60)


@pytest.mark.parametrize(
    "zone", ["America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata", "Europe/Berlin"]
)
def test_an_event_is_in_one_window_whatever_the_time_zone_of_the_project(
    zone: str,
) -> None:
    """Also on days with 23 or 25 hours, and where a date was left out."""
    project = ZoneInfo(zone)
    windows = cut_windows(read_dates("2011-01-01", "2011-12-31"), 7)
    moment = datetime(2011, 1, 1, tzinfo=project)
    while (local := moment.astimezone(project)).year == 2011:
        holding = [w for w in windows if w.first <= local.date() <= w.last]
        assert len(holding) == 1
        moment = (moment.astimezone(ZoneInfo("UTC"))) + timedelta(minutes=30)


@pytest.mark.parametrize(
    "text", ["", "2026-1-1", "2026-02-30", "20260101", "2026-W01-1"]
)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(JobError, match="is not a date such as 2026-01-31"):
        read_dates(text, "2026-01-31")
