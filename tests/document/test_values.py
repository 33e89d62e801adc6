"""The value on a line is the value at its path."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document import json_layout
from mixtui.document import json_path as values
from mixtui.document.document import read
from mixtui.document.json_layout import IndentedJson
from mixtui.document.json_path import (
    Value,
    jq_path,
    no_value_reason,
    path,
    record_at,
    value_at,
)
from tests.document.growing import GrowingBody

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(-9, 9)
)
BODIES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(BODIES, st.sampled_from([3, 16, 1 << 17]), st.booleans())
def test_a_value_is_the_one_at_its_path(body: Any, piece: int, as_ascii: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_layout, "PIECE", piece)
        patch.setattr(json_layout, "FIRST_PIECE", piece)
        document = read(json.dumps(body, ensure_ascii=as_ascii).encode())
    layout = document.layout
    if not isinstance(layout, IndentedJson):
        return  # A bare string or number is not a document.
    for line in range(document.line_count):
        value, steps = value_at(document, line), path(layout, line)
        assert value is not None
        assert steps is not None
        expected = reduce(lambda inner, step: inner[step], steps, body)
        assert json.loads(value.data) == expected
        assert value.name == jq_path(steps)
        if isinstance(expected, str):
            assert value.text == expected
        elif not isinstance(expected, dict | list) or not expected:
            assert json.loads(value.text) == expected
        record = record_at(document, line)
        assert record is not None
        if isinstance(expected, dict | list) and value.data[:1] in b"[{":
            assert record == value
        elif len(value.data) <= values.SHORT and steps:
            parent = reduce(lambda inner, step: inner[step], steps[:-1], body)
            assert json.loads(record.data) == parent


@pytest.mark.parametrize(
    ("data", "is_json", "text"),
    [
        (rb'"a\n\"b\""', True, 'a\n"b"'),
        (rb'"\ud83d\ude42 \u00e9"', True, "🙂 é"),
        (rb'"half: \ud83d"', True, "half: \ufffd"),
        (b'"broken', True, '"broken'),
        (b"1.50", True, "1.50"),
        (b'{"a": 1}', True, '{"a": 1}'),
        (b'"a,b",1', False, '"a,b",1'),
        (b"\xff", False, "\ufffd"),
    ],
)
def test_a_string_is_copied_without_its_quotation_marks(
    data: bytes, is_json: bool, text: str
) -> None:
    assert Value("", data, is_json).text == text


def test_numbers_and_keys_stay_unchanged() -> None:
    document = read(b'{"a": {"n": 1.50, "n": 1E5, "k": [10000000000000000000001]}}')
    value = value_at(document, 1)
    assert value is not None
    assert value.name == ".a"
    assert b'"n": 1.50,\n  "n": 1E5,' in value.data
    assert b"\n    10000000000000000000001\n" in value.data


@pytest.mark.parametrize(
    ("body", "media_type", "line", "expected"),
    [
        (b"a,b\n1,2\n", "text/csv", 1, Value("line 2", b"1,2", False)),
        (
            b'{"a": 1}\n{"a": 2}\n',
            "application/x-ndjson",
            1,
            Value("record 2", b'{"a": 2}', True),
        ),
        (b"one\r\n", "text/plain", 0, Value("line 1", b"one", False)),
    ],
)
def test_the_value_in_other_bodies_is_the_line(
    body: bytes, media_type: str, line: int, expected: Value
) -> None:
    document = read(body, media_type)
    assert value_at(document, line) == expected
    assert record_at(document, line) == expected


@pytest.mark.parametrize("line", [-1, 3, 99])
def test_a_missing_line_has_no_value(line: int) -> None:
    document = read(b"[1]")
    assert value_at(document, line) is None
    assert no_value_reason(document, line) == "Nothing to copy here."


def test_a_value_that_is_too_large_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(values, "MOST_LINES", 2)
    document = read(b'{"a": [1, 2, 3], "b": [1]}')
    assert value_at(document, 1) is None
    assert no_value_reason(document, 1).startswith(
        "The value has 5 lines: save the body"
    )
    assert value_at(document, 6) is not None


def test_an_incomplete_value_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_layout, "FIRST_PIECE", 16)
    document = GrowingBody(b'{"results":\n[{"a": 1}, {"b": 22222222222').document
    assert document.line(1) == '  "results": ['
    assert value_at(document, 1) is None
    assert record_at(document, 1) is None
    assert (
        no_value_reason(document, 1)
        == "The end of this value has not been received yet."
    )
