from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from mixtui.charts.model import Unit
from mixtui.tables.export import export_tsv
from mixtui.tables.table import Table
from tests.charts.samples import (
    ADDICTION,
    FUNNEL,
    FUNNEL_SPLIT,
    GROUPS,
    INSIGHTS,
    INSIGHTS_FUNNEL,
    INSIGHTS_RETENTION,
    INSIGHTS_SPLIT,
    RETENTION,
    SEGMENTATION,
)
from tests.tables.bodies import find_tables, json_body

SPLIT_COHORTS = {
    "2026-11-01": {
        "GB": {"first": 4, "counts": [4, 1]},
        "NL": {"first": 2, "counts": [2]},
    }
}
BY_DATE = {
    "headers": ["$event", "country"],
    "series": {
        "Purchase": {
            "$overall": {"2026-11-01": 5, "2026-11-02": 3},
            "GB": {"2026-11-01": 4},
        }
    },
}


def lines(table: Table) -> list[list[str]]:
    """Return the header and the rows as they are copied."""
    text = "".join(export_tsv(table, table.columns, range(table.row_count)))
    return [line.split("\t") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("body", "title", "rows"),
    [
        (
            RETENTION,
            "Retention",
            [
                "date first 0 0_% 1 1_% 2 2_% 3 3_%",
                "all_rows 12 11 0.9166666666666666 8 0.6666666666666666 "
                "8 0.6666666666666666 1 0.5",
                "2012-01-01 2 2 1.0 1 0.5 2 1.0 1 0.5",
                "2012-01-02 10 9 0.9 7 0.7 6 0.6  ",
                "2012-01-03 0 0       ",
            ],
        ),
        (
            SPLIT_COHORTS,
            "Retention",
            [
                "date value first 0 0_% 1 1_%",
                "2026-11-01 GB 4 4 1.0 1 0.25",
                "2026-11-01 NL 2 2 1.0  ",
            ],
        ),
        (
            ADDICTION,
            "Frequency",
            [
                "date active ≥1 ≥1_% ≥2 ≥2_% ≥3 ≥3_% ≥4 ≥4_%",
                "2012-01-01 305 305 1.0 107 0.35081967213114756 "
                "60 0.19672131147540983  ",
            ],
        ),
        (
            INSIGHTS_RETENTION,
            "A and then B",
            ["date first 0 0_% 1 1_%", "$average 9 9 1.0 3 0.34"],
        ),
        (
            FUNNEL,
            "Steps",
            [
                "date step count of_previous of_first avg._time from_start",
                "all_dates 1._Step_0 400 1.0 1.0  ",
                "all_dates 2._Step_1 100 0.25 0.25 16.0 16.0",
                "2016-09-12 1._Step_0 300 1.0 1.0  ",
                "2016-09-12 2._Step_1 60 0.2 0.2 20 20",
            ],
        ),
        (
            FUNNEL_SPLIT,
            "Steps",
            [
                "date value step count of_previous of_first avg._time from_start",
                "2016-09-12 $overall 1._Step_0 30 1.0 1.0  ",
                "2016-09-12 $overall 2._Step_1 9 0.3 0.3 60 60",
                "2016-09-12 Firefox 1._Step_0 20 1.0 1.0  ",
            ],
        ),
        (
            INSIGHTS_FUNNEL,
            "Shop",
            [
                "date step count of_previous of_first avg._time from_start",
                "all_dates 1._View 10 1 1  ",
                "all_dates 2._Cart 5 0.5 0.5 30 ",
            ],
        ),
        (
            INSIGHTS_SPLIT,
            "By $event, country, plan",
            ["$event,_country,_plan value", "GB_·_$overall 40", "NL_·_$overall 20"],
        ),
        (GROUPS, "By group", ["key_1 key_2 value", "GB 3 1", "NL  5"]),
        (
            [{"key": ["Search"], "value": [5, 1.5]}],
            "By group",
            ["key value_1 value_2", "Search 5 1.5"],
        ),
        (
            BY_DATE,
            "By $event, country",
            ["date $overall GB", "2026-11-01 5 4", "2026-11-02 3 "],
        ),
    ],
)
def test_a_report_is_a_grid_of_exact_figures(
    body: Any, title: str, rows: list[str]
) -> None:
    table = find_tables(json_body(body))[0]
    assert table.title == title
    expected = [[c.replace("_", " ") for c in row.split(" ")] for row in rows]
    assert list(islice(lines(table), len(rows))) == expected


