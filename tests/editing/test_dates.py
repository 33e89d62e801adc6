from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.dates import (
    DateStep,
    Day,
    End,
    OutOfRange,
    Window,
    drag_other_end,
    move_window,
    other_end,
    read_day,
    shift,
    toggle_relative,
)
from mixtui.model.environment import Environment
from mixtui.model.errors import Field
from mixtui.request.templates import Values, expand_text

TODAY = date(2026, 3, 15)
days = st.dates(date(1950, 1, 1), date(2150, 1, 1))
steps = st.sampled_from(DateStep)
near = st.integers(-400, 400)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", Day(date(2026, 1, 31))),
        (" 2026-01-31 ", Day(date(2026, 1, 31))),
        ("{{today}}", Day(TODAY, is_relative=True)),
        ("{{ today-7d }}", Day(date(2026, 3, 8), is_relative=True)),
        ("{{today+1w}}", Day(date(2026, 3, 22), is_relative=True)),
        ("{{month_start}}", Day(date(2026, 3, 1), is_relative=True)),
        ("2026-02-30", None),
        ("2026-1-1", None),
        ("20260101", None),
        ("2026-01-01T00:00:00", None),
        ("{{today-7m}}", None),
        ("{{today}}T00", None),
        ("{{now}}", None),
        ("", None),
        ("{{today-99999w}}", None),
    ],
)
def test_a_value_is_read_as_a_day(text: str, day: Day | None) -> None:
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("day", "count", "step", "expected"),
    [
        ("2026-03-31", 1, DateStep.DAY, "2026-04-01"),
        ("2026-03-01", -1, DateStep.DAY, "2026-02-28"),
        ("2024-03-01", -1, DateStep.DAY, "2024-02-29"),
        ("2026-12-31", 1, DateStep.WEEK, "2027-01-07"),
        ("2026-01-31", 1, DateStep.MONTH, "2026-02-28"),
        ("2024-01-31", 1, DateStep.MONTH, "2024-02-29"),
        ("2026-12-15", 1, DateStep.MONTH, "2027-01-15"),
        ("2026-01-15", -1, DateStep.MONTH, "2025-12-15"),
        ("2026-03-31", -13, DateStep.MONTH, "2025-02-28"),
    ],
)
def test_a_day_moves(day: str, count: int, step: DateStep, expected: str) -> None:
    moved = shift(Day(date.fromisoformat(day)), count, step, TODAY)
    assert moved.text(TODAY) == expected


def test_a_day_that_a_month_lacks_is_reported_and_comes_back() -> None:
    january = Day(date(2026, 1, 31))
    february = shift(january, 1, DateStep.MONTH, TODAY)
    assert february.shortened_note == "February 2026 has no day 31: using its last day"
    march = shift(february, 1, DateStep.MONTH, TODAY)
    assert march.day == date(2026, 3, 31)
    assert not march.shortened_note
    assert not shift(february, 1, DateStep.DAY, TODAY).preferred


@given(days, near, steps)
def test_moving_a_day_there_and_back_returns_the_same_day(
    day: date, count: int, step: DateStep
) -> None:
    moved = shift(Day(day), count, step, TODAY)
    assert shift(moved, -count, step, TODAY).day == day


@given(days, near)
def test_a_month_later_is_in_the_month_that_is_meant(day: date, count: int) -> None:
    moved = shift(Day(day), count, DateStep.MONTH, TODAY).day
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == count
    assert moved.day == day.day or (moved + timedelta(1)).day == 1


@given(st.dates(TODAY - timedelta(9_000), TODAY + timedelta(9_000)), st.booleans())
def test_a_written_day_is_read_and_sent_as_the_same_day(
    day: date, is_relative: bool
) -> None:
    written = Day(day, is_relative).text(TODAY)
    assert read_day(written, TODAY) == Day(day, is_relative)
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12)
    values = Values(Environment("e"), now=lambda: noon)
    assert expand_text(written, values, Field.QUERY).text == day.isoformat()


@given(days, st.integers(1, 500), near, st.sampled_from([DateStep.DAY, DateStep.WEEK]))
def test_a_window_keeps_its_length(
    start: date, length: int, count: int, step: DateStep
) -> None:
    window = Window(Day(start), Day(start + timedelta(length - 1)))
    moved = move_window(window, count, step, TODAY)
    assert moved.days == window.days == length


@given(days, days, st.sampled_from(End), st.integers(1, 90))
def test_an_invalid_window_can_be_fixed(
    start_day: date, end_day: date, fixed: End, length: int
) -> None:
    window = Window(Day(start_day, is_relative=True), Day(end_day))
    changed = drag_other_end(window, fixed, length, start_day)
    assert changed.days == length
    assert changed.day(fixed).day == window.day(fixed).day
    assert (changed.start.is_relative, changed.end.is_relative) == (True, False)


@given(days, days)
def test_the_length_of_a_window_is_described(start_day: date, end_day: date) -> None:
    window = Window(Day(start_day), Day(end_day))
    assert (
        ("both inclusive" in window.problem)
        == (start_day <= end_day)
        == window.is_valid
    )


def test_a_day_turns_into_days_from_today_and_back() -> None:
    fixed = Day(date(2026, 3, 8))
    relative = toggle_relative(fixed, TODAY)
    assert relative.text(TODAY) == "{{today-7d}}"
    assert toggle_relative(relative, TODAY) == fixed


@pytest.mark.parametrize(
    ("day", "count", "step"),
    [
        (Day(date.max), 1, DateStep.DAY),
        (Day(date.max), 1, DateStep.MONTH),
        (Day(date.min), -1, DateStep.WEEK),
        (Day(TODAY + timedelta(99_999), is_relative=True), 1, DateStep.DAY),
    ],
)
def test_a_day_out_of_range_is_refused(day: Day, count: int, step: DateStep) -> None:
    with pytest.raises(OutOfRange):
        shift(day, count, step, TODAY)


def test_a_day_too_far_away_stays_fixed() -> None:
    with pytest.raises(OutOfRange):
        toggle_relative(Day(date(2400, 1, 1)), TODAY)


def test_each_end_has_its_other_end() -> None:
    assert other_end("from_date") == (End.FROM, "to_date")
    assert other_end("toDate") == (End.TO, "fromDate")
    assert other_end("date") is None
    assert Day(date(2026, 3, 15)).weekday == "Sunday"
