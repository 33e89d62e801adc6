from __future__ import annotations

from typing import Any

import pytest

from mixtui.charts.model import BarChart, LineChart, Steps, Unit
from mixtui.charts.recognise import detect_charts
from tests.charts.samples import FUNNEL, FUNNEL_SPLIT, INSIGHTS_FUNNEL, steps


def funnel(value: Any, part: str, title: str = "Steps") -> Steps:
    return next(
        chart
        for chart in detect_charts(value)
        if isinstance(chart, Steps) and (chart.title, chart.part) == (title, part)
    )


def test_a_funnel_is_shown_in_total_by_date_and_as_a_trend() -> None:
    shown = [(chart.title, chart.part) for chart in detect_charts(FUNNEL)]
    assert shown == [
        ("Steps", "all dates"),
        ("Steps", "2016-09-12"),
        ("Steps", "2016-09-19"),
        ("Conversion by date", ""),
    ]


def test_the_figures_of_a_date_are_those_of_the_response() -> None:
    first, second = funnel(FUNNEL, "2016-09-12").steps
    assert (first.label, first.count, first.seconds) == ("Step 0", 300, None)
    assert (second.count, second.step_rate, second.seconds) == (60, 0.2, 20)


def test_rates_and_times_of_all_dates_are_computed_from_the_sums() -> None:
    combined = funnel(FUNNEL, "all dates")
    first, second = combined.steps
    assert (first.count, second.count) == (400, 100)
    assert (second.step_rate, second.overall_rate) == (0.25, 0.25)
    assert second.seconds == pytest.approx((60 * 20 + 40 * 10) / 100)
    assert combined.notes


def test_conversion_by_date_has_no_line_for_the_first_step() -> None:
    trend = detect_charts(FUNNEL)[-1]
    assert isinstance(trend, LineChart)
    assert trend.unit is Unit.FRACTION
    assert [(line.name, line.values) for line in trend.lines] == [
        ("2. Step 1", (0.2, 0.4))
    ]


def test_a_split_funnel_is_compared_with_a_separate_total() -> None:
    charts = detect_charts(FUNNEL_SPLIT)
    assert [chart.title for chart in charts] == [
        "Steps",
        "Completed by value",
        "Steps: Firefox",
        "Steps: Chrome",
    ]
    compared = charts[1]
    assert isinstance(compared, BarChart)
    assert [
        (bar.label, bar.value, bar.rate, bar.is_total) for bar in compared.bars
    ] == [
        ("$overall", 9, 0.3, True),
        ("Firefox", 4, 0.2, False),
        ("Chrome", 5, 0.5, False),
    ]


def test_a_custom_event_is_called_by_its_label() -> None:
    step = {**steps(3)[0], "event": "$custom_event:1", "step_label": "Played"}
    value = {"data": {"2020-01-01": {"steps": [step]}}}
    assert funnel(value, "2020-01-01").steps[0].label == "Played"


def test_an_empty_funnel_does_not_divide_by_0() -> None:
    day = {"steps": steps(0, 0)}
    value = {"data": {"2020-01-01": day, "2020-01-02": day}}
    assert [step.overall_rate for step in funnel(value, "all dates").steps] == [
        None,
        None,
    ]


def test_steps_of_a_report_are_in_the_order_of_their_numbers() -> None:
    shop = funnel(INSIGHTS_FUNNEL, "all dates", "Shop")
    assert [step.label for step in shop.steps] == ["View", "Cart", "Paid"]
    assert [step.count for step in shop.steps] == [10, 5, 2]
    assert [step.seconds for step in shop.steps] == [None, 30, None]
    assert not shop.notes


DAYS = ("2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00")
TREND = [
    {
        DAYS[0]: {"count": {"1. A": {"all": 4}}},
        DAYS[1]: {"count": {"1. A": {"all": 6}}},
    },
    {"count": {DAYS[0]: {"1. A": {"all": 4}}, DAYS[1]: {"1. A": {"all": 6}}}},
    {"count": {"1. A": {DAYS[0]: 4, DAYS[1]: 6}}},
    {"$overall": {"count": {"1. A": {DAYS[0]: 4, DAYS[1]: 6}}}},
]


@pytest.mark.parametrize("series", TREND)
def test_a_level_of_dates_may_be_anywhere(series: dict[str, Any]) -> None:
    value = {"headers": [], "series": {"Shop": series}}
    counts = {
        chart.part: chart.steps[0].count
        for chart in detect_charts(value)
        if isinstance(chart, Steps)
    }
    assert counts == {"all dates": 10, "2026-11-01": 4, "2026-11-02": 6}


def test_a_total_in_a_trend_is_not_added_again() -> None:
    series = {"count": {"1. A": {"all": 9, DAYS[0]: 4, DAYS[1]: 6}}}
    value = {"headers": [], "series": {"Shop": series}}
    assert funnel(value, "all dates", "Shop").steps[0].count == 9


def test_a_report_split_by_values_shows_each() -> None:
    series = {
        "$overall": {"count": {"1. A": {"all": 9}}},
        "GB": {"count": {"1. A": {"all": 5}}},
    }
    titles = [
        c.title for c in detect_charts({"headers": [], "series": {"Shop": series}})
    ]
    assert titles == ["Shop", "Completed by value", "Shop: GB"]
