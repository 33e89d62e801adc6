from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document.json_layout import IndentedJson
from mixtui.document.json_path import (
    OutlineStep,
    ValueSpan,
    enclosing_span,
    path,
    span_of,
)
from mixtui.document.source import BytesSource
from tests.document.bodies_to_show import DOCUMENTS, encode, grow_until, piece_size

SIZES = st.integers(1, 100)


@dataclass
class ExpectedLine:
    """The expected path and spans of a line."""

    path: tuple[OutlineStep, ...]
    span: ValueSpan | None
    """The value that starts or ends on the line."""
    parent: ValueSpan | None
    """The value around the line."""


class Pairs(list[tuple[str, object]]):
    """The members of an object, with duplicates."""


def expected_lines(
    value: object, path: tuple[OutlineStep, ...], parent: ValueSpan | None, line: int
) -> Iterator[ExpectedLine]:
    """Yield the lines of a value that starts on a line."""
    if not isinstance(value, list) or not value:
        yield ExpectedLine(path, None, parent)
        return
    is_object = isinstance(value, Pairs)
    span = ValueSpan(line, line + line_count_of(value) - 1, len(value), is_object)
    yield ExpectedLine(path, span, parent)
    line += 1
    for index, item in enumerate(value):
        key, item_value = item if isinstance(value, Pairs) else (index, item)
        yield from expected_lines(item_value, (*path, key), span, line)
        line += line_count_of(item_value)
    yield ExpectedLine(path, span, parent)


def line_count_of(value: object) -> int:
    """Count the lines of a formatted value."""
    if not isinstance(value, list) or not value:
        return 1
    values = [item[1] for item in value] if isinstance(value, Pairs) else value
    return 2 + sum(map(line_count_of, values))


def layout_of(data: bytes) -> IndentedJson:
    return grow_until(IndentedJson(BytesSource(data)), len(data))


@given(st.lists(DOCUMENTS, min_size=1, max_size=3), SIZES)
def test_the_outline_agrees_with_the_parsed_json(texts: list[str], size: int) -> None:
    expected: list[ExpectedLine] = []
    for text in texts:
        value = json.loads(text, object_pairs_hook=Pairs)
        expected += expected_lines(value, (), None, len(expected))
    with piece_size(size):
        layout = layout_of(encode("".join(texts)))
        assert layout.line_count == len(expected)
        for line, line_expected in enumerate(expected):
            assert path(layout, line) == line_expected.path
            assert span_of(layout, line) == line_expected.span
            assert enclosing_span(layout, line) == (
                line_expected.span or line_expected.parent
            )


@given(DOCUMENTS, SIZES, st.integers(0, 1000))
def test_the_outline_of_a_truncated_body_agrees_as_far_as_it_goes(
    text: str, size: int, offset: int
) -> None:
    data = encode(text)
    complete = layout_of(data)
    expected = [path(complete, line) for line in range(complete.line_count)]
    spans = [span_of(complete, line) for line in range(complete.line_count)]
    with piece_size(size):
        layout = layout_of(data[: offset % (len(data) + 1)])
        for line in range(layout.formatted_lines):
            assert path(layout, line) == expected[line]
            span, complete_span = span_of(layout, line), spans[line]
            is_complete = (
                complete_span is not None and complete_span.end < layout.formatted_lines
            )
            assert span == (complete_span if is_complete else None)
            enclosing_span(layout, line)
        for line in range(layout.formatted_lines, layout.line_count):
            assert path(layout, line) is span_of(layout, line) is None


@pytest.mark.parametrize("line", [-1, 3])
def test_a_missing_line_has_no_path_and_no_span(line: int) -> None:
    layout = layout_of(b"[1]")
    assert (
        path(layout, line)
        is span_of(layout, line)
        is enclosing_span(layout, line)
        is None
    )


def test_a_name_that_is_not_utf_8_is_shown_with_marks() -> None:
    layout = layout_of(b'{"caf\xe9":[1],"\\ud83d":2}')
    assert path(layout, 2) == ("caf\ufffd", 0)
    assert path(layout, 4) == ("\ud83d",)
