from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document.document import read
from mixtui.document.json_layout import IndentedJson
from mixtui.document.json_path import path, value_text


def layout_of(body: bytes) -> IndentedJson:
    layout = read(body, "application/json").layout
    assert isinstance(layout, IndentedJson)
    return layout


def line_values(body: bytes) -> list[str | None]:
    layout = layout_of(body)
    texts = [value_text(layout, line) for line in range(layout.formatted_lines)]
    return [None if chunks is None else b"".join(chunks).decode() for chunks in texts]


def test_each_line_has_its_value() -> None:
    document = (
        '{\n  "a: \\"": "x\\ny,",\n  "b": [\n    1e400,\n    {}\n  ],\n  "c": null\n}'
    )
    assert line_values(document.encode()) == [
        document,
        "x\ny,",
        "[\n  1e400,\n  {}\n]",
        "1e400",
        "{}",
        "[\n  1e400,\n  {}\n]",
        "null",
        document,
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'"\\u00e9\\ud83d\\ude00"', "é😀"),
        (b'""', ""),
        (b"123456789012345678901234567890.10", "123456789012345678901234567890.10"),
        (b"true", "true"),
    ],
)
def test_a_scalar_is_its_text_and_a_string_its_characters(
    body: bytes, text: str
) -> None:
    assert line_values(body) == [text]


def test_an_incomplete_value_has_no_text() -> None:
    texts = line_values(b'{"a": [1, 2, {"b": 3}, ')
    assert texts[0] is None
    assert "1" in texts


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values)
def test_the_text_is_the_value_at_the_path(value: object) -> None:
    layout = layout_of(json.dumps(value, ensure_ascii=False).encode())
    for line in range(layout.formatted_lines):
        steps = path(layout, line)
        assert steps is not None
        expected: Any = value
        for step in steps:
            expected = expected[step]
        chunks = value_text(layout, line)
        assert chunks is not None
        text = b"".join(chunks).decode()
        assert (
            text == expected
            if isinstance(expected, str)
            else (json.loads(text) == expected)
        )
