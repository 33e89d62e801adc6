"""JSON as text: agrees with the standard parser, and points at the mistake."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jsontext import check, first_character, insert, members, records, value_end


def refuse(constant: str) -> Any:
    raise ValueError(constant)


def is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


JSON_LIKE = st.lists(
    st.sampled_from(
        [
            *'{}[],:"\\ \n\t\r0159.-+eE\x00\u00a0\ufeff',
            *["null", "true", "false", "NaN", "-Infinity", "-0", "1e400"],
            *['"a"', "\\u12"],
        ]
    ),
    max_size=14,
).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
).filter(lambda value: "Infinity" not in json.dumps(value))


@given(st.text() | JSON_LIKE)
def test_any_text_is_valid_exactly_when_the_parser_says_so(text: str) -> None:
    assert (check(text) is None) == is_json(text)


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_whatever_was_dumped_is_valid(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert check(text) is None


@given(JSON_LIKE)
def test_a_mistake_is_inside_the_text(text: str) -> None:
    mistake = check(text)
    if mistake is not None:
        lines = text.split("\n")
        assert 1 <= mistake.line <= len(lines)
        assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1


MISTAKES = [
    ("", 1, 1, "a value is missing"),
    ('{"a": }', 1, 7, "a value is missing"),
    ('{"a" 1}', 1, 6, "a colon is missing"),
    ('{"a": 1\n "b": 2}', 2, 2, "a comma, or the closing bracket"),
    ("[1 2]", 1, 4, "a comma, or the closing bracket"),
    ("{a: 1}", 1, 2, "a name in double quotes"),
    ("{'a': 1}", 1, 2, "a name in double quotes"),
    ('{"a": 1}\n{"b": 2}', 2, 1, "one JSON value only"),
    ('{"a": "b', 1, 7, "no closing quote"),
    ('{"a": "b\nc"}', 1, 9, "control character inside a text"),
    ('["\\x"]', 1, 3, "this backslash escapes nothing"),
    ('["\\u12"]', 1, 4, "four hexadecimal digits"),
    ('["NaN", NaN]', 1, 9, "NaN is not JSON"),
    ('{"a\\"Infinity": 1,\n  "b": -Infinity}', 2, 8, "-Infinity is not JSON"),
    ("[" * 100_000, 1, 1, "nested too deeply"),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"), MISTAKES, ids=[row[3] for row in MISTAKES]
)
def test_a_mistake_has_a_line_a_column_and_words(
    text: str, line: int, column: int, words: str
) -> None:
    mistake = check(text)
    assert mistake is not None
    assert (mistake.line, mistake.column) == (line, column)
    assert words in mistake.message
    assert str(mistake).startswith(f"line {line}, column {column}: ")


def test_a_trailing_comma_is_a_mistake_at_or_before_the_bracket() -> None:
    # Python 3.13 points at the comma, those before it at the bracket.
    mistake = check('{"a": 1,}')
    assert mistake is not None
    assert mistake.column in (8, 9)
    assert "comma" in mistake.message


def test_numbers_that_python_could_not_hold_are_valid() -> None:
    assert check("1" * 5000) is None
    assert check("[1e999999, -0.0, 1E+5]") is None


@given(st.lists(VALUES), st.sampled_from([None, 2]))
def test_the_records_of_a_list_are_its_items(
    items: list[object], indent: int | None
) -> None:
    text = f" {json.dumps(items, indent=indent)}\n"
    found = [json.loads(text[at : value_end(text, at)]) for at in records(text)]
    assert found == items


def test_anything_but_a_list_is_one_record() -> None:
    assert list(records(' {"a": [1, 2]}')) == [1]
    assert list(records("5")) == [0]


@given(st.dictionaries(st.text(), VALUES), st.sampled_from([None, 2]))
def test_the_members_of_an_object_are_its_keys_and_values(
    value: dict[str, object], indent: int | None
) -> None:
    text = json.dumps(value, indent=indent)
    found = [(m.key, json.loads(text[m.start : m.end])) for m in members(text, 0)]
    assert found == list(value.items())


def test_duplicate_keys_are_all_members() -> None:
    assert [member.key for member in members('{"a": 1, "a": 2}', 0)] == ["a", "a"]


def test_the_first_character_skips_json_white_space_alone() -> None:
    assert first_character(" \r\n\t{") == "{"
    assert first_character("\u00a0{") == "\u00a0"
    assert first_character("  ") == ""


def test_insertions_leave_everything_else() -> None:
    assert insert("abc", [(0, "<"), (1, "|"), (3, ">")]) == "<a|bc>"
    assert insert("abc", []) == "abc"
