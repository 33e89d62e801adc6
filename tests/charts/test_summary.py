from __future__ import annotations

from typing import Any

import pytest

from mixtui.charts.model import Bar, BarChart, Number, Unit
from mixtui.charts.recognise import detect_charts
from mixtui.charts.summary import (
    format_figure,
    format_short_percent,
    summarise,
)
from tests.charts.samples import FUNNEL, INSIGHTS, RETENTION, TOP


@pytest.mark.parametrize(
    ("value", "unit", "formatted"),
    [
        (None, Unit.NUMBER, "–"),
        (0, Unit.NUMBER, "0"),
        (12345, Unit.NUMBER, "12,345"),
        (4.0, Unit.NUMBER, "4"),
        (8.64705882352939, Unit.NUMBER, "8.65"),
        (0.00123, Unit.NUMBER, "0.00123"),
        (-5, Unit.NUMBER, "−5"),
        (10**20, Unit.NUMBER, "1e+20"),
        (0.8241, Unit.FRACTION, "82.4 %"),
        (1, Unit.FRACTION, "100.0 %"),
        (0.0001, Unit.FRACTION, "<0.1 %"),
        (-0.36, Unit.CHANGE, "−36.0 %"),
        (0.5, Unit.CHANGE, "+50.0 %"),
        (63271, Unit.SECONDS, "17 h 35 min"),
        (1e50, Unit.SECONDS, "1e+50 s"),
    ],
)
def test_a_figure_is_formatted(
    value: Number | None, unit: Unit, formatted: str
) -> None:
    assert format_figure(value, unit) == formatted


@pytest.mark.parametrize(
    ("rate", "formatted"),
    [(None, "–"), (0, "0%"), (0.001, "<1%"), (0.826, "83%"), (1, "100%"), (1e9, "≫")],
)
def test_a_rate_in_a_cell_is_short(rate: float | None, formatted: str) -> None:
    assert format_short_percent(rate) == formatted


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            INSIGHTS,
            [
                ("series", "min", "max", "total", "last"),
                ("Logged in", "4,325", "9,852", "14,177", "4,325"),
                ("Viewed page", "10,246", "10,246", "10,246", "–"),
            ],
        ),
        (
            FUNNEL,
            [
                (
                    "step",
                    "count",
                    "of previous",
                    "of first",
                    "avg. time",
                    "from start",
                ),
                ("1. Step 0", "400", "100.0 %", "100.0 %", "–", "–"),
                ("2. Step 1", "100", "25.0 %", "25.0 %", "16.0 s", "16.0 s"),
            ],
        ),
        (
            RETENTION,
            [
                ("interval", "rows", "min", "max", "last", "all rows"),
                ("0", "3", "90.0 %", "100.0 %", "–", "91.7 %"),
                ("1", "2", "50.0 %", "70.0 %", "70.0 %", "66.7 %"),
                ("2", "2", "60.0 %", "100.0 %", "60.0 %", "66.7 %"),
                ("3", "1", "50.0 %", "50.0 %", "50.0 %", "50.0 %"),
            ],
        ),
        (
            TOP,
            [
                ("name", "value", "change"),
                ("pages", "75", "−20.0 %"),
                ("new", "3", "–"),
                ("funnel", "2", "−36.0 %"),
            ],
        ),
    ],
)
def test_a_summary_has_the_most_informative_figures(
    value: Any, expected: list[tuple[str, ...]]
) -> None:
    assert summarise(detect_charts(value)[0]).formatted_rows() == expected


def test_rates_by_date_are_not_added() -> None:
    trend = summarise(detect_charts(FUNNEL)[-1]).formatted_rows()
    assert trend == [
        ("series", "min", "max", "last"),
        ("2. Step 1", "20.0 %", "40.0 %", "40.0 %"),
    ]


def test_a_spreadsheet_gets_exact_figures() -> None:
    assert summarise(detect_charts(TOP)[0]).tsv() == (
        "name\tvalue\tchange\npages\t75\t-0.2\nnew\t3\t\nfunnel\t2\t-0.36\n"
    )


def test_a_name_cannot_leave_its_cell() -> None:
    chart = BarChart("", (Bar("a\tb\nc\x1b[31m", 1),))
    assert summarise(chart).tsv() == "name\tvalue\na   b␊c␛[31m\t1\n"