@pytest.mark.parametrize("body", [SEGMENTATION, INSIGHTS])
def test_a_report_that_is_a_series_keeps_the_paths_of_its_figures(body: Any) -> None:
    table = find_tables(json_body(body))[0]
    assert table.title in (".data.values", ".series")
    assert table.path(0, table.columns[1]).startswith(table.title)


def test_the_lists_that_a_report_consists_of_are_not_tables_of_their_own() -> None:
    body = {**FUNNEL, "notes": [{"a": 1}]}
    assert [t.title for t in find_tables(json_body(body))] == [
        "Steps",
        ".notes",
        ".meta.dates",
    ]


@pytest.mark.parametrize(
    "body",
    [
        [{"key": "a", "value": 1}],
        [{"key": ["a"], "value": {"n": 1}}],
        [{"key": [["a"]], "value": 1}],
        [{"key": ["a"], "value": 1, "more": 2}],
        [{"key": ["a"], "value": 1}, 5],
    ],
)
def test_other_lists_of_objects_stay_as_they_are(body: Any) -> None:
    assert find_tables(json_body(body))[0].title == "."


def test_all_metrics_of_a_mixed_report_are_shown() -> None:
    series = {
        **INSIGHTS_FUNNEL["series"],
        **INSIGHTS_RETENTION["series"],
        "Purchase": {"2026-11-01": 5},
    }
    tables = find_tables(json_body({"headers": ["$event"], "series": series}))
    titles = ["A and then B", "Shop", "By $event", ".headers"]
    assert [table.title for table in tables] == titles
    assert lines(tables[2]) == [["date", "Purchase"], ["2026-11-01", "5"]]


def test_shares_and_times_are_shown_in_their_unit() -> None:
    table = find_tables(json_body(FUNNEL))[0]
    assert [column.unit for column in table.columns] == [
        None,
        None,
        Unit.NUMBER,
        Unit.FRACTION,
        Unit.FRACTION,
        Unit.SECONDS,
        Unit.SECONDS,
    ]


def test_a_value_called_like_a_column_has_a_column_of_its_own() -> None:
    series = {"P": {"date": {"2026-11-01": 5}, "$overall": {"2026-11-01": 7}}}
    body = {"headers": ["$event", "x"], "series": series}
    assert lines(find_tables(json_body(body))[0]) == [
        ["date", "$overall", "date (2)"],
        ["2026-11-01", "7", "5"],
    ]


@pytest.mark.parametrize(
    ("body", "row", "path"),
    [
        (RETENTION, 0, "."),
        (RETENTION, 1, '.["2012-01-01"]'),
        (SPLIT_COHORTS, 1, '.["2026-11-01"].NL'),
        (ADDICTION, 1, '.data["2012-01-02"]'),
        (INSIGHTS_RETENTION, 0, '.series["A and then B"]["$average"]'),
        (FUNNEL, 0, ".data"),
        (FUNNEL, 3, '.data["2016-09-12"].steps[1]'),
        (FUNNEL_SPLIT, 3, '.data["2016-09-12"].Firefox[1]'),
        (INSIGHTS_FUNNEL, 0, ".series"),
        (GROUPS, 1, ".[1]"),
    ],
)
def test_a_row_has_the_path_of_its_cohort_or_step(
    body: Any, row: int, path: str
) -> None:
    table = find_tables(json_body(body))[0]
    assert table.path(row, table.columns[1]) == path
