"""A table of events has every property of every event, as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtui.jobs.model import JobError
from mixtui.jobs.property_types import EVENTS, ColumnType, PropertyTypes
from mixtui.jobs.record_table import MAX_COLUMNS, name_columns, read_record_files
from mixtui.jobs.record_table import select_records as select
from mixtui.system import CancelToken

duckdb = pytest.importorskip("duckdb")

INTEGER, NUMBER = ColumnType.INTEGER, ColumnType.NUMBER
TEXT, BOOLEAN = ColumnType.TEXT, ColumnType.BOOLEAN


def write(folder: Path, *properties: dict[str, Any]) -> Path:
    path = folder / "events.ndjson"
    events = ({"event": "A", "properties": each} for each in properties)
    lines = (json.dumps(each, ensure_ascii=False) for each in events)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def read_table(path: Path, *, as_columns: bool = True) -> list[dict[str, Any]]:
    files = read_record_files([path], CancelToken(), as_columns=as_columns)
    result = duckdb.execute(select(files))
    names = [each[0] for each in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, -1], INTEGER, [1, -1]),
        ([1, 1.5], NUMBER, [1.0, 1.5]),
        ([1.5, 1], NUMBER, [1.5, 1.0]),
        ([True, False], BOOLEAN, [True, False]),
        ([True, 1], TEXT, ["true", "1"]),
        (["x", 1], TEXT, ["x", "1"]),
        ([1, "x"], TEXT, ["1", "x"]),
        (["2026-01-01", "null"], TEXT, ["2026-01-01", "null"]),
        ([[1, "a"], {"b": "ä"}], TEXT, ['[1,"a"]', '{"b":"ä"}']),
        ([None, 1], INTEGER, [None, 1]),
        ([None, None], TEXT, [None, None]),
        ([2**63 - 1, -(2**63)], INTEGER, [2**63 - 1, -(2**63)]),
        ([2**63, 1], TEXT, [str(2**63), "1"]),
        ([1, 10**30], TEXT, ["1", str(10**30)]),
        (["", "a\nb"], TEXT, ["", "a\nb"]),
    ],
)
def test_a_type_fits_every_value(
    tmp_path: Path, values: list[Any], kind: ColumnType, expected: list[Any]
) -> None:
    path = write(tmp_path, *({"p": value} for value in values))
    found = PropertyTypes()
    found.read([path], CancelToken())
    assert found.types == {"p": kind}
    assert [row["p"] for row in read_table(path)] == expected


def test_names_that_sql_takes_for_one_are_told_apart(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"plan": 1, "Plan": "a", "event": "b", "q\"'~/": 2, "": 3, "TIME": 4},
        {"PLAN": 5, "plan_2": 6},
    )
    first, second = read_table(path)
    assert first == {
        "event": "A",
        "time": None,
        "distinct_id": None,
        "$insert_id": None,
        "property": 3,
        "PLAN": None,
        "Plan_2": "a",
        "TIME_2": 4,
        "event_2": "b",
        "plan_3": 1,
        "plan_2_2": None,
        "q\"'~/": 2,
    }
    assert (second["PLAN"], second["plan_2_2"]) == (5, 6)


def test_the_first_columns_are_always_there_and_ids_are_text(tmp_path: Path) -> None:
    path = write(tmp_path, {"distinct_id": 7, "$insert_id": 8, "a": 1})
    (row,) = read_table(path)
    assert list(row) == ["event", "time", "distinct_id", "$insert_id", "a"]
    assert (row["distinct_id"], row["$insert_id"]) == ("7", "8")


def test_all_properties_can_be_one_column(tmp_path: Path) -> None:
    properties = {"time": 5, "distinct_id": "x", "plan": 1, "Plan": [2]}
    (row,) = read_table(write(tmp_path, properties), as_columns=False)
    assert json.loads(row.pop("properties")) == properties
    assert row == {"event": "A", "time": 5, "distinct_id": "x", "$insert_id": None}


def test_too_many_properties_are_a_sentence() -> None:
    types = {f"p{n}": TEXT for n in range(MAX_COLUMNS + 1)}
    with pytest.raises(JobError, match="use --properties json"):
        name_columns(types, EVENTS)


def test_what_is_not_an_event_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": 1})
    path.write_bytes(path.read_bytes() + b'\n{"event": "x"}\n')
    with pytest.raises(JobError, match=r"events\.ndjson, line 3: not an event"):
        read_record_files([path], CancelToken())


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.lists(st.integers(0, 9)),
)
names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4
)


@settings(max_examples=60)
@given(st.lists(st.dictionaries(names, values, max_size=4), min_size=1, max_size=5))
def test_every_value_is_in_the_table(
    tmp_path_factory: pytest.TempPathFactory, events: list[dict[str, Any]]
) -> None:
    path = write(tmp_path_factory.mktemp("table"), *events)
    files = read_record_files([path], CancelToken())
    assert files.columns is not None
    rows = read_table(path)
    assert len(rows) == len(events)
    for properties, row in zip(events, rows, strict=True):
        for column in files.columns:
            value, cell = properties.get(column.property), row[column.name]
            if (
                value is None
                or isinstance(cell, (bool, int, float))
                or isinstance(value, str)
            ):
                assert cell == value
            else:
                assert json.loads(cell) == value
