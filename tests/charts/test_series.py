from __future__ import annotations

from typing import Any

import pytest

from mixtui.charts.model import LineChart, largest
from mixtui.charts.recognise import detect_charts
from tests.charts.samples import INSIGHTS, NUMERIC, SEGMENTATION, STREAM, SUM


def lines(value: Any) -> LineChart:
    (chart,) = detect_charts(value)
    assert isinstance(chart, LineChart)
    return chart


def by_name(chart: LineChart) -> dict[str, tuple[float | None, ...]]:
    return {line.name: line.values for line in chart.lines}


def test_dates_are_sorted_and_a_missing_one_is_0() -> None:
    chart = lines(SEGMENTATION)
    assert chart.points == ("2011-08-06", "2011-08-07", "2011-08-08", "2011-08-09")
    assert by_name(chart) == {"Signed up": (147, 0, 776, 1376)}


def test_number_ranges_stand_in_the_order_of_their_first_number() -> None:
    names = [line.name for line in lines(NUMERIC).lines]
    assert names == ["900 - 1,000", "2,000 - 2,100", "12,000 - 12,100"]


def test_other_names_are_ordered_by_size_after_the_total() -> None:
    chart = lines(
        {
            "data": {
                "series": [],
                "values": {
                    "small": {"2020-01-01": 1},
                    "large": {"2020-01-01": 9},
                    "$overall": {"2020-01-01": 10},
                    "none": {},
                },
            }
        }
    )
    assert list(by_name(chart)) == ["$overall", "large", "small", "none"]
    assert [line.is_total for line in chart.lines] == [True, False, False, False]
    top = largest(chart.lines, 1)
    assert [line.name for line in top] == ["$overall", "large"]


def test_the_largest_keep_their_order() -> None:
    chosen = largest(lines(NUMERIC).lines, 2)
    assert [line.name for line in chosen] == ["900 - 1,000", "2,000 - 2,100"]


def test_a_sum_is_one_series_and_null_is_a_gap() -> None:
    chart = lines(SUM)
    assert chart.points == ("2019-10-06", "2019-10-07", "2019-10-08")
    assert [line.values for line in chart.lines] == [(7, 4.5, None)]


def test_dates_with_an_offset_are_cut_to_days() -> None:
    chart = lines(INSIGHTS)
    assert chart.points == ("2020-08-31", "2020-09-07")
    assert by_name(chart)["Logged in"] == (9852, 4325)


def test_a_missing_figure_of_a_report_is_a_gap() -> None:
    assert by_name(lines(INSIGHTS))["Viewed page"] == (10246, None)


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        (["2020-01-01 05:00:00", "2020-01-02 04:00:00"], ["2020-01-01", "2020-01-02"]),
        (
            ["2020-01-01 05:00:00", "2020-01-01 04:00:00"],
            ["2020-01-01 04:00", "2020-01-01 05:00"],
        ),
        (
            ["2020-10-25T02:00:00+02:00", "2020-10-25T02:00:00+01:00"],
            ["2020-10-25T02:00:00+01:00", "2020-10-25T02:00:00+02:00"],
        ),
    ],
)
def test_times_on_the_same_day_are_distinguished(
    dates: list[str], shown: list[str]
) -> None:
    assert list(lines({"results": dict.fromkeys(dates, 1)}).points) == shown


def test_a_timeline_counts_days_and_has_the_empty_ones_too() -> None:
    chart = lines(STREAM)
    assert chart.points == ("2020-09-08", "2020-09-09", "2020-09-10")
    assert by_name(chart) == {"Play": (1, 0, 1), "View": (0, 0, 1)}


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(
    "damaged", [None, {}, {"event": "a"}, {"event": "a", "properties": {"time": "x"}}]
)
def test_an_event_without_a_time_costs_a_timeline_that_event_alone(
    damaged: object, position: int
) -> None:
    events: list[object] = [{"event": "a", "properties": {"time": 1599589453}}] * 2
    events.insert(position, damaged)
    chart = lines({"results": {"events": events}})
    assert by_name(chart) == {"a": (2,)}
    assert "Not counted, as they have no time: 1 event." in chart.notes[0]


def test_a_timeline_reads_milliseconds_too() -> None:
    events = [{"event": "a", "properties": {"time": 1599589453000}}]
    assert lines({"results": {"events": events}}).points == ("2020-09-08",)
