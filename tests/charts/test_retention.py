from __future__ import annotations

from typing import Any

import pytest

from mixtui.charts.model import BarChart, HeatTable
from mixtui.charts.recognise import detect_charts
from tests.charts.samples import ADDICTION, INSIGHTS_RETENTION, RETENTION


def table(value: Any) -> HeatTable:
    chart = detect_charts(value)[0]
    assert isinstance(chart, HeatTable)
    return chart


def test_rates_are_counts_over_the_first_and_rows_differ_in_length() -> None:
    chart = table(RETENTION)
    rows = {row.label: row.rates for row in chart.rows if not row.is_total}
    assert list(rows) == ["2012-01-01", "2012-01-02", "2012-01-03"]
    assert rows["2012-01-01"] == (1, 0.5, 1, 0.5)
    assert rows["2012-01-02"] == (0.9, 0.7, 0.6)
    assert chart.columns == ("0", "1", "2", "3")


def test_an_empty_cohort_does_not_divide_by_0() -> None:
    assert table(RETENTION).rows[-1].rates == (None,)


def test_the_total_counts_only_rows_that_reached_the_interval() -> None:
    total_row = table(RETENTION).rows[0]
    assert total_row.is_total
    assert total_row.base == 12
    assert total_row.rates == (11 / 12, 8 / 12, 8 / 12, 0.5)


def test_a_split_has_a_table_for_each_value() -> None:
    value = {
        "2020-01-01": {
            "GB": {"first": 2, "counts": [1]},
            "$overall": {"first": 4, "counts": [2]},
        }
    }
    parts = {chart.part for chart in detect_charts(value)}
    assert parts == {"$overall", "GB"}


@pytest.mark.parametrize("value", [ADDICTION, ADDICTION["data"]])
def test_both_layouts_of_frequency_are_read(value: Any) -> None:
    chart = table(value)
    assert chart.columns == ("≥1", "≥2", "≥3", "≥4")
    assert [row.label for row in chart.rows] == ["2012-01-01", "2012-01-02"]
    assert chart.rows[0].rates == (1, 107 / 305, 60 / 305)


def test_frequency_has_bars_for_each_date() -> None:
    bars = [chart for chart in detect_charts(ADDICTION) if isinstance(chart, BarChart)]
    assert [chart.part for chart in bars] == ["2012-01-01", "2012-01-02"]
    assert [(bar.label, bar.value) for bar in bars[0].bars] == [
        ("≥ 1", 305),
        ("≥ 2", 107),
        ("≥ 3", 60),
    ]


def test_a_report_keeps_its_average_and_rates() -> None:
    chart = table(INSIGHTS_RETENTION)
    assert chart.title == "A and then B"
    assert [(row.label, row.is_total) for row in chart.rows] == [
        ("$average", True),
        ("2026-10-26", False),
        ("2026-11-02", False),
    ]
    assert chart.rows[0].rates == (1.0, 0.34)


def test_a_split_report_shows_each_value() -> None:
    cohort = {"first": 2, "counts": [2, 1]}
    series = {
        "$overall": {"$average": cohort, "2026-10-26T00:00:00Z": cohort},
        "GB": {"$average": cohort, "2026-10-26T00:00:00Z": cohort},
    }
    charts = detect_charts({"headers": [], "series": {"A and then B": series}})
    assert [chart.part for chart in charts] == ["$overall", "GB"]
