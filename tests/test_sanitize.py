from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.text import (
    MARK,
    emoji_sequences,
    escape_json,
    sanitize,
    sanitize_excerpt,
)


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


@pytest.mark.parametrize(
    "emoji",
    [
        pytest.param("👨\u200d👩\u200d👧\u200d👦", id="family"),
        pytest.param("🧑🏽\u200d🚀", id="skin tone and profession"),
        pytest.param("⛹🏽\u200d♀\ufe0f", id="skin tone, joiner and selector"),
        pytest.param("❤\ufe0f\u200d🔥", id="selector and joiner"),
        pytest.param("🏳\ufe0f\u200d🌈", id="flag of several parts"),
        pytest.param("⚡\ufe0f", id="emoji presentation"),
        pytest.param("1\ufe0f\u20e3#\ufe0f\u20e3", id="keycaps"),
        pytest.param("👍🏽", id="skin tone"),
        pytest.param("🇩🇪🇬🇧", id="flags of countries"),
        pytest.param(
            "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
            id="flag of a subdivision",
        ),
    ],
)
def test_an_emoji_of_several_characters_stays_whole(emoji: str) -> None:
    assert sanitize(f"a{emoji}b") == f"a{emoji}b"
    assert "".join(emoji[a:b] for a, b in emoji_sequences(emoji)) == emoji


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay\u200dpal", f"pay{MARK}pal"),
        ("1\ufe0f", f"1{MARK}"),
        ("a\ufe0f\u20e3", f"a{MARK}\u20e3"),
        ("\u200d👩", f"{MARK}👩"),
        ("👩\u200d", f"👩{MARK}"),
        ("👩\u200d\u200d👩", f"👩{MARK}{MARK}👩"),
        ("👩\u200da", f"👩{MARK}a"),
        ("👍\ufe0f\ufe0f", f"👍\ufe0f{MARK}"),
        ("☺\ufe0e", f"☺{MARK}"),
        ("🏴\U000e0061\U000e007f", f"🏴{MARK}{MARK}"),
        ("👍\U000e0067", f"👍{MARK}"),
    ],
)
def test_what_hides_beside_an_emoji_becomes_a_mark(text: str, shown: str) -> None:
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
