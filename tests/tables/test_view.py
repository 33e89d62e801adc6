from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.system import Cancelled, CancelToken
from mixtui.tables import view as sorting
from mixtui.tables.cells import json_cell, time_text
from mixtui.tables.export import export_csv, export_tsv
from mixtui.tables.table import Table
from mixtui.tables.view import Sort, View, next_sort, parse_filter, parse_number
from tests.tables.bodies import find_tables, json_body, text_body


def make_table(*rows: object) -> Table:
    table = find_tables(json_body(list(rows), 60))[0]
    table.find_columns(CancelToken())
    return table


def sorted_rows(table: Table, path: str, *, descending: bool = False) -> list[int]:
    sort = Sort((path,), descending)
    return list(View(table).arrange(sort, "", CancelToken()).numbers)


def matching_row_numbers(table: Table, text: str) -> list[int]:
    return list(View(table).arrange(None, text, CancelToken()).numbers)


MIXED = [{"v": v} for v in (None, "b", 10, {"x": 1}, True, 9.5, "a", [])] + [{"w": 1}]


def test_values_sort_by_type_and_missing_values_come_last() -> None:
    table = make_table(*MIXED)
    assert sorted_rows(table, "v") == [5, 2, 6, 1, 4, 7, 3, 0, 8]
    assert sorted_rows(table, "v", descending=True) == [3, 7, 4, 1, 6, 2, 5, 0, 8]


def test_big_numbers_are_compared_by_all_their_digits() -> None:
    texts = ["1e400", "123456789012345678901", "123456789012345678900", "-1e999", "0.5"]
    lines = "\n".join(f'{{"n":{text}}}' for text in texts).encode()
    table = find_tables(text_body(lines))[0]
    assert sorted_rows(table, "n") == [3, 4, 2, 1, 0]


@pytest.mark.parametrize("text", ["1e99999999999999999999", "9" * 5000, "-0", "0.10"])
def test_every_number_can_be_compared(text: str) -> None:
    assert parse_number(text) >= parse_number("-1")


sort_values = (
    st.none() | st.integers() | st.floats(-1e9, 1e9) | st.sampled_from(["a", "B"])
)


@given(st.lists(sort_values, min_size=1), st.booleans())
def test_a_sort_agrees_with_sorted(values: list[object], descending: bool) -> None:
    bucket, sorting._BUCKET_ROWS = sorting._BUCKET_ROWS, 4
    try:
        table = make_table(*({"v": value} for value in values))
        actual = sorted_rows(table, "v", descending=descending)
    finally:
        sorting._BUCKET_ROWS = bucket

    def key(row: int) -> tuple[bool, object]:
        value = values[row]
        if isinstance(value, str):
            return True, value
        return False, Decimal(json.dumps(value))

    rows = [row for row in range(len(values)) if values[row] is not None]
    missing = [row for row in range(len(values)) if values[row] is None]
    expected = sorted(rows, key=key, reverse=descending)
    assert actual == expected + missing


def test_a_series_is_sorted_by_its_names() -> None:
    days = {"2026-11-02": 1, "2026-11-01": 2}
    series = find_tables(json_body({"a": days, "b": days}))[0]
    assert list(View(series).arrange(Sort((-1,), True), "", CancelToken()).numbers) == [
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("berlin", [0, 2]),
        ("BERLIN pro", [0]),
        ("plan:pro", [0, 1]),
        ("Properties.Plan:pro", [0, 1]),
        ("plan:pro city:paris", [1]),
        ('"são paulo"', [3]),
        ("straße", [4]),
        ("plan", []),
        ("deep", [2]),
        ('"k":1', []),
        ("k:1", []),
        ("nosuch:pro", []),
        ("a:b", [4]),
        ('"quo', [4]),
        ("quo\u201c", []),
        ("", [0, 1, 2, 3, 4]),
        ("7", [3]),
    ],
)
def test_a_filter_keeps_rows_that_contain_every_term(
    text: str, rows: list[int]
) -> None:
    cities = ["Berlin", "Paris", "Berlin", "São Paulo", 'STRASSE straße a:b "quo']
    plans: list[object] = ["pro", "pro", {"deep": [1]}, 7, None]
    table = make_table(
        *(
            {"properties": {"city": c, "plan": p}}
            for c, p in zip(cities, plans, strict=True)
        )
    )
    assert matching_row_numbers(table, text) == rows


filter_terms = st.text(st.sampled_from('abAB \\é"İΣς{1'), max_size=4)


