from __future__ import annotations

import json

import jq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document.json_path import jq_path

STEPS = st.one_of(
    st.integers(0, 3),
    st.sampled_from(
        ["if", "and", "$city", "a b", '"', "\\(1)", "é", "\u2028", "_x", ""]
    ),
    st.text(st.characters(exclude_categories=["Cs"])),
)


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ((), "."),
        (("results",), ".results"),
        ((12,), ".[12]"),
        (
            ("results", 12, "properties", "$city"),
            '.results[12].properties["$city"]',
        ),
        (("2024-01-01",), '.["2024-01-01"]'),
        (("",), '.[""]'),
        (('say "hi"\\',), '.["say \\"hi\\"\\\\"]'),
        (("Zürich",), '.["Zürich"]'),
        (("a\nb\x1b\x7f\u202e",), '.["a\\nb\\u001b\\u007f\\u202e"]'),
    ],
)
def test_a_path_is_written_for_jq(parts: tuple[str | int, ...], path: str) -> None:
    assert jq_path(parts) == path


@given(st.lists(STEPS, max_size=6))
def test_jq_finds_the_value_at_its_path(parts: list[str | int]) -> None:
    value: object = "here"
    for part in reversed(parts):
        value = {part: value} if isinstance(part, str) else [None] * part + [value]
    assert jq.compile(jq_path(parts)).input_text(json.dumps(value)).all() == ["here"]
