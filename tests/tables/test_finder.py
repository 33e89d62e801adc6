from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.charts.model import Unit
from mixtui.document.document import Language
from mixtui.document.source import BytesSource
from mixtui.system import Cancelled, CancelToken
from mixtui.tables.cells import json_cell
from mixtui.tables.columns import ColumnKind
from mixtui.tables.finder import MAX_TABLES, TableFinder
from mixtui.tables.table import Table
from tests.tables.bodies import FakeBody, FakeLayout, find_tables, json_body, text_body

SIZES = [24, 100, 1 << 16]


def texts(table: Table) -> list[list[str | None]]:
    """Return the texts of all cells; None is a missing cell."""
    return [
        [cell.text if (cell := row.cell(c)) else None for c in table.columns]
        for row in table.rows(range(table.row_count))
    ]


def labels(table: Table) -> list[str]:
    return [column.label for column in table.columns]


DAYS = {"2026-11-02": 1, "2026-11-01": 2}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("body", "titles"),
    [
        ([{"a": 1}, {"a": 2}], ["."]),
        ({"status": "ok", "results": [{"a": 1}]}, [".results"]),
        ({"code": 400, "failed_records": [{"index": 0}]}, [".failed_records"]),
        ({"results": {"events": [{"event": "A"}]}}, [".results.events"]),
        ({"short": [{"a": 1}], "long": [{"a": 1}] * 2}, [".long", ".short", "."]),
        ({"12": [{"name": "x"}]}, ['.["12"]']),
        ({"data": {"series": [*DAYS], "values": {"A": DAYS}}, "legend_size": 1},
         [".data.values", ".data.series"]),
        ({"status": "ok", "results": DAYS}, [".results"]),
        ({"cat": {"count": 1}, "dog": {"count": 2}}, ["."]),
        ({"2026-11-01": {"first": 3, "counts": [2, 1]}}, ["Retention"]),
        ({"data": {"2026-11-01": [3, 2], "2026-11-02": [4]}},
         ["Frequency"]),
        ({"series": {"M": {"all": 3}}, "headers": ["$event"]}, [".series", ".headers"]),
        (["a", "b"], ["."]),
        ({"status": "ok", "error": None}, []),
        ({"results": []}, []),
        (1, []),
        ({}, []),
        ([], []),
    ],
)  # fmt: skip
def test_lists_of_records_are_ordered_by_usefulness(
    body: object, titles: list[str], size: int
) -> None:
    assert [table.title for table in find_tables(json_body(body, size))] == titles


def test_a_series_has_a_row_per_date_and_zero_for_a_missing_number() -> None:
    values = {"Sign up": DAYS, "A.b": {"2026-11-01": 7}}
    body = json_body({"data": {"series": ["2026-11-02"], "values": values}})
    table = find_tables(body)[0]
    assert labels(table) == ["date", "Sign up", "A.b"]
    assert texts(table) == [["2026-11-01", "2", "7"], ["2026-11-02", "1", "0"]]
    assert table.path(1, table.columns[1]) == '.data.values["Sign up"]["2026-11-02"]'
    assert table.path(1, table.columns[0]) == ".data.values"


def test_numbers_by_date_are_figures_and_others_may_be_ids() -> None:
    figures = find_tables(json_body({"status": "ok", "results": DAYS}))[0]
    ids = find_tables(json_body({"project_id": 3000001, "workspace_id": 4}))[0]
    assert [table.columns[1].unit for table in (figures, ids)] == [Unit.NUMBER, None]


def test_objects_by_name_are_rows_with_their_name_first() -> None:
    table = find_tables(json_body({"a b": {"count": 1}, "dog": {}}))[0]
    assert labels(table) == ["key", "count"]
    assert texts(table) == [["a b", "1"], ["dog", None]]
    assert table.path(0, table.columns[1]) == '.["a b"].count'
    assert table.path(0, table.columns[0]) == '.["a b"]'
    assert table.row(0).raw == b'{\n    "count": 1\n  }'


def test_a_list_of_lists_has_a_column_per_item() -> None:
    table = find_tables(json_body([[1, 2], [3]]))[0]
    assert labels(table) == ["[0]", "[1]"]
    assert texts(table) == [["1", "2"], ["3", None]]


def test_the_columns_of_flat_records_are_in_their_order() -> None:
    rows = b'{"day": "2026-01-31", "event": "A", "n": 1}\n'
    assert labels(find_tables(text_body(rows))[0]) == ["day", "event", "n"]


