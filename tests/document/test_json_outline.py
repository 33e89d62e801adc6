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
from tests.document.bodies_to_show import DOCUMENTS, encoded, grow_until, pieces

SIZES = st.integers(1, 100)


@dataclass
class Walked:
    """What a plain reading says of a line."""

    path: tuple[OutlineStep, ...]
    own: ValueSpan | None
    """What starts or ends on it."""
    outer: ValueSpan | None
    """What it is in."""


class Pairs(list[tuple[str, object]]):
    """An object with all of its members."""


def walk(
    value: object, steps: tuple[OutlineStep, ...], outer: ValueSpan | None, line: int
) -> Iterator[Walked]:
    """The lines of a value from a line on."""
    if not isinstance(value, list) or not value:
        yield Walked(steps, None, outer)
        return
    is_object = isinstance(value, Pairs)
    own = ValueSpan(line, line + height(value) - 1, len(value), is_object)
    yield Walked(steps, own, outer)
    line += 1
    for index, item in enumerate(value):
        step, inner = item if isinstance(value, Pairs) else (index, item)
        yield from walk(inner, (*steps, step), own, line)
        line += height(inner)
    yield Walked(steps, own, outer)


def height(value: object) -> int:
    """How many lines a value takes."""
    if not isinstance(value, list) or not value:
        return 1
    values = [item[1] for item in value] if isinstance(value, Pairs) else value
    return 2 + sum(map(height, values))


def layout_of(data: bytes) -> IndentedJson:
    return grow_until(IndentedJson(BytesSource(data)), len(data))


@given(st.lists(DOCUMENTS, min_size=1, max_size=3), SIZES)
def test_the_outline_is_that_of_a_plain_reading(texts: list[str], size: int) -> None:
    expected: list[Walked] = []
    for text in texts:
        value = json.loads(text, object_pairs_hook=Pairs)
        expected += walk(value, (), None, len(expected))
    with pieces(size):
        layout = layout_of(encoded("".join(texts)))
        assert layout.line_count == len(expected)
        for line, walked in enumerate(expected):
            assert path(layout, line) == walked.path
            assert span_of(layout, line) == walked.own
            assert enclosing_span(layout, line) == (walked.own or walked.outer)


@given(DOCUMENTS, SIZES, st.integers(0, 1000))
def test_the_outline_of_a_truncated_body_is_right_as_far_as_it_goes(
    text: str, size: int, place: int
) -> None:
    data = encoded(text)
    complete = layout_of(data)
    expected = [path(complete, line) for line in range(complete.line_count)]
    spans = [span_of(complete, line) for line in range(complete.line_count)]
    with pieces(size):
        layout = layout_of(data[: place % (len(data) + 1)])
        for line in range(layout.formatted_lines):
            assert path(layout, line) == expected[line]
            span, all_of_it = span_of(layout, line), spans[line]
            ended = all_of_it is not None and all_of_it.end < layout.formatted_lines
            assert span == (all_of_it if ended else None)
            enclosing_span(layout, line)
        for line in range(layout.formatted_lines, layout.line_count):
            assert path(layout, line) is span_of(layout, line) is None


@pytest.mark.parametrize("line", [-1, 3])
def test_a_line_that_is_not_there_stands_nowhere(line: int) -> None:
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
