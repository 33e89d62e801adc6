from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mixtui.charts.axis import date_ticks, fit_axis, format_tick, point_column
from mixtui.charts.model import Number, Unit

FIGURES = st.one_of(st.integers(-(10**6), 10**12), st.floats(-1e200, 1e200))


@given(st.lists(FIGURES, max_size=8), st.integers(1, 40), st.sampled_from(Unit))
@example(values=[5e-324], rows=2, unit=Unit.NUMBER)
@example(values=[1e-307, -1e-307], rows=12, unit=Unit.NUMBER)
@example(values=[1.0, 1.0000000000000002], rows=12, unit=Unit.NUMBER)
def test_all_data_is_within_an_axis_with_ticks_at_equal_distances(
    values: list[float], rows: int, unit: Unit
) -> None:
    axis = fit_axis(values, rows, unit)
    assert axis.low < axis.high
    assert all(axis.low <= value <= axis.high for value in values)
    slack = (axis.high - axis.low) * 1e-6
    assert axis.low - slack <= axis.ticks[0]
    assert axis.ticks[-1] <= axis.high + slack
    steps = [other - one for one, other in pairwise(axis.ticks)]
    assert steps == pytest.approx([steps[0]] * len(steps) if steps else [])
    assert len(set(axis.labels)) == len(axis.labels)
    assert len(axis.ticks) <= 8


@given(st.lists(st.integers(0, 10**12), min_size=1), st.integers(1, 40))
def test_counts_start_at_0_and_leave_little_free(values: list[int], rows: int) -> None:
    axis = fit_axis(values, rows)
    assert axis.low == 0
    assert axis.high <= max(1, 1.25 * max(values))
    assert all(tick.is_integer() for tick in axis.ticks)


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=2),
    st.integers(7, 40),
    st.sampled_from([0.001, 1, 1000]),
)
def test_there_are_3_ticks_where_there_is_room_for_them(
    values: list[int], rows: int, scale: float
) -> None:
    if max(values) - min(values) > 2:
        axis = fit_axis([value * scale for value in values], rows)
        assert len(axis.ticks) >= 3
        assert len({axis.row(tick, rows) for tick in axis.ticks}) == len(axis.ticks)


@pytest.mark.parametrize(
    ("values", "rows", "unit", "labels"),
    [
        ([], 16, Unit.NUMBER, ["0", "1"]),
        ([0, 0], 16, Unit.NUMBER, ["0", "1"]),
        ([1], 16, Unit.NUMBER, ["0", "1"]),
        ([3], 16, Unit.NUMBER, ["0", "1", "2", "3"]),
        ([7, 7, 7], 8, Unit.NUMBER, ["0", "2", "4", "6"]),
        ([0.5, 0.5], 8, Unit.NUMBER, ["0", "0.2", "0.4"]),
        ([100, 205], 16, Unit.NUMBER, ["0", "50", "100", "150", "200"]),
        ([205], 7, Unit.NUMBER, ["0", "100", "200"]),
        ([205], 3, Unit.NUMBER, ["0", "100", "200"]),
        ([205], 2, Unit.NUMBER, ["0", "200"]),
        ([900, 2100], 10, Unit.NUMBER, ["0", "500", "1 k", "1.5 k", "2 k"]),
        ([3_400_000], 8, Unit.NUMBER, ["0", "1 M", "2 M", "3 M"]),
        ([-10, 10], 10, Unit.NUMBER, ["−10", "−5", "0", "5", "10"]),
        ([-30], 8, Unit.NUMBER, ["−30", "−20", "−10", "0"]),
        ([8.61, 8.93], 8, Unit.NUMBER, ["8.6", "8.7", "8.8", "8.9"]),
        ([0.41, 0.59], 8, Unit.FRACTION, ["45 %", "50 %", "55 %"]),
        ([0.02, 0.98], 8, Unit.FRACTION, ["0 %", "50 %", "100 %"]),
        ([0.993, 1], 6, Unit.FRACTION, ["99.4 %", "99.6 %", "99.8 %", "100 %"]),
    ],
)
def test_ticks_are_round(
    values: list[Number], rows: int, unit: Unit, labels: list[str]
) -> None:
    assert list(fit_axis(values, rows, unit).labels) == labels


@pytest.mark.parametrize(
    ("value", "step", "label"),
    [
        (999, 1, "999"),
        (1200, 100, "1.2 k"),
        (-3e6, 1e6, "−3 M"),
        (100_200, 200, "100.2 k"),
        (2e-7, 1e-7, "2e-07"),
        (1.5e150, 5e149, "1.5e+150"),
    ],
)
def test_a_tick_is_as_short_as_its_step_allows(
    value: float, step: float, label: str
) -> None:
    assert format_tick(value, step) == label


def dates(count: int, **step: int) -> list[str]:
    start = datetime(2026, 1, 1)
    return [f"{start + timedelta(**step) * n:%Y-%m-%d}" for n in range(count)]


def hours(count: int, first: int = 0) -> list[str]:
    start = datetime(2026, 11, 1, first)
    return [f"{start + timedelta(hours=n):%Y-%m-%d %H:%M}" for n in range(count)]


def months(count: int, first: int = 1) -> list[str]:
    numbers = range(first - 1, first - 1 + count)
    return [f"{2024 + n // 12}-{n % 12 + 1:02}-01" for n in numbers]


@pytest.mark.parametrize(
    ("points", "width", "labels"),
    [
        (["2026-01-01"], 40, ["01-01"]),
        (dates(7, days=1), 60, [f"01-0{day}" for day in range(1, 8)]),
        (dates(30, days=1), 40, ["01-01", "01-08", "01-15", "01-22", "01-29"]),
        (dates(9, weeks=1), 30, ["01-01", "01-29", "02-26"]),
        (hours(24), 40, ["00:00", "06:00", "12:00", "18:00"]),
        (hours(24, 7), 40, ["11-01 12:00", "11-02 00:00"]),
        (hours(72, 7), 30, ["11-02", "11-03", "11-04"]),
        (months(12), 44, ["2024-01", "2024-04", "2024-07", "2024-10"]),
        (months(28, 5), 40, ["2025-01", "2026-01"]),
        (["2025-12-31", "2026-01-01", "2026-01-02"], 30, ["2025-12-31", "2026-01-02"]),
        (
            ["2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00+01:00"],
            12,
            ["01-01T00:00…"],
        ),
    ],
)
def test_dates_are_labelled_in_their_unit(
    points: list[str], width: int, labels: list[str]
) -> None:
    assert [tick.label for tick in date_ticks(points, width)] == labels


@given(
    st.integers(1, 800).flatmap(
        lambda count: st.sampled_from(
            [
                dates(count, days=1),
                dates(count, weeks=1),
                hours(count, count % 24),
                months(count, count % 12 + 1),
                [*dates(count, days=3)[1:], "2040-01-01"],
            ]
        )
    ),
    st.integers(12, 150),
    st.integers(0, 8),
)
def test_dates_never_overlap_nor_leave_the_plot(
    points: list[str], width: int, margin: int
) -> None:
    ticks = date_ticks(points, width, margin)
    assert ticks
    assert ticks[0].start >= -margin
    assert ticks[-1].start + len(ticks[-1].label) <= width
    for one, other in pairwise(ticks):
        assert one.start + len(one.label) + 2 <= other.start
    assert len({other.index - one.index for one, other in pairwise(ticks)}) <= 1
    for tick in ticks:
        column = point_column(tick.index, len(points), width)
        assert tick.start <= column < tick.start + len(tick.label)
