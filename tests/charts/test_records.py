"""Charts of the rows of a query: figures by date or by name, and nothing else."""

from __future__ import annotations

import pytest

from mixtui.charts.model import Bar, BarChart, Line, LineChart
from mixtui.charts.records import Record, read_record_charts, record_charts


def test_figures_by_day_are_lines_with_a_gap_where_a_day_has_none() -> None:
    body = (
        b'{"day":"2026-01-02","event":"a","events":3}\n'
        b'{"day":"2026-01-01","event":"a","events":1}\n'
        b'{"day":"2026-01-02","event":"b","events":9}\n'
    )
    assert read_record_charts(body) == (
        LineChart(
            "events by day",
            ("2026-01-01", "2026-01-02"),
            (Line("b", (None, 9)), Line("a", (1, 3))),
        ),
    )


def test_several_figures_by_day_are_lines_of_one_chart() -> None:
    records = [
        {"day": "2026-01-01", "users": 2, "events": 5},
        {"day": "2026-01-02", "users": 3, "events": None},
    ]
    assert record_charts(records) == (
        LineChart(
            "Figures by day",
            ("2026-01-01", "2026-01-02"),
            (Line("users", (2, 3)), Line("events", (5, None))),
        ),
    )


def test_figures_by_name_are_bars_in_the_order_of_the_rows() -> None:
    records = [
        {"event": "b", "plan": None, "n": 1, "share": 0.5},
        {"event": "a", "plan": "pro", "n": 7, "share": None},
    ]
    assert record_charts(records) == (
        BarChart("n", (Bar("b · null", 1), Bar("a · pro", 7))),
        BarChart("share", (Bar("b · null", 0.5), Bar("a · pro", None))),
    )


@pytest.mark.parametrize(
    "records",
    [
        [],
        [{"n": 1}],
        [{"event": "a", "n": "1"}],
        [{"event": "a", "n": None}],
        [{"event": "a", "n": True}],
        [{"event": "a", "n": 1}, {"event": "a", "n": 2}],
        [{"a": "x", "b": "x", "c": "x", "d": "x", "n": 1}],
    ],
)
def test_other_records_have_no_chart(records: list[Record]) -> None:
    assert record_charts(records) == ()


def test_what_is_not_json_lines_of_objects_has_no_chart() -> None:
    assert read_record_charts(b"") == ()
    assert read_record_charts(b"[1]\n") == ()
    assert read_record_charts(b'{"a":"x","n":1}\nx\n') == ()