def test_events_and_profiles_show_what_matters_first_and_flatten_properties() -> None:
    event = {
        "event": "A",
        "properties": {"x": {"y": 1}, "distinct_id": "u", "time": 5, "l": [1, 2]},
    }
    table = find_tables(text_body(json.dumps(event).encode()))[0]
    assert labels(table) == ["event", "time", "distinct_id", "x", "l"]
    assert [c.title for c in table.columns][:2] == ["event", "properties.time"]
    assert texts(table) == [["A", "5", "u", '{"y":1}', "[1,2]"]]
    profile = {"$properties": {"$city": "B"}, "$distinct_id": 1, "$city": "C"}
    table = find_tables(json_body({"results": [profile]}))[0]
    assert labels(table) == ["$distinct_id", "$properties.$city", "$city"]


def test_a_large_nested_value_is_shown_by_its_start() -> None:
    raw = json.dumps([{"name": "x y", "n": [1, 2]}] * 100_000, indent=2).encode()
    text = json_cell(raw).text
    assert text.startswith('[{"name": "x y","n": [1,2]},{"name": "x y"')
    assert text.endswith("…")
    assert len(text) < 500


def test_numbers_and_texts_stay_as_the_server_sent_them() -> None:
    body = b'{"n":1e400,"m":1.00,"b":123456789012345678901234567890,"s":"\\ud800\\n"}'
    assert texts(find_tables(text_body(body))[0]) == [
        ["1e400", "1.00", "123456789012345678901234567890", "\ud800\n"]
    ]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], ColumnKind.NUMBER),
        (["2026-11-01", "2026-11-02T10:00:00"], ColumnKind.DATE),
        (["a", "2026-11-01", True], ColumnKind.TEXT),
        ([{"a": 1}, [1]], ColumnKind.NESTED),
        ([1, "a"], ColumnKind.MIXED),
        ([None], ColumnKind.TEXT),
    ],
)
def test_a_column_has_a_kind(values: list[object], kind: ColumnKind) -> None:
    table = find_tables(json_body([{"v": value} for value in values]))[0]
    assert table.columns[0].kind is kind


def test_later_rows_append_columns() -> None:
    rows = [{"a": 1}] * 1500 + [{"event": "x"}]
    table = find_tables(json_body(rows))[0]
    assert labels(table) == ["a"]
    assert not table.find_columns(CancelToken())
    assert labels(table) == ["a", "event"]


def test_lines_that_are_not_objects_are_shown_in_full() -> None:
    table = find_tables(text_body(b'{"a":1}\r\n\n3\n[1]\nterminated early'))[0]
    assert labels(table) == ["a", "value", "[0]"]
    assert texts(table) == [
        ["1", None, None],
        [None, "3", None],
        [None, None, "1"],
        [None, "terminated early", None],
    ]


def test_the_first_line_of_csv_is_the_header_whatever_its_names() -> None:
    data = b'\xef\xbb\xbfa,"b ""q""",,a\r\n1,"x\ny",,4\r\n\r\n2,3,,,more'
    table = find_tables(text_body(data, Language.CSV))[0]
    assert labels(table) == ["a", 'b "q"', "column 3", "a (2)", "[4]"]
    assert texts(table) == [
        ["1", "x\ny", None, "4", None],
        ["2", "3", None, None, "more"],
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_csv_may_have_another_delimiter(delimiter: str) -> None:
    data = f'a{delimiter}b\n"1,{delimiter}"{delimiter}2\n'.encode()
    table = find_tables(text_body(data, Language.CSV))[0]
    assert texts(table) == [[f"1,{delimiter}", "2"]]


def test_other_bodies_hold_no_table() -> None:
    assert find_tables(text_body(b"a,b\n1,2", Language.TEXT)) == ()


def test_only_the_most_useful_of_many_tables_are_kept() -> None:
    body = {f"l{n}": [{"a": 1}] * (n + 1) for n in range(MAX_TABLES + 20)}
    tables = find_tables(json_body(body))
    assert len(tables) == MAX_TABLES
    assert tables[0].row_count == MAX_TABLES + 20


def test_a_record_too_long_for_a_part_is_read_completely() -> None:
    table = find_tables(json_body([{"a": "x" * 300, "b": 1}, {"a": "y"}], 50))[0]
    assert texts(table) == [["x" * 300, "1"], ["y", None]]


class GrowingSource:
    """A source whose bytes arrive in pieces."""

    def __init__(self) -> None:
        self.data = b""

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, start: int, end: int) -> bytes:
        return self.data[start:end]