@given(st.lists(filter_terms, min_size=1, max_size=6), filter_terms)
def test_a_filter_agrees_with_the_in_operator(
    texts: list[str], text_to_find: str
) -> None:
    term = text_to_find.replace('"', "").strip()
    if not term or " " in term:
        return
    table = make_table(*({"v": text} for text in texts))
    expected = [n for n, text in enumerate(texts) if term.lower() in text.lower()]
    assert matching_row_numbers(table, f'"{term}"') == expected


def test_text_before_a_colon_is_a_column_only_if_the_table_has_it() -> None:
    table = make_table({"plan": 1, "two words": 2})
    assert [
        (term.text, term.column) for term in parse_filter("http://x 12:30", table)
    ] == [
        ("http://x", None),
        ("12:30", None),
    ]
    (quoted,) = parse_filter('"two words":A', table)
    assert (quoted.text, quoted.column) == ("a", table.columns[1])


def test_a_view_summarises_its_sort_filter_and_hidden_columns() -> None:
    table = make_table(*({"n": n % 3, "t": f"x{n}"} for n in range(9)))
    view = View(table).arrange(Sort(("n",), True), "n:2", CancelToken())
    assert list(view.numbers) == [2, 5, 8]
    view = view.with_hidden(("t",))
    assert view.summary == "3 of 9 rows match n:2 · sorted by n ↓ · 1 column hidden · ."
    assert [c.label for c in view.columns] == ["n"]
    view = view.with_all_columns().arrange(None, "", CancelToken())
    assert view.summary == "9 rows · ."
    assert list(view.numbers) == list(range(9))


def test_rows_that_arrive_after_a_sort_are_included_later() -> None:
    table = make_table({"n": 2}, {"n": 1})
    view = View(table).arrange(Sort(("n",)), "n:1", CancelToken())
    assert not view.is_behind
    longer = make_table({"n": 2}, {"n": 1}, {"n": 11}, {"n": 0})
    table.records = longer.records
    assert view.is_behind
    assert list(view.arrange(view.sort, view.text, CancelToken()).numbers) == [1, 2]


def test_a_column_is_sorted_ascending_then_descending_then_not() -> None:
    ascending = next_sort(None, ("a",))
    descending = next_sort(ascending, ("a",))
    assert (ascending, descending) == (Sort(("a",)), Sort(("a",), True))
    assert next_sort(descending, ("a",)) is None
    assert next_sort(descending, ("b",)) == Sort(("b",))


@pytest.mark.parametrize(("sort", "text"), [(Sort(("a",)), ""), (None, "x")])
def test_sorting_and_filtering_can_be_cancelled(sort: Sort | None, text: str) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        View(make_table({"a": "x"})).arrange(sort, text, token)


ROWS = [
    {"a": "x\ty\r\nz", "properties": {"n": 1.0, "in": {"k": [1, 2]}}},
    {"a": None, "properties": {"n": 'say "hi", ok'}},
]


def test_a_tsv_export_has_one_line_per_row() -> None:
    table = make_table(*ROWS)
    assert "".join(export_tsv(table, table.columns, range(2))) == (
        'a\tproperties.n\tproperties.in\nx y z\t1.0\t{"k":[1,2]}\n\tsay "hi", ok\t\n'
    )


def test_a_csv_export_has_the_rows_in_the_order_shown() -> None:
    table = make_table(*ROWS)
    text = "".join(export_csv(table, table.columns[:2], [1, 0]))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["a", "properties.n"],
        ["", 'say "hi", ok'],
        ["x\ty\r\nz", "1.0"],
    ]


def test_an_export_is_made_in_pieces() -> None:
    table = find_tables(text_body(b'{"a":1}\n' * 12_000))[0]
    pieces = list(export_tsv(table, table.columns, range(12_000)))
    assert len(pieces) == 3
    assert "".join(pieces) == "a\n" + "1\n" * 12_000


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("time", b"1795392000", "2026-11-23 00:00:00 UTC"),
        ("mp_processing_time_ms", b"1795392000123", "2026-11-23 00:00:00 UTC"),
        ("price", b"1795392000", ""),
        ("time", b"12", ""),
        ("time", b'"1795392000"', ""),
        ("time", b"1e400", ""),
    ],
)
def test_a_unix_time_is_formatted_as_a_date(
    name: str, raw: bytes, expected: str
) -> None:
    assert time_text((name,), json_cell(raw)) == expected
