from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mixtui.ui.widgets.cells import truncate_end, truncate_start


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("abc", "abc   ", "abc   "),
        ("abcdef", "abcdef", "abcdef"),
        ("abcdefg", "abcde…", "…cdefg"),
        ("日本語文", "日本… ", "…語文 "),
        ("a\x1bb", "a␛b   ", "a␛b   "),
        pytest.param(
            "👩\u200d👩\u200d👧" * 3,
            "👩\u200d👩\u200d👧" * 3,
            "👩\u200d👩\u200d👧" * 3,
            id="joined",
        ),
        pytest.param(
            "❤\ufe0f👩\u200d🚀abc",
            "❤\ufe0f👩\u200d🚀a…",
            "…👩\u200d🚀abc",
            id="cut between emoji",
        ),
    ],
)
def test_what_does_not_fit_is_cut_with_a_sign(text: str, start: str, end: str) -> None:
    assert truncate_end(text, 6) == start
    assert truncate_start(text, 6) == end


@given(st.text(), st.integers(1, 12))
def test_it_always_takes_the_same_cells(text: str, width: int) -> None:
    assert cell_len(truncate_end(text, width)) == width
    assert cell_len(truncate_start(text, width)) == width
