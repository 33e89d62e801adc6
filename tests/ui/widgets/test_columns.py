from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from mixtui.ui.widgets.text_page import columns


def lines(rows: list[tuple[str, str]], left: int, width: int) -> list[str]:
    made = columns([(Content(a), Content(b)) for a, b in rows], left, width)
    return [line.plain.rstrip() for line in made]


@pytest.mark.parametrize(
    ("rows", "left", "width", "expected"),
    [
        ([("a", "one")], 4, 40, ["a   one"]),
        ([("a", "one"), ("", "two")], 4, 40, ["a   one", "    two"]),
        ([("a", "word " * 6)], 4, 24, ["a   word word word word", "    word word"]),
        ([("longer", "one")], 4, 40, ["longer", "    one"]),
        ([("a", "one")], 10, 20, ["a", "  one"]),
        ([], 4, 40, []),
    ],
)
def test_the_right_column_keeps_its_place(
    rows: list[tuple[str, str]], left: int, width: int, expected: list[str]
) -> None:
    assert lines(rows, left, width) == expected


@given(st.text("ab 日", max_size=60), st.integers(2, 12), st.integers(24, 60))
def test_no_line_is_too_wide(text: str, left: int, width: int) -> None:
    for line in columns([(Content("x"), Content(text))], left, width):
        assert line.rstrip().cell_length <= width
