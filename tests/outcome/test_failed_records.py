"""Positions of records in a body, before and after an edit."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.model.draft import Body, BodyType
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import REDACTED, Secret
from mixtui.outcome.failed_records import (
    FailedRecord,
    RecordPosition,
    body_record_spans,
    keep_records,
    locate_record,
    parse_failed_records,
    record_lines,
    relocate_record,
)


def test_the_reasons_of_a_server_repeat_no_secret() -> None:
    answer = b'{"failed_records": [{"index": 0, "message": "bad s3cret%2Fx", "field": "s3cret/x"}]}'
    (record,) = parse_failed_records(answer, Redactor([Secret("s3cret/x")]))
    assert record.reasons == f"{REDACTED}: bad {REDACTED}"


def body(text: str, kind: BodyType = BodyType.JSON) -> Body:
    return Body(kind, text)


@pytest.mark.parametrize(
    ("text", "kind", "index", "position"),
    [
        ('[{"a": 1},\n  {"b": 2}]', BodyType.JSON, 1, RecordPosition(2, 3)),
        ('[\n{"a": "],{"},\n{"b": 2}\n]', BodyType.JSON, 1, RecordPosition(3, 1)),
        ('[{"a": [1, 2]}, 5, "x,y", 7]', BodyType.JSON, 3, RecordPosition(1, 27)),
        ('{"event": "a"}', BodyType.JSON, 0, RecordPosition(1, 1)),
        ('  {"event": "a"}', BodyType.JSON, 0, RecordPosition(1, 3)),
        ('{"event": "a"}', BodyType.JSON, 1, None),
        (
            '[{"t": {{now}}},\n {"t": {{today-7d}}}]',
            BodyType.JSON,
            1,
            RecordPosition(2, 2),
        ),
        ("[]", BodyType.JSON, 0, None),
        ("", BodyType.JSON, 0, None),
        ('[{"a": 1}, {"b"', BodyType.JSON, 0, RecordPosition(1, 2)),
        ('{"a":1}\n\n{"a":2}\n', BodyType.NDJSON, 1, RecordPosition(3, 1)),
        ("\n\n", BodyType.NDJSON, 0, None),
        ("id,name\n1,x\n2,y\n", BodyType.CSV, 2, RecordPosition(3, 1)),
        ('id,name\n1,"x\ny"\n2,y', BodyType.CSV, 2, RecordPosition(4, 1)),
        ("id,name\n", BodyType.CSV, 1, None),
        ("data=[]", BodyType.FORM, 0, None),
    ],
)
def test_a_record_is_found_by_its_number(
    text: str, kind: BodyType, index: int, position: RecordPosition | None
) -> None:
    assert locate_record(body(text, kind), index) == position


@pytest.mark.parametrize(
    ("text", "kind", "field", "position"),
    [
        ('[{"properties": {"time": "x"}}]', BodyType.JSON, "properties.time", (1, 26)),
        ('{"a": {{now}}, "b": 1}', BodyType.NDJSON, "b", (1, 21)),
        ('{"properties": {}}', BodyType.NDJSON, "properties.time", (1, 16)),
        ('{"event": 1}', BodyType.NDJSON, "time", (1, 1)),
        ('{"time": ', BodyType.NDJSON, "time", (1, 1)),
        ("time\n", BodyType.CSV, "time", (1, 1)),
    ],
)
def test_a_rejected_field_is_found_in_its_record(
    text: str, kind: BodyType, field: str, position: tuple[int, int]
) -> None:
    found = locate_record(body(text, kind), 0, field)
    assert found == RecordPosition(*position)


TWO = '[{"n": 1, "$insert_id": "one"},\n {"n": 2, "$insert_id": "two"}]'


@pytest.mark.parametrize(
    ("edited", "index", "insert_id", "line", "note"),
    [
        pytest.param(TWO, 1, "two", 2, "", id="unchanged"),
        pytest.param("\n\n" + TWO, 1, "two", 4, "", id="moved"),
        pytest.param(
            '[{"n": 2, "$insert_id": "two"}]', 1, "", 1, "", id="another before it gone"
        ),
        pytest.param(
            '[\n{"n": 3, "$insert_id": "two"}]',
            1,
            "two",
            2,
            "changed since",
            id="edited",
        ),
        pytest.param(
            '[{"n": 1},\n{"n": 3}]',
            1,
            "two",
            2,
            "may be a different",
            id="only its number",
        ),
    ],
)
def test_a_record_is_found_again_in_a_body_that_was_edited(
    edited: str, index: int, insert_id: str, line: int, note: str
) -> None:
    record = FailedRecord(index, insert_id=insert_id)
    position = relocate_record(record, body(TWO), body(edited))
    assert position is not None
    assert position.line == line
    assert note in position.note
    assert bool(position.note) == bool(note)


def test_the_nearest_of_equal_records_is_found() -> None:
    sent = body("[1,\n1,\n1,\n1]")
    edited = body("[1,\n1,\n1,\n1,\n2]")
    position = relocate_record(FailedRecord(2), sent, edited)
    assert position is not None
    assert position.line == 3


def test_a_record_that_is_gone_is_not_found() -> None:
    record = FailedRecord(1, insert_id="two")
    assert relocate_record(record, body(TWO), body('[{"n": 1}]')) is None


VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(st.lists(VALUES), st.sampled_from([None, 2]))
def test_the_items_of_any_list_are_its_records(
    items: list[object], indent: int | None
) -> None:
    text = json.dumps(items, indent=indent)
    records = [json.loads(text[s.start : s.end]) for s in body_record_spans(body(text))]
    assert records == items


@given(st.lists(st.lists(st.text('ab,"\n x'), min_size=1, max_size=3), max_size=4))
def test_the_rows_of_any_table_are_its_records(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    text = buffer.getvalue()
    records = [
        text[s.start : s.end] for s in body_record_spans(body(text, BodyType.CSV))
    ]
    assert [next(csv.reader(io.StringIO(row)), []) for row in records] == rows


@given(st.text(), st.sampled_from(list(BodyType)))
def test_any_text_can_be_searched_for_records(text: str, kind: BodyType) -> None:
    for span in body_record_spans(body(text, kind)):
        assert 0 <= span.start <= span.end <= len(text)


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (
            b'{"failed_records":[{"index":3,"$insert_id":"x","field":"f","message":"m"}]}',
            (FailedRecord(3, "m", "f", "x"),),
        ),
        (
            b'{"failed_records":[{"index":2.0,"insert_id":"y"}]}',
            (FailedRecord(2, insert_id="y"),),
        ),
        (
            b'{"failed_records":[{"index":2,"message":"blank"}, 7, {"index":"a"}]}',
            (FailedRecord(2, "blank"),),
        ),
        (b'{"failed_records":null}', ()),
        (b'{"failed_records":7}', ()),
        (b'"failed_records"', ()),
        (b"1", ()),
        (b"", ()),
    ],
)
def test_the_rejected_records_of_a_response_are_read(
    content: bytes, records: tuple[FailedRecord, ...]
) -> None:
    assert parse_failed_records(content) == records


@given(st.binary() | VALUES.map(lambda v: json.dumps({"failed_records": v}).encode()))
def test_any_response_can_be_read_for_rejected_records(content: bytes) -> None:
    for record in parse_failed_records(content):
        assert record.reasons


@given(st.text(alphabet='[]{},":\n a1'), st.sampled_from(list(BodyType)))
def test_the_lines_of_many_records_are_those_of_each(text: str, kind: BodyType) -> None:
    lines = record_lines(body(text, kind), {0, 1, 2, 5})
    positions = {
        index: locate_record(body(text, kind), index) for index in (0, 1, 2, 5)
    }
    assert lines == {
        i: position.line for i, position in positions.items() if position is not None
    }


@pytest.mark.parametrize(
    ("kind", "text", "indexes", "left"),
    [
        (BodyType.JSON, "[\n  1,\n  2,\n  3\n]\n", {0, 2}, "[\n  1,\n  3\n]\n"),
        (BodyType.JSON, '[{"a": "{{x}}"}, {}]', {0}, '[{"a": "{{x}}"}]'),
        (BodyType.JSON, '{"a": 1}', {0}, '{"a": 1}'),
        (BodyType.NDJSON, "1\n\n2\n3\n", {1, 2}, "2\n\n3\n"),
        (BodyType.NDJSON, "1\n2", {5}, None),
        (BodyType.CSV, "a,b\n1,2\n", {1}, None),
        (BodyType.TEXT, "[1, 2]", {0}, None),
    ],
)
def test_some_records_are_kept_as_they_are_written(
    kind: BodyType, text: str, indexes: set[int], left: str | None
) -> None:
    body = None if left is None else Body(kind, left)
    assert keep_records(Body(kind, text), indexes) == body