def finders_while_growing(
    data: bytes, language: Language, pieces: int
) -> Iterator[TableFinder]:
    """Yield the finder after each piece of a body, the complete body last."""
    source, layout = GrowingSource(), FakeLayout(b"", 40)
    body = FakeBody(source, language, layout, complete=False)
    finder = TableFinder(body)
    step = max(1, len(data) // pieces)
    for end in [*range(step, len(data), step), len(data)]:
        source.data = layout.text = data[:end]
        body.complete = end == len(data)
        finder.advance(CancelToken())
        yield finder


@pytest.mark.parametrize("pieces", [1, 3, 7, 50])
def test_only_complete_rows_appear_while_the_body_arrives(pieces: int) -> None:
    rows = [{"n": n, "in": {"x": [n]}} for n in range(20)]
    lines = "\n".join(map(json.dumps, rows)).encode()
    formatted = json_body({"ok": 1, "results": rows}).layout.text
    table_text = "n,in\n" + "\n".join(f'{n},"{n}\n"' for n in range(20))
    for data, language in (
        (lines, Language.JSON_LINES),
        (formatted, Language.JSON),
        (table_text.encode(), Language.CSV),
    ):
        counts = []
        for finder in finders_while_growing(data, language, pieces):
            for table in finder.tables[:1]:
                counts.append(table.row_count)
                cells = [row[0] for row in texts(table)]
                assert cells == [str(n) for n in range(table.row_count)]
        assert counts == sorted(counts)
        assert counts[-1] == 20


def test_a_cancelled_search_resumes_where_it_was() -> None:
    finder = TableFinder(json_body([{"a": n} for n in range(50)], 60))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        finder.advance(token)
    assert finder.advance(CancelToken())[0].row_count == 50


def test_a_row_beyond_the_end_is_an_index_error() -> None:
    for body in (json_body([{"a": 1}]), text_body(b'{"a":1}')):
        with pytest.raises(IndexError):
            find_tables(body)[0].row(1)


def test_any_record_of_a_large_body_can_be_read() -> None:
    data = b'{"a":1}\n' * 100_000
    records = find_tables(text_body(data))[0].records
    assert records.count == 100_000
    assert records.text(99_999) == b'{"a":1}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
json_records = st.dictionaries(st.text(max_size=3), json_values, max_size=4)


@given(st.lists(json_records, min_size=1, max_size=5), st.integers(10, 200))
def test_cells_agree_with_json_wherever_parts_end(
    rows: list[dict[str, object]], size: int
) -> None:
    lines = b"\n".join(json.dumps(row).encode() for row in rows)
    for body in (json_body({"r": rows}, size), text_body(lines)):
        table = next(t for t in find_tables(body) if t.title in (".r", "."))
        assert table.row_count == len(rows)
        for row, expected in zip(table.rows(range(len(rows))), rows, strict=True):
            assert json.loads(row.raw) == expected
            assert table.row(row.number).raw == row.raw
            cells = {c.path: row.cell(c) for c in table.columns}
            present = {path: cell for path, cell in cells.items() if cell is not None}
            assert {p: json.loads(c.raw) for p, c in present.items()} == {
                (key,): value for key, value in expected.items()
            }


csv_fields = st.text(st.sampled_from('ab ,"\n\r;é') | st.characters(codec="utf-8"), max_size=5)  # fmt: skip


@given(
    st.integers(2, 4).flatmap(
        lambda n: st.lists(st.lists(csv_fields, min_size=n, max_size=n), max_size=6)
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_cells_agree_with_csv(rows: list[list[str]], end: str) -> None:
    header = ["a", "b", "c", "d"]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=end).writerows([header, *rows])
    table = find_tables(text_body(buffer.getvalue().encode(), Language.CSV))[0]
    text = io.StringIO(buffer.getvalue(), newline="")
    read = [row for row in list(csv.reader(text))[1:] if row]
    expected = [[field or None for field in (row + [""] * 4)[:4]] for row in read]
    assert texts(table) == expected


@given(st.binary(max_size=60), st.sampled_from(list(Language)))
def test_any_bytes_can_be_read_as_tables(data: bytes, language: Language) -> None:
    if language is Language.JSON:
        return
    for table in find_tables(FakeBody(BytesSource(data), language, FakeLayout(data))):
        assert len(texts(table)) == table.row_count
