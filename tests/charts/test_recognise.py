from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtui.charts.model import BarChart, Chart, HeatTable, LineChart, Steps
from mixtui.charts.recognise import MAX_BODY_BYTES, detect_charts, read_chart
from mixtui.charts.summary import summarise
from tests.charts.samples import CHARTS, NO_CHARTS

KEYS = st.one_of(
    st.text(max_size=5),
    st.sampled_from(
        [
            "data",
            "series",
            "values",
            "results",
            "events",
            "steps",
            "count",
            "first",
            "counts",
            "rates",
            "headers",
            "all",
            "$overall",
            "$average",
            "2020-01-01",
            "2020-01-01T05:00:00-07:00",
            "key",
            "value",
            "event",
            "time",
            "properties",
            "amount",
            "1. View",
            "2 - 3",
            "step_conv_ratio",
        ]
    ),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([10**400, -(10**250), 1e308, 5e-324, 0, 1]),
    st.floats(),
    KEYS,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=30,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, child in items:
        yield from paths(child, (*path, key))


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy with another value at a path."""
    if not path:
        return new
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = with_value(value[key], tuple(rest), new)
    return copy


def figures(chart: Chart) -> Iterator[float | None]:
    match chart:
        case LineChart(lines=lines):
            for line in lines:
                assert len(line.values) == len(chart.points)
                yield from line.values
        case BarChart(bars=bars):
            for bar in bars:
                yield from (bar.value, bar.rate)
        case HeatTable(rows=rows):
            for row in rows:
                assert len(row.rates) <= len(chart.columns)
                yield from (row.base, *row.counts, *row.rates)
        case Steps(steps=steps):
            for step in steps:
                yield from (step.count, step.step_rate, step.overall_rate)
                yield from (step.seconds, step.seconds_from_start)


def check_charts(charts: tuple[Chart, ...]) -> None:
    for chart in charts:
        for value in figures(chart):
            assert value is None or math.isfinite(value)
        summary = summarise(chart)
        assert {len(row) for row in summary.formatted_rows()} == {len(summary.columns)}
        assert summary.tsv().count("\n") == len(summary.rows) + 1


@pytest.mark.parametrize("name", CHARTS)
def test_every_report_has_a_chart(name: str) -> None:
    charts = detect_charts(CHARTS[name])
    assert charts
    assert charts == read_chart(json.dumps(CHARTS[name]).encode())
    check_charts(charts)


@pytest.mark.parametrize("name", NO_CHARTS)
def test_other_responses_have_no_chart(name: str) -> None:
    assert detect_charts(NO_CHARTS[name]) == ()


@settings(max_examples=150)
@given(VALUES)
def test_any_value_is_recognised_or_not_but_never_fails(value: Any) -> None:
    check_charts(detect_charts(value))


@settings(max_examples=150)
@given(st.sampled_from(list(CHARTS)), st.data())
def test_a_malformed_report_never_fails(name: str, data: st.DataObject) -> None:
    sample = CHARTS[name]
    path = data.draw(st.sampled_from(list(paths(sample))))
    check_charts(detect_charts(with_value(sample, path, data.draw(VALUES))))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b'"text"',
        b'{"data": {',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"results": {"2020-01-01": 1e400}}',
        b'{"results": {"2020-01-01": NaN}}',
        b'{"results": {"\xff": 1}}',
        b'{"results": {"2020-01-01": 1' + b"0" * 5000 + b"}}",
        b'{"event": "a"}\n{"event": "b"}\n',
        b"date,value\n2020-01-01,3\n",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_a_body_that_is_not_a_report_has_no_chart(body: bytes) -> None:
    assert all(value is None for chart in read_chart(body) for value in figures(chart))


def test_a_body_that_is_too_large_is_not_read() -> None:
    body = b'{"results": {"2020-01-01": 4}}'
    assert read_chart(body)
    assert read_chart(body + b" " * MAX_BODY_BYTES) == ()


def test_a_number_beyond_64_bits_is_drawn_and_one_beyond_the_limit_is_left_out() -> (
    None
):
    body = b'{"results": {"2020-01-01": %d, "2020-01-02": 1%s}}'
    (chart,) = read_chart(body % (2**70, b"0" * 300))
    assert isinstance(chart, LineChart)
    assert chart.lines[0].values == (2**70, None)


@given(
    st.dictionaries(
        st.text(max_size=3),
        st.dictionaries(st.dates().map(str), st.integers(0, 10**9), max_size=9),
        min_size=1,
        max_size=5,
    )
)
def test_the_figures_are_those_of_the_response(values: Any) -> None:
    dates = sorted({date for by_date in values.values() for date in by_date})
    charts = read_chart(json.dumps({"data": {"series": [], "values": values}}).encode())
    if not dates:
        assert charts == ()
        return
    (chart,) = charts
    assert isinstance(chart, LineChart)
    assert list(chart.points) == dates
    assert {line.name: line.total for line in chart.lines} == {
        name: sum(by_date.values()) for name, by_date in values.items()
    }
    for line in chart.lines:
        assert list(line.values) == [values[line.name].get(date, 0) for date in dates]
