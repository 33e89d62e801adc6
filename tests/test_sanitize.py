from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.text import MARK, escape_json, sanitize, sanitize_excerpt


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain — ünï 日本 🙂", "plain — ünï 日本 🙂", id="pictures"),
        pytest.param("\x1b[31mred\x1b[0m", "␛[31mred␛[0m", id="escape sequence"),
        pytest.param("a\nb\rc\x00d\x7f", "a␊b␍c␀d␡", id="controls"),
        pytest.param("\x9b31m", f"{MARK}31m", id="C1 control"),
        pytest.param("a\u202eb\u2066c", f"a{MARK}b{MARK}c", id="bidi controls"),
        pytest.param("pay\u200bpal\ufeff", f"pay{MARK}pal{MARK}", id="zero width"),
        pytest.param("a\u2028b\u0085c", f"a{MARK}b{MARK}c", id="separators"),
        pytest.param("a\tb", "a   b", id="tab"),
        pytest.param("abcd\te", "abcd    e", id="tab at a stop"),
        pytest.param("\U000e0041", MARK, id="tag characters"),
    ],
)
def test_what_is_not_a_picture_becomes_a_mark(text: str, shown: str) -> None:
    assert sanitize(text) == shown


def test_no_control_format_or_separator_character_is_left() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    left = {unicodedata.category(c) for c in sanitize(everything.replace("\t", ""))}
    assert not left & {"Cc", "Cf", "Zl", "Zp", "Cs"}


@given(st.text(st.characters(exclude_characters="\t")))
def test_each_character_stays_in_its_place(text: str) -> None:
    assert len(sanitize(text)) == len(text)


@given(st.text(), st.integers(min_value=2, max_value=20))
def test_an_excerpt_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(sanitize_excerpt(text, limit)) <= limit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("two\n   lines", "two lines"),
        ("a long sentence from a server", "a long sent…"),
        ("x" * 1000, "x" * 11 + "…"),
    ],
)
def test_an_excerpt_is_one_line(text: str, shown: str) -> None:
    assert sanitize_excerpt(text, 12) == shown


@given(
    st.recursive(
        st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_escaped_json_has_the_same_values_and_only_characters_with_a_glyph(
    value: object,
) -> None:
    text = escape_json(json.dumps(value, indent=2, ensure_ascii=False))
    assert json.loads(text) == value
    assert all(sanitize(line) == line for line in text.split("\n"))


def test_what_a_terminal_acts_on_is_escaped() -> None:
    document = json.dumps("\x9b31m \u202e \U000e0041 \x7f é", ensure_ascii=False)
    assert escape_json(document) == r'"\u009b31m \u202e \udb40\udc41 \u007f é"'
