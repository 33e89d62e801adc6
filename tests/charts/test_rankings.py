from __future__ import annotations

from typing import Any

import pytest

from mixtui.charts.model import BarChart, LineChart, Unit, largest_bars
from mixtui.charts.recognise import detect_charts
from tests.charts.samples import (
    COHORTS,
    GROUPS,
    INSIGHTS_SPLIT,
    TOP,
    TOP_PROPERTIES,
)


def bars(value: Any) -> BarChart:
    chart = detect_charts(value)[0]
    assert isinstance(chart, BarChart)
    return chart


def test_top_events_are_bars_with_their_change() -> None:
    chart = bars(TOP)
    assert chart.rate_unit is Unit.CHANGE
    assert [(bar.label, bar.value, bar.rate) for bar in chart.bars] == [
        ("pages", 75, -0.2),
        ("new", 3, None),
        ("funnel", 2, -0.36),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TOP_PROPERTIES, [("ad version", 295), ("user type", 91), ("x", None)]),
        (COHORTS, [("One", 150), ("Two", 25)]),
        (GROUPS, [("NL · null", 5), ("GB · 3", 1)]),
    ],
)
def test_figures_by_name_are_bars_by_size(value: Any, expected: list[Any]) -> None:
    assert [(bar.label, bar.value) for bar in bars(value).bars] == expected


def test_each_level_of_a_report_is_a_view_with_a_separate_total() -> None:
    charts = detect_charts(INSIGHTS_SPLIT)
    shown = {
        chart.title: [(bar.label, bar.value, bar.is_total) for bar in chart.bars]
        for chart in charts
        if isinstance(chart, BarChart)
    }
    assert shown == {
        "By $event, country, plan": [
            ("GB · $overall", 40, True),
            ("NL · $overall", 20, True),
            ("GB · pro", 30, False),
            ("NL · free", 20, False),
            ("GB · free", 10, False),
        ],
        "By $event, country": [
            ("$overall", 60, True),
            ("GB", 40, False),
            ("NL", 20, False),
        ],
        "By $event": [("Purchase", 60, False)],
    }


def test_several_metrics_are_named_in_every_label() -> None:
    day = {"2026-11-01T00:00:00Z": 1}
    series = {"A": {"$overall": day, "GB": day}, "B": {"$overall": day, "GB": day}}
    chart = detect_charts({"headers": ["$event", "country"], "series": series})[0]
    assert isinstance(chart, LineChart)
    names = [line.name for line in chart.lines]
    assert names == ["A · $overall", "B · $overall", "A · GB", "B · GB"]


def test_the_largest_bars_and_the_total_are_chosen() -> None:
    chosen = largest_bars(bars(INSIGHTS_SPLIT).bars, 1)
    assert [bar.label for bar in chosen] == [
        "GB · $overall",
        "NL · $overall",
        "GB · pro",
    ]


def test_ranges_of_a_report_stand_in_the_order_of_their_numbers() -> None:
    series = {
        "$overall": {"all": 9},
        "1,000 - 2,000": {"all": 3},
        "10 - 20": {"all": 1},
        "undefined": {"all": 5},
    }
    chart = bars({"headers": ["$event", "price"], "series": {"Purchase": series}})
    labels = [bar.label for bar in chart.bars]
    assert labels == ["$overall", "10 - 20", "1,000 - 2,000", "undefined"]
